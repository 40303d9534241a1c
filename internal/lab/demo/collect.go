package demo

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/internal/app/client"
	"outrider/internal/lab/mailserver"
	"outrider/internal/lab/prospects"
)

// compareAll compares what happened with what the product says. Time stands still.
func (d *demonstration) compareAll(ctx context.Context) (r Report, err error) {
	d.grid.tellRest(ctx)
	if err := d.caughtUp(ctx); err != nil {
		return r, err
	}
	said, err := d.readStores(ctx)
	if err != nil {
		return r, err
	}
	mail, people, err := d.world.Journals()
	if err != nil {
		return r, err
	}
	params := d.judgeParams()
	if params.Provider, err = d.grid.lines(); err != nil {
		return r, err
	}
	v := prospects.Judge(mail, people, params)
	truth := ByPerson(mail, slices.Concat(people, params.Provider), v)
	doubt, mismatches := Compare(truth, said.people, v.Doubtful)
	mismatches = append(mismatches, CompareStores(said.postgres, said.clickhouse)...)
	mismatches = append(mismatches, CompareLeads(d.scene.count, d.shown.Imported)...)
	if said.log.Bad != "" {
		mismatches = append(mismatches, "the log: "+said.log.Bad)
	}
	r = Report{Leads: d.shown.Imported, Truth: v.Truth, Postgres: said.postgres, ClickHouse: said.clickhouse, Eligible: d.scene.Promise.Firsts(d.scene.people),
		Unsent: d.countUnsent(said), Violations: v.Violations, Classified: classedBy(prospects.MeaningsOf(people), said.meanings), Events: said.log.Events, Commands: said.log.Commands, SimulatedDays: float64(d.days),
		ElapsedSeconds: time.Since(d.began).Round(time.Millisecond).Seconds(), Mismatches: append([]string{}, mismatches...)}
	for who := range maps.Keys(truth) {
		if p := truth[who]; p.Sent+p.Failed > 0 {
			r.Written++
		}
	}
	for who, p := range said.people {
		if t := truth[who]; p.InDoubt > 0 && t.Sent+t.Failed == 0 {
			r.Written++
		}
	}
	if err := d.addFacts(ctx, &r); err != nil {
		return r, err
	}
	if r.AI, err = d.compareAI(ctx); err != nil {
		return r, err
	}
	if d.outside != nil {
		others, mismatches, err := d.compareOutside(ctx, said.postgres)
		if r.OutsideFigures, r.Mismatches = others, append(r.Mismatches, mismatches...); err != nil {
			return r, err
		}
	}
	calendar, mismatches, err := d.compareCalendar(ctx)
	if r.Calendar, r.Mismatches = calendar, append(r.Mismatches, mismatches...); err != nil {
		return r, err
	}
	grid, mismatches, err := d.compareGrid(ctx)
	if r.SendGrid, r.Mismatches = grid, append(r.Mismatches, mismatches...); err != nil {
		return r, err
	}
	if err := d.addExperiment(ctx, &r); err != nil {
		r.Mismatches = append(r.Mismatches, "the experiment: "+err.Error())
	}
	r.InDoubt, r.InDoubtArrived = doubt.All, doubt.Arrived
	r.Complaints, r.ScannerClicks = Classed{v.Truth.Complaints, said.postgres.Complaints}, Classed{v.Truth.ScannerClicks, said.postgres.ScannerClicks}
	r.Deferred = Classed{v.Deferred, said.deferred}
	if d.killEvery > 0 {
		kills := d.server.killCount()
		r.Kills = &kills
	} else {
		r.Mismatches = append(r.Mismatches, CompareDoubts(v.InDoubt, said.people)...)
		if v.Deferred != said.deferred {
			r.Mismatches = append(r.Mismatches, fmt.Sprintf("deferred: %d in truth, %d in postgres", v.Deferred, said.deferred))
		}
	}
	d.explainFindings(v)
	return r, nil
}

func (d *demonstration) addFacts(ctx context.Context, r *Report) error {
	found, mismatches, err := d.compareFacts(ctx)
	r.FactFigures, r.Mismatches = found, append(r.Mismatches, mismatches...)
	return err
}

