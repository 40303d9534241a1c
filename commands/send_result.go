package commands

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
	"outrider/internal/bounce"
)

// RecordResults records what became of claimed messages.
type RecordResults struct {
	MailboxID uuid.UUID    `json:"mailbox_id"`
	Results   []SendResult `json:"results"`
}

// SendResult is what the mail server answered.
type SendResult struct {
	MessageID  uuid.UUID `json:"message_id"`
	Sent       bool      `json:"sent"`
	ProviderID string    `json:"provider_id,omitzero"`
	At         time.Time `json:"at"` // accepted after DATA, or refused
	events.SMTPReply
}

func (RecordResults) CommandType() string { return "message.record_results.v1" }

// Decide accepts results of claimed messages, also after their lease. A known result is skipped.
func (c RecordResults) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := checkCount("results", len(c.Results)); err != nil {
		return nil, err
	}
	var out []events.Event
	seen, pauses := map[uuid.UUID]bool{}, false
	for i, r := range c.Results {
		if r.At.IsZero() {
			return nil, errInvalid("results."+strconv.Itoa(i)+".at", "is missing")
		}
		msg := o.Messages[r.MessageID]
		if msg == nil || !msg.Away() || msg.Mailbox().ID != c.MailboxID || seen[r.MessageID] {
			continue
		}
		seen[r.MessageID] = true
		if r.signedOut() && !msg.Ended() && !msg.InDoubt() {
			out = append(out, r.signIn(msg, !pauses)...)
			pauses = true
			continue
		}
		out = append(out, r.outcomeEvents(o, msg)...)
	}
	return out, nil
}

// signedOut reports whether the mail server refused the mailbox's sign-in, which says nothing about the message.
func (r SendResult) signedOut() bool { return !r.Sent && r.Stage == "auth" && r.Code >= 500 }

// signIn pauses the mailbox, once, and keeps the message for when the sign-in works again: this doesn't count as an attempt.
func (r SendResult) signIn(msg *aggregates.Message, pause bool) []events.Event {
	box := msg.Mailbox()
	out := []events.Event{events.MessageDeferred{MessageRef: msg.Ref(), MailboxID: box.ID, SMTPReply: r.SMTPReply, Tries: msg.Tries(), DeferredAt: r.At, RetryAt: r.At}}
	if pause && box.Paused == "" {
		out = append(out, events.MailboxPaused{MailboxRef: events.MailboxRef{MailboxID: box.ID}, Reason: events.PausedSignIn})
	}
	return out
}

// ResolveMessage records whether a message in doubt was sent.
type ResolveMessage struct {
	MessageID  uuid.UUID `json:"message_id"`
	Sent       bool      `json:"sent"`
	By         string    `json:"by"`
	ProviderID string    `json:"provider_id,omitzero"`
	AcceptedAt time.Time `json:"accepted_at,omitzero"` // zero = when it was claimed
}

func (ResolveMessage) CommandType() string { return "message.resolve.v1" }

// Decide takes the message out of doubt. One that wasn't sent is requested again, as another message.
func (c ResolveMessage) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	msg := o.Messages[c.MessageID]
	switch {
	case msg == nil:
		return nil, errNotFound(c.MessageID)
	case !msg.InDoubt():
		return nil, refuseAbout(msg.Lead().ID, CodeNotInDoubt, detailID{c.MessageID})
	}
	switch c.By {
	case events.ResolvedByProvider, events.ResolvedByBounce, events.ResolvedByReply, events.ResolvedBySent, events.ResolvedByPerson:
	default:
		return nil, errInvalid("by", "must be provider, bounce, reply, sent_folder or person")
	}
	out := []events.Event{events.MessageResolved{MessageRef: msg.Ref(), Sent: c.Sent, By: c.By}}
	if !c.Sent {
		return out, nil
	}
	at := c.AcceptedAt
	if at.IsZero() {
		at = msg.ClaimedAt()
	}
	return append(out, sentEvents(o, msg, c.ProviderID, at)...), nil
}

// maxHeldReason bounds the reason why a message can't be sent, in characters.
const maxHeldReason = 200

