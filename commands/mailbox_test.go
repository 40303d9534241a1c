package commands_test

import (
	"slices"
	"testing"
	"time"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

func TestMailboxConnects(t *testing.T) {
	t.Parallel()
	at := estest.At
	c := connect(0, quick)
	but := func(change func(*commands.ConnectMailbox)) commands.ConnectMailbox {
		x := c
		change(&x)
		return x
	}
	pace := func(p events.MailboxPace) events.MailboxPaceSet {
		return events.MailboxPaceSet{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, MailboxPace: p}
	}
	badPace := func(change func(*events.MailboxPace)) commands.SetMailboxPace {
		p := commands.DefaultPace()
		change(&p)
		return commands.SetMailboxPace{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, MailboxPace: p}
	}
	moved := boxConnected()
	moved.SMTP.Host = "other.example.com"
	checked := func(name, outcome string) events.MailboxChecked {
		return events.MailboxChecked{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Check: name, Outcome: outcome, CheckedAt: at}
	}
	all := facts{checked("dns", "passed"), checked("smtp_tls", "passed"), checked("smtp_auth", "passed"), checked("send_to_self", "passed"), checked("imap_auth", "passed"), checked("read_back", "passed")}
	verify := commands.RecordMailboxChecks{MailboxID: boxID(0), Checks: passed(), CheckedAt: at}
	connected := func(more ...events.Event) facts {
		return append(given(boxAdded(), boxConnected(), pace(quick)), more...)
	}
	verified := func(status string, from time.Time) events.MailboxVerified {
		return events.MailboxVerified{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Status: status, WarmupFrom: from}
	}
	unreadable := commands.RecordUnreadableMail{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Folder: "INBOX", UIDValidity: 1, UID: 7, Reason: "server says NO"}
	withTags := func(outcome string) commands.RecordMailboxChecks {
		return commands.RecordMailboxChecks{MailboxID: boxID(0), Checks: append(passed(), commands.MailboxCheck{Check: "tagged_address", Outcome: outcome}), CheckedAt: at}
	}
	read := commands.RecordMailboxRead{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Folder: "INBOX", UIDValidity: 1, UID: 7, ReadAt: at}
	paused := events.MailboxPaused{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Reason: "manual"}
	permission := events.MailboxPaused{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Reason: "permission"}
	suspend := commands.SuspendMailbox{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Times: 3}
	suspended := events.MailboxPaused{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Reason: "mail_server", Count: 3}
	kit().Run(t, map[string]estest.Case{
		"a mailbox is connected":                  {Given: given(), When: c, Then: facts{boxAdded(), boxConnected(), pace(quick)}, Again: estest.NothingToDo()},
		"it has the usual pace unless told":       {Given: given(), When: but(func(c *commands.ConnectMailbox) { c.Pace = nil }), Then: facts{boxAdded(), boxConnected(), pace(commands.DefaultPace())}, Again: estest.NothingToDo()},
		"it is connected otherwise":               {Given: connected(), When: but(func(c *commands.ConnectMailbox) { c.SMTP.Host, c.Pace = "other.example.com", nil }), Then: facts{moved}, Again: estest.NothingToDo()},
		"a place of the plan is needed":           {Given: given(func() events.MailboxAdded { m := boxAdded(); m.MailboxID, m.AddressHash = other, h("x"); return m }()), When: c, Then: facts{events.QuotaRefused{OrganizationRef: events.OrganizationRef{OrganizationID: org}, QuotaDetail: events.QuotaDetail{Limit: "mailboxes", Used: 1, Max: 1, Requested: 1, Plan: "starter"}, At: at}}, Again: estest.RefusedAs("quota_exceeded")},
		"a server has a host":                     {Given: given(), When: but(func(c *commands.ConnectMailbox) { c.SMTP.Host = "" }), Refused: "invalid"},
		"a server has a port":                     {Given: given(), When: but(func(c *commands.ConnectMailbox) { c.IMAP.Port = 0 }), Refused: "invalid"},
		"a server is secured, or says that not":   {Given: given(), When: but(func(c *commands.ConnectMailbox) { c.IMAP.Security = "" }), Refused: "invalid"},
		"a provider has a key":                    {Given: given(), When: but(func(c *commands.ConnectMailbox) { c.Transport = "sendgrid" }), Refused: "invalid"},
		"a pace is checked":                       {Given: given(), When: but(func(c *commands.ConnectMailbox) { c.Pace = &events.MailboxPace{} }), Refused: "invalid"},
		"a pace is set":                           {Given: connected(), When: commands.SetMailboxPace{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, MailboxPace: commands.DefaultPace()}, Then: facts{pace(commands.DefaultPace())}, Again: estest.NothingToDo()},
		"a gap is bounded":                        {Given: connected(), When: badPace(func(p *events.MailboxPace) { p.GapSeconds = -1 }), Refused: "invalid"},
		"an hour's cap is bounded":                {Given: connected(), When: badPace(func(p *events.MailboxPace) { p.CapPerHour = -1 }), Refused: "invalid"},
		"a jitter goes up":                        {Given: connected(), When: badPace(func(p *events.MailboxPace) { p.JitterTo = 1 }), Refused: "invalid"},
		"a warm-up goes up":                       {Given: connected(), When: badPace(func(p *events.MailboxPace) { p.WarmupPerDay = 0 }), Refused: "invalid"},
		"a warm-up isn't negative":                {Given: connected(), When: badPace(func(p *events.MailboxPace) { p.WarmupStart = -1 }), Refused: "invalid"},
		"a day is a zone's":                       {Given: connected(), When: badPace(func(p *events.MailboxPace) { p.Zone = "Local" }), Refused: "invalid"},
		"an unknown mailbox has no pace":          {Given: given(), When: commands.SetMailboxPace{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}}, Refused: "not_found"},
		"what has passed everything may send":     {Given: connected(), When: verify, Then: append(all[:6:6], verified("active", at)), Again: estest.NothingToDo()},
		"also what passes by and by":              {Given: append(connected(), all[:5:5]...), When: commands.RecordMailboxChecks{MailboxID: boxID(0), Checks: passed()[5:], CheckedAt: at}, Then: facts{all[5], verified("active", at)}, Again: estest.NothingToDo()},
		"a new one warms up":                      {Given: append(connected(), pace(commands.DefaultPace())), When: verify, Then: append(all[:6:6], verified("warming", at)), Again: estest.NothingToDo()},
		"a warm-up goes on behind a reconnection": {Given: connected(verified("warming", anchor), moved), When: verify, Then: append(all[:6:6], verified("active", anchor)), Again: estest.NothingToDo()},
		"a password that is taken again resumes": {Given: connected(verified("active", anchor), events.MailboxPaused{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Reason: "sign_in"}, moved), When: verify,
			Then: append(all[:6:6], verified("active", anchor), events.MailboxResumed{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}}), Again: estest.NothingToDo()},
		"also where nothing was connected anew": {Given: append(append(connected(), all...), verified("active", anchor), events.MailboxPaused{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Reason: "sign_in"}), When: verify,
			Then: facts{events.MailboxResumed{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}}}, Again: estest.NothingToDo()},
		"what was paused by hand stays so":                       {Given: append(append(connected(), all...), verified("active", anchor), paused), When: verify, Noop: true},
		"what fails is recorded by itself":                       {Given: connected(), When: commands.RecordMailboxChecks{MailboxID: boxID(0), Checks: []commands.MailboxCheck{{Check: "dns", Outcome: "unknown"}, {Check: "smtp_auth", Outcome: "failed"}}, CheckedAt: at}, Then: facts{checked("dns", "unknown"), checked("smtp_auth", "failed")}, Again: estest.NothingToDo()},
		"there is a check":                                       {Given: connected(), When: commands.RecordMailboxChecks{MailboxID: boxID(0)}, Refused: "invalid"},
		"a check is known":                                       {Given: connected(), When: commands.RecordMailboxChecks{MailboxID: boxID(0), Checks: []commands.MailboxCheck{{Check: "smell", Outcome: "passed"}}}, Refused: "invalid"},
		"a check has an outcome":                                 {Given: connected(), When: commands.RecordMailboxChecks{MailboxID: boxID(0), Checks: []commands.MailboxCheck{{Check: "dns"}}}, Refused: "invalid"},
		"an unknown mailbox isn't checked":                       {Given: given(), When: verify, Refused: "not_found"},
		"checks are asked for anew":                              {Given: connected(all[0]), When: commands.RequestMailboxChecks{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}}, Then: facts{events.MailboxChecksRequested{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}}}, Again: estest.OnceMore()},
		"what was asked for anew is told again":                  {Given: append(append(connected(), all...), verified("active", at), events.MailboxChecksRequested{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}}, all[0]), When: verify, Then: all[1:6:6], Again: estest.NothingToDo()},
		"what isn't connected isn't checked":                     {Given: given(boxAdded()), When: commands.RequestMailboxChecks{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}}, Refused: "wrong_status"},
		"an unknown mailbox isn't checked anew":                  {Given: given(), When: commands.RequestMailboxChecks{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}}, Refused: "not_found"},
		"a mailbox is paused":                                    {Given: connected(), When: commands.PauseMailbox{MailboxID: boxID(0)}, Then: facts{paused}, Again: estest.NothingToDo()},
		"a mailbox whose server breaks us is suspended":          {Given: connected(), When: suspend, Then: facts{suspended}, Again: estest.NothingToDo()},
		"one that is paused too":                                 {Given: append(connected(), paused), When: suspend, Then: facts{suspended}, Again: estest.NothingToDo()},
		"a mailbox whose permission has ended stops":             {Given: connected(), When: commands.EndMailboxPermission{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}}, Then: facts{permission}, Again: estest.NothingToDo()},
		"one that is paused stays as it is":                      {Given: append(connected(), paused), When: commands.EndMailboxPermission{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}}, Noop: true, Again: estest.NothingToDo()},
		"an unknown mailbox has no permission":                   {Given: given(), When: commands.EndMailboxPermission{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}}, Refused: "not_found"},
		"an unknown mailbox isn't suspended":                     {Given: given(), When: suspend, Refused: "not_found"},
		"an unknown mailbox isn't paused":                        {Given: given(), When: commands.PauseMailbox{MailboxID: boxID(0)}, Refused: "not_found"},
		"a mailbox is resumed":                                   {Given: connected(paused), When: commands.ResumeMailbox{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}}, Then: facts{events.MailboxResumed{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}}}, Again: estest.NothingToDo()},
		"an unknown mailbox isn't resumed":                       {Given: given(), When: commands.ResumeMailbox{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}}, Refused: "not_found"},
		"a position is recorded":                                 {Given: connected(), When: read, Then: facts{events.MailboxRead(read)}, Again: estest.NothingToDo()},
		"a position goes forward":                                {Given: connected(events.MailboxRead{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Folder: "INBOX", UIDValidity: 1, UID: 9}), When: read, Noop: true},
		"a folder that was made anew begins anew":                {Given: connected(events.MailboxRead{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Folder: "INBOX", UIDValidity: 2, UID: 9}), When: read, Then: facts{events.MailboxRead(read)}, Again: estest.NothingToDo()},
		"a position is of a folder":                              {Given: connected(), When: commands.RecordMailboxRead{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}}, Refused: "invalid"},
		"a mail that can't be read is recorded":                  {Given: connected(), When: unreadable, Then: facts{events.MailboxMailUnreadable(unreadable)}, Again: estest.NothingToDo()},
		"what was read can be read":                              {Given: connected(events.MailboxRead(read)), When: unreadable, Noop: true},
		"a folder made anew has other mail":                      {Given: connected(events.MailboxMailUnreadable{MailboxRef: read.MailboxRef, Folder: "INBOX", UIDValidity: 2, UID: 9}), When: unreadable, Then: facts{events.MailboxMailUnreadable(unreadable)}, Again: estest.NothingToDo()},
		"what can't be read lies in a folder":                    {Given: connected(), When: commands.RecordUnreadableMail{MailboxRef: read.MailboxRef}, Refused: "invalid"},
		"an unknown mailbox has no mail":                         {Given: given(), When: unreadable, Refused: "not_found"},
		"tags that don't come back keep no mailbox from sending": {Given: connected(), When: withTags("failed"), Then: append(append(all[:6:6], checked("tagged_address", "failed")), verified("active", at)), Again: estest.NothingToDo()},
		"tags that come back later are told":                     {Given: append(append(connected(), all...), checked("tagged_address", "unknown"), verified("active", at)), When: withTags("passed"), Then: facts{checked("tagged_address", "passed")}, Again: estest.NothingToDo()},
		"an unknown mailbox isn't read":                          {Given: given(), When: read, Refused: "not_found"},
	})
}

