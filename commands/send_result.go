package commands

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// RecordResults says what became of messages that were claimed.
type RecordResults struct {
	MailboxID uuid.UUID    `json:"mailbox_id"`
	Results   []SendResult `json:"results"`
}

// SendResult is what the provider said.
type SendResult struct {
	MessageID  uuid.UUID `json:"message_id"`
	Sent       bool      `json:"sent"`
	ProviderID string    `json:"provider_id,omitzero"`
	At         time.Time `json:"at"` // accepted after DATA, or refused
	events.SMTPReply
}

func (RecordResults) CommandType() string { return "message.record_results.v1" }

// Decide takes results of messages that were claimed, also after their lease. A result that is known is passed over.
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

// signedOut says that the mail server refused the mailbox, which says nothing of the message.
func (r SendResult) signedOut() bool { return !r.Sent && r.Stage == "auth" && r.Code >= 500 }

// signIn pauses the mailbox, once, and leaves the message for when it is let in again: this was no try.
func (r SendResult) signIn(msg *aggregates.Message, pause bool) []events.Event {
	box := msg.Mailbox()
	out := []events.Event{events.MessageDeferred{MessageRef: msg.Ref(), MailboxID: box.ID, SMTPReply: r.SMTPReply, Tries: msg.Tries(), DeferredAt: r.At, RetryAt: r.At}}
	if pause && box.Paused == "" {
		out = append(out, events.MailboxPaused{MailboxRef: events.MailboxRef{MailboxID: box.ID}, Reason: events.PausedSignIn})
	}
	return out
}

// ResolveMessage ends a doubt.
type ResolveMessage struct {
	MessageID  uuid.UUID `json:"message_id"`
	Sent       bool      `json:"sent"`
	By         string    `json:"by"`
	ProviderID string    `json:"provider_id,omitzero"`
	AcceptedAt time.Time `json:"accepted_at,omitzero"` // zero = when it was claimed
}

func (ResolveMessage) CommandType() string { return "message.resolve.v1" }

// Decide ends a doubt. What wasn't sent is asked for anew, as another message.
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
	return append(out, sentEvents(msg, c.ProviderID, at)...), nil
}

// maxTries is how often a message is deferred before it fails.
const maxTries = 5

// retryAfter returns the wait after a try: a quarter of an hour, one hour, four, sixteen.
func retryAfter(tries int) time.Duration {
	wait := 15 * time.Minute
	for range min(tries, 3) {
		wait *= 4
	}
	return wait
}

func (r SendResult) outcomeEvents(o *aggregates.Organization, msg *aggregates.Message) []events.Event {
	if r.Sent {
		return sentEvents(msg, r.ProviderID, r.At)
	}
	kind := bounceKind(r.SMTPReply)
	again := r.Code < 500 || kind == events.BounceSoft || r.signedOut()
	if again && msg.InDoubt() { // it surely did not leave
		return []events.Event{events.MessageResolved{MessageRef: msg.Ref(), By: events.ResolvedByProvider}}
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
		bounced := events.MessageBounced{SentMessageRef: about, Kind: kind, Code: r.Code, Enhanced: r.Enhanced, AtRCPT: r.Stage == "rcpt", ReportedAt: r.At}
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

func sentEvents(msg *aggregates.Message, providerID string, at time.Time) []events.Event {
	out := []events.Event{msg.Sent(providerID, at)}
	if msg.Last() && !msg.Ended() {
		out = append(out, events.EnrollmentCompleted{EnrollmentRef: msg.Enrollment().Ref(), Steps: msg.Enrollment().Step() + 1})
	}
	return out
}

// resolveDoubt ends the doubt about a message by what came back for it: it must have been sent.
func resolveDoubt(o *aggregates.Organization, id uuid.UUID, by string) []events.Event {
	msg := o.Messages[id]
	if msg == nil || !msg.InDoubt() {
		return nil
	}
	return append([]events.Event{events.MessageResolved{MessageRef: msg.Ref(), Sent: true, By: by}}, sentEvents(msg, "", msg.ClaimedAt())...)
}

// speaksOfUs are the words of refusals for our reputation where no code says so.
var speaksOfUs = regexp.MustCompile(`(?i)spam|black ?list|block ?list|\b(?:dns|r)bl\b|reputation|\b(?:spf|dkim|dmarc)\b|blocked|policy|unsolicited|listed (?:by|in|at|on)`)

// bounceKind reads codes as RFC 3463 has them. A 550, 551 or 553 to RCPT that says no more says that nobody is there.
func bounceKind(r events.SMTPReply) string {
	class, rest, _ := strings.Cut(r.Enhanced, ".")
	untold := r.Enhanced == "" || rest == "0.0" || rest == "1.0"
	switch {
	case strings.HasPrefix(rest, "7."), untold && r.Code >= 500 && speaksOfUs.MatchString(r.Text):
		return events.BounceBlock
	case rest == "2.2" || class == "4":
		return events.BounceSoft
	case strings.HasPrefix(rest, "1.") && rest != "1.0" && rest != "1.7" && rest != "1.8" || rest == "2.1":
		return events.BounceHard // 5.1.7 and 5.1.8 are about the sender's address
	case untold && r.Stage == "rcpt" && (r.Code == 550 || r.Code == 551 || r.Code == 553):
		return events.BounceHard
	case untold && r.Code == 552:
		return events.BounceSoft
	}
	return events.BounceOther
}
