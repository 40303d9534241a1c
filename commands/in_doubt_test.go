package commands_test

import (
	"testing"
	"time"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/estest"
)

// TestADoubtEndsByItself has people show that a message has arrived of which nobody knew: it counts as sent, and is never sent again. Filters look at mail that
// isn't taken yet.
func TestADoubtEndsByItself(t *testing.T) {
	t.Parallel()
	at := estest.At
	hours := events.BookingHoursSet{OrganizationRef: events.OrganizationRef{OrganizationID: org}, BookingHours: events.BookingHours{Windows: []events.Window{{Days: []int{1, 2, 3, 4, 5}, From: "10:00", To: "12:00"}}, SlotMinutes: 30, NoticeMinutes: 60, DaysAhead: 14}}
	doubt := append(away(), inDoubt(ann), hours)
	resolved := func(by string) facts {
		return facts{events.MessageResolved{MessageRef: refOf(ann, 0), Sent: true, By: by}, sentAt(ann, 0, at)}
	}
	hit := func(n string, class string, link *int) commands.Hit {
		return commands.Hit{SentMessageRef: about(ann), HitID: es.DeriveID(other, n), Class: class, Link: link, At: at}
	}
	record := func(h ...commands.Hit) commands.RecordHits { return commands.RecordHits{Hits: h} }
	opened := func(h commands.Hit) events.MessageOpened {
		return events.MessageOpened{SentMessageRef: h.SentMessageRef, HitID: h.HitID, Class: h.Class, At: h.At}
	}
	clicked := func(h commands.Hit) events.MessageClicked {
		return events.MessageClicked{SentMessageRef: h.SentMessageRef, HitID: h.HitID, Class: h.Class, Link: *h.Link, At: h.At}
	}
	person, proxy, filter := hit("a", "human", ptr(0)), hit("b", "proxy", nil), hit("c", "scanner", nil)
	leave := commands.Unsubscribe{SentMessageRef: about(ann), How: events.UnsubscribeOneClick, At: at}
	slot := time.Date(2026, 4, 1, 8, 30, 0, 0, time.UTC)
	book := commands.BookMeeting{SentMessageRef: about(ann), MeetingID: other, StartsAt: slot, Details: sealed}
	kit().Run(t, map[string]estest.Case{
		"a person follows a link":     {Given: doubt, When: record(person), Then: append(resolved("hit"), clicked(person)), Again: estest.OnceMore()},
		"their mail program shows it": {Given: doubt, When: record(proxy, person), Then: append(resolved("hit"), opened(proxy), clicked(person)), Again: estest.OnceMore()},
		"a filter proves nothing":     {Given: doubt, When: record(filter), Then: facts{opened(filter)}, Again: estest.OnceMore()},
		"what was sent was sent":      {Given: running(asked(ann, 0), sentAt(ann, 0, at)), When: record(person), Then: facts{clicked(person)}, Again: estest.OnceMore()},
		"they opt out by it": {Given: doubt, When: leave, Then: append(resolved("unsubscribe"), events.LeadUnsubscribed(leave), suppressedAs(ann, "unsubscribe"),
			stoppedAs(ann, "unsubscribed", 0, msgID(ann, 0))), Again: estest.NothingToDo()},
		"they book by it": {Given: doubt, When: book, Then: append(resolved("booking"), events.MeetingBooked{SentMessageRef: about(ann), MeetingID: other, StartsAt: slot, EndsAt: slot.Add(30 * time.Minute), Details: sealed, BookedAt: at},
			stoppedAs(ann, "meeting_booked", 0, msgID(ann, 0))), Again: estest.NothingToDo()},
	})
}
