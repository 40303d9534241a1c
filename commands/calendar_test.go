package commands_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

func TestCalendars(t *testing.T) {
	t.Parallel()
	chosen := events.ConnectionCalendarsChosen{ConnectionRef: linkTo(hookID), Calendars: sealed, Hash: accountHash(4), Writes: true}
	with := func(more ...events.Event) facts { return append(given(founded(), connectionMade()), more...) }
	choose := func(change func(*commands.ChooseCalendars)) commands.ChooseCalendars {
		c := commands.ChooseCalendars(chosen)
		change(&c)
		return c
	}
	refused := events.ConnectionInterrupted{ConnectionRef: linkTo(hookID), Reason: events.ConnectionRefused}
	restored := events.ConnectionRestored{ConnectionRef: linkTo(hookID)}
	kit().Run(t, map[string]estest.Case{
		"calendars are chosen":                  {Given: with(), When: commands.ChooseCalendars(chosen), Then: facts{chosen}, Again: estest.NothingToDo()},
		"others take their place":               {Given: with(chosen), When: choose(func(c *commands.ChooseCalendars) { c.Hash, c.Writes = accountHash(5), false }), Then: facts{events.ConnectionCalendarsChosen(choose(func(c *commands.ChooseCalendars) { c.Hash, c.Writes = accountHash(5), false }))}, Again: estest.NothingToDo()},
		"what needed somebody goes on":          {Given: with(chosen, refused), When: choose(func(c *commands.ChooseCalendars) { c.Hash = accountHash(5) }), Then: facts{events.ConnectionCalendarsChosen(choose(func(c *commands.ChooseCalendars) { c.Hash = accountHash(5) })), restored}, Again: estest.NothingToDo()},
		"also with the same ones":               {Given: with(chosen, refused), When: commands.ChooseCalendars(chosen), Then: facts{restored}, Again: estest.NothingToDo()},
		"a choice has a hash":                   {Given: with(), When: choose(func(c *commands.ChooseCalendars) { c.Hash = "x" }), Refused: "invalid"},
		"a choice is one of calendars":          {Given: with(), When: choose(func(c *commands.ChooseCalendars) { c.Calendars = events.Sealed{} }), Refused: "invalid"},
		"no calendars of an unknown connection": {Given: given(founded()), When: commands.ChooseCalendars(chosen), Refused: "not_found"},
	})
}

