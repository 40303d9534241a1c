package api

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/aggregates"
	"outrider/api/gen"
	"outrider/events"
	"outrider/internal/zone"
	"outrider/projections"
	"outrider/projections/analytics"
)

// campaignHandlers answer what pages ask of campaigns beside the campaigns themselves.
type campaignHandlers struct {
	*readSide
	*writeSide
	*pastSide
}

// forCampaigns is the handler of a route that campaignHandlers answer.
func forCampaigns(handle func(*campaignHandlers, *call) error) handler {
	return func(s *Server, c *call) error {
		return handle(&campaignHandlers{s.readSide, s.writeSide, s.pastSide}, c)
	}
}

// ofCampaign is forCampaigns for a route with an id.
func ofCampaign(handle func(*campaignHandlers, *call, uuid.UUID) error) handler {
	return forCampaigns(withID(handle))
}

// sinceWeek returns the beginning of the day six days before today, in the organisation's zone: what is counted from there is what a list from that day on shows.
func sinceWeek(c *call, tx pgx.Tx, now time.Time) (time.Time, error) {
	org, err := projections.GetOrganization(c.ctx, tx, c.who.Org)
	if err != nil {
		return now, err
	}
	loc, err := zone.Load(org.TimeZone)
	if err != nil {
		loc = time.UTC
	}
	today := now.In(loc)
	return time.Date(today.Year(), today.Month(), today.Day()-6, 0, 0, 0, 0, loc), nil
}

func (h *campaignHandlers) listCampaigns(c *call) error {
	f := projections.CampaignFilter{Search: c.textParam("q"), Status: c.textParam("status"), Archived: c.boolParam("archived"), LaunchRequested: c.boolParam("launch_requested")}
	if f.Archived == nil {
		f.Archived = new(false)
	}
	figures := projections.Set[projections.CampaignFigures]{}
	var since time.Time
	data, next, total, err := listSorted(h.readSide, c, func(tx pgx.Tx, l projections.Listing) (page *projections.Page[projections.Campaign], err error) {
		if page, err = projections.ListCampaigns(c.ctx, tx, c.who.Org, f, l); err != nil || !c.includes("figures") {
			return page, err
		}
		if since, err = sinceWeek(c, tx, h.now()); err != nil {
			return page, err
		}
		figures, err = projections.FiguresOfCampaigns(c.ctx, tx, c.who.Org, idsOf(page.Rows, func(r *projections.Campaign) uuid.UUID { return r.CampaignID }), since)
		return page, err
	}, func(r *projections.Campaign) (gen.Campaign, error) {
		out, err := campaignOf(r)
		if n := figures[r.CampaignID]; n != nil {
			out.Figures = gen.CampaignListFigures{Active: n.Active, Waiting: n.Waiting, Done: n.Done, Sent7Days: n.SentWeek, SentSince: since.Format(time.DateOnly), HumanReplyRate: peopleRate(n.Replied, n.WrittenTo), Meetings: n.Meetings,
				NextSendAt: valueOrZero(n.NextSendAt), ApprovalsWaiting: n.ToApprove, InDoubt: n.InDoubt}
		}
		return out, err
	})
	if err != nil {
		return err
	}
	return c.answerJSON(200, gen.CampaignPage{Data: data, NextCursor: next, Total: total})
}

func peopleRate(count, of int) gen.PeopleRate {
	low, high := analytics.Interval(uint64(max(count, 0)), uint64(max(of, 0)))
	out := gen.PeopleRate{Count: count, Of: of, Denominator: gen.PeopleRateDenominatorPeopleWrittenTo, Low: low, High: high}
	if of > 0 {
		out.Rate = float64(count) / float64(of)
	}
	return out
}

