package commands

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// AddMailbox takes one of the plan's mailbox places.
type AddMailbox struct {
	MailboxID   uuid.UUID     `json:"mailbox_id"`
	Transport   string        `json:"transport"`
	Address     events.Sealed `json:"address"`
	AddressHash string        `json:"address_hash"`
	DomainHash  string        `json:"domain_hash"`
}

func (AddMailbox) CommandType() string { return "mailbox.add.v1" }

// Decide knows a mailbox by its address.
func (c AddMailbox) Decide(o *aggregates.Organization) ([]events.Event, error) {
	address, ok := aggregates.ParseHash(c.AddressHash)
	switch {
	case c.MailboxID == uuid.Nil:
		return nil, errInvalid("mailbox_id", "is missing")
	case !ok:
		return nil, errInvalid("address_hash", reasonHash)
	case !validHash(c.DomainHash):
		return nil, errInvalid("domain_hash", reasonHash)
	case c.Transport != events.TransportSMTP && c.Transport != events.TransportSendGrid:
		return nil, errInvalid("transport", "must be smtp or sendgrid")
	case c.Address.IsZero():
		return nil, errInvalid("address", "is missing")
	}
	if is, ok := o.Mailboxes.Address(c.MailboxID); ok {
		if is == address {
			return nil, nil
		}
		return nil, errAlreadyExists(c.MailboxID)
	}
	if other, ok := o.Mailboxes.ByAddress(address); ok {
		return nil, errAlreadyExists(other)
	}
	quota := quotaUse{limit: events.LimitMailboxes, used: o.Mailboxes.Len(), max: o.Limits.Mailboxes}
	if !quota.take() {
		return quota.refuse(o)
	}
	return one(events.MailboxAdded(c))
}

// RemoveMailbox gives the place back.
type RemoveMailbox struct {
	MailboxID uuid.UUID `json:"mailbox_id"`
}

func (RemoveMailbox) CommandType() string { return "mailbox.remove.v1" }

// Decide forgets a removed mailbox, so asking twice finds none. Its messages that nobody has claimed are asked for anew,
// from another mailbox.
func (c RemoveMailbox) Decide(o *aggregates.Organization) ([]events.Event, error) {
	is := o.Mailboxes.Get(c.MailboxID)
	if is == nil {
		return nil, errNotFound(c.MailboxID)
	}
	var out []events.Event
	for _, id := range is.Open() {
		out = append(out, events.MessageCancelled{Ref: o.Messages[id].Ref(), Reason: events.CancelledMailboxRemoved})
	}
	return append(out, events.MailboxRemoved(c)), nil
}

// ConnectMailbox says how a mailbox is reached, the first time and each time that changes. It must be verified then.
type ConnectMailbox struct {
	MailboxID   uuid.UUID           `json:"mailbox_id"`
	Transport   string              `json:"transport"`
	Address     events.Sealed       `json:"address"`
	AddressHash string              `json:"address_hash"`
	DomainHash  string              `json:"domain_hash"`
	DisplayName events.Sealed       `json:"display_name,omitzero"`
	SMTP        events.Server       `json:"smtp,omitzero"`
	IMAP        events.Server       `json:"imap,omitzero"`
	APIKey      string              `json:"api_key,omitzero"`
	Pace        *events.MailboxPace `json:"pace,omitzero"` // nil = DefaultPace the first time, unchanged later
}

func (ConnectMailbox) CommandType() string { return "mailbox.connect.v1" }

// Decide adds a mailbox that isn't there. What it was connected as before is nothing to do.
func (c ConnectMailbox) Decide(o *aggregates.Organization) ([]events.Event, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	add := AddMailbox{MailboxID: c.MailboxID, Transport: c.Transport, Address: c.Address, AddressHash: c.AddressHash, DomainHash: c.DomainHash}
	out, err := add.Decide(o)
	if err != nil || len(out) == 1 && out[0].EventType() == (events.QuotaRefused{}).EventType() {
		return out, err
	}
	is := o.Mailboxes.Get(c.MailboxID)
	connected := events.MailboxConnected{MailboxID: c.MailboxID, DisplayName: c.DisplayName, SMTP: c.SMTP, IMAP: c.IMAP, APIKey: c.APIKey}
	if is == nil || !is.ConnectedAs(connected) {
		out = append(out, connected)
	}
	switch {
	case c.Pace != nil && (is == nil || is.Pace != *c.Pace):
		out = append(out, events.MailboxPaceSet{MailboxID: c.MailboxID, MailboxPace: *c.Pace})
	case c.Pace == nil && (is == nil || !is.Connected):
		out = append(out, events.MailboxPaceSet{MailboxID: c.MailboxID, MailboxPace: DefaultPace()})
	}
	return out, nil
}

