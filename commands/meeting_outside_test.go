package commands_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

func outside(id string) commands.RecordOutsideMeeting {
	start := time.Date(2026, 4, 1, 8, 30, 0, 0, time.UTC)
	return commands.RecordOutsideMeeting{SentMessageRef: events.SentMessageRef{MessageID: msgID(ann, 0), LeadID: leadID(ann), CampaignID: campaign}, StartsAt: start, EndsAt: start.Add(30 * time.Minute), Details: sealed,
		BookedElsewhere: events.BookedElsewhere{Service: "calendly", ConnectionID: other, ExternalID: id}}
}

func TestOutsideMeeting(t *testing.T) {
	t.Parallel()
	a, b := aggregates.OutsideMeetingID(other, "A"), aggregates.OutsideMeetingID(other, "B")
	booked := func(c commands.RecordOutsideMeeting) events.MeetingBooked {
		return events.MeetingBooked{SentMessageRef: c.SentMessageRef, MeetingID: aggregates.OutsideMeetingID(other, c.ExternalID), StartsAt: c.StartsAt, EndsAt: c.EndsAt, Details: c.Details, BookedAt: estest.At,
			BookedElsewhere: c.BookedElsewhere}
	}
	but := func(change func(*commands.RecordOutsideMeeting)) commands.RecordOutsideMeeting {
		c := outside("A")
		change(&c)
		return c
	}
	ofA := events.MeetingRef{MeetingID: a, LeadID: leadID(ann)}
	off := but(func(c *commands.RecordOutsideMeeting) { c.Off, c.Reason = true, "ill" })
	movedOn := but(func(c *commands.RecordOutsideMeeting) { c.Off, c.Moved, c.ReplacedBy = true, true, "B" })
	next := outside("B")
	next.Replaces = "A"
	gone := events.MeetingCancelled{MeetingRef: ofA, Reason: "ill"}
	replaced := func(was string) events.MeetingReplaced {
		return events.MeetingReplaced{MeetingRef: ofA, By: b, Was: was}
	}
	hours := events.BookingHoursSet{OrganizationRef: events.OrganizationRef{OrganizationID: org}, BookingHours: events.BookingHours{Windows: []events.Window{{Days: []int{1, 2, 3, 4, 5}, From: "10:00", To: "12:00"}}, SlotMinutes: 30, DaysAhead: 14}}
	byMail := but(func(c *commands.RecordOutsideMeeting) {
		c.SentMessageRef = events.SentMessageRef{LeadID: leadID(ann)}
	})
	kit().Run(t, map[string]estest.Case{
		"a booking elsewhere stops the sequence": {Given: slotted(), When: outside("A"), Then: facts{booked(outside("A")), cancelled(ann, "meeting_booked"), stoppedAs(ann, "meeting_booked", 0, msgID(ann, 0))}, Again: estest.NothingToDo()},
		"one that is put down to a lead only":    {Given: given(leadCreated(ann)), When: byMail, Then: facts{booked(byMail)}, Again: estest.NothingToDo()},
		"one that is off is told first":          {Given: given(leadCreated(ann)), When: off, Then: facts{booked(off), gone}, Again: estest.NothingToDo()},
		"and then that it was booked":            {Given: given(leadCreated(ann), booked(off), gone), When: outside("A"), Noop: true},
		"one is off":                             {Given: given(leadCreated(ann), booked(off)), When: off, Then: facts{gone}, Again: estest.NothingToDo()},
		"one is moved":                           {Given: given(leadCreated(ann), booked(outside("A"))), When: movedOn, Then: facts{replaced("booked")}, Again: estest.NothingToDo()},
		"what it was moved to is told":           {Given: given(leadCreated(ann), booked(outside("A"))), When: next, Then: facts{booked(next), replaced("booked")}, Again: estest.NothingToDo()},
		"that is told before":                    {Given: given(leadCreated(ann)), When: next, Then: facts{booked(next), replaced("unknown")}, Again: estest.NothingToDo()},
		"and then what was moved":                {Given: given(leadCreated(ann), booked(next), replaced("unknown")), When: outside("A"), Then: facts{booked(outside("A")), replaced("booked")}, Again: estest.NothingToDo()},
		"one that was off is moved":              {Given: given(leadCreated(ann), booked(outside("A")), gone), When: next, Then: facts{booked(next), replaced("cancelled")}, Again: estest.NothingToDo()},
		"a lead is needed":                       {Given: given(), When: outside("A"), Refused: "not_found"},
		"a service is known":                     {Given: given(leadCreated(ann)), When: but(func(c *commands.RecordOutsideMeeting) { c.Service = "moon" }), Refused: "invalid"},
		"a booking has an id":                    {Given: given(leadCreated(ann)), When: but(func(c *commands.RecordOutsideMeeting) { c.ExternalID = "" }), Refused: "invalid"},
		"it is of a connection":                  {Given: given(leadCreated(ann)), When: but(func(c *commands.RecordOutsideMeeting) { c.ConnectionID = uuid.Nil }), Refused: "invalid"},
		"it ends after it begins":                {Given: given(leadCreated(ann)), When: but(func(c *commands.RecordOutsideMeeting) { c.EndsAt = c.StartsAt }), Refused: "invalid"},
		"members don't cancel it":                {Given: given(leadCreated(ann), booked(outside("A"))), When: commands.CancelMeeting{MeetingID: a}, Refused: "wrong_status"},
		"nor move it":                            {Given: given(leadCreated(ann), booked(outside("A"))), When: commands.RescheduleMeeting{MeetingID: a, StartsAt: outside("A").StartsAt.AddDate(0, 0, 1)}, Refused: "wrong_status"},
		"its time is taken":                      {Given: given(leadCreated(ann), hours, booked(outside("A"))), When: commands.BookMeeting{SentMessageRef: about(ann), MeetingID: upload, StartsAt: outside("A").StartsAt}, Refused: "slot_taken"},
	})
}

