package aggregates

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// Names of what takes sends away from a day, besides the rules.
const (
	PlanWarmup  = "warmup"          // the mailbox's cap is still rising
	PlanElapsed = "elapsed"         // hours of the day that are over
	PlanHoliday = "holiday"         // the campaign's holidays
	PlanOthers  = "other_campaigns" // what the mailboxes send for other campaigns; only of a plan for one of them
)

// planOrder is the order in which what takes sends away is subtracted: what isn't there because of an earlier one isn't counted again for
// a later one.
var planOrder = []string{ //nolint:gochecknoglobals // a constant table
	RuleOrganization, RuleMailbox, PlanWarmup, RuleCap24h, RuleCapHour, RuleGap, PlanElapsed, RuleHours, RuleNobody, RuleOrganizationCap, RuleDomainCap, RuleDelay, RuleCompanyCap, RuleCampaign,
	RuleStart, RuleDraft, RuleResearch, RuleHoliday, RuleOwnWindow, PlanHoliday, RuleWindow, RuleNewPeople, RuleProviderCap, RuleRecipientCap, RuleCompany, RulePerson, PlanOthers,
}

// PlanOf narrows a plan; zero values don't.
type PlanOf struct {
	Date     string // 2026-03-02, in each mailbox's zone; "" = today
	Campaign uuid.UUID
	Mailbox  uuid.UUID
	// CampaignSent is how many were sent of the campaign that day: mailboxes don't remember for whom they sent.
	CampaignSent int
}

// Removed is how many sends something takes away from a day.
type Removed struct {
	Rule  string
	Count int
}

// PlannedSend is one that is expected.
type PlannedSend struct {
	At      time.Time
	Mailbox uuid.UUID
	Lead    uuid.UUID
	// Campaign is whose step it is.
	Campaign uuid.UUID
}

// SendPlan is what leaves on a day: Capacity less all that is removed is Planned, and that is Sent and Left. All of it counts what counts
// against caps: also what a server refused.
type SendPlan struct {
	Capacity, Planned, Sent, Left int
	Removed                       []Removed
	Next                          *PlannedSend
	Mailboxes                     int
}

// Bottleneck is what takes away most; "" = nothing does.
func (p *SendPlan) Bottleneck() string {
	if len(p.Removed) == 0 {
		return ""
	}
	return slices.MaxFunc(p.Removed, func(a, b Removed) int { return cmp.Compare(a.Count, b.Count) }).Rule
}

// PlanSends plans a day by letting the rules that decide about real messages decide about those that are expected: once with all of
// them, and then without one after the other, to see what each takes away. It changes nothing.
func PlanSends(now time.Time, o *Organization, of PlanOf) SendPlan {
	d := newPlanDay(toMicros(now), o, of)
	d.playAll()
	d.settle(RuleOrganization, func(b *planBox) int {
		if !o.maySend() {
			return b.sent
		}
		return b.planned
	})
	d.settle(RuleMailbox, func(b *planBox) int {
		if !b.real.Sending() {
			return b.sent
		}
		return b.planned
	})
	d.settle(PlanWarmup, func(b *planBox) int { return min(b.planned, o.CapAt(b.real, toTime(b.from))) })
	d.settle(RuleCap24h, func(b *planBox) int { return d.slots(b, max(d.now, b.from), RuleMailbox, RuleCap24h, RuleCapDay) })
	d.settle(RuleCapHour, func(b *planBox) int {
		return d.slots(b, max(d.now, b.from), RuleMailbox, RuleCap24h, RuleCapDay, RuleCapHour)
	})
	d.settle(RuleGap, func(b *planBox) int { return max(b.sent, 1+int((b.to-b.from-1)/max(b.real.gapOnAverage(), 1))) })
	d.settle(PlanElapsed, func(b *planBox) int {
		return d.slots(b, max(d.now, b.from), RuleMailbox, RuleGap, RuleCap24h, RuleCapDay, RuleCapHour)
	})
	d.settle(RuleHours, func(b *planBox) int {
		if len(b.real.windows) == 0 {
			return b.planned
		}
		return d.slots(b, max(d.now, b.from), RuleMailbox, RuleGap, RuleCap24h, RuleCapDay, RuleCapHour, RuleHours)
	})
	d.settlePeople()
	return d.sum()
}

