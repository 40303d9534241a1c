package aggregates_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// Whatever comes late, and whatever answers are called, one time or many: as many of a mailbox are listed as its health counts.
func TestAsManyAnswersAreListedAsHealthCounts(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	for history := range 300 {
		box := uuid.New()
		var o aggregates.Organization
		o.Apply(events.OrganizationCreated{OrganizationRef: events.OrganizationRef{OrganizationID: uuid.New()}, BillingAnchor: time.Unix(0, 0).UTC()})
		o.Apply(events.MailboxAdded{MailboxRef: events.MailboxRef{MailboxID: box}})
		about := events.SentMessageRef{MailboxID: box}
		now := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
		var told []events.Event
		say := func(e events.EngagementEvent) {
			o.Apply(e)
			told = append(told, e)
		}
		received := map[uuid.UUID]time.Time{}
		for range random.IntN(60) {
			now = now.Add(time.Duration(random.IntN(12)) * time.Hour)
			at := now.Add(-time.Duration(random.IntN(10*24)) * time.Hour) // some are heard of days later
			mail := uuid.New()
			switch random.IntN(5) {
			case 0, 1:
				received[mail] = at
				say(events.MessageReplied{SentMessageRef: about, Mail: events.Mail{MailID: mail, ReceivedAt: at}, From: events.FromLead, Meaning: events.MeansInterested})
			case 2:
				received[mail] = at
				say(events.MessageAutoReplied{SentMessageRef: about, Mail: events.Mail{MailID: mail, ReceivedAt: at}})
			default:
				for mail, at := range received {
					say(events.ReplyReclassified{SentMessageRef: about, MailID: mail, From: events.FromLead, ReceivedAt: at,
						Meaning: []string{events.MeansInterested, events.MeansAutomatic, events.MeansOutOfOffice, events.MeansNotNow}[random.IntN(4)]})
					break
				}
			}
		}
		corrected := aggregates.CorrectedAnswers{}
		for i, e := range told {
			corrected.Add(e, int64(i+1))
		}
		listed := 0
		for i, e := range told {
			if part, of, at := aggregates.CountedAs(e); part == aggregates.PartReplies && of == box && !at.Before(aggregates.CountsFrom(now)) && corrected.Tells(e, int64(i+1)) {
				listed++
			}
		}
		if counted := o.Mailboxes.Get(box).Rate.At(now).Replied; counted != listed {
			t.Fatalf("seed %d, history %d of %d events: %d are listed, %d are counted", seed, history, len(told), listed, counted)
		}
	}
}