func TestMeeting(t *testing.T) {
	t.Parallel()
	hours := events.BookingHours{Windows: []events.Window{{Days: []int{1, 2, 3, 4, 5}, From: "10:00", To: "12:00"}}, SlotMinutes: 30, NoticeMinutes: 60, DaysAhead: 14}
	set := events.BookingHoursSet{OrganizationRef: events.OrganizationRef{OrganizationID: org}, BookingHours: hours}
	but := func(change func(*events.BookingHours)) commands.SetBookingHours {
		x := hours
		x.Windows = slices.Clone(hours.Windows)
		change(&x)
		return commands.SetBookingHours{BookingHours: x}
	}
	slot := time.Date(2026, 4, 1, 8, 30, 0, 0, time.UTC) // 10:30 in Berlin
	book := func(at time.Time) commands.BookMeeting {
		return commands.BookMeeting{SentMessageRef: about(ann), MeetingID: other, StartsAt: at, Details: sealed}
	}
	booked := events.MeetingBooked{SentMessageRef: about(ann), MeetingID: other, StartsAt: slot, EndsAt: slot.Add(30 * time.Minute), Details: sealed, BookedAt: estest.At}
	second := book(slot)
	second.MeetingID = upload
	bookedTwice := booked
	bookedTwice.MeetingID = upload
	bookedTwice.StartsAt, bookedTwice.EndsAt = slot.Add(30*time.Minute), slot.Add(time.Hour)
	next := second
	next.StartsAt = slot.Add(30 * time.Minute)
	confirm := commands.ConfirmMeeting{MeetingID: other, AddressHash: h(ann)}
	toColleague, toNobody := confirm, confirm
	toColleague.AddressHash, toNobody.AddressHash = h("carol@acme.test"), "carol"
	never := func(kind, what string) events.Event {
		return events.SuppressionAdded{SuppressionRef: events.SuppressionRef{SuppressionID: suppressionOf(kind, what)}, Kind: kind, Hash: h(what), Reason: "manual"}
	}
	claimed := facts{events.MeetingConfirmationClaimed{MeetingRef: events.MeetingRef{MeetingID: other, LeadID: leadID(ann)}}}
	cancel := commands.CancelMeeting{MeetingID: other, Reason: "ill"}
	tell := commands.TellMeetingCancelled{MeetingID: other, AddressHash: h(ann)}
	ofAnn := events.MeetingRef{MeetingID: other, LeadID: leadID(ann)}
	evening, overlapping, saturday := events.Window{Days: []int{1, 2}, From: "18:00", To: "20:00"}, events.Window{Days: []int{5}, From: "11:30", To: "13:00"}, events.Window{Days: []int{6}, From: "11:00", To: "13:00"}
	twice, weekend, off1, buffered := set, set, set, set
	twice.Windows, weekend.Windows = []events.Window{hours.Windows[0], evening}, []events.Window{hours.Windows[0], saturday}
	off1.DaysOff, buffered.BufferAfter = []string{"2026-04-01"}, 15
	earlier := second
	earlier.StartsAt = slot.Add(-30 * time.Minute)
	bookedSecond := booked
	bookedSecond.MeetingID = upload
	move, tellMoved := commands.RescheduleMeeting{MeetingID: other, StartsAt: slot.Add(45 * time.Minute)}, commands.TellMeetingMoved{MeetingID: other, Move: 1, AddressHash: h(ann)}
	moved := events.MeetingRescheduled{MeetingRef: ofAnn, Move: 1, WasAt: slot, StartsAt: slot.Add(45 * time.Minute), EndsAt: slot.Add(75 * time.Minute)}
	movedBack := events.MeetingRescheduled{MeetingRef: ofAnn, Move: 2, WasAt: moved.StartsAt, StartsAt: slot, EndsAt: slot.Add(30 * time.Minute)}
	movedNext := events.MeetingRescheduled{MeetingRef: ofAnn, Move: 1, WasAt: slot, StartsAt: slot.Add(30 * time.Minute), EndsAt: slot.Add(time.Hour)}
	guestMoves := func(to time.Time) commands.MoveMeetingByGuest {
		return commands.MoveMeetingByGuest{MeetingID: other, StartsAt: to}
	}
	guestCancels := commands.CancelMeetingByGuest{MeetingID: other}
	outcome := func(of string) commands.SetMeetingOutcome {
		return commands.SetMeetingOutcome{MeetingID: other, Outcome: of}
	}
	muchLater := bookedTwice
	muchLater.StartsAt, muchLater.EndsAt, muchLater.BookedAt = slot.AddDate(0, 0, 32), slot.AddDate(0, 0, 32).Add(time.Hour), slot.AddDate(0, 0, 30)
	off, told := slices.Clip(given(leadCreated(ann), set, booked, events.MeetingCancelled{MeetingRef: ofAnn})), facts{events.MeetingCancellationClaimed{MeetingRef: ofAnn}}
	kit().Run(t, map[string]estest.Case{
		"hours are set":                        {Given: given(), When: commands.SetBookingHours{BookingHours: hours}, Then: facts{set}, Again: estest.NothingToDo()},
		"a day that is named twice is one":     {Given: given(), When: but(func(h *events.BookingHours) { h.Windows[0].Days = []int{5, 1, 2, 1, 3, 4, 5} }), Then: facts{set}, Again: estest.NothingToDo()},
		"a meeting fits in the window":         {Given: given(), When: but(func(h *events.BookingHours) { h.SlotMinutes = 121 }), Refused: "invalid"},
		"a notice ends before the last day":    {Given: given(), When: but(func(h *events.BookingHours) { h.NoticeMinutes, h.DaysAhead = 30*24*60, 30 }), Refused: "invalid"},
		"a slot is not too short":              {Given: given(), When: but(func(h *events.BookingHours) { h.SlotMinutes = 1 }), Refused: "invalid"},
		"a notice is not negative":             {Given: given(), When: but(func(h *events.BookingHours) { h.NoticeMinutes = -1 }), Refused: "invalid"},
		"slots are some days ahead":            {Given: given(), When: but(func(h *events.BookingHours) { h.DaysAhead = 0 }), Refused: "invalid"},
		"hours are a window":                   {Given: given(), When: but(func(h *events.BookingHours) { h.Windows[0].Days = nil }), Refused: "invalid"},
		"hours are a zone's":                   {Given: given(), When: but(func(h *events.BookingHours) { h.Zone = "Moon" }), Refused: "invalid"},
		"windows are in their order":           {Given: given(), When: but(func(h *events.BookingHours) { h.Windows = []events.Window{evening, h.Windows[0]} }), Then: facts{twice}, Again: estest.NothingToDo()},
		"windows of one day don't overlap":     {Given: given(), When: but(func(h *events.BookingHours) { h.Windows = append(h.Windows, overlapping) }), Refused: "invalid"},
		"those of two days may":                {Given: given(), When: but(func(h *events.BookingHours) { h.Windows = append(h.Windows, saturday) }), Then: facts{weekend}, Again: estest.NothingToDo()},
		"there is a window":                    {Given: given(), When: but(func(h *events.BookingHours) { h.Windows = nil }), Refused: "invalid"},
		"a day off is a date":                  {Given: given(), When: but(func(h *events.BookingHours) { h.DaysOff = []string{"Monday"} }), Refused: "invalid"},
		"nobody meets on a day off":            {Given: running(off1), When: book(slot), Refused: "slot_closed"},
		"who set them the old way sets them":   {Given: given(), When: commands.SetBookingHoursV1{BookingHoursV1: events.BookingHoursV1{Window: hours.Windows[0], SlotMinutes: 30, NoticeMinutes: 60, DaysAhead: 14}}, Then: facts{set}, Again: estest.NothingToDo()},
		"the next slot is in the buffer":       {Given: running(buffered, booked), When: next, Refused: "slot_taken"},
		"and so is the one before":             {Given: running(buffered, booked), When: earlier, Refused: "slot_taken"},
		"a meeting is moved":                   {Given: given(leadCreated(ann), set, booked), When: move, Then: facts{moved}, Again: estest.NothingToDo()},
		"the time that it had is free":         {Given: given(leadCreated(ann), set, booked, moved), When: second, Then: facts{bookedSecond}, Again: estest.NothingToDo()},
		"the one that it has is not":           {Given: given(leadCreated(ann), set, booked, moved), When: next, Refused: "slot_taken"},
		"it isn't moved onto another one":      {Given: given(leadCreated(ann), set, booked, bookedTwice), When: move, Refused: "slot_taken"},
		"a guest moves it":                     {Given: given(leadCreated(ann), set, booked), When: guestMoves(slot.Add(30 * time.Minute)), Then: facts{movedNext}, Again: estest.NothingToDo()},
		"onto its own time is no move":         {Given: given(leadCreated(ann), set, booked), When: guestMoves(slot), Noop: true},
		"into what it leaves free":             {Given: given(leadCreated(ann), buffered, booked), When: guestMoves(slot.Add(30 * time.Minute)), Then: facts{movedNext}, Again: estest.NothingToDo()},
		"a guest moves it where slots begin":   {Given: given(leadCreated(ann), set, booked), When: guestMoves(slot.Add(45 * time.Minute)), Refused: "slot_closed"},
		"not outside of the hours":             {Given: given(leadCreated(ann), set, booked), When: guestMoves(slot.Add(6 * time.Hour)), Refused: "slot_closed"},
		"not sooner than the notice":           {Given: given(leadCreated(ann), set, booked), At: slot.Add(-40 * time.Minute), When: guestMoves(slot.Add(-30 * time.Minute)), Refused: "slot_closed"},
		"nor onto another one":                 {Given: given(leadCreated(ann), set, booked, bookedTwice), When: guestMoves(slot.Add(30 * time.Minute)), Refused: "slot_taken"},
		"nor what has begun":                   {Given: given(leadCreated(ann), set, booked), At: slot, When: guestMoves(slot.AddDate(0, 0, 1)), Refused: "wrong_status"},
		"nor what nobody knows":                {Given: given(set), When: guestMoves(slot), Refused: "not_found"},
		"a guest cancels it":                   {Given: given(leadCreated(ann), set, booked), At: slot.Add(-1), When: guestCancels, Then: facts{events.MeetingCancelled{MeetingRef: ofAnn}}, Again: estest.RefusedAs("not_found")},
		"not what has begun":                   {Given: given(leadCreated(ann), set, booked), At: slot, When: guestCancels, Refused: "wrong_status"},
		"nor what is unknown to all":           {Given: given(set), When: guestCancels, Refused: "not_found"},
		"it isn't moved into the past":         {Given: given(set, booked), When: commands.RescheduleMeeting{MeetingID: other, StartsAt: estest.At}, Refused: "invalid"},
		"nor for years":                        {Given: given(set, booked), When: commands.RescheduleMeeting{MeetingID: other, StartsAt: slot.AddDate(2, 0, 0)}, Refused: "invalid"},
		"what is over isn't moved":             {Given: given(set, booked), At: slot.Add(time.Hour), When: commands.RescheduleMeeting{MeetingID: other, StartsAt: slot.AddDate(0, 0, 1)}, Refused: "not_found"},
		"nor what is unknown":                  {Given: given(), When: move, Refused: "not_found"},
		"a move is told by one":                {Given: given(leadCreated(ann), set, booked, moved), When: tellMoved, Then: facts{events.MeetingMoveClaimed{MeetingRef: ofAnn, Move: 1}}, Again: estest.NothingToDo()},
		"a move before the last isn't told":    {Given: given(leadCreated(ann), set, booked, moved, movedBack), When: tellMoved, Noop: true},
		"a move that wasn't isn't told":        {Given: given(leadCreated(ann), set, booked), When: tellMoved, Refused: "not_found"},
		"nor to who is suppressed":             {Given: given(leadCreated(ann), set, booked, moved, never("address", ann)), When: tellMoved, Refused: "suppressed"},
		"it took place":                        {Given: given(set, booked), At: slot, When: outcome("held"), Then: facts{events.MeetingOutcomeSet{MeetingRef: ofAnn, Outcome: "held"}}, Again: estest.NothingToDo()},
		"nobody came":                          {Given: given(set, booked), At: slot.Add(time.Hour), When: outcome("no_show"), Then: facts{events.MeetingOutcomeSet{MeetingRef: ofAnn, Outcome: "no_show"}}, Again: estest.NothingToDo()},
		"that is taken back":                   {Given: given(set, booked, events.MeetingOutcomeSet{MeetingRef: ofAnn, Outcome: "held"}), At: slot.Add(time.Hour), When: outcome(""), Then: facts{events.MeetingOutcomeSet{MeetingRef: ofAnn}}, Again: estest.NothingToDo()},
		"that is said weeks later too":         {Given: given(set, booked, muchLater), At: slot.AddDate(0, 0, 31), When: outcome("held"), Then: facts{events.MeetingOutcomeSet{MeetingRef: ofAnn, Outcome: "held"}}, Again: estest.NothingToDo()},
		"but not before it begins":             {Given: given(set, booked), At: slot.Add(-1), When: outcome("held"), Refused: "wrong_status"},
		"an outcome is one of two":             {Given: given(set, booked), At: slot.Add(time.Hour), When: outcome("fun"), Refused: "invalid"},
		"an unknown meeting has none":          {Given: given(), When: outcome("held"), Refused: "not_found"},
		"a meeting stops the sequence at once": {Given: append(slotted(), set), When: book(slot), Then: facts{booked, cancelled(ann, "meeting_booked"), stoppedAs(ann, "meeting_booked", 0, msgID(ann, 0))}, Again: estest.NothingToDo()},
		"a slot is booked once":                {Given: running(set, booked), When: second, Refused: "slot_taken"},
		"the next slot is free":                {Given: given(set, booked), When: next, Then: facts{bookedTwice}, Again: estest.NothingToDo()},
		"a meeting is one":                     {Given: given(set, booked), When: book(slot.Add(time.Hour)), Refused: "already_exists"},
		"a slot begins where slots do":         {Given: running(set), When: book(slot.Add(time.Minute)), Refused: "slot_closed"},
		"a slot lies in the hours":             {Given: running(set), When: book(slot.Add(90 * time.Minute)), Refused: "slot_closed"},
		"a slot leaves notice":                 {Given: running(set), At: slot.Add(-59 * time.Minute), When: book(slot), Refused: "slot_closed"},
		"a slot is not too far":                {Given: running(set), When: book(slot.AddDate(0, 0, 28)), Refused: "slot_closed"},
		"without hours there are no slots":     {Given: running(), When: book(slot), Refused: "slot_closed"},
		"a meeting has an id":                  {Given: running(set), When: commands.BookMeeting{SentMessageRef: about(ann)}, Refused: "invalid"},
		"a meeting is with somebody":           {Given: running(set), When: commands.BookMeeting{MeetingID: other}, Refused: "invalid"},
		"a meeting is cancelled":               {Given: given(set, booked), When: cancel, Then: facts{events.MeetingCancelled{MeetingRef: events.MeetingRef{MeetingID: other, LeadID: leadID(ann)}, Reason: "ill"}}, Again: estest.RefusedAs("not_found")},
		"a cancelled slot is free":             {Given: given(set, booked, events.MeetingCancelled{MeetingRef: events.MeetingRef{MeetingID: other, LeadID: leadID(ann)}}), When: book(slot), Then: facts{booked}, Again: estest.NothingToDo()},
		"a meeting is confirmed by one":        {Given: given(leadCreated(ann), set, booked), When: confirm, Then: facts{events.MeetingConfirmationClaimed{MeetingRef: events.MeetingRef{MeetingID: other, LeadID: leadID(ann)}}}, Again: estest.NothingToDo()},
		"a colleague gets the confirmation":    {Given: given(leadCreated(ann), set, booked), When: toColleague, Then: claimed, Again: estest.NothingToDo()},
		"who is suppressed gets none":          {Given: given(leadCreated(ann), set, booked, never("address", ann)), When: confirm, Refused: "suppressed"},
		"nor their colleague":                  {Given: given(leadCreated(ann), set, booked, never("address", ann)), When: toColleague, Refused: "suppressed"},
		"a suppressed colleague gets none":     {Given: given(leadCreated(ann), set, booked, never("address", "carol@acme.test")), When: toColleague, Refused: "suppressed"},
		"nobody at a suppressed domain does":   {Given: given(leadCreated(ann), set, booked, never("domain", "acme.test")), When: toColleague, Refused: "suppressed"},
		"whom it goes to is a hash":            {Given: given(leadCreated(ann), set, booked), When: toNobody, Refused: "invalid"},
		"a removed lead gets none":             {Given: given(leadCreated(ann), set, booked, events.LeadRemoved{LeadRef: events.LeadRef{LeadID: leadID(ann)}}), When: confirm, Refused: "not_found"},
		"who said it the old way gets it too":  {Given: given(leadCreated(ann), set, booked), When: commands.ConfirmMeetingV1{MeetingID: other}, Then: claimed, Again: estest.NothingToDo()},
		"its guest is told by one":             {Given: off, When: tell, Then: told, Again: estest.RefusedAs("not_found")},
		"at its last instant too":              {Given: off, At: slot.Add(30 * time.Minute), When: tell, Then: told, Again: estest.RefusedAs("not_found")},
		"but not when it would be over":        {Given: off, At: slot.Add(30*time.Minute + time.Microsecond), When: tell, Refused: "not_found"},
		"nor of one that takes place":          {Given: given(leadCreated(ann), set, booked), When: tell, Refused: "not_found"},
		"nor who is suppressed":                {Given: append(off, suppressedAs(ann, "manual")), When: tell, Refused: "suppressed"},
		"nor at an address that is":            {Given: append(off, suppressedAs(bob, "manual")), When: commands.TellMeetingCancelled{MeetingID: other, AddressHash: h(bob)}, Refused: "suppressed"},
		"nor one that has gone":                {Given: append(off, events.LeadRemoved{LeadRef: events.LeadRef{LeadID: leadID(ann)}}), When: tell, Refused: "not_found"},
		"nor at what is no hash":               {Given: off, When: commands.TellMeetingCancelled{MeetingID: other, AddressHash: "x"}, Refused: "invalid"},
		"a cancelled one isn't confirmed":      {Given: given(set, booked, events.MeetingCancelled{MeetingRef: events.MeetingRef{MeetingID: other, LeadID: leadID(ann)}}), When: confirm, Refused: "not_found"},
		"an unknown meeting isn't confirmed":   {Given: given(), When: confirm, Refused: "not_found"},
		"an unknown meeting isn't cancelled":   {Given: given(), When: cancel, Refused: "not_found"},
	})
}

