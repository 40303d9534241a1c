package commands

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// RequestMailboxChecks asks for all checks again; connecting a mailbox does so by itself.
type RequestMailboxChecks struct {
	events.MailboxRef
}

func (RequestMailboxChecks) CommandType() string { return "mailbox.request_checks.v1" }

// Decide asks each time, as the last request may have had no result.
func (c RequestMailboxChecks) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Mailboxes.Get(c.MailboxID)
	switch {
	case is == nil:
		return nil, errNotFound(c.MailboxID)
	case !is.Connected:
		return nil, refuseAbout(c.MailboxID, CodeWrongStatus, detailStatus{c.MailboxID, is.Status()})
	}
	return oneEvent(events.MailboxChecksRequested(c))
}

// RecordMailboxChecks records results of checks. When all that the transport needs have passed, the
// mailbox may send.
type RecordMailboxChecks struct {
	MailboxID uuid.UUID      `json:"mailbox_id"`
	Checks    []MailboxCheck `json:"checks"`
	CheckedAt time.Time      `json:"checked_at"`
}

// MailboxCheck is one result.
type MailboxCheck struct {
	Check   string `json:"check"`
	Outcome string `json:"outcome"`
	Detail  string `json:"detail,omitzero"`
}

func (RecordMailboxChecks) CommandType() string { return "mailbox.record_checks.v1" }

// Decide records what is new, and verifies the mailbox once everything that it needs has passed.
func (c RecordMailboxChecks) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Mailboxes.Get(c.MailboxID)
	switch {
	case is == nil:
		return nil, errNotFound(c.MailboxID)
	case len(c.Checks) < 1 || len(c.Checks) > 20:
		return nil, errInvalid("checks", "must be 1 to 20")
	}
	var out []events.Event
	outcome := map[string]string{}
	for i, x := range c.Checks {
		if err := x.checkFields("checks." + strconv.Itoa(i)); err != nil {
			return nil, err
		}
		outcome[x.Check] = x.Outcome
		if is.Check(x.Check) != x.Outcome || is.Rechecks(x.Check) {
			out = append(out, events.MailboxChecked{MailboxRef: events.MailboxRef{MailboxID: c.MailboxID}, Check: x.Check, Outcome: x.Outcome, Detail: x.Detail, CheckedAt: c.CheckedAt})
		}
	}
	for _, name := range neededChecks(is.Transport) {
		if _, ok := outcome[name]; !ok {
			outcome[name] = is.Check(name)
		}
		if outcome[name] != events.CheckPassed {
			return out, nil
		}
	}
	if !is.Connected {
		return out, nil
	}
	var resumed []events.Event
	if is.Paused == events.PausedSignIn || is.Paused == events.PausedPermission || is.Paused == events.PausedMailServer {
		resumed = []events.Event{events.MailboxResumed{MailboxRef: events.MailboxRef{MailboxID: c.MailboxID}}}
	}
	if is.Verified {
		return append(out, resumed...), nil
	}
	return append(append(out, beginWarmup(is, now)), resumed...), nil
}

// neededChecks returns the checks that must have passed. The sender's domain is checked at launch, as DNS may be set up later. Without tags in addresses, answers
// are matched by the message that they answer.
func neededChecks(transport string) []string {
	if transport == events.TransportSendGrid {
		return []string{events.CheckSendToSelf}
	}
	return []string{events.CheckSMTPTLS, events.CheckSMTPAuth, events.CheckSendToSelf, events.CheckIMAPAuth, events.CheckReadBack}
}

func (c MailboxCheck) checkFields(field string) error {
	switch c.Check {
	case events.CheckDNS, events.CheckSMTPTLS, events.CheckSMTPAuth, events.CheckSendToSelf, events.CheckIMAPAuth, events.CheckReadBack, events.CheckTaggedAddress:
	default:
		return errInvalid(field+".check", "must be dns, smtp_tls, smtp_auth, send_to_self, imap_auth, read_back or tagged_address")
	}
	if c.Outcome != events.CheckPassed && c.Outcome != events.CheckFailed && c.Outcome != events.CheckUnknown {
		return errInvalid(field+".outcome", "must be passed, failed or unknown")
	}
	return checkText(field+".detail", c.Detail, 0, 1000)
}