func TestMeetingsWithHosts(t *testing.T) {
	t.Parallel()
	hours := events.BookingHours{Windows: []events.Window{{Days: []int{1, 2, 3, 4, 5}, From: "10:00", To: "12:00"}}, SlotMinutes: 30, NoticeMinutes: 60, DaysAhead: 14}
	set := events.BookingHoursSet{OrganizationRef: events.OrganizationRef{OrganizationID: org}, BookingHours: hours}
	slot := time.Date(2026, 4, 1, 8, 30, 0, 0, time.UTC) // 10:30 in Berlin
	secondMade := events.ConnectionMade{ConnectionRef: linkTo(askID), Provider: "google_calendar", Account: sealed, AccountHash: accountHash(3)}
	writes := func(id uuid.UUID) events.ConnectionCalendarsChosen {
		return events.ConnectionCalendarsChosen{ConnectionRef: linkTo(id), Calendars: sealed, Hash: accountHash(4), Writes: true}
	}
	world := func(more ...events.Event) facts {
		return append(given(leadCreated(ann), connectionMade(), secondMade, writes(hookID), writes(askID), set), more...)
	}
	booked := func(meeting, host uuid.UUID, at time.Time) events.MeetingBooked {
		return events.MeetingBooked{SentMessageRef: about(ann), MeetingID: meeting, StartsAt: at, EndsAt: at.Add(30 * time.Minute), Details: sealed, BookedAt: estest.At, HostID: host}
	}
	book := func(meeting uuid.UUID, at time.Time, hosts ...uuid.UUID) commands.BookMeeting {
		return commands.BookMeeting{SentMessageRef: about(ann), MeetingID: meeting, StartsAt: at, Details: sealed, Hosts: hosts}
	}
	third := leadID(bob)
	ofAnn := func(id uuid.UUID) events.MeetingRef { return events.MeetingRef{MeetingID: id, LeadID: leadID(ann)} }
	held := func(meeting, host uuid.UUID, at time.Time) events.MeetingSlotHeld {
		return events.MeetingSlotHeld{MeetingRef: ofAnn(meeting), HostID: host, StartsAt: at, EndsAt: at.Add(30 * time.Minute), HeldAt: estest.At, Until: estest.At.Add(commands.HoldFor)}
	}
	hold := func(meeting uuid.UUID, at time.Time, hosts ...uuid.UUID) commands.HoldSlot {
		return commands.HoldSlot{MeetingRef: ofAnn(meeting), StartsAt: at, Hosts: hosts}
	}
	placed := events.MeetingPlaced{MeetingRef: ofAnn(other), Link: sealed}
	late := events.MeetingPlaced{MeetingRef: ofAnn(other), Late: true}
	change := func(off bool, at time.Time) commands.RecordCalendarChange {
		c := commands.RecordCalendarChange{ConnectionRef: linkTo(hookID), MeetingID: other, Off: off}
		if !off {
			c.StartsAt, c.EndsAt = at, at.Add(time.Hour)
		}
		return c
	}
	moved := events.MeetingRescheduled{MeetingRef: ofAnn(other), Move: 1, WasAt: slot, StartsAt: slot.Add(time.Hour), EndsAt: slot.Add(2 * time.Hour)}
	first, second := hookID, askID
	if askID.String() < hookID.String() { // of two whose turn it is the same, the smaller one
		first, second = askID, hookID
	}
	kit().Run(t, map[string]estest.Case{
		"a meeting has a host":                       {Given: world(), When: book(other, slot, first, second), Then: facts{booked(other, first, slot)}, Again: estest.NothingToDo()},
		"the next one is another's":                  {Given: world(booked(other, first, slot)), When: book(upload, slot.Add(time.Hour), first, second), Then: facts{booked(upload, second, slot.Add(time.Hour))}, Again: estest.NothingToDo()},
		"and then it is the first one's turn":        {Given: world(booked(other, first, slot), booked(third, second, slot)), When: book(upload, slot.Add(time.Hour), first, second), Then: facts{booked(upload, first, slot.Add(time.Hour))}, Again: estest.NothingToDo()},
		"who has time comes before whose turn it is": {Given: world(booked(other, second, slot), booked(third, first, slot.Add(time.Hour))), When: book(upload, slot.Add(time.Hour), first, second), Then: facts{booked(upload, second, slot.Add(time.Hour))}, Again: estest.NothingToDo()},
		"nobody has two at once":                     {Given: world(booked(other, first, slot), booked(third, second, slot)), When: book(upload, slot, first, second), Refused: "slot_taken"},
		"what has no host is in everybody's way":     {Given: world(booked(other, uuid.Nil, slot)), When: book(upload, slot, first, second), Refused: "slot_taken"},
		"and everybody in the way of what has none":  {Given: world(booked(other, first, slot)), When: book(upload, slot), Refused: "slot_taken"},
		"who writes no meetings isn't met":           {Given: given(leadCreated(ann), connectionMade(), set), When: book(other, slot, hookID), Refused: "slot_closed"},
		"nor whose connection is gone":               {Given: world(events.ConnectionRemoved{ConnectionRef: linkTo(hookID)}), When: book(other, slot, hookID), Refused: "slot_closed"},
		"the old way there is no host":               {Given: world(), When: commands.BookMeetingV1{SentMessageRef: about(ann), MeetingID: other, StartsAt: slot, Details: sealed}, Then: facts{booked(other, uuid.Nil, slot)}, Again: estest.NothingToDo()},
		"a guest moves it past others":               {Given: world(booked(other, first, slot), booked(upload, second, slot.Add(30*time.Minute))), When: commands.MoveMeetingByGuest{MeetingID: other, StartsAt: slot.Add(30 * time.Minute)}, Then: facts{events.MeetingRescheduled{MeetingRef: ofAnn(other), Move: 1, WasAt: slot, StartsAt: slot.Add(30 * time.Minute), EndsAt: slot.Add(time.Hour)}}, Again: estest.NothingToDo()},

		"a time is held":                    {Given: world(), When: hold(other, slot, first), Then: facts{held(other, first, slot)}, Again: estest.NothingToDo()},
		"it is held from others":            {Given: world(held(other, first, slot)), When: book(upload, slot, first), Refused: "slot_taken"},
		"another host has it":               {Given: world(held(other, first, slot)), When: book(upload, slot, first, second), Then: facts{booked(upload, second, slot)}, Again: estest.NothingToDo()},
		"for whom it is held, it is there":  {Given: world(held(other, second, slot)), When: book(other, slot, first, second), Then: facts{booked(other, second, slot)}, Again: estest.NothingToDo()},
		"once it is booked nothing is held": {Given: world(held(other, first, slot), booked(other, first, slot), events.MeetingCancelled{MeetingRef: ofAnn(other)}), When: book(upload, slot, first), Then: facts{booked(upload, first, slot)}, Again: estest.NothingToDo()},
		"it isn't held for ever":            {Given: world(held(other, first, slot)), At: estest.At.Add(commands.HoldFor), When: hold(upload, slot, first), Then: facts{events.MeetingSlotHeld{MeetingRef: ofAnn(upload), HostID: first, StartsAt: slot, EndsAt: slot.Add(30 * time.Minute), HeldAt: estest.At.Add(commands.HoldFor), Until: estest.At.Add(2 * commands.HoldFor)}}, Again: estest.NothingToDo()},
		"another time takes its place":      {Given: world(held(other, first, slot)), When: hold(other, slot.Add(time.Hour), first), Then: facts{held(other, first, slot.Add(time.Hour))}, Again: estest.NothingToDo()},
		"what is taken isn't held":          {Given: world(booked(other, first, slot)), When: hold(upload, slot, first), Refused: "slot_taken"},
		"nor for nobody":                    {Given: world(), When: commands.HoldSlot{MeetingRef: events.MeetingRef{MeetingID: other, LeadID: askID}, StartsAt: slot}, Refused: "invalid"},
		"nor for what is booked":            {Given: world(booked(other, first, slot)), When: hold(other, slot.Add(time.Hour), first), Refused: "already_exists"},
		"nor with who can't be met":         {Given: given(leadCreated(ann), set), When: hold(other, slot, first), Refused: "slot_closed"},
		"nor outside the hours":             {Given: world(), When: hold(other, slot.Add(time.Minute), first), Refused: "slot_closed"},
		"without hosts, it is the whole's":  {Given: world(), When: hold(other, slot), Then: facts{held(other, uuid.Nil, slot)}, Again: estest.NothingToDo()},
		"then it is held from all":          {Given: world(held(other, uuid.Nil, slot)), When: book(upload, slot, first, second), Refused: "slot_taken"},

		"it stands in a calendar":             {Given: world(booked(other, hookID, slot)), When: commands.PlaceMeeting{MeetingID: other, Link: sealed}, Then: facts{placed}, Again: estest.NothingToDo()},
		"its guest isn't kept waiting":        {Given: world(booked(other, hookID, slot)), When: commands.PlaceMeeting{MeetingID: other, Late: true}, Then: facts{late}, Again: estest.NothingToDo()},
		"it may stand there later":            {Given: world(booked(other, hookID, slot), late), When: commands.PlaceMeeting{MeetingID: other, Link: sealed}, Then: facts{placed}, Again: estest.NothingToDo()},
		"and isn't late after that":           {Given: world(booked(other, hookID, slot), placed), When: commands.PlaceMeeting{MeetingID: other, Late: true}, Noop: true},
		"what is off stands nowhere":          {Given: world(booked(other, hookID, slot), events.MeetingCancelled{MeetingRef: ofAnn(other)}), When: commands.PlaceMeeting{MeetingID: other}, Noop: true},
		"nor what has no host":                {Given: world(booked(other, uuid.Nil, slot)), When: commands.PlaceMeeting{MeetingID: other}, Noop: true},
		"it is moved there":                   {Given: world(booked(other, hookID, slot)), When: change(false, slot.Add(time.Hour)), Then: facts{moved}, Again: estest.NothingToDo()},
		"it is moved there onto another one":  {Given: world(booked(other, hookID, slot), booked(upload, hookID, slot.Add(time.Hour))), When: change(false, slot.Add(time.Hour)), Then: facts{moved}, Again: estest.NothingToDo()},
		"it is deleted there":                 {Given: world(booked(other, hookID, slot)), When: change(true, slot), Then: facts{events.MeetingCancelled{MeetingRef: ofAnn(other)}}, Again: estest.NothingToDo()},
		"what is another's isn't changed":     {Given: world(booked(other, askID, slot)), When: change(true, slot), Noop: true},
		"nor what is unknown":                 {Given: world(), When: change(true, slot), Noop: true},
		"nor what is over":                    {Given: world(booked(other, hookID, slot)), At: slot.Add(3 * time.Hour), When: change(true, slot), Noop: true},
		"what is moved there ends":            {Given: world(booked(other, hookID, slot)), When: commands.RecordCalendarChange{ConnectionRef: linkTo(hookID), MeetingID: other, StartsAt: slot, EndsAt: slot}, Refused: "invalid"},
		"an organisation's own isn't changed": {Given: world(booked(other, uuid.Nil, slot)), When: commands.RecordCalendarChange{MeetingID: other, Off: true}, Noop: true},
	})
}
