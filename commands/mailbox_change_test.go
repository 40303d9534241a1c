package commands_test

import (
	"testing"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

func TestAMailboxIsChangedInWhatIsNamed(t *testing.T) {
	t.Parallel()
	box := events.MailboxRef{MailboxID: boxID(0)}
	connected := func(more ...events.Event) facts {
		return append(given(boxAdded(), boxConnected(), events.MailboxPaceSet{MailboxRef: box, MailboxPace: quick}), more...)
	}
	change := func(c commands.ChangeMailbox) commands.ChangeMailbox {
		c.MailboxRef = box
		return c
	}
	pace := func(with func(*events.MailboxPace)) events.MailboxPaceSet {
		p := quick
		with(&p)
		return events.MailboxPaceSet{MailboxRef: box, MailboxPace: p}
	}
	but := func(with func(*events.MailboxConnected)) events.MailboxConnected {
		c := boxConnected()
		with(&c)
		return c
	}
	toCap := change(commands.ChangeMailbox{Pace: &commands.PaceChange{CapPerDay: ptr(7)}})
	toHost := change(commands.ChangeMailbox{SMTP: &commands.MailServerChange{Host: ptr("other.example.com")}})
	toUser := change(commands.ChangeMailbox{IMAP: &commands.MailServerChange{Username: &events.Sealed{K: 9, C: []byte("u")}, Secret: ptr("new")}})
	all := change(commands.ChangeMailbox{DisplayName: &events.Sealed{K: 9, C: []byte("n")},
		SMTP: &commands.MailServerChange{Host: ptr("a.example.com"), Port: ptr(1), Security: ptr("tls"), Username: &events.Sealed{K: 9}, Secret: ptr("s")},
		IMAP: &commands.MailServerChange{Host: ptr("b.example.com"), Port: ptr(65535), Security: ptr("starttls"), Username: &events.Sealed{K: 8}, Secret: ptr("i")},
		Pace: &commands.PaceChange{CapPerDay: ptr(5), CapPerHour: ptr(4), GapSeconds: ptr(3), JitterFrom: ptr(1), JitterTo: ptr(2), WarmupStart: ptr(2), WarmupPerDay: ptr(1), Zone: ptr("Europe/Berlin")}})
	kit().Run(t, map[string]estest.Case{
		"a cap":  {Given: connected(), When: toCap, Then: facts{pace(func(p *events.MailboxPace) { p.CapPerDay = 7 })}, Again: estest.NothingToDo()},
		"a host": {Given: connected(), When: toHost, Then: facts{but(func(c *events.MailboxConnected) { c.SMTP.Host = "other.example.com" })}, Again: estest.NothingToDo()},
		"a change keeps the one before it": {Given: connected(but(func(c *events.MailboxConnected) { c.SMTP.Host = "other.example.com" })), When: toUser, Then: facts{but(func(c *events.MailboxConnected) {
			c.SMTP.Host, c.IMAP.Username, c.IMAP.Secret = "other.example.com", *toUser.IMAP.Username, "new"
		})}, Again: estest.NothingToDo()},
		"a cap keeps a gap that was set": {Given: connected(pace(func(p *events.MailboxPace) { p.GapSeconds = 77 })), When: toCap, Then: facts{pace(func(p *events.MailboxPace) { p.GapSeconds, p.CapPerDay = 77, 7 })}, Again: estest.NothingToDo()},
		"all of it": {Given: connected(), When: all, Then: facts{
			events.MailboxConnected{MailboxRef: box, DisplayName: *all.DisplayName, SMTP: events.MailServer{Host: "a.example.com", Port: 1, Security: "tls", Username: events.Sealed{K: 9}, Secret: "s"}, IMAP: events.MailServer{Host: "b.example.com", Port: 65535, Security: "starttls", Username: events.Sealed{K: 8}, Secret: "i"}},
			events.MailboxPaceSet{MailboxRef: box, MailboxPace: events.MailboxPace{CapPerDay: 5, CapPerHour: 4, GapSeconds: 3, JitterFrom: 1, JitterTo: 2, WarmupStart: 2, WarmupPerDay: 1, Zone: "Europe/Berlin"}}}, Again: estest.NothingToDo()},
		"no name any more":                 {Given: connected(but(func(c *events.MailboxConnected) { c.DisplayName = *all.DisplayName })), When: change(commands.ChangeMailbox{DisplayName: &events.Sealed{}}), Then: facts{boxConnected()}, Again: estest.NothingToDo()},
		"nothing":                          {Given: connected(), When: change(commands.ChangeMailbox{}), Noop: true},
		"a pace is checked as a whole":     {Given: connected(), When: change(commands.ChangeMailbox{Pace: &commands.PaceChange{JitterFrom: ptr(86400)}}), Refused: "invalid"},
		"so is a server that sends":        {Given: connected(), When: change(commands.ChangeMailbox{SMTP: &commands.MailServerChange{Port: ptr(0)}}), Refused: "invalid"},
		"so is a server that is read":      {Given: connected(), When: change(commands.ChangeMailbox{IMAP: &commands.MailServerChange{Host: ptr("")}}), Refused: "invalid"},
		"an unknown mailbox isn't changed": {Given: given(), When: toCap, Refused: "not_found"},
	})
}
