package aggregates

import (
	"bytes"
	"maps"
	"slices"

	"github.com/google/uuid"

	"outrider/events"
)

// Stop ends a sequence: its open message is cancelled, unless it may have left. about is the message that caused it.
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
	for _, e := range o.EnrollmentsOf(lead) {
		out = append(out, e.Stop(reason, about)...)
	}
	return out
}

// StopCompany ends the sequences of at most n others at a lead's company, in the campaigns whose settings ask for it.
func (o *Organization) StopCompany(lead uuid.UUID, about *uuid.UUID, n int) (out []events.Event) {
	l := o.Leads.PersonOf(lead)
	if l == nil || l.FreeMail {
		return nil
	}
	if !slices.ContainsFunc(o.pacing.campaigns, func(c *Campaign) bool { return c.Settings.StopOnCompany && c.Active() > 0 }) {
		return nil
	}
	return stopAll(o.enrolledAt(l.Domain, n, nil, func(e *Enrollment) bool {
		return e.campaign.Settings.StopOnCompany && e.lead != l && !e.lead.FreeMail
	}), events.StopSameCompany, about)
}

// StopSuppressed ends the sequences of everybody whom one of the suppressions covers; true = with subdomains. Of people at suppressed domains
// it ends at most n, the rest is stopped when its turn comes.
func (o *Organization) StopSuppressed(added map[Suppression]bool, n int) (out []events.Event) {
	var domains []Hash
	for _, s := range slices.SortedFunc(maps.Keys(added), func(x, y Suppression) int { return compareHashes(x.Hash, y.Hash) }) {
		if !s.Domain {
			if l := o.Leads.byAddress[s.Hash]; l != nil {
				out = append(out, o.StopLead(l.ID, events.StopSuppressed, nil)...)
			}
			continue
		}
		domains = append(domains, s.Hash)
		if added[s] {
			domains = append(domains, o.Suppression.below[s.Hash]...)
		}
	}
	return append(out, o.stopAtDomains(domains, n, func(e *Enrollment) bool {
		_, stopped := added[Suppression{Hash: e.lead.Address}] // was stopped above
		return !stopped
	})...)
}

// StopAtSubdomains ends the sequences of everybody whom a suppression covers now that it is known which domains theirs lie below.
func (o *Organization) StopAtSubdomains(above map[Hash][]Hash, n int) []events.Event {
	var covered []Hash
	for domain, parents := range above {
		if slices.ContainsFunc(parents, func(h Hash) bool { return o.Suppression.WithSubdomains(Suppression{Domain: true, Hash: h}) }) {
			covered = append(covered, domain)
		}
	}
	slices.SortFunc(covered, compareHashes)
	return o.stopAtDomains(covered, n, func(*Enrollment) bool { return true })
}

func compareHashes(x, y Hash) int { return bytes.Compare(x[:], y[:]) }

// mostDomains are looked at by one decision: whom a suppression of more than that covers is stopped when their turn comes.
const mostDomains = 10_000

// stopAtDomains ends at most n sequences of people at some domains.
func (o *Organization) stopAtDomains(domains []Hash, n int, which func(*Enrollment) bool) []events.Event {
	var found []*Enrollment
	seen := map[Hash]bool{}
	for _, domain := range domains[:min(len(domains), mostDomains)] {
		if len(found) >= n {
			break
		}
		if o.pacing.companies.at[domain].people != nil && !seen[domain] {
			seen[domain] = true
			found = o.enrolledAt(domain, n, found, which)
		}
	}
	return stopAll(found, events.StopSuppressed, nil)
}

func stopAll(found []*Enrollment, reason string, about *uuid.UUID) (out []events.Event) {
	sortEnrollments(found)
	for _, e := range found {
		out = append(out, e.Stop(reason, about)...)
	}
	return out
}

// JudgedApart returns the messages to a lead that are held against facts and that Redrafts leaves as they are, and that haven't left: those with a slot, and those that a person wrote.
func (o *Organization) JudgedApart(lead uuid.UUID) (out []*Message) {
	for _, e := range o.enrollmentsOf(o.Leads.byID[lead]) {
		if m := e.message; m != nil && !m.mayHaveLeft() && o.Known.Judged(m.ID) && (m.Scheduled() || m.edited) {
			out = append(out, m)
		}
	}
	return out
}

// Redrafts asks for new drafts of a lead's messages that nobody has scheduled, and of which no person wrote the words.
func (o *Organization) Redrafts(lead uuid.UUID) (out []events.Event) {
	for _, e := range o.enrollmentsOf(o.Leads.byID[lead]) {
		if m := e.message; m != nil && m.Writable() && m.state != messageRequested && !m.edited {
			out = append(out, events.MessageRedraftRequested{MessageRef: m.Ref(), Reason: "lead_changed"})
		}
	}
	return out
}
