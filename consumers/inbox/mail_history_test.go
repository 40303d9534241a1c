package inbox

import (
	"context"
	"encoding/hex"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/mailboxes"
	"outrider/internal/es"
	"outrider/internal/lab/reactortest"
)

// history is an organisation in memory whose commands are decided as its owner does, from what has happened: one message was
// sent to one lead.
type history struct {
	*reactortest.Boundary
	box  mailboxes.Mailbox
	sent SentMessage

	mu       sync.Mutex
	state    es.State
	recorded []es.Payload // since the message was sent
}

// received is when the mail of the cases came; our message left an hour and a half before.
func received() time.Time { return time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC) }

// begin has the organisation of the box send a message.
func begin(t *testing.T, box mailboxes.Mailbox, to, subject string) *history {
	t.Helper()
	lead, campaign := es.DeriveID(box.Org, "lead", to), es.DeriveID(box.Org, "campaign")
	enrollment := events.EnrollmentRef{EnrollmentID: commands.EnrollmentID(campaign, lead), LeadID: lead, CampaignID: campaign}
	step := events.Step{StepID: es.DeriveID(campaign, "step"), Kind: events.StepEmail, Variants: []events.Variant{{VariantID: es.DeriveID(campaign, "variant"), Subject: subject, Body: "Hello", Weight: 1}}}
	message := es.DeriveID(enrollment.EnrollmentID, "message", step.StepID.String(), "0")
	h := &history{Boundary: &reactortest.Boundary{}, box: box, state: commands.Domain().New(box.Org)}
	h.sent = SentMessage{SentMessageRef: events.SentMessageRef{MessageID: message, LeadID: lead, CampaignID: campaign, MailboxID: box.ID}, To: to, Subject: subject}
	h.Decide = h.decide
	ref := events.MessageRef{MessageID: message, EnrollmentID: enrollment.EnrollmentID, LeadID: lead, CampaignID: campaign}
	left, mailbox, sealed := received().Add(-90*time.Minute), events.MailboxRef{MailboxID: box.ID}, events.Sealed{K: 1, C: []byte{1}}
	server := events.MailServer{Host: "127.0.0.1", Port: 1, Security: "tls", Secret: "s"}
	limits := events.Limits{LeadsPerMonth: 100, Mailboxes: 10, Seats: 1, APIRequestsPerMinute: 1, AIBudgetMicros: 1, LeadsStored: -1, ImportBytes: -1, ImportRows: -1, ImportsAtOnce: -1}
	for _, e := range []es.Payload{
		events.OrganizationCreated{OrganizationRef: events.OrganizationRef{OrganizationID: box.Org}, Slug: "acme", Name: "Acme GmbH", Plan: "starter", Limits: limits, TimeZone: "Europe/Berlin",
			PostalAddress: "1 Main Street, 10115 Berlin", BillingAnchor: left},
		events.CampaignCreated{CampaignRef: events.CampaignRef{CampaignID: campaign}, Name: "Spring", CampaignType: events.ColdOutreach, CreatedBy: "person:1", Approval: events.ApproveNone, Steps: []events.Step{step},
			Templates: []events.TemplateAnalysis{{StepID: step.StepID, VariantID: step.Variants[0].VariantID}}},
		events.MailboxAdded{MailboxRef: mailbox, Transport: "smtp", Address: sealed, AddressHash: hashOf(box.Org, box.Address), DomainHash: hashOf(box.Org, "sender.test")},
		events.MailboxConnected{MailboxRef: mailbox, SMTP: server, IMAP: server},
		events.MailboxPaceSet{MailboxRef: mailbox, MailboxPace: events.MailboxPace{CapPerDay: 100}},
		events.MailboxVerified{MailboxRef: mailbox, Status: "active", WarmupFrom: left},
		events.CampaignMailboxesAssigned{CampaignRef: events.CampaignRef{CampaignID: campaign}, MailboxIDs: []uuid.UUID{box.ID}},
		events.LeadCreated{LeadRef: events.LeadRef{LeadID: lead}, AddressHash: hashOf(box.Org, to), DomainHash: hashOf(box.Org, "example.com"), Profile: sealed, Filled: []string{"email"}, Source: events.SourceAPI},
		events.EnrollmentStarted{EnrollmentRef: enrollment, Counted: true, PeriodFrom: left},
		events.CampaignLaunched{CampaignRef: events.CampaignRef{CampaignID: campaign}, StepsVersion: 1},
		events.MessageRequested{MessageRef: ref, StepsVersion: 1, StepID: step.StepID, Step: 1, Steps: 1, VariantID: step.Variants[0].VariantID, MailboxID: box.ID, Earliest: left},
		events.MessageDrafted{MessageRef: ref, Draft: events.Draft{Subject: sealed, Body: sealed, Writer: "template"}, Number: 1},
		events.MessageApproved{MessageRef: ref, By: "policy"},
		events.MessageScheduled{MessageRef: ref, MailboxID: box.ID, At: left},
		events.MessageClaimed{MessageRef: ref, MailboxID: box.ID, InboxReadAt: left, ClaimedAt: left, LeaseUntil: left.Add(aggregates.Lease)},
		events.MessageSent{MessageRef: ref, StepsVersion: 1, StepID: step.StepID, Step: 1, VariantID: step.Variants[0].VariantID, MailboxID: box.ID, AcceptedAt: left},
	} {
		h.state.Apply(&es.Event{Time: left, Payload: e})
	}
	return h
}

