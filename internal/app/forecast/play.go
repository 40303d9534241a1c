package forecast

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/zone"
)

// run is one way that it may come.
type run struct {
	o      *aggregates.Organization
	of     Of
	now    time.Time
	zone   *time.Location
	from   time.Time // the first day's begin
	chance *rand.Rand
	stops  map[uuid.UUID]float64 // chance that a message ends its sequence, by campaign
	later  []stop                // what people will do, the earliest first
	sent   []int                 // by day
	waits  map[uuid.UUID][]wait  // of mailboxes
	finish time.Time
	people bool // somebody was there to write to
}

// stop is somebody who answers, bounces or wants no more.
type stop struct {
	at  time.Time
	ref events.EnrollmentRef
}

type wait struct {
	at, until time.Time
	rule      string
}

// takes is how long a mail server takes for a message.
const takes = 2 * time.Second

// mostTicks bounds a run.
const mostTicks = 2_000_000

// playOnce plays some days; without chance nobody answers.
func playOnce(ctx context.Context, o *aggregates.Organization, now time.Time, of Of, days int, chance *rand.Rand) (*run, error) {
	loc := zoneOf(o)
	y, m, d := now.In(loc).Date()
	r := &run{o: o, of: of, now: now, zone: loc, from: time.Date(y, m, d, 0, 0, 0, 0, loc), chance: chance, stops: map[uuid.UUID]float64{}, sent: make([]int, days), waits: map[uuid.UUID][]wait{}}
	of.WhatIf.apply(o, of, now)
	end := time.Date(y, m, d+days, 0, 0, 0, 0, loc)
	r.people = peopleOf(o, of.Campaign) > 0
	r.goOn()
	var last time.Time
	for ticks := 0; ; ticks++ {
		if ticks > mostTicks {
			return nil, fmt.Errorf("forecast of %s: more than %d ticks", o.ID, mostTicks)
		}
		if ticks%256 == 0 && ctx.Err() != nil {
			return nil, fmt.Errorf("forecast: %w", ctx.Err())
		}
		due := o.Due()
		if len(r.later) > 0 && (due.IsZero() || r.later[0].at.Before(due)) {
			due = r.later[0].at
			if !due.Before(end) {
				return r, nil
			}
			r.now = laterOf(r.now, due)
			r.stopFirst()
			continue
		}
		if due.IsZero() || !due.Before(end) || r.isOver() {
			return r, nil
		}
		if !due.After(last) {
			return nil, fmt.Errorf("forecast of %s: due stays at %s", o.ID, due)
		}
		last = due
		r.now = laterOf(r.now, due)
		out, err := commands.AdvanceClock{}.Decide(r.now, o)
		if err != nil {
			return nil, fmt.Errorf("forecast of %s: %w", o.ID, err)
		}
		r.follow(out)
		o.Ticked(r.now)
	}
}

// isOver reports whether nobody is left who could be written to.
func (r *run) isOver() bool {
	return r.people && peopleOf(r.o, r.of.Campaign) == 0 && len(r.later) == 0
}

func laterOf(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// goOn lets everybody do what they have to do already: write, approve, send.
func (r *run) goOn() {
	var all []*aggregates.Message
	for _, m := range r.o.Messages {
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b *aggregates.Message) int { return slices.Compare(a.ID[:], b.ID[:]) })
	for _, m := range all {
		switch {
		case m.InDoubt(), m.State() == "held":
		case m.Claimed():
			r.recordSent(m)
		case m.Scheduled():
			r.claim(m)
		case m.State() != "approved":
			r.write(m.Ref())
		}
	}
}

// follow applies what was decided, and does what writer, people and sender would do.
func (r *run) follow(out []events.Event) {
	for _, e := range out {
		r.o.Apply(e)
	}
	for _, e := range out {
		switch e := e.(type) {
		case events.MessageRequested:
			r.write(e.MessageRef)
		case events.MessageScheduled:
			if m := r.o.Messages[e.MessageID]; m != nil && m.Scheduled() {
				r.claim(m)
			}
		case events.MailboxWaited:
			r.noteWait(e)
		case events.MessageSent:
			r.count(e)
		}
	}
	if r.finish.IsZero() && r.people && peopleOf(r.o, r.of.Campaign) == 0 {
		r.finish = r.now
	}
}

// noteWait remembers what a mailbox waits for: if it is the result of what it sends, what holds it after that.
func (r *run) noteWait(e events.MailboxWaited) {
	w := wait{r.now, e.Until, e.Rule}
	if m := r.o.Mailboxes.Get(e.MailboxID); m != nil && r.chance == nil && e.Rule == aggregates.RuleFlight {
		t := aggregates.TodayOf(r.now, r.o, m)
		w.rule, w.until = t.Rule, t.Until
	}
	r.waits[e.MailboxID] = append(r.waits[e.MailboxID], w)
}

