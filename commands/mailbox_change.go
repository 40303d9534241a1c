package commands

import (
	"time"

	"outrider/aggregates"
	"outrider/events"
)

// ChangeMailbox changes how a mailbox is reached and its pace; what it doesn't name stays. A mailbox that is reached differently
// must be verified again.
type ChangeMailbox struct {
	events.MailboxRef
	DisplayName *events.Sealed    `json:"display_name,omitempty"` // zero = none from now on
	SMTP        *MailServerChange `json:"smtp,omitzero"`
	IMAP        *MailServerChange `json:"imap,omitzero"`
	Pace        *PaceChange       `json:"pace,omitzero"`
}

// MailServerChange changes an events.MailServer; nil = unchanged.
type MailServerChange struct {
	Host     *string        `json:"host,omitzero"`
	Port     *int           `json:"port,omitzero"`
	Security *string        `json:"security,omitzero"`
	Username *events.Sealed `json:"username,omitempty"`
	Secret   *string        `json:"secret,omitzero"`
}

// PaceChange changes an events.MailboxPace; nil = unchanged.
type PaceChange struct {
	CapPerDay    *int    `json:"cap_per_day,omitzero"`
	CapPerHour   *int    `json:"cap_per_hour,omitzero"`
	GapSeconds   *int    `json:"gap_seconds,omitzero"`
	JitterFrom   *int    `json:"jitter_from,omitzero"`
	JitterTo     *int    `json:"jitter_to,omitzero"`
	WarmupStart  *int    `json:"warmup_start,omitzero"`
	WarmupPerDay *int    `json:"warmup_per_day,omitzero"`
	Zone         *string `json:"zone,omitzero"` // empty = the organisation's
}

func (ChangeMailbox) CommandType() string { return "mailbox.change.v1" }

// Decide has nothing to do when nothing differs.
func (c ChangeMailbox) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Mailboxes.Get(c.MailboxID)
	if is == nil {
		return nil, errNotFound(c.MailboxID)
	}
	connected, pace := c.change(is.Connection()), c.Pace.Change(is.Pace)
	if err := checkPace(pace); err != nil {
		return nil, err
	}
	var out []events.Event
	if !is.ConnectedAs(connected) && (c.DisplayName != nil || c.SMTP != nil || c.IMAP != nil) {
		if is.Transport == events.TransportSendGrid {
			connected.APIKey = connected.SMTP.Secret
		}
		if err := firstError(checkServer("smtp", connected.SMTP), checkIMAP(is.Transport, connected.IMAP)); err != nil {
			return nil, err
		}
		out = append(out, connected)
	}
	if pace != is.Pace {
		out = append(out, events.MailboxPaceSet{MailboxRef: c.MailboxRef, MailboxPace: pace})
	}
	return out, nil
}

func (c ChangeMailbox) change(is events.MailboxConnected) events.MailboxConnected {
	is.MailboxRef = c.MailboxRef
	if setGiven(&is.DisplayName, c.DisplayName); is.DisplayName.IsZero() {
		is.DisplayName = events.Sealed{} // not an empty slice, which the log would not give back
	}
	is.SMTP, is.IMAP = c.SMTP.Change(is.SMTP), c.IMAP.Change(is.IMAP)
	return is
}

// Change returns a server with the changes of c; a nil c changes nothing.
func (c *MailServerChange) Change(is events.MailServer) events.MailServer {
	if c == nil {
		return is
	}
	setGiven(&is.Host, c.Host)
	setGiven(&is.Port, c.Port)
	setGiven(&is.Security, c.Security)
	setGiven(&is.Username, c.Username)
	setGiven(&is.Secret, c.Secret)
	return is
}

// Change returns a pace with the changes of c; a nil c changes nothing.
func (c *PaceChange) Change(is events.MailboxPace) events.MailboxPace {
	if c == nil {
		return is
	}
	setGiven(&is.CapPerDay, c.CapPerDay)
	setGiven(&is.CapPerHour, c.CapPerHour)
	setGiven(&is.GapSeconds, c.GapSeconds)
	setGiven(&is.JitterFrom, c.JitterFrom)
	setGiven(&is.JitterTo, c.JitterTo)
	setGiven(&is.WarmupStart, c.WarmupStart)
	setGiven(&is.WarmupPerDay, c.WarmupPerDay)
	setGiven(&is.Zone, c.Zone)
	return is
}

func setGiven[T any](to, value *T) {
	if value != nil {
		*to = *value
	}
}
