package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// ConnectMailbox sets how a mailbox is reached, the first time and each time that changes. Then it must be verified.
type ConnectMailbox struct {
	MailboxID   uuid.UUID           `json:"mailbox_id"`
	Transport   string              `json:"transport"`
	Address     events.Sealed       `json:"address"`
	AddressHash string              `json:"address_hash"`
	DomainHash  string              `json:"domain_hash"`
	DisplayName events.Sealed       `json:"display_name,omitzero"`
	SMTP        events.MailServer   `json:"smtp,omitzero"`
	IMAP        events.MailServer   `json:"imap,omitzero"`
	APIKey      string              `json:"api_key,omitzero"`
	Pace        *events.MailboxPace `json:"pace,omitzero"` // nil = DefaultPace the first time, unchanged later
}

func (ConnectMailbox) CommandType() string { return "mailbox.connect.v1" }

// Decide adds a mailbox that doesn't exist. It has nothing to do when the mailbox is connected exactly like this.
func (c ConnectMailbox) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := c.checkFields(); err != nil {
		return nil, err
	}
	add := AddMailbox{MailboxRef: events.MailboxRef{MailboxID: c.MailboxID}, Transport: c.Transport, Address: c.Address, AddressHash: c.AddressHash, DomainHash: c.DomainHash}
	out, err := add.Decide(now, o)
	if err != nil || len(out) == 1 && out[0].EventType() == (events.QuotaRefused{}).EventType() {
		return out, err
	}
	is := o.Mailboxes.Get(c.MailboxID)
	connected := events.MailboxConnected{MailboxRef: events.MailboxRef{MailboxID: c.MailboxID}, DisplayName: c.DisplayName, SMTP: c.SMTP, IMAP: c.IMAP, APIKey: c.APIKey}
	if is == nil || !is.ConnectedAs(connected) {
		out = append(out, connected)
	}
	switch {
	case c.Pace != nil && (is == nil || is.Pace != *c.Pace):
		out = append(out, events.MailboxPaceSet{MailboxRef: events.MailboxRef{MailboxID: c.MailboxID}, MailboxPace: *c.Pace})
	case c.Pace == nil && (is == nil || !is.Connected):
		out = append(out, events.MailboxPaceSet{MailboxRef: events.MailboxRef{MailboxID: c.MailboxID}, MailboxPace: DefaultPace()})
	}
	return out, nil
}

func (c ConnectMailbox) checkFields() error {
	if c.Pace != nil {
		if err := checkPace(*c.Pace); err != nil {
			return err
		}
	}
	if c.Transport == events.TransportSendGrid {
		return firstError(checkText("api_key", c.APIKey, 1, 200), checkIMAP(c.Transport, c.IMAP))
	}
	return firstError(checkServer("smtp", c.SMTP), checkServer("imap", c.IMAP))
}

// checkIMAP lets a mailbox have none whose answers its provider hands over.
func checkIMAP(transport string, s events.MailServer) error {
	if transport == events.TransportSendGrid && s.Host == "" && s.Secret == "" {
		return nil
	}
	return checkServer("imap", s)
}

func checkServer(field string, s events.MailServer) error {
	switch {
	case s.Port < 1 || s.Port > 65535:
		return errInvalid(field+".port", "must be 1 to 65535")
	case s.Security != "tls" && s.Security != "starttls" && s.Security != "none":
		return errInvalid(field+".security", "must be tls, starttls or none")
	}
	return firstError(checkText(field+".host", s.Host, 1, 255), checkText(field+".secret", s.Secret, 0, 200))
}

// DefaultPace returns the pace of a mailbox for which no other is given.
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
	return checkZone("time_zone", p.Zone)
}
