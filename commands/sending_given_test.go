package commands_test

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/estest"
)

// quick has no gap, so that what is tested isn't the pace.
var quick = events.MailboxPace{CapPerDay: 100}

const ann, bob = "ann@acme.test", "bob@acme.test"

func in(address string) events.EnrollmentRef {
	return events.EnrollmentRef{EnrollmentID: commands.EnrollmentID(campaign, leadID(address)), LeadID: leadID(address), CampaignID: campaign}
}

// msgID of the first attempt of a step, from 0.
func msgID(address string, step int) uuid.UUID {
	return es.DeriveID(in(address).EnrollmentID, "message", sequence(0, 2)[step].StepID.String(), "0")
}

func refOf(address string, step int) events.MessageRef {
	e := in(address)
	return events.MessageRef{MessageID: msgID(address, step), EnrollmentID: e.EnrollmentID, LeadID: e.LeadID, CampaignID: e.CampaignID}
}

func about(address string) events.SentMessageRef {
	return events.SentMessageRef{MessageID: msgID(address, 0), LeadID: leadID(address), CampaignID: campaign, MailboxID: boxID(0)}
}

func boxAdded() events.MailboxAdded {
	return events.MailboxAdded{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Transport: "smtp", Address: sealed, AddressHash: h("box0"), DomainHash: h("ours.test")}
}

func boxConnected() events.MailboxConnected {
	c := connect(0, quick)
	return events.MailboxConnected{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, SMTP: c.SMTP, IMAP: c.IMAP}
}

func boxFacts() facts {
	return facts{boxAdded(), boxConnected(), events.MailboxPaceSet{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, MailboxPace: quick}, events.MailboxVerified{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Status: "active", WarmupFrom: anchor}}
}

func draftCampaign() events.CampaignCreated {
	c := campaignCreated()
	c.Approval, c.Steps, c.Templates = events.ApproveNone, sequence(0, 2), templates(sequence(0, 2))
	return c
}

// running is a campaign of Ann and Bob, of one company, that was launched.
func running(more ...es.Payload) facts {
	out := append(given(draftCampaign()), boxFacts()...)
	out = append(out, events.CampaignMailboxesAssigned{CampaignRef: events.CampaignRef{CampaignID: campaign}, MailboxIDs: []uuid.UUID{boxID(0)}}, leadCreated(ann), leadCreated(bob),
		enrolled(ann), enrolled(bob), events.CampaignLaunched{CampaignRef: events.CampaignRef{CampaignID: campaign}, StepsVersion: 1})
	return append(out, more...)
}

func enrolled(address string) events.EnrollmentStarted {
	return events.EnrollmentStarted{EnrollmentRef: events.EnrollmentRef{EnrollmentID: in(address).EnrollmentID, LeadID: leadID(address), CampaignID: campaign}, Counted: true, PeriodFrom: anchor}
}

func variantOf(address string, step int) uuid.UUID {
	s := sequence(0, 2)[step]
	id := es.DeriveID(in(address).EnrollmentID, "variant", s.StepID.String())
	return s.Variants[(uint32(id[0])<<24|uint32(id[1])<<16|uint32(id[2])<<8|uint32(id[3]))%2].VariantID
}

func asked(address string, step int) events.MessageRequested {
	s := sequence(0, 2)[step]
	return events.MessageRequested{MessageRef: refOf(address, step), StepsVersion: 1, StepID: s.StepID, Step: step + 1, Steps: 2, VariantID: variantOf(address, step), MailboxID: boxID(0), Earliest: estest.At}
}

var text = events.Draft{Subject: sealed, Body: sealed, Writer: "template"}

func drafted(address string, step int) events.MessageDrafted {
	return events.MessageDrafted{MessageRef: refOf(address, step), Draft: text, Number: 1}
}

func approved(address string, step int) events.MessageApproved {
	return events.MessageApproved{MessageRef: refOf(address, step), By: "policy"}
}

func scheduled(address string, step int) events.MessageScheduled {
	return events.MessageScheduled{MessageRef: refOf(address, step), MailboxID: boxID(0), At: estest.At}
}

func claimed(address string, step int) events.MessageClaimed {
	return events.MessageClaimed{MessageRef: refOf(address, step), MailboxID: boxID(0), InboxReadAt: estest.At, ClaimedAt: estest.At, LeaseUntil: estest.At.Add(aggregates.Lease)}
}

func sentAt(address string, step int, at time.Time) events.MessageSent {
	return events.MessageSent{MessageRef: refOf(address, step), AddressHash: h(address), StepsVersion: 1, StepID: sequence(0, 2)[step].StepID, Step: step + 1, VariantID: variantOf(address, step), MailboxID: boxID(0), AcceptedAt: at}
}

func inDoubt(address string) events.MessageInDoubt {
	s := sentAt(address, 0, estest.At)
	return events.MessageInDoubt{MessageRef: s.MessageRef, StepsVersion: 1, StepID: s.StepID, Step: 1, VariantID: s.VariantID, MailboxID: s.MailboxID, ClaimedAt: estest.At}
}

// slotted is a message of Ann's that has a slot; away is one that is claimed.
func slotted() facts {
	return running(asked(ann, 0), drafted(ann, 0), approved(ann, 0), scheduled(ann, 0))
}
func away() facts { return append(slotted(), claimed(ann, 0)) }

func stoppedAs(address, reason string, step int, message uuid.UUID) events.EnrollmentStopped {
	return events.EnrollmentStopped{EnrollmentRef: in(address), Reason: reason, Step: step, MessageID: message}
}

func cancelled(address, reason string) events.MessageCancelled {
	return events.MessageCancelled{MessageRef: refOf(address, 0), Reason: reason}
}

func suppressedAs(address, reason string) events.SuppressionAdded {
	return events.SuppressionAdded{SuppressionRef: events.SuppressionRef{SuppressionID: aggregates.SuppressionID(org, "address", h(address))}, Kind: "address", Hash: h(address), Reason: reason, LeadID: leadID(address)}
}

func campaignSettings() events.CampaignSettings { return aggregates.DefaultSettings() }

func suppressionOf(kind, what string) uuid.UUID { return aggregates.SuppressionID(org, kind, h(what)) }
