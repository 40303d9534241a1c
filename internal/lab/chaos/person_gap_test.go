package chaos

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/internal/es"
)

func TestTwoCampaignsWriteToOnePersonAtOnce(t *testing.T) {
	t.Parallel()
	org, ann, bob := es.NewID(), es.NewID(), es.NewID()
	spring, autumn := es.NewID(), es.NewID()
	at := time.Date(2026, 3, 31, 9, 0, 0, 0, time.UTC)
	sent := func(lead, campaign uuid.UUID, at time.Time) *es.Event {
		return &es.Event{Org: org, Type: "message.sent.v1", Data: fmt.Appendf(nil, `{"message_id":%q,"lead_id":%q,"campaign_id":%q,"accepted_at":%q}`, es.NewID(), lead, campaign, at.Format(time.RFC3339Nano))}
	}
	set := func(minutes int) *es.Event {
		return &es.Event{Org: org, Type: "organization.person_gap_set.v1", Data: fmt.Appendf(nil, `{"minutes":%d}`, minutes)}
	}
	day := 24 * time.Hour
	for name, c := range map[string]struct {
		log   []*es.Event
		wrong int
	}{
		"within the day":                     {[]*es.Event{sent(ann, spring, at), sent(ann, autumn, at.Add(day-time.Second))}, 1},
		"a day later":                        {[]*es.Event{sent(ann, spring, at), sent(ann, autumn, at.Add(day))}, 0},
		"one campaign's own steps":           {[]*es.Event{sent(ann, spring, at), sent(ann, spring, at.Add(time.Second))}, 0},
		"to two people":                      {[]*es.Event{sent(ann, spring, at), sent(bob, autumn, at)}, 0},
		"results in another order":           {[]*es.Event{sent(ann, spring, at.Add(time.Minute)), sent(ann, autumn, at)}, 1},
		"a follow-up too soon":               {[]*es.Event{sent(ann, spring, at), sent(ann, autumn, at.Add(day)), sent(ann, spring, at.Add(day+time.Hour))}, 1},
		"a gap of the organisation's":        {[]*es.Event{set(60), sent(ann, spring, at), sent(ann, autumn, at.Add(time.Hour))}, 0},
		"isn't kept either":                  {[]*es.Event{set(60), sent(ann, spring, at), sent(ann, autumn, at.Add(time.Hour-time.Second))}, 1},
		"where there is none nothing breaks": {[]*es.Event{set(0), sent(ann, spring, at), sent(ann, autumn, at)}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x, res := &logContent{commands: map[uuid.UUID]decision{}, people: newPersonGaps()}, &Result{}
			for _, e := range c.log {
				x.seeFact(&history{}, e, res)
			}
			if res.PersonGap != c.wrong {
				t.Errorf("%d are wrong, not %d: %v", res.PersonGap, c.wrong, res.Examples)
			}
		})
	}
}