// hashOf stands for the hash that the edge makes of an address or a domain.
func hashOf(org uuid.UUID, what string) string {
	id := es.DeriveID(org, "hash", what)
	return hex.EncodeToString(id[:])
}

func (h *history) decide(c *es.Command) es.Answer {
	h.mu.Lock()
	defer h.mu.Unlock()
	asked := *c
	asked.Time = received().Add(time.Minute)
	out, err := h.state.Decide(&asked)
	if err != nil {
		return es.Answer{Outcome: es.Refused, Code: es.RefusalCode(err)}
	}
	for _, e := range out {
		h.state.Apply(&es.Event{Time: asked.Time, Payload: e})
		if _, read := e.(events.MailboxRead); !read {
			h.recorded = append(h.recorded, e)
		}
	}
	return es.Answer{CommandID: c.ID, Outcome: es.Accepted}
}

func (h *history) Connected(context.Context) ([]mailboxes.Mailbox, error) {
	return []mailboxes.Mailbox{h.box}, nil
}

func (h *history) Sent(_ context.Context, _, message uuid.UUID) (SentMessage, error) {
	if message != h.sent.MessageID {
		return SentMessage{}, reaction.ErrGone
	}
	return h.sent, nil
}

// ourText is what we wrote in all cases.
const ourText = "Hello Bob,\n\nwe help support teams answer faster. Would ten minutes on Thursday suit you?\nIf you would rather not hear from me, say so and I stop emailing you.\n\nJane"

func (h *history) SentTexts(context.Context, uuid.UUID, uuid.UUID) ([]SentText, error) {
	return []SentText{{Body: ourText, Footer: "Acme GmbH, 1 Main Street, 10115 Berlin"}}, nil
}

func (h *history) Seen(_ context.Context, _, mail uuid.UUID) (bool, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range h.recorded {
		switch e := e.(type) {
		case events.MessageReplied:
			if e.MailID == mail {
				return true, nil
			}
		case events.MessageAutoReplied:
			if e.MailID == mail {
				return true, nil
			}
		}
	}
	return false, nil
}

// told says what was recorded, as the table of cases words it, with the reply or automatic answer itself.
func (h *history) told() (outcome string, mail events.Mail) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range h.recorded {
		var said string
		switch e := e.(type) {
		case events.MessageReplied:
			if mail, said = e.Mail, "a reply (from another address)"; e.From == events.FromLead {
				said = "a reply (of the lead)"
			}
		case events.MessageAutoReplied:
			switch mail = e.Mail; {
			case e.OutOfOffice && e.ReturnDate != "":
				said = "out of office until " + e.ReturnDate
			case e.OutOfOffice:
				said = "out of office, no date (14 days)"
			case e.ForGood != "":
				said = "an automatic answer, for good: " + e.ForGood
			default:
				said = "an automatic answer"
			}
		case events.MessageBounced:
			said = "a bounce, " + e.Kind
		case events.MessageComplained:
			said = "a complaint"
		case events.LeadUnsubscribed:
			said = "unsubscribed"
		default:
			continue // what follows from these
		}
		if outcome != "" {
			outcome += " + "
		}
		outcome += said
	}
	if outcome == "" {
		outcome = "nothing is recorded"
	}
	return outcome, mail
}

func (h *history) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.recorded)
}

// meaning is that of the reply that was recorded.
func (h *history) meaning() (is string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range h.recorded {
		if r, ok := e.(events.MessageReplied); ok {
			is = r.Meaning
		}
	}
	return is
}
