package chaos

import (
	"time"

	"github.com/google/uuid"

	"outrider/internal/es"
)

// personGaps holds what left against the rule that campaigns of an organisation don't write to one person at once. It reads the
// log's JSON and knows nothing of the code that decides.
type personGaps struct {
	gap  map[uuid.UUID]time.Duration               // by organisation; else a day
	sent map[uuid.UUID]map[uuid.UUID]sentToSomeone // by lead and campaign: the newest
}

type sentToSomeone struct {
	message uuid.UUID
	at      time.Time
}

func newPersonGaps() personGaps {
	return personGaps{map[uuid.UUID]time.Duration{}, map[uuid.UUID]map[uuid.UUID]sentToSomeone{}}
}

func (g personGaps) gapOf(org uuid.UUID) time.Duration {
	if gap, ok := g.gap[org]; ok {
		return gap
	}
	return 24 * time.Hour
}

// seeGap takes the gap that an organisation sets.
func (g personGaps) seeGap(e *es.Event) {
	var set struct {
		Minutes int `json:"minutes"`
	}
	if es.Unmarshal(e.Data, &set) == nil {
		g.gap[e.Org] = time.Duration(set.Minutes) * time.Minute
	}
}

// seeSent takes a message that left.
func (g personGaps) seeSent(e *es.Event, res *Result) {
	var m struct {
		MessageID  uuid.UUID `json:"message_id"`
		LeadID     uuid.UUID `json:"lead_id"`
		CampaignID uuid.UUID `json:"campaign_id"`
		AcceptedAt time.Time `json:"accepted_at"`
	}
	if es.Unmarshal(e.Data, &m) != nil {
		return
	}
	of := g.sent[m.LeadID]
	for campaign, other := range of {
		if between := m.AcceptedAt.Sub(other.at).Abs(); campaign != m.CampaignID && between < g.gapOf(e.Org) {
			res.addFinding(&res.PersonGap, "lead %s has message %s of campaign %s %s after %s of campaign %s", m.LeadID, m.MessageID, m.CampaignID, between, other.message, campaign)
		}
	}
	if of == nil {
		of = map[uuid.UUID]sentToSomeone{}
		g.sent[m.LeadID] = of
	}
	of[m.CampaignID] = sentToSomeone{m.MessageID, m.AcceptedAt}
}
