package readside

import (
	"testing"
	"time"

	"outrider/internal/es"
	"outrider/projections"
)

// What answers is decided by what was really sent, from the mailbox that the answer leaves from.
func TestAFollowUpAnswersWhatWasSentFromItsMailbox(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	jane, joe, first, campaign := es.NewID(), es.NewID(), es.NewID(), es.NewID()
	for name, x := range map[string]struct {
		step    int
		before  *projections.Message
		answers bool
		subject string
	}{
		"sent from here":          {2, &projections.Message{MessageID: first, MailboxID: jane, SentAt: &at}, true, "Re: A question"},
		"sent from another":       {2, &projections.Message{MessageID: first, MailboxID: joe, SentAt: &at}, false, "A question"},
		"never sent":              {2, &projections.Message{MessageID: first, MailboxID: jane}, false, "A question"},
		"gone":                    {2, nil, false, "A question"},
		"the first of a sequence": {1, nil, false, "Re: A question"}, // its writer's words
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &projections.Message{MessageID: es.NewID(), MailboxID: jane, CampaignID: campaign, Step: x.step}
			subject, body, address := "Re: A question", "Hello", "bob@example.com"
			s := &messageContext{org: &projections.Organization{}, messages: projections.Set[projections.Message]{m.MessageID: m}, texts: projections.Set[projections.MessageText]{m.MessageID: {Subject: &subject, Body: &body}},
				campaigns: projections.Set[projections.Campaign]{campaign: {}}}
			if x.step > 1 {
				m.PreviousID = &first
			}
			if x.before != nil {
				s.messages[first] = x.before
			}
			got, err := outgoingMessageOf(s, m, &projections.Lead{LeadProfile: projections.LeadProfile{Email: &address}})
			if err != nil {
				t.Fatal(err)
			}
			if got.Subject != x.subject || (len(got.Previous) == 1) != x.answers || x.answers && got.Previous[0] != first {
				t.Errorf("subject %q, answers %v", got.Subject, got.Previous)
			}
		})
	}
}