func (c ConnectMailbox) check() error {
	if c.Pace != nil {
		if err := checkPace(*c.Pace); err != nil {
			return err
		}
	}
	if c.Transport == events.TransportSendGrid {
		return checkText("api_key", c.APIKey, 1, 200)
	}
	return firstError(checkServer("smtp", c.SMTP), checkServer("imap", c.IMAP))
}

func checkServer(field string, s events.Server) error {
	switch {
	case s.Port < 1 || s.Port > 65535:
		return errInvalid(field+".port", "must be 1 to 65535")
	case s.Security != "tls" && s.Security != "starttls" && s.Security != "none":
		return errInvalid(field+".security", "must be tls, starttls or none")
	}
	return firstError(checkText(field+".host", s.Host, 1, 255), checkText(field+".secret", s.Secret, 0, 200))
}

// DefaultPace is that of a mailbox of which nothing else is said.
func DefaultPace() events.MailboxPace {
	return events.MailboxPace{CapPerDay: 30, CapPerHour: 6, GapSeconds: 600, JitterFrom: 90, JitterTo: 420, WarmupStart: 10, WarmupPerDay: 2}
}

func checkPace(p events.MailboxPace) error {
	const most = 1_000_000
	switch {
	case p.CapPerDay < 1 || p.CapPerDay > most:
		return errInvalid("cap_per_day", "must be 1 to 1000000")
	case p.CapPerHour < 0 || p.CapPerHour > most:
		return errInvalid("cap_per_hour", "must be 0 (none) to 1000000")
	case p.GapSeconds < 0 || p.GapSeconds > 86400:
		return errInvalid("gap_seconds", "must be 0 to 86400")
	case p.JitterFrom < 0 || p.JitterTo < p.JitterFrom || p.JitterTo > 86400:
		return errInvalid("jitter_to", "must be jitter_from or more, both 0 to 86400")
	case p.WarmupStart < 0 || p.WarmupPerDay < 0 || p.WarmupStart > most || p.WarmupPerDay > most:
		return errInvalid("warmup_start", "must be 0 or more")
	case p.WarmupStart > 0 && p.WarmupPerDay == 0 && p.WarmupStart < p.CapPerDay:
		return errInvalid("warmup_per_day", "must be 1 or more, or the cap is never reached")
	}
	return checkZone("zone", p.Zone)
}

// SetMailboxPace replaces the pace.
type SetMailboxPace struct {
	MailboxID uuid.UUID `json:"mailbox_id"`
	events.MailboxPace
}

func (SetMailboxPace) CommandType() string { return "mailbox.set_pace.v1" }

// Decide has nothing to do for the pace that it has.
func (c SetMailboxPace) Decide(o *aggregates.Organization) ([]events.Event, error) {
	is := o.Mailboxes.Get(c.MailboxID)
	switch {
	case is == nil:
		return nil, errNotFound(c.MailboxID)
	case is.Pace == c.MailboxPace:
		return nil, nil
	}
	if err := checkPace(c.MailboxPace); err != nil {
		return nil, err
	}
	return one(events.MailboxPaceSet(c))
}

// RecordMailboxChecks brings results of verifying, each by itself. When all that the transport needs have passed, the
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

// needed are the checks that must have passed. A sender's domain is the launch's matter: DNS may follow.
func needed(transport string) []string {
	if transport == events.TransportSendGrid {
		return []string{events.CheckSendToSelf}
	}
	return []string{events.CheckSMTPTLS, events.CheckSMTPAuth, events.CheckSendToSelf, events.CheckIMAPAuth, events.CheckReadBack}
}