// maxTries is how often a message may be deferred before it fails.
const maxTries = 5

// retryAfter returns the wait after an attempt: a quarter of an hour, one hour, four, sixteen.
func retryAfter(tries int) time.Duration {
	wait := 15 * time.Minute
	for range min(tries, 3) {
		wait *= 4
	}
	return wait
}

func (r SendResult) outcomeEvents(o *aggregates.Organization, msg *aggregates.Message) []events.Event {
	if r.Sent {
		return sentEvents(o, msg, r.ProviderID, r.At)
	}
	kind := bounceKind(r.SMTPReply)
	again := r.Code < 500 || kind == events.BounceSoft || r.signedOut()
	if again && msg.InDoubt() { // it is certain that it didn't leave
		return []events.Event{events.MessageResolved{MessageRef: msg.Ref(), By: events.ResolvedByProvider}}
	}
	if r.Stage == events.StageCompose && !msg.Ended() { // another attempt would fail, too
		return []events.Event{events.MessageHeld{MessageRef: msg.Ref(), Reason: events.HeldUnsendable + Clip(r.Text, maxHeldReason)}}
	}
	if again && msg.Tries() < maxTries && !msg.Ended() {
		return []events.Event{events.MessageDeferred{MessageRef: msg.Ref(), MailboxID: msg.Mailbox().ID, SMTPReply: r.SMTPReply, Tries: msg.Tries() + 1,
			DeferredAt: r.At, RetryAt: r.At.Add(retryAfter(msg.Tries()))}}
	}
	out := []events.Event{msg.Failed(r.SMTPReply, !again, r.At)}
	ref := msg.Ref()
	about := events.SentMessageRef{MessageID: ref.MessageID, LeadID: ref.LeadID, CampaignID: ref.CampaignID, MailboxID: msg.Mailbox().ID}
	reason := events.StopFailed
	if !again && (kind == events.BounceHard || kind == events.BounceBlock || r.Stage == "rcpt") {
		bounced := events.MessageBounced{SentMessageRef: about, Report: events.Report{AddressHash: o.RecipientOf(msg).String()}, Kind: kind, Code: r.Code, Enhanced: r.Enhanced, AtRCPT: r.Stage == "rcpt", ReportedAt: r.At}
		out = append(out, bounced)
		out = append(out, reactToBounce(o, bounced, 1)...)
		if kind == events.BounceHard {
			reason = events.StopBounced
			for _, e := range o.EnrollmentsOf(ref.LeadID) {
				if e != msg.Enrollment() {
					out = append(out, e.Stop(reason, &msg.ID)...)
				}
			}
		}
	}
	if msg.Ended() {
		return out
	}
	return append(out, events.EnrollmentStopped{EnrollmentRef: msg.Enrollment().Ref(), Reason: reason, Step: msg.Enrollment().Step(), MessageID: msg.ID})
}

func sentEvents(o *aggregates.Organization, msg *aggregates.Message, providerID string, at time.Time) []events.Event {
	out := []events.Event{o.MessageSent(msg, providerID, at)}
	if msg.Last() && !msg.Ended() {
		out = append(out, events.EnrollmentCompleted{EnrollmentRef: msg.Enrollment().Ref(), Steps: msg.Enrollment().Step() + 1})
	}
	return out
}

// resolveDoubt takes a message out of doubt because something came back for it: it must have been sent.
func resolveDoubt(o *aggregates.Organization, id uuid.UUID, by string) []events.Event {
	msg := o.Messages[id]
	if msg == nil || !msg.InDoubt() {
		return nil
	}
	return append([]events.Event{events.MessageResolved{MessageRef: msg.Ref(), Sent: true, By: by}}, sentEvents(o, msg, "", msg.ClaimedAt())...)
}

// bounceKind returns the kind of bounce that a refusal is, whether it came at once or in a report.
func bounceKind(r events.SMTPReply) string {
	return string(bounce.KindOf(bounce.ServerReply{Code: r.Code, Enhanced: r.Enhanced, Text: r.Text, AtRecipient: r.Stage == "rcpt"}))
}