func TestCampaignBooking(t *testing.T) {
	t.Parallel()
	page := events.CampaignBooking{Service: "calendly", Page: "https://calendly.com/acme/30min"}
	set := func(b events.CampaignBooking) commands.SetCampaignBooking {
		return commands.SetCampaignBooking{CampaignID: campaign, CampaignBooking: b}
	}
	is := events.CampaignBookingSet{CampaignRef: events.CampaignRef{CampaignID: campaign}, CampaignBooking: page}
	none := events.CampaignBookingSet{CampaignRef: is.CampaignRef}
	connected := events.ConnectionMade{ConnectionRef: events.ConnectionRef{ConnectionID: other}, Provider: "calendly", Account: sealed, AccountHash: h("account")}
	kit().Run(t, map[string]estest.Case{
		"people book at Calendly":              {Given: given(campaignCreated(), connected), When: set(page), Then: facts{is}, Again: estest.NothingToDo()},
		"and on the own page again":            {Given: given(campaignCreated(), connected, is), When: set(events.CampaignBooking{}), Then: facts{none}, Again: estest.NothingToDo()},
		"also once Calendly isn't connected":   {Given: given(campaignCreated(), connected, is, events.ConnectionRemoved{ConnectionRef: connected.ConnectionRef}), When: set(events.CampaignBooking{}), Then: facts{none}, Again: estest.NothingToDo()},
		"the own page is what it was":          {Given: given(campaignCreated()), When: set(events.CampaignBooking{}), Noop: true},
		"nobody books where nobody would hear": {Given: given(campaignCreated()), When: set(page), Refused: "invalid"},
		"a service has a page":                 {Given: given(campaignCreated(), connected), When: set(events.CampaignBooking{Service: "calendly"}), Refused: "invalid"},
		"an unknown campaign has none":         {Given: given(connected), When: set(page), Refused: "not_found"},
		"what is over stays":                   {Given: given(campaignCreated(), connected, events.CampaignCompleted{CampaignRef: is.CampaignRef, Reason: "manual"}), When: set(page), Refused: "wrong_status"},
	})
}

// told is a thing that a service posts, once or more.
type told struct {
	name string
	c    commands.RecordOutsideMeeting
}