// planDay is a day that is planned.
type planDay struct {
	o     *Organization
	now   int64
	of    PlanOf
	boxes []*planBox
	all   *planRun // with all rules
	slate []int64  // for slots, used again
	days  dayMemo
}

// planBox is a mailbox in a plan. What is planned for it falls with everything that takes something away, and never below full.
type planBox struct {
	real     *Mailbox
	from, to int64 // the day
	sent     int
	capacity int
	planned  int
	full     int            // with all rules
	sends    []virtualSend  // likewise, that are still to come
	removed  map[string]int // by rule
}

func newPlanDay(now int64, o *Organization, of PlanOf) *planDay {
	d := &planDay{o: o, now: now, of: of, days: dayMemo{}}
	for _, m := range o.Mailboxes.order {
		loc := o.mailboxZone(m)
		day := toTime(now)
		if t, err := time.ParseInLocation(time.DateOnly, of.Date, loc); err == nil {
			day = t.Add(12 * time.Hour)
		}
		b := &planBox{real: m, from: startOfDay(day, 0, loc).UnixMicro(), to: startOfDay(day, 1, loc).UnixMicro(), removed: map[string]int{}}
		b.sent = m.sentSince(b.from-1) - m.sentSince(b.to-1)
		b.capacity = max(m.Pace.CapPerDay, b.sent)
		b.planned, b.full = b.capacity, b.sent
		d.boxes = append(d.boxes, b)
	}
	return d
}

// settle takes away what a mailbox can't send any more once one more thing binds.
func (d *planDay) settle(rule string, left func(b *planBox) int) {
	for _, b := range d.boxes {
		if n := max(left(b), b.full); n < b.planned {
			b.removed[rule] += b.planned - n
			b.planned = n
		}
	}
}

// settlePeople subtracts what people take away: from the innermost rule outwards it asks how much more would leave without it.
func (d *planDay) settlePeople() {
	type step struct {
		rule    string
		planned []int // by box, without this rule and all that stand before it
	}
	most := 0
	for _, b := range d.boxes {
		most += b.planned
	}
	inner := make([]int, len(d.boxes))
	for i, b := range d.boxes {
		inner[i] = b.full
	}
	var steps []step
	relaxed, last := planRelax{}, d.all
	for _, rule := range []string{RulePerson, RuleCompany, RuleRecipientCap, RuleProviderCap, RuleNewPeople, RuleWindow, PlanHoliday, RuleOwnWindow, RuleHoliday, RuleDraft, RuleStart, RuleCampaign, RuleCompanyCap,
		RuleDelay, RuleDomainCap, RuleOrganizationCap} {
		if sumOf(inner) >= most {
			break
		}
		relaxed[rule] = true
		if rule == PlanHoliday || !last.bound[rule] || rule == RuleCampaign && !d.someCampaignWaits() {
			continue // without what held nobody back, all would be as it is
		}
		if rule == RuleWindow && d.holidays() { // first the windows of holidays, then all of them
			last = d.play(planRelax{RulePerson: true, RuleCompany: true, PlanHoliday: true})
			inner = d.outwards(inner, last)
			steps = append(steps, step{PlanHoliday, inner})
			if !last.bound[RuleWindow] {
				continue
			}
		}
		last = d.play(relaxed)
		inner = d.outwards(inner, last)
		steps = append(steps, step{rule, inner})
	}
	steps = append(steps, step{rule: RuleNobody})
	for i := len(steps) - 1; i >= 0; i-- { // from the outermost
		below := func(b int) int {
			if i == 0 {
				return d.boxes[b].full
			}
			return steps[i-1].planned[b]
		}
		for b, box := range d.boxes {
			if n := max(below(b), box.full); n < box.planned {
				box.removed[steps[i].rule] += box.planned - n
				box.planned = n
			}
		}
	}
}

