package aggregates

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
)

// AI is what decisions need to know of language models: who is asked, whether anybody may be, and what it has cost.
type AI struct {
	Settings events.AISettings // of the platform until somebody chooses
	Search   events.AISearchSettings
	Version  int    // +1 with every ai.* event
	Stopped  string // why nobody is asked; "" = they are

	open      map[uuid.UUID]*AICall
	byExpiry  []*AICall // open calls and some that aren't any more, by when they count as lost
	now, then aiPeriod  // the newest billing period in which anybody was asked, and the one before
}

// AICall is a call that was reserved and isn't settled.
type AICall struct {
	events.AICallReserved
	settled bool
}

// aiPeriod is what calls of a billing period cost, by whose they are, and which are settled.
type aiPeriod struct {
	from     time.Time
	spent    map[string]int64 // by provider
	reserved map[string]int64
	settled  map[uuid.UUID]struct{}
}

func (p *aiPeriod) add(spent bool, provider string, micros int64) {
	if spent {
		putInMap(&p.spent, provider, p.spent[provider]+micros)
	} else {
		putInMap(&p.reserved, provider, p.reserved[provider]+micros)
	}
}

// Provider returns whose endpoint is asked.
func (a *AI) Provider() string {
	if a.Settings.Provider == "" {
		return events.AIProviderPlatform
	}
	return a.Settings.Provider
}

// ProviderOf returns whose endpoint is asked for a task.
func (a *AI) ProviderOf(task string) string {
	if task == events.AITaskSearch && a.Search.Provider != "" {
		return a.Search.Provider
	}
	if task == events.AITaskSearch {
		return events.AIProviderPlatform
	}
	return a.Provider()
}

// Open returns a call that is reserved and not settled, or nil.
func (a *AI) Open(call uuid.UUID) *AICall { return a.open[call] }

// Settled reports whether a call is over. Calls are known for two billing periods.
func (a *AI) Settled(call uuid.UUID) bool {
	_, now := a.now.settled[call]
	_, then := a.then.settled[call]
	return now || then
}

// SpentMicros returns what calls of the billing period that began at from have cost.
func (a *AI) SpentMicros(from time.Time, provider string) int64 {
	if p := a.period(from); p != nil {
		return p.spent[provider]
	}
	return 0
}

// TakenMicros returns what they have cost, with what is reserved for those that go on.
func (a *AI) TakenMicros(from time.Time, provider string) int64 {
	if p := a.period(from); p != nil {
		return p.spent[provider] + p.reserved[provider]
	}
	return 0
}

func (a *AI) period(from time.Time) *aiPeriod {
	switch {
	case from.Equal(a.now.from):
		return &a.now
	case from.Equal(a.then.from):
		return &a.then
	}
	return nil
}

// Lost returns the calls of which nobody said in time what came of them, the oldest first.
func (a *AI) Lost(now time.Time) (out []*AICall) {
	for _, c := range a.byExpiry {
		if now.Before(c.ExpiresAt) {
			break
		}
		if !c.settled {
			out = append(out, c)
		}
	}
	return out
}

// due returns when the next call counts as lost; zero = none does.
func (a *AI) due() time.Time {
	for _, c := range a.byExpiry {
		if !c.settled {
			return c.ExpiresAt
		}
	}
	return time.Time{}
}

func (a *AI) applyEvent(event events.AIEvent) {
	switch e := event.(type) {
	case events.AISettingsChanged:
		a.Version++
		a.Settings = e.AISettings
	case events.AISearchSet:
		a.Version++
		a.Search = e.AISearchSettings
	case events.AIStopped:
		a.Version++
		a.Stopped = e.Reason
	case events.AIResumed:
		a.Version++
		a.Stopped = ""
	case events.AICallReserved:
		a.reserve(e)
	case events.AICallSettled:
		a.settle(e)
	case events.AIFellBack, events.CampaignWritingSet: // changes nothing here
	}
}

// countAICall counts a call with the lead and the campaign that it is for, for as long as they are there. It comes before the call itself is put away.
func (o *Organization) countAICall(event es.Payload) {
	switch e := event.(type) {
	case events.AICallReserved:
		o.addAITaken(e.AICallRef, e.AtMostMicros)
	case events.AICallSettled:
		if c := o.AI.Open(e.CallID); c != nil {
			o.addAITaken(c.AICallRef, e.CostMicros-c.AtMostMicros)
		}
	}
}

func (o *Organization) addAITaken(of events.AICallRef, micros int64) {
	if lead := o.Leads.Get(of.LeadID); lead != nil {
		lead.aiTaken = max(lead.aiTaken+micros, 0) // who came back counts from 0, and a call from before may end
	}
	if c := o.Campaigns[of.CampaignID]; c != nil {
		c.aiTaken += micros
	}
}

// AITakenMicros returns what language models have cost for it, with what is reserved for calls that go on.
func (l *Lead) AITakenMicros() int64 { return l.aiTaken }

// AITakenMicros returns what language models have cost for it, with what is reserved for calls that go on.
func (c *Campaign) AITakenMicros() int64 { return c.aiTaken }

func (a *AI) reserve(e events.AICallReserved) {
	if e.PeriodFrom.After(a.now.from) {
		a.then, a.now = a.now, aiPeriod{from: e.PeriodFrom}
	}
	c := &AICall{AICallReserved: e}
	putInMap(&a.open, e.CallID, c)
	at, _ := slices.BinarySearchFunc(a.byExpiry, e.ExpiresAt, func(c *AICall, t time.Time) int {
		if c.ExpiresAt.After(t) {
			return 1
		}
		return -1
	})
	a.byExpiry = slices.Insert(a.byExpiry, at, c)
	if p := a.period(e.PeriodFrom); p != nil {
		p.add(false, e.Provider, e.AtMostMicros)
	}
}

func (a *AI) settle(e events.AICallSettled) {
	c := a.open[e.CallID]
	if c == nil {
		return
	}
	delete(a.open, e.CallID)
	c.settled = true
	for len(a.byExpiry) > 0 && a.byExpiry[0].settled {
		a.byExpiry = a.byExpiry[1:]
	}
	if p := a.period(c.PeriodFrom); p != nil {
		p.add(false, c.Provider, -c.AtMostMicros)
		p.add(true, c.Provider, e.CostMicros)
		putInMap(&p.settled, e.CallID, struct{}{})
	}
}
