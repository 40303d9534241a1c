package aggregates

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"outrider/events"
)

// The plan may allow less than there is, after it was changed. What is too much is paused, and goes on when there is room. As warnings of
// limits are, it is found by who tells the time: no command that makes room has to think of it.

// exceedingLeads returns how many leads are stored, and were processed in this billing period, beyond the plan.
func (o *Organization) exceedingLeads() (stored, processed int64) {
	if limit := o.Limits.LeadsStored; limit != events.NoLimit {
		stored = max(0, int64(o.Leads.Len())-limit)
	}
	if limit := o.Limits.LeadsPerMonth; limit != events.NoLimit {
		processed = max(0, o.LeadsUsed(o.PeriodFrom)-o.LeadsAllowed(o.PeriodFrom))
	}
	return stored, processed
}

// excessIsDue reports whether something has to be paused, or can go on. It is asked after every command.
func (o *Organization) excessIsDue() bool {
	if o.Mailboxes.misfit(o.Limits.Mailboxes) != 0 || o.Members.misfit(o.Limits.Seats) != 0 {
		return true
	}
	if o.Billing.named {
		return false
	}
	stored, processed := o.exceedingLeads()
	return stored > 0 || processed > 0
}

// FitPlan returns what is paused, or goes on, so that what is in use fits the plan; nothing when it does.
func (o *Organization) FitPlan() (out []events.Event) {
	if !o.excessIsDue() {
		return nil
	}
	exceeded := events.PlanExceeded{BillingRef: events.BillingRef{OrganizationID: o.ID}, Plan: o.Plan}
	exceeded.LeadsStored, exceeded.LeadsProcessed = o.exceedingLeads()
	var changes []events.Event
	pause, resume := o.Mailboxes.fitTo(o.Limits.Mailboxes)
	for _, id := range pause {
		exceeded.Mailboxes = append(exceeded.Mailboxes, id)
		changes = append(changes, events.MailboxPaused{MailboxRef: events.MailboxRef{MailboxID: id}, Reason: events.PausedPlan})
	}
	for _, id := range resume {
		changes = append(changes, events.MailboxResumed{MailboxRef: events.MailboxRef{MailboxID: id}})
	}
	pause, resume = o.Members.fitTo(o.Limits.Seats)
	for _, id := range pause {
		exceeded.Members = append(exceeded.Members, id)
		changes = append(changes, events.MemberSeatPaused{MemberRef: events.MemberRef{PersonID: id}})
	}
	for _, id := range resume {
		changes = append(changes, events.MemberSeatResumed{MemberRef: events.MemberRef{PersonID: id}, Role: o.Members.RoleOf(id)})
	}
	if len(exceeded.Mailboxes)+len(exceeded.Members) > 0 || !o.Billing.named && exceeded.LeadsStored+exceeded.LeadsProcessed > 0 {
		out = append(out, exceeded)
	}
	return append(out, changes...)
}

// misfit returns how many mailboxes send too many (> 0), or how many that the plan has paused can go on (< 0).
func (m *Mailboxes) misfit(limit int64) int {
	if m.byPlan == 0 && (limit == events.NoLimit || m.Len() <= limit) {
		return 0
	}
	running := 0
	for _, b := range m.order {
		if b.Paused == "" {
			running++
		}
	}
	return misfit(running, m.byPlan, limit)
}

func misfit(running, paused int, limit int64) int {
	switch {
	case limit == events.NoLimit:
		return -paused
	case int64(running) > limit:
		return running - int(limit)
	}
	return -min(paused, int(limit)-running)
}

// HasRoom reports whether one more mailbox may send.
func (m *Mailboxes) HasRoom(limit int64) bool {
	if limit == events.NoLimit || m.Len() <= limit {
		return true
	}
	running := int64(0)
	for _, b := range m.order {
		if b.Paused == "" {
			running++
		}
	}
	return running < limit
}

// fitTo returns the newest mailboxes that are too many, or the oldest that can go on.
func (m *Mailboxes) fitTo(limit int64) (pause, resume []uuid.UUID) {
	n := m.misfit(limit)
	for _, b := range slices.Backward(m.order) {
		if n > len(pause) && b.Paused == "" {
			pause = append(pause, b.ID)
		}
	}
	for _, b := range m.order {
		if -n > len(resume) && b.Paused == events.PausedPlan {
			resume = append(resume, b.ID)
		}
	}
	return pause, resume
}

// setPaused keeps count of those that the plan has paused.
func (m *Mailboxes) setPaused(b *Mailbox, reason string) {
	if b.Paused == events.PausedPlan {
		m.byPlan--
	}
	if b.Paused = reason; reason == events.PausedPlan {
		m.byPlan++
	}
}

// misfit likewise, of seats. One seat there always is.
func (m *Members) misfit(limit int64) int {
	if limit == 0 {
		limit = 1
	}
	return misfit(len(m.people)-m.pausedSeats, m.pausedSeats, limit)
}

// fitTo returns who joined last and has no seat, or who joined first and gets theirs back. Owners come before all others, and one of them always stays.
func (m *Members) fitTo(limit int64) (pause, resume []uuid.UUID) {
	n := m.misfit(limit)
	if n == 0 {
		return nil, nil
	}
	people := make([]uuid.UUID, 0, len(m.people))
	for id := range m.people {
		people = append(people, id)
	}
	slices.SortFunc(people, func(a, b uuid.UUID) int {
		x, y := m.people[a], m.people[b]
		if (x.role == events.RoleOwner) != (y.role == events.RoleOwner) {
			return cmp.Compare(y.isOwner(), x.isOwner())
		}
		return cmp.Compare(x.joined, y.joined)
	})
	for i, id := range slices.Backward(people) {
		if n > len(pause) && !m.people[id].paused && i > 0 {
			pause = append(pause, id)
		}
	}
	for _, id := range people {
		if -n > len(resume) && m.people[id].paused {
			resume = append(resume, id)
		}
	}
	return pause, resume
}

func (p member) isOwner() int {
	if p.role == events.RoleOwner {
		return 1
	}
	return 0
}

// SeatPaused reports whether a member has no access as the plan has fewer seats.
func (m *Members) SeatPaused(person uuid.UUID) bool { return m.people[person].paused }

func (m *Members) setSeatPaused(person uuid.UUID, paused bool) {
	p, ok := m.people[person]
	if !ok || p.paused == paused {
		return
	}
	p.paused = paused
	m.people[person] = p
	if m.pausedSeats--; paused {
		m.pausedSeats += 2
	}
}

func (m *Members) endPerson(id uuid.UUID) {
	m.setSeatPaused(id, false)
	delete(m.people, id)
}