// Decide records what is new, and verifies the mailbox once everything that it needs has passed.
func (c RecordMailboxChecks) Decide(o *aggregates.Organization) ([]events.Event, error) {
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
		if err := x.validate("checks." + strconv.Itoa(i)); err != nil {
			return nil, err
		}
		outcome[x.Check] = x.Outcome
		if is.Check(x.Check) != x.Outcome {
			out = append(out, events.MailboxChecked{MailboxID: c.MailboxID, Check: x.Check, Outcome: x.Outcome, Detail: x.Detail, CheckedAt: c.CheckedAt})
		}
	}
	for _, name := range needed(is.Transport) {
		if _, ok := outcome[name]; !ok {
			outcome[name] = is.Check(name)
		}
		if outcome[name] != events.CheckPassed {
			return out, nil
		}
	}
	if is.Verified || !is.Connected {
		return out, nil
	}
	v := events.MailboxVerified{MailboxID: c.MailboxID, Status: events.MailboxActive, WarmupFrom: is.WarmupFrom()}
	if v.WarmupFrom.IsZero() {
		v.WarmupFrom = o.Now
	}
	if is.Pace.WarmupStart > 0 && is.Pace.WarmupStart < is.Pace.CapPerDay {
		v.Status = events.MailboxWarming
	}
	return append(out, v), nil
}

func (c MailboxCheck) validate(field string) error {
	switch c.Check {
	case events.CheckDNS, events.CheckSMTPTLS, events.CheckSMTPAuth, events.CheckSendToSelf, events.CheckIMAPAuth, events.CheckReadBack:
	default:
		return errInvalid(field+".check", "must be dns, smtp_tls, smtp_auth, send_to_self, imap_auth or read_back")
	}
	if c.Outcome != events.CheckPassed && c.Outcome != events.CheckFailed && c.Outcome != events.CheckUnknown {
		return errInvalid(field+".outcome", "must be passed, failed or unknown")
	}
	return checkText(field+".detail", c.Detail, 0, 1000)
}

// PauseMailbox suspends it by hand.
type PauseMailbox struct {
	MailboxID uuid.UUID `json:"mailbox_id"`
}

func (PauseMailbox) CommandType() string { return "mailbox.pause.v1" }

// Decide has nothing to do for one that is paused, whatever for.
func (c PauseMailbox) Decide(o *aggregates.Organization) ([]events.Event, error) {
	is := o.Mailboxes.Get(c.MailboxID)
	switch {
	case is == nil:
		return nil, errNotFound(c.MailboxID)
	case is.Paused != "":
		return nil, nil
	}
	return one(events.MailboxPaused{MailboxID: c.MailboxID, Reason: events.PausedManual})
}

// ResumeMailbox lets it go on.
type ResumeMailbox struct {
	MailboxID uuid.UUID `json:"mailbox_id"`
}

func (ResumeMailbox) CommandType() string { return "mailbox.resume.v1" }

// Decide has nothing to do for one that isn't paused.
func (c ResumeMailbox) Decide(o *aggregates.Organization) ([]events.Event, error) {
	is := o.Mailboxes.Get(c.MailboxID)
	switch {
	case is == nil:
		return nil, errNotFound(c.MailboxID)
	case is.Paused == "":
		return nil, nil
	}
	return one(events.MailboxResumed(c))
}

// RecordMailboxRead says how far a folder has been read; only worth sending when that has changed.
type RecordMailboxRead struct {
	MailboxID   uuid.UUID `json:"mailbox_id"`
	Folder      string    `json:"folder"`
	UIDValidity int64     `json:"uid_validity"`
	UID         int64     `json:"uid"`
	ReadAt      time.Time `json:"read_at"`
}

func (RecordMailboxRead) CommandType() string { return "mailbox.record_read.v1" }

// Decide has nothing to do where a folder has been read as far already.
func (c RecordMailboxRead) Decide(o *aggregates.Organization) ([]events.Event, error) {
	is := o.Mailboxes.Get(c.MailboxID)
	if is == nil {
		return nil, errNotFound(c.MailboxID)
	}
	if err := checkText("folder", c.Folder, 1, 200); err != nil {
		return nil, err
	}
	if validity, uid := is.ReadTo(c.Folder); validity == c.UIDValidity && uid >= c.UID {
		return nil, nil
	}
	return one(events.MailboxRead(c))
}