// outwards is what leaves without one rule more: never less than before, and never more than the mailbox can.
func (d *planDay) outwards(inner []int, run *planRun) []int {
	out := make([]int, len(inner))
	for i, b := range d.boxes {
		out[i] = min(max(inner[i], b.sent+b.countIn(run.sends[i])), max(b.planned, inner[i]))
	}
	return out
}

func sumOf(all []int) (n int) {
	for _, x := range all {
		n += x
	}
	return n
}

// someCampaignWaits reports whether a campaign with people on it is paused, or not launched.
func (d *planDay) someCampaignWaits() bool {
	return slices.ContainsFunc(d.o.pacing.campaigns, func(c *Campaign) bool {
		return c.Status != events.CampaignIsActive && c.Status != events.CampaignIsCompleted && c.Active() > 0
	})
}

// holidays reports whether the day is a holiday of some campaign.
func (d *planDay) holidays() bool {
	for _, b := range d.boxes {
		day := dayNumber(toTime(b.from).In(d.o.mailboxZone(b.real)))
		for _, c := range d.o.pacing.campaigns {
			if _, ok := c.window.holidays[day]; ok {
				return true
			}
		}
	}
	return false
}

// sum adds up what was asked for.
func (d *planDay) sum() (p SendPlan) {
	removed := map[string]int{}
	var campaign *Campaign
	if d.of.Campaign != uuid.Nil {
		campaign = d.o.Campaigns[d.of.Campaign]
	}
	for _, b := range d.boxes {
		if d.of.Mailbox != uuid.Nil && b.real.ID != d.of.Mailbox || d.of.Campaign != uuid.Nil && (campaign == nil || !b.real.writesFor(campaign)) {
			continue
		}
		p.Mailboxes++
		p.Capacity += b.capacity
		p.Planned += b.full
		p.Sent += b.sent
		for rule, n := range b.removed {
			removed[rule] += n
		}
		if campaign != nil {
			others := b.full - b.sent - b.countOf(campaign)
			removed[PlanOthers] += others
			p.Planned -= others
		}
	}
	if campaign != nil {
		others := max(p.Sent-d.of.CampaignSent, 0)
		removed[PlanOthers] += others
		p.Planned, p.Sent = p.Planned-others, p.Sent-others
	}
	p.Left = p.Planned - p.Sent
	for _, rule := range planOrder {
		if n := removed[rule]; n > 0 {
			p.Removed = append(p.Removed, Removed{rule, n})
		}
	}
	p.Next = d.next(campaign)
	return p
}

// playAll plays the day with all rules.
func (d *planDay) playAll() {
	d.all = d.play(nil)
	for i, b := range d.boxes {
		b.sends = d.all.sends[i]
		b.full = b.sent + b.countIn(b.sends)
		b.capacity = max(b.capacity, b.full)
		b.planned = b.capacity
	}
}

// countIn counts those of the day.
func (b *planBox) countIn(sends []virtualSend) (n int) {
	for _, s := range sends {
		n += countIf(s.At >= b.from && s.At < b.to)
	}
	return n
}

func (b *planBox) countOf(c *Campaign) (n int) {
	for _, s := range b.sends {
		n += countIf(s.At >= b.from && s.At < b.to && s.e.campaign == c)
	}
	return n
}

// next is the first of what is still to come that day.
func (d *planDay) next(of *Campaign) (first *PlannedSend) {
	for _, b := range d.boxes {
		if d.of.Mailbox != uuid.Nil && b.real.ID != d.of.Mailbox {
			continue
		}
		for _, s := range b.sends {
			at := toTime(s.At)
			if s.At < b.from || s.At >= b.to || of != nil && s.e.campaign != of || first != nil && !at.Before(first.At) {
				continue
			}
			first = &PlannedSend{At: at, Mailbox: b.real.ID, Lead: s.e.lead.ID, Campaign: s.e.campaign.ID}
		}
	}
	return first
}

func countIf(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