func TestReadingOfAMailbox(t *testing.T) {
	t.Parallel()
	ref := events.MailboxRef{MailboxID: boxID(0)}
	at := estest.At.UTC()
	failed := func(reason string, since, tried time.Duration) commands.RecordReadingFailed {
		return commands.RecordReadingFailed{MailboxRef: ref, Reason: reason, Since: at.Add(since), TriedAt: at.Add(tried)}
	}
	was := func(reason string, ago time.Duration) events.MailboxReadingFailed {
		return events.MailboxReadingFailed{MailboxRef: ref, Reason: reason, Since: at.Add(-ago), TriedAt: at.Add(-ago)}
	}
	recovered := func(ago time.Duration) events.MailboxReadingRecovered {
		return events.MailboxReadingRecovered{MailboxRef: ref, ReadAt: at.Add(-ago)}
	}
	connected := func(more ...events.Event) facts { return append(given(boxAdded(), boxConnected()), more...) }
	gone := failed("unreachable", -3*time.Minute, 0)
	kit().Run(t, map[string]estest.Case{
		"that it can't be read is told":           {Given: connected(), When: gone, Then: facts{events.MailboxReadingFailed(gone)}, Again: estest.NothingToDo()},
		"once, however long it lasts":             {Given: connected(was("unreachable", 48*time.Hour)), When: gone, Noop: true},
		"another reason is told":                  {Given: connected(was("sign_in", 11*time.Minute)), When: gone, Then: facts{events.MailboxReadingFailed(gone)}, Again: estest.NothingToDo()},
		"but not a moment after the first":        {Given: connected(was("sign_in", 9*time.Minute)), When: gone, Noop: true},
		"a server that comes and goes is told of": {Given: connected(was("unreachable", 20*time.Minute), recovered(11*time.Minute)), When: gone, Then: facts{events.MailboxReadingFailed(gone)}, Again: estest.NothingToDo()},
		"now and then":                            {Given: connected(was("unreachable", 20*time.Minute), recovered(9*time.Minute)), When: gone, Noop: true},
		"what was told was of the old connection": {Given: connected(was("unreachable", time.Minute), boxConnected()), When: gone, Then: facts{events.MailboxReadingFailed(gone)}, Again: estest.NothingToDo()},
		"there are no other reasons":              {Given: connected(), When: failed("tired", -time.Minute, 0), Refused: "invalid"},
		"it lasts since a time":                   {Given: connected(), When: commands.RecordReadingFailed{MailboxRef: ref, Reason: "silent", TriedAt: at}, Refused: "invalid"},
		"that was before the last try":            {Given: connected(), When: failed("silent", time.Minute, 0), Refused: "invalid"},
		"of an unknown mailbox nothing is told":   {Given: given(), When: gone, Refused: "not_found"},
		"that it can be read again is told": {Given: connected(was("unreachable", time.Minute)), When: commands.RecordReadingRecovered{MailboxRef: ref, ReadAt: at},
			Then: facts{events.MailboxReadingRecovered{MailboxRef: ref, ReadAt: at}}, Again: estest.NothingToDo()},
		"of one that could, nothing":       {Given: connected(), When: commands.RecordReadingRecovered{MailboxRef: ref, ReadAt: at}, Noop: true},
		"nor twice":                        {Given: connected(was("silent", 2*time.Minute), recovered(time.Minute)), When: commands.RecordReadingRecovered{MailboxRef: ref, ReadAt: at}, Noop: true},
		"an unknown one doesn't come back": {Given: given(), When: commands.RecordReadingRecovered{MailboxRef: ref, ReadAt: at}, Refused: "not_found"},
	})
}
