package demo

import (
	"context"
	"errors"
	"fmt"
	"outrider/internal/app/client"
	"strconv"
	"time"
)

// Plan is what a plan allows.
type Plan struct {
	Name   string `json:"name"`
	Limits struct {
		Leads     int `json:"leads_per_month"`
		Mailboxes int `json:"mailboxes"`
	} `json:"limits"`
}

// choosePlan takes the smallest plan that fits, unless one was named, and as many mailboxes as it takes.
func (d *demonstration) choosePlan(ctx context.Context, api *client.Client) error {
	listed, _, err := client.Read[client.PlanPage](api.ListPlans(ctx))
	if err != nil {
		return err
	}
	var plans []Plan
	for _, l := range listed.Data {
		p := Plan{Name: l.Name}
		p.Limits.Leads, p.Limits.Mailboxes = int(l.Limits.LeadsPerMonth), int(l.Limits.Mailboxes)
		plans = append(plans, p)
	}
	d.scene.Promise = d.newPromise()
	plan, n, err := choosePlanFor(plans, d.ask, d.scene.people, d.scene.Promise)
	if err != nil {
		return err
	}
	d.plan, d.scene.Plan, d.scene.Senders = plan, plan.Name, gridSenders(Senders(n), gridOf(n, d.gridAsked))
	d.scene.Promise.Mailboxes, d.scene.Promise.People = n, plan.Limits.Leads
	return nil
}

// newPromise is what the campaign's settings say; how many mailboxes and people there are is chosen from it.
func (d *demonstration) newPromise() Promise {
	window := Window{Days: []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}, From: 9 * time.Hour, To: 17 * time.Hour}
	return Promise{Start: d.time.simulatedNow(), End: d.endTime(), Zone: Zone, Window: window, Delays: []int{0, 2, 3}, CompanyCap: 5, CompanyGap: 30 * time.Minute,
		Pace: PaceFor(d.ask.perDay, window.To-window.From)}
}

// choosePlanFor gives a plan and how many mailboxes to connect.
func choosePlanFor(plans []Plan, asked demoOptions, people []Lead, p Promise) (best Plan, mailboxes int, err error) {
	fits := func(limit, n int) bool { return limit < 0 || n <= limit }
	p.People = -1
	need := asked.mailboxes
	if need == 0 && asked.plan == "" {
		need = p.MailboxesFor(people, -1)
	}
	found := false
	for _, plan := range plans {
		l := plan.Limits
		switch {
		case asked.plan != "" && plan.Name != asked.plan:
			continue
		case asked.plan == "" && !(fits(l.Leads, len(people)) && fits(l.Mailboxes, need)):
			continue
		case found && !smallerLimit(l.Leads, best.Limits.Leads):
			continue
		}
		best, found = plan, true
	}
	if !found && asked.plan != "" {
		return best, 0, fmt.Errorf("there is no plan %s", asked.plan)
	}
	if !found {
		return best, 0, fmt.Errorf("no plan allows %d leads and %d mailboxes", len(people), need)
	}
	if need == 0 {
		p.People = best.Limits.Leads
		need = p.MailboxesFor(people, best.Limits.Mailboxes)
	}
	if !fits(best.Limits.Mailboxes, need) {
		return best, 0, errors.New("plan " + best.Name + " allows only " + strconv.Itoa(best.Limits.Mailboxes) + " mailboxes")
	}
	return best, need, nil
}

// smallerLimit compares limits, of which a negative one is none.
func smallerLimit(a, b int) bool { return a >= 0 && (b < 0 || a < b) }
