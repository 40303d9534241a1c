package analytics_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/projections/analytics"
)

// A correction is listed once, with its event, under the day whose figures it changed; one of what nobody had counted is none.
func TestCorrectionsAreTheEventsThatChangedFigures(t *testing.T) {
	t.Parallel()
	g, w := runTables(t, 3, analytics.Engagement(), analytics.Events())
	s := newStory(t, w)
	at := func(h float64) time.Time { return start.Add(time.Duration(h * float64(time.Hour))) }
	s.facts(s.sent(0, at(0)), s.sent(1, at(0)), s.sent(6, at(15.5))) // the last the next day in Tokyo
	s.facts(s.opened(0, 1, events.ClassHuman, at(1)), s.clicked(6, 2, events.ClassHuman, at(20)))
	s.facts(events.MessageReplied{SentMessageRef: s.answered(1), Mail: events.Mail{MailID: name("m1"), ReceivedAt: at(2)}, From: events.FromLead, Meaning: events.MeansOther})
	s.facts(events.MessageReplied{SentMessageRef: s.answered(1), Mail: events.Mail{MailID: name("m2"), ReceivedAt: at(3)}, From: events.FromLead, Meaning: events.MeansOther})
	reclassified := func(mail, meaning string) events.ReplyReclassified {
		return events.ReplyReclassified{SentMessageRef: s.answered(1), MailID: name(mail), From: events.FromLead, ReceivedAt: at(2), Meaning: meaning}
	}
	s.facts(s.corrected(0, 1, events.ClassScanner))
	s.facts(s.corrected(0, 1, events.ClassHuman)) // and back
	s.facts(reclassified("m1", events.MeansInterested))
	s.facts(s.corrected(6, 2, events.ClassScanner))
	s.facts(s.corrected(1, 99, events.ClassScanner))   // of a fetch that nobody knows
	s.facts(s.opened(9, 5, events.ClassHuman, at(1)))  // before anything is known of its message
	s.facts(s.corrected(9, 5, events.ClassScanner))    // so this is what counts from the beginning
	s.facts(s.sent(9, at(2)))                          // then something is
	s.facts(s.corrected(9, 5, events.ClassProxy))      // and this changes a figure
	s.facts(reclassified("m3", events.MeansAutomatic)) // an answer only since somebody said so
	g.waitFor(t, w, "analytics_engagement")
	g.waitFor(t, w, "analytics_events")

	all := []string{"msg 1 message.reply_reclassified.v1 2026-03-02", "msg 9 message.hit_reclassified.v1 2026-03-02", "msg 6 message.hit_reclassified.v1 2026-03-03", "msg 1 message.reply_reclassified.v1 2026-03-02", "msg 0 message.hit_reclassified.v1 2026-03-02", "msg 0 message.hit_reclassified.v1 2026-03-02"}
	for _, c := range []struct {
		name      string
		org       uuid.UUID
		from, to  string
		campaigns []uuid.UUID
		want      []string
	}{
		{"all", s.org, "2026-03-01", "2026-03-09", nil, all},
		{"of the campaign", s.org, "2026-03-01", "2026-03-09", []uuid.UUID{s.campaign}, all},
		{"of a day", s.org, "2026-03-03", "2026-03-03", nil, all[2:3]},
		{"of another campaign", s.org, "2026-03-01", "2026-03-09", []uuid.UUID{uuid.New()}, nil},
		{"of no campaign", s.org, "2026-03-01", "2026-03-09", []uuid.UUID{}, nil},
		{"of another organisation", uuid.New(), "2026-03-01", "2026-03-09", nil, nil},
	} {
		found, err := analytics.Corrections(t.Context(), g.conn, c.org, c.from, c.to, c.campaigns)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, x := range found {
			n := -1
			for i := range 10 {
				if s.ref(i).MessageID == x.Message && s.ref(i).LeadID == x.Lead {
					n = i
				}
			}
			got = append(got, fmt.Sprintf("msg %d %s %s", n, x.Event.Type, x.Day))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