// caughtUp makes one more write, and waits until both stores show it.
func (d *demonstration) caughtUp(ctx context.Context) error {
	server := d.server.runningNow()
	api := NewAPI(server.URL, d.shown.Key)
	_, position, err := client.Read[any](api.UpdateCampaign(ctx, d.shown.Campaign, nil, client.CampaignPatch{Name: new("Demo, played")}, client.Once(uuid.NewString())))
	if err != nil {
		return err
	}
	shows, one := client.Showing(position), new(1)
	for _, read := range []func() (*http.Response, error){
		func() (*http.Response, error) { return api.GetCampaign(ctx, d.shown.Campaign, nil, shows) },
		func() (*http.Response, error) { return api.GetCampaignAnalytics(ctx, d.shown.Campaign, nil, shows) },
		func() (*http.Response, error) {
			return api.ListMessages(ctx, &client.ListMessagesParams{Limit: one}, shows)
		},
		func() (*http.Response, error) { return api.ListLeads(ctx, &client.ListLeadsParams{Limit: one}, shows) },
		func() (*http.Response, error) { return api.ListInbox(ctx, &client.ListInboxParams{Limit: one}, shows) },
		func() (*http.Response, error) {
			return api.ListMeetings(ctx, &client.ListMeetingsParams{Limit: one}, shows)
		},
	} {
		if _, _, err := client.Read[any](read()); err != nil {
			return err
		}
	}
	return nil
}

// judgeParams are the promises by which violations are judged.
func (d *demonstration) judgeParams() prospects.Params {
	p := d.scene.Promise
	out := prospects.Params{Mailboxes: map[string]prospects.MailboxPromise{}, Zones: map[string]string{}, Poll: d.poll, Tolerance: time.Second,
		Window: prospects.DayPart{Days: p.Window.Days, From: p.Window.From, To: p.Window.To, Zone: p.Zone}}
	if p.People > 0 {
		out.Quota.Leads = p.People // all are enrolled in the first period
	}
	for _, s := range d.scene.Senders {
		out.Mailboxes[s.Address] = prospects.MailboxPromise{Cap: p.Pace.PerDay, Gap: p.Pace.Gap, Zone: p.Zone}
	}
	for _, l := range d.scene.people {
		if l.Zone != "" {
			out.Zones[l.Address] = l.Zone
		}
	}
	// Confirmations of meetings, and what mailboxes send to themselves to be verified.
	out.NotOurs = func(l mailserver.Line) bool {
		return l.Calendar || l.IsToSelf()
	}
	return out
}

// countUnsent are the leads without a first message, by reason.
func (d *demonstration) countUnsent(said storeFigures) map[string]int {
	out := maps.Clone(said.unwritten)
	if n := out["failed"]; n > 0 {
		delete(out, "failed")
		out["refused by the recipient"] = n
	}
	left := d.shown.Imported.Imported - d.shown.Enrolled
	for _, code := range slices.Sorted(maps.Keys(d.shown.Refused)) {
		out[code] += d.shown.Refused[code]
		left -= d.shown.Refused[code]
	}
	if left > 0 {
		out["quota_exceeded"] += left // after the first page on which nobody fitted no other was asked for
	}
	return out
}

// explainFindings says, beside the report, what somebody who looks for a cause wants to know.
func (d *demonstration) explainFindings(v prospects.Judgement) {
	for i, b := range v.Broken {
		if i == 10 {
			d.screen.printNote("... and %d more violations", len(v.Broken)-i)
			break
		}
		d.screen.printNote("violation %s: %s from %s at %s: %s (Message-ID %s)", b.Rule, b.Message.Person, b.Message.Mailbox, b.Message.At.Format(time.RFC3339), b.Why, b.Message.MessageID)
	}
	for what, lines := range map[string][]prospects.Line{"got no answer to": v.Doubtful, "could not do": v.Unable} {
		for i, l := range lines {
			if i == 3 {
				d.screen.printNote("... and %d more who %s what they tried", len(lines)-i, what)
				break
			}
			d.screen.printNote("%s %s: %s %s (%d), at %s", l.Person, what, l.Kind, l.Detail, l.Code, l.At.Format(time.RFC3339))
		}
	}
	if n := len(v.Lost); n > 0 {
		d.screen.printNote("%d messages were taken by the mail server and never arrived", n)
	}
	if v.InFlight > 0 {
		d.screen.printNote("%d messages had been claimed already when their recipients said stop", v.InFlight)
	}
}
