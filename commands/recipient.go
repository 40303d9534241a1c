package commands

import (
	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// suppressRecipient suppresses the address that a message went to, and ends the sequences of whoever has it now, except the message's
// own lead, whose sequences the caller ends with a reason of its own.
func suppressRecipient(o *aggregates.Organization, r events.SentMessageRef, said events.Report, reason string) (out []events.Event) {
	address, ok := o.WentTo(r, said.AddressHash)
	if x := (aggregates.Suppression{Hash: address}); !ok || o.Suppression.Has(x) && (!events.SuppressionStays(reason) || o.Suppression.Stays(x)) {
		return nil
	}
	out = append(out, suppressedEvent(o, r.LeadID, address, reason))
	if holder := o.Leads.ByAddress(address); holder != nil && holder != o.Leads.PersonOf(r.LeadID) {
		out = append(out, o.StopLead(holder.ID, events.StopSuppressed, nil)...)
	}
	return out
}

// suppressPerson is for what a person has asked for: it suppresses the address that the message went to, and the one that they have
// now.
func suppressPerson(o *aggregates.Organization, r events.SentMessageRef, said events.Report, reason string) []events.Event {
	out := suppressRecipient(o, r, said, reason)
	went, _ := o.WentTo(r, said.AddressHash)
	if lead := o.Leads.PersonOf(r.LeadID); lead != nil && lead.Address != went && !o.Suppression.Has(aggregates.Suppression{Hash: lead.Address}) {
		out = append(out, suppressedEvent(o, lead.ID, lead.Address, reason))
	}
	return out
}

// stillAt reports whether the lead that a message went to still has the address that it went to.
func stillAt(o *aggregates.Organization, r events.SentMessageRef, said events.Report) bool {
	went, ok := o.WentTo(r, said.AddressHash)
	lead := o.Leads.PersonOf(r.LeadID)
	return !ok || lead == nil || lead.Address == went
}

func suppressedEvent(o *aggregates.Organization, lead uuid.UUID, address aggregates.Hash, reason string) events.Event {
	added := SuppressionItem{Kind: events.SuppressAddress, Hash: address.String(), Reason: reason}.addedEvent(o)
	added.LeadID = lead
	return added
}

// addressEvents returns what follows from a lead's new address: a person who wants no mail gets none there either, and nobody is sent again what the
// new address was sent before.
func addressEvents(o *aggregates.Organization, lead *aggregates.Lead, to aggregates.Hash) (out []events.Event) {
	if lead.Address == to {
		return nil
	}
	if o.WantsNoMail(lead.Address) && !o.Suppression.Has(aggregates.Suppression{Hash: to}) {
		out = append(out, suppressedEvent(o, lead.ID, to, events.SuppressedUnsubscribe))
	}
	if len(out) > 0 || o.Suppression.Has(aggregates.Suppression{Hash: to}) {
		return append(out, o.StopLead(lead.ID, events.StopSuppressed, nil)...)
	}
	for _, e := range o.EnrollmentsOf(lead.ID) {
		received, end, ok := o.ReceivedBy(to, e.Campaign())
		switch m := e.Message(); {
		case !ok || m != nil && m.Away():
		case end != "":
			out = append(out, e.Stop(end, nil)...)
		case int(received.Step) > e.Step():
			if m != nil {
				out = append(out, events.MessageCancelled{MessageRef: m.Ref(), Reason: cancelledSentBefore})
			}
			out = append(out, continuedEvent(e.Campaign().ID, lead.ID, received))
		}
	}
	return out
}

// cancelledSentBefore is the reason when the lead's new address was sent the step before.
const cancelledSentBefore = "sent_before"

func continuedEvent(campaign, lead uuid.UUID, r aggregates.Received) events.EnrollmentContinued {
	return events.EnrollmentContinued{EnrollmentRef: events.EnrollmentRef{EnrollmentID: EnrollmentID(campaign, lead), LeadID: lead, CampaignID: campaign},
		Step: int(r.Step), Attempt: int(r.Attempts), PreviousID: r.Last, DueAt: r.Due()}
}