func (h *campaignHandlers) listVersions(c *call, id uuid.UUID) error {
	var row *projections.Campaign
	var versions []*projections.CampaignSteps
	var people map[int]int
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		if row, err = projections.GetCampaign(c.ctx, tx, c.who.Org, id); err != nil {
			return err
		}
		if versions, err = projections.CampaignVersions(c.ctx, tx, c.who.Org, id); err != nil {
			return err
		}
		people, err = projections.PeopleOfVersions(c.ctx, tx, c.who.Org, id)
		return err
	}); err != nil {
		return err
	}
	out := gen.CampaignVersionList{Data: make([]gen.CampaignVersion, len(versions))}
	for i, v := range versions {
		steps, err := stepsIn(&projections.Campaign{Steps: v.Steps})
		if err != nil {
			return err
		}
		out.Data[i] = gen.CampaignVersion{Version: v.Version, Current: v.Version == row.StepsVersion, People: people[v.Version], Steps: nonNil(steps)}
	}
	return c.answerJSON(200, out)
}

// mostReasons bounds how many people of a campaign the rules are asked for.
const mostReasons = 20_000

// waitingPeople asks the rules for people of a campaign, at the newest event.
func (h *campaignHandlers) waitingPeople(c *call, id uuid.UUID) (some []aggregates.WaitingPerson, all int, now time.Time, err error) {
	if h.live == nil {
		return nil, 0, now, unavailableProblem(codeUnavailable, errNoColumns)
	}
	if err := h.awaitIn(c, eventsTable); err != nil {
		return nil, 0, now, err
	}
	_, err = h.live.Show(c.ctx, c.who.Org, func(o *aggregates.Organization, last time.Time) {
		now = laterOf(h.clock(), last)
		some, all = aggregates.WaitingPeople(now, o, id, mostReasons)
	})
	return some, all, now, err
}

func (h *campaignHandlers) getReasons(c *call, id uuid.UUID) error {
	if _, err := h.loadCampaign(c, id); err != nil {
		return err
	}
	some, all, now, err := h.waitingPeople(c, id)
	if err != nil {
		return err
	}
	byRule := map[string]*gen.WaitingReason{}
	for _, p := range some {
		r := byRule[p.Rule]
		if r == nil {
			r = &gen.WaitingReason{Rule: p.Rule, Text: waitingWords(p.Rule)}
			byRule[p.Rule] = r
		}
		if r.People++; !p.NotBefore.IsZero() && (r.NextAt.IsZero() || p.NotBefore.Before(r.NextAt)) {
			r.NextAt = p.NotBefore
		}
	}
	out := gen.CampaignReasons{People: all, LookedAt: len(some), Data: []gen.WaitingReason{}, AsOf: now}
	for _, r := range byRule {
		out.Data = append(out.Data, *r)
	}
	slices.SortFunc(out.Data, func(a, b gen.WaitingReason) int {
		if a.People != b.People {
			return b.People - a.People
		}
		return strings.Compare(a.Rule, b.Rule)
	})
	return c.answerJSON(200, out)
}

// waitingWords say in words what holds a person.
func waitingWords(rule string) string {
	own := map[string]string{
		"":                          "Nothing holds the next message any more",
		aggregates.RuleOrganization: "The organisation may not send",
		aggregates.RuleCampaign:     "The campaign is paused, or wasn't launched",
		aggregates.RuleStart:        "The campaign's first day has not come",
		aggregates.RuleEnrollment:   "This person is paused",
		aggregates.RuleSuppressed:   "Nothing may be sent to this address",
		aggregates.RuleDraft:        "The message isn't written or approved",
		aggregates.RuleRetry:        "The next step isn't due yet",
		aggregates.RuleMailbox:      "The mailbox has stopped, or there is none",
		aggregates.RuleInbox:        "The mailbox can't be read, so nothing is sent from it",
		aggregates.RuleFlight:       "Another message is leaving",
		aggregates.RuleGap:          "The pause between two messages",
		aggregates.RuleCapDay:       "The mailbox has reached its day",
		aggregates.RuleCap24h:       "The mailbox has reached its 24 hours",
		aggregates.RuleCapHour:      "The mailbox has reached its hour",
	}
	if text, ok := own[rule]; ok {
		return text
	}
	return planWords(rule)
}

