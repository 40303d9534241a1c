package aggregates

import (
	"github.com/google/uuid"

	"outrider/events"
)

// Stop ends a sequence: its open message is cancelled, unless it may have left. About is the message that is the cause.
func (e *Enrollment) Stop(reason string, about *uuid.UUID) (out []events.Event) {
	if e.message != nil && !e.message.mayHaveLeft() {
		out = append(out, events.MessageCancelled{MessageRef: e.message.Ref(), Reason: reason})
	}
	stop := events.EnrollmentStopped{EnrollmentRef: e.Ref(), Reason: reason, Step: int(e.step)}
	if about != nil {
		stop.MessageID = *about
	}
	return append(out, stop)
}

// StopLead ends all sequences of a lead.
func (o *Organization) StopLead(lead uuid.UUID, reason string, about *uuid.UUID) (out []events.Event) {
	for _, e := range o.enrollmentsOf(o.Leads.byID[lead]) {
		out = append(out, e.Stop(reason, about)...)
	}
	return out
}

// StopCompany ends the sequences of everybody else at a lead's company, in the campaigns that want that, of at most n.
func (o *Organization) StopCompany(lead uuid.UUID, about *uuid.UUID, n int) (out []events.Event) {
	l := o.Leads.byID[lead]
	if l == nil || l.FreeMail {
		return nil
	}
	return o.stopWhere(n, events.StopSameCompany, about, func(e *Enrollment) bool {
		return e.campaign.Settings.StopOnCompany && e.lead != l && e.lead.Domain == l.Domain && !e.lead.FreeMail
	})
}

// StopSuppressed ends the sequences of whom a suppression covers, of at most n: the rest is stopped when its turn comes.
func (o *Organization) StopSuppressed(s Suppression, n int) []events.Event {
	if !s.Domain {
		if l := o.Leads.byAddress[s.Hash]; l != nil {
			return o.StopLead(l.ID, events.StopSuppressed, nil)
		}
		return nil
	}
	return o.stopWhere(n, events.StopSuppressed, nil, func(e *Enrollment) bool { return e.lead.Domain == s.Hash })
}

// stopWhere looks at every enrollment.
func (o *Organization) stopWhere(n int, reason string, about *uuid.UUID, which func(*Enrollment) bool) (out []events.Event) {
	for _, c := range o.pacing.campaigns {
		if c.active == 0 {
			continue
		}
		for _, e := range c.firstActive(c.active) {
			if n > 0 && which(e) {
				n--
				out = append(out, e.Stop(reason, about)...)
			}
		}
	}
	return out
}

// Redrafts asks for new drafts of a lead's messages that nobody has scheduled.
func (o *Organization) Redrafts(lead uuid.UUID) (out []events.Event) {
	for _, e := range o.enrollmentsOf(o.Leads.byID[lead]) {
		if m := e.message; m != nil && m.Writable() && m.state != messageRequested {
			out = append(out, events.MessageRedraftRequested{MessageRef: m.Ref(), Reason: "lead_changed"})
		}
	}
	return out
}
