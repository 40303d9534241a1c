package prospects

import (
	"time"

	"outrider/internal/lab/mailserver"
)

// Params are the public promises by which violations are judged. What is zero isn't judged.
type Params struct {
	Mailboxes map[string]MailboxPromise // by address, without a plus-part
	Window    DayPart                   // when messages may arrive, in the person's zone
	Zones     map[string]string         // of people, by address; for others Window.Zone
	Quota     Quota
	Poll      time.Duration // a stop that comes by mail counts from so much after it was taken
	Lease     time.Duration // what arrives so soon after a stop was claimed before it; 0 means 30 s
	Tolerance time.Duration // by which gap and window may be missed
	// Provider is what a provider of mail wrote down, which takes messages at once and delivers them later: its messages are judged by when it took them.
	Provider []Line `json:"-"`
	// NotOurs leaves out mail that isn't a campaign's (confirmations of meetings, tests of a mailbox).
	NotOurs func(mailserver.Line) bool `json:"-"`
}

func (p Params) notOurs(l Line) bool {
	return p.NotOurs != nil && p.NotOurs(mailserver.Line{At: l.At, From: l.Mailbox, To: []string{l.Person}, MessageID: "<" + l.MessageID + ">", Calendar: l.Calendar})
}

// MailboxPromise is what a sender promised.
type MailboxPromise struct {
	Cap  int           // a local day, and any 24 hours
	Gap  time.Duration // least time between two messages
	Zone string        // of the local day; "" = UTC
}

// DayPart is a part of the day.
type DayPart struct {
	Days     []time.Weekday // none: not judged
	From, To time.Duration  // since midnight; To isn't in it
	Zone     string         // "" = UTC
}

// Quota is how many different people may be written to in a period.
type Quota struct {
	Leads   int         // 0: not judged
	Periods []time.Time // their beginnings, rising; the last one doesn't end
}