func (h *campaignHandlers) getReadiness(c *call, id uuid.UUID) error {
	if _, err := h.loadCampaign(c, id); err != nil {
		return err
	}
	if h.live == nil {
		return unavailableProblem(codeUnavailable, errNoColumns)
	}
	if err := h.awaitIn(c, eventsTable); err != nil {
		return err
	}
	var out gen.CampaignReadiness
	there := false
	if _, err := h.live.Show(c.ctx, c.who.Org, func(o *aggregates.Organization, last time.Time) {
		is := o.Campaigns[id]
		if there = is != nil; there {
			out = readinessOf(laterOf(h.clock(), last), o, is)
		}
	}); err != nil {
		return err
	}
	if !there {
		return unavailableProblem(codeBehind, nil)
	}
	return c.answerJSON(200, out)
}

// readinessOf lists every check of the gate, those that failed first.
func readinessOf(now time.Time, o *aggregates.Organization, is *aggregates.Campaign) gen.CampaignReadiness {
	readiness := o.ReadinessOf(is)
	failed := map[string]bool{}
	var checks []gen.ReadinessCheck
	for _, l := range o.LacksOf(readiness, now) {
		failed[l.What] = true
		checks = append(checks, gen.ReadinessCheck{What: l.What, Outcome: gen.ReadinessCheckOutcomeFailed, ID: l.ID, Detail: l.Detail, Fix: fixOf(l)})
	}
	ready := len(checks) == 0
	for _, m := range readiness.Mailboxes {
		if outcome := m.Check(events.CheckDNS); outcome != events.CheckPassed && outcome != events.CheckFailed {
			failed[events.LacksDNS] = true
			checks = append(checks, gen.ReadinessCheck{What: events.LacksDNS, Outcome: gen.ReadinessCheckOutcomeUnknown, ID: m.ID, Fix: "Verify the mailbox again: its domain could not be looked up."})
		}
	}
	f := aggregates.ForecastLaunch(now, o, is)
	if f.People == 0 {
		checks = append(checks, gen.ReadinessCheck{What: "people", Outcome: gen.ReadinessCheckOutcomeWarning, Fix: "Enroll leads: nobody is on the campaign."})
	}
	for _, what := range []string{events.LacksMailbox, events.LacksDNS, events.LacksPostalAddress, events.LacksEndDate, events.LacksSteps, events.LacksFollowUp, events.LacksDelay, events.LacksWeight, events.LacksTemplate, events.LacksUnsubscribe, events.LacksVariable} {
		if !failed[what] {
			checks = append(checks, gen.ReadinessCheck{What: what, Outcome: gen.ReadinessCheckOutcomePassed})
		}
	}
	if f.People > 0 {
		checks = append(checks, gen.ReadinessCheck{What: "people", Outcome: gen.ReadinessCheckOutcomePassed})
	}
	return gen.CampaignReadiness{Ready: ready, Checks: checks, People: f.People, PerDay: f.PerDay, FirstSendAt: f.FirstAt, Finish: f.Finish}
}

// fixOf says what to do about a lack.
func fixOf(l events.Lack) string {
	switch l.What {
	case events.LacksMailbox:
		return "Assign a mailbox whose checks have passed, and that isn't paused."
	case events.LacksDNS:
		return "Publish what SPF, DKIM and DMARC of the mailbox's domain lack, then verify it again."
	case events.LacksPostalAddress:
		if l.ID != uuid.Nil {
			return "Add {{ postal_address }} to the text, or switch the footer on."
		}
		return "Give the organisation's postal address; the law asks for it in every message."
	case events.LacksEndDate:
		return "Choose a last day that is not over."
	case events.LacksSteps:
		return "Write a step."
	case events.LacksFollowUp:
		return "Remove steps, or allow more follow-ups than " + l.Detail + "."
	case events.LacksDelay:
		return "Let the step wait at least " + l.Detail + " business days, or allow less."
	case events.LacksWeight:
		return "Give a variant of the step a weight above 0."
	case events.LacksTemplate:
		return "Mend the text: it can't be filled in as it is."
	case events.LacksUnsubscribe:
		return "Add {{ unsubscribe_link }} to the text, or switch the footer on."
	case events.LacksVariable:
		return "Take the variable out of the text, or give a lead such a field: nobody has it."
	}
	return ""
}