// write drafts and approves a message: nobody knows when a person will.
func (r *run) write(ref events.MessageRef) {
	r.o.Apply(events.MessageDrafted{MessageRef: ref, Number: 1, Draft: events.Draft{Writer: events.WriterTemplate}})
	r.o.Apply(events.MessageApproved{MessageRef: ref})
}

func (r *run) claim(m *aggregates.Message) {
	claims := r.o.Claims(r.now, m.Mailbox())
	ok, rule, until := claims.Claim(m)
	if !ok {
		r.o.Apply(events.MessagePostponed{MessageRef: m.Ref(), MailboxID: m.Mailbox().ID, Rule: rule, Until: until})
		return
	}
	r.o.Apply(claims.Claimed(m, r.now))
	r.recordSent(m)
}

func (r *run) recordSent(m *aggregates.Message) {
	out, err := commands.RecordResults{MailboxID: m.Mailbox().ID, Results: []commands.SendResult{{MessageID: m.ID, Sent: true, At: r.now.Add(takes)}}}.Decide(r.now, r.o)
	if err == nil {
		r.follow(out)
	}
}

// count counts what left, and draws what comes of it.
func (r *run) count(e events.MessageSent) {
	if (r.of.Campaign == uuid.Nil || e.CampaignID == r.of.Campaign) && (r.of.Mailbox == uuid.Nil || e.MailboxID == r.of.Mailbox) {
		if i := r.dayOf(e.AcceptedAt); i >= 0 && i < len(r.sent) {
			r.sent[i]++
		}
	}
	if r.chance == nil || r.chance.Float64() >= r.stopChance(e.CampaignID) {
		return
	}
	at := r.now.Add(time.Duration(r.chance.ExpFloat64() * float64(answersAfter)))
	s := stop{at, events.EnrollmentRef{EnrollmentID: e.EnrollmentID, LeadID: e.LeadID, CampaignID: e.CampaignID}}
	i, _ := slices.BinarySearchFunc(r.later, s, func(a, b stop) int { return a.at.Compare(b.at) })
	r.later = slices.Insert(r.later, i, s)
}

func (r *run) stopFirst() {
	s := r.later[0]
	r.later = r.later[1:]
	if c := r.o.Campaigns[s.ref.CampaignID]; c != nil {
		for _, e := range r.o.EnrollmentsOf(s.ref.LeadID) {
			if e.Campaign() == c {
				r.follow(e.Stop(events.StopReplied, nil))
			}
		}
	}
}

func (r *run) dayOf(at time.Time) int {
	y, m, d := at.In(r.zone).Date()
	y0, m0, d0 := r.from.Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Sub(time.Date(y0, m0, d0, 0, 0, 0, 0, time.UTC)) / (24 * time.Hour))
}

func (r *run) dateOf(i int) string { return r.from.AddDate(0, 0, i).Format(time.DateOnly) }

// ruleOf names what held most mailboxes at the end of a day.
func (r *run) ruleOf(day int) (rule string) {
	begin, end := r.from.AddDate(0, 0, day), r.from.AddDate(0, 0, day+1)
	count := map[string]int{}
	for id, all := range r.waits {
		if r.of.Mailbox != uuid.Nil && id != r.of.Mailbox {
			continue
		}
		for _, w := range slices.Backward(all) {
			if w.at.Before(end) {
				if (w.until.IsZero() || w.until.After(begin)) && w.rule != aggregates.RuleMore {
					count[r.named(id, w)]++
				}
				break
			}
		}
	}
	for _, name := range sortedKeys(count) {
		if rule == "" || count[name] > count[rule] {
			rule = name
		}
	}
	return rule
}

// named is the rule of a wait; a cap that is still rising is the warm-up's.
func (r *run) named(mailbox uuid.UUID, w wait) string {
	if m := r.o.Mailboxes.Get(mailbox); m != nil && (w.rule == aggregates.RuleCapDay || w.rule == aggregates.RuleCap24h) && r.o.CapAt(m, w.at) < m.Pace.CapPerDay {
		return aggregates.PlanWarmup
	}
	return w.rule
}

func sortedKeys[V any](m map[string]V) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func zoneOf(o *aggregates.Organization) *time.Location {
	loc, err := zone.Load(cmp.Or(o.TimeZone, "UTC"))
	if err != nil {
		return time.UTC
	}
	return loc
}

// peopleOf is how many people of a campaign, or of all that are live, haven't come to their end.
func peopleOf(o *aggregates.Organization, campaign uuid.UUID) (n int) {
	if campaign != uuid.Nil {
		if c := o.Campaigns[campaign]; c != nil {
			return c.Active()
		}
		return 0
	}
	for _, c := range o.LiveCampaigns() {
		n += c.Active()
	}
	return n
}