// Whatever the order in which a service tells of a booking that is moved twice, and however often: the meetings and the sequence end the same.
func TestWhatIsToldOfABookingInAnyOrderEndsTheSame(t *testing.T) {
	t.Parallel()
	after := func(id string, minutes int, change func(*commands.RecordOutsideMeeting)) commands.RecordOutsideMeeting {
		c := outside(id)
		c.StartsAt, c.EndsAt = c.StartsAt.Add(time.Duration(minutes)*time.Minute), c.EndsAt.Add(time.Duration(minutes)*time.Minute)
		change(&c)
		return c
	}
	moved := func(replaces, by string) func(*commands.RecordOutsideMeeting) {
		return func(c *commands.RecordOutsideMeeting) {
			c.Replaces, c.ReplacedBy, c.Off, c.Moved = replaces, by, by != "", by != ""
		}
	}
	off := func(c *commands.RecordOutsideMeeting) { c.Off = true }
	for name, x := range map[string]struct {
		told []told
		want string
	}{
		"Calendly, moved twice": {[]told{
			{"A", after("A", 0, moved("", ""))}, {"A off", after("A", 0, moved("", "B"))}, {"B", after("B", 30, moved("A", ""))}, {"B off", after("B", 30, moved("A", "C"))}, {"C", after("C", 60, moved("B", ""))},
		}, "A moved B moved C booked"},
		"Calendly, moved and called off": {[]told{
			{"A", after("A", 0, moved("", ""))}, {"A off", after("A", 0, moved("", "B"))}, {"B", after("B", 30, moved("A", ""))}, {"B off", after("B", 30, func(c *commands.RecordOutsideMeeting) { c.Off, c.Replaces = true, "A" })},
		}, "A moved B cancelled"},
		"Cal.com, moved and called off, without the old id in the end": {[]told{
			{"A", after("A", 0, moved("", ""))}, {"B", after("B", 30, moved("A", ""))}, {"B off", after("B", 30, off)},
		}, "A moved B cancelled"},
		"Cal.com, asked to choose another time": {[]told{
			{"A", after("A", 0, moved("", ""))}, {"A off", after("A", 0, off)}, {"B", after("B", 30, moved("A", ""))},
		}, "A moved B booked"},
	} {
		orders := 0
		permutations(append(x.told, x.told[0], x.told[len(x.told)-1]), func(order []told) { // the first and the last one twice
			orders++
			if got := outcomeOf(t, order); got != x.want {
				names := make([]string, len(order))
				for i, o := range order {
					names[i] = o.name
				}
				t.Errorf("%s, told as %q: %s, want %s", name, names, got, x.want)
			}
		})
		t.Logf("%s: %d orders", name, orders)
	}
}

// outcomeOf plays an order, and says what the events come to.
func outcomeOf(t *testing.T, order []told) string {
	t.Helper()
	o := aggregates.NewOrganization(org)
	for _, e := range slotted() {
		o.Apply(e)
	}
	is, count, stopped := map[uuid.UUID]string{}, 0, 0
	for _, x := range order {
		out, err := x.c.Decide(estest.At, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range out {
			switch p := e.(type) {
			case events.MeetingBooked:
				is[p.MeetingID], count = "booked", count+1
			case events.MeetingCancelled:
				is[p.MeetingID], count = "cancelled", count-1
			case events.MeetingReplaced:
				if p.Was != events.ReplacedUnknown {
					is[p.MeetingID] = "moved"
				}
				if p.Was == events.ReplacedBooked {
					count--
				}
			case events.EnrollmentStopped:
				stopped++
			}
			o.Apply(e)
		}
		if stopped != 1 {
			t.Fatalf("after the first that is told the sequence was stopped %d times", stopped)
		}
	}
	said, standing := "", 0
	for _, id := range []string{"A", "B", "C"} {
		if state := is[aggregates.OutsideMeetingID(other, id)]; state != "" {
			said += fmt.Sprintf(" %s %s", id, state)
			if state == "booked" {
				standing++
			}
		}
	}
	if count != standing {
		return fmt.Sprintf("%s, though %d are counted", said[1:], count)
	}
	return said[1:]
}

// permutations calls use with each order of a list.
func permutations[T any](list []T, use func([]T)) {
	list = slices.Clone(list)
	var step func(int)
	step = func(n int) {
		if n == len(list) {
			use(list)
			return
		}
		for i := n; i < len(list); i++ {
			list[n], list[i] = list[i], list[n]
			step(n + 1)
			list[n], list[i] = list[i], list[n]
		}
	}
	step(0)
}
