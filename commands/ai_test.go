package commands_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/estest"
)

var (
	aiPrice = events.AIPrice{Input: 400_000, Cached: 100_000, Output: 1_600_000}
	aiRef   = events.AIRef{OrganizationID: org}
)

func aiCall(n string) uuid.UUID { return es.DeriveID(org, "call", n) }

func reserveAI(n string, micros int64) commands.ReserveAICall {
	return commands.ReserveAICall{AICallRef: events.AICallRef{CallID: aiCall(n), LeadID: leadID("ann@example.com"), CampaignID: campaign}, Task: events.AITaskWrite, Provider: events.AIProviderPlatform, Model: "gpt-4.1-mini",
		Price: aiPrice, AtMostMicros: micros, Holder: es.DeriveID(aiCall(n), "holder"), PromptHash: "abc", Seed: 7}
}

func aiReserved(n string, micros int64) events.AICallReserved {
	c := reserveAI(n, micros)
	c.OrganizationID = org
	return events.AICallReserved{AICallRef: c.AICallRef, Task: c.Task, Provider: c.Provider, Model: c.Model, Price: c.Price, AtMostMicros: micros, Holder: c.Holder, PromptHash: c.PromptHash, Seed: c.Seed,
		PeriodFrom: anchor, ExpiresAt: anchor.Add(commands.AILease)}
}

func settleAI(n, outcome string) commands.SettleAICall {
	return commands.SettleAICall{CallID: aiCall(n), Holder: es.DeriveID(aiCall(n), "holder"), Outcome: outcome, Model: "gpt-4.1-mini-2025", InputTokens: 1000, CachedTokens: 400, OutputTokens: 200}
}

func aiSettled(n, outcome string, micros int64) events.AICallSettled {
	r := aiReserved(n, 0)
	return events.AICallSettled{AICallRef: r.AICallRef, Task: r.Task, Provider: r.Provider, Model: "gpt-4.1-mini-2025", Outcome: outcome, InputTokens: 1000, CachedTokens: 400, OutputTokens: 200, CostMicros: micros, PromptHash: "abc", Seed: 7, PeriodFrom: anchor}
}

func ownAI(limit int64) events.AISettings {
	return events.AISettings{Provider: events.AIProviderOwn, BaseURL: "https://models.example.com/v1", Models: map[string]events.AIModel{events.AITaskWrite: {Model: "big", Price: aiPrice}}, LimitMicros: limit}
}

func TestAICalls(t *testing.T) {
	t.Parallel()
	const all = 10_000_000 // of the plan
	spent := func(micros int64) []es.Payload {
		return given(aiReserved("a", micros), aiSettled("a", events.AIAnswered, micros))
	}
	change := func(do func(*commands.ReserveAICall)) commands.ReserveAICall {
		c := reserveAI("a", 500)
		do(&c)
		return c
	}
	over := events.QuotaDetail{Limit: "ai_budget_micros", Used: all - 400, Max: all, Requested: 500, Plan: "starter"}
	own := ownAI(700)
	byOwn := reserveAI("a", 800)
	byOwn.Provider, byOwn.Settings = events.AIProviderOwn, 1
	kit().Run(t, map[string]estest.Case{
		"a call is reserved":           {Given: given(), At: anchor, When: reserveAI("a", 500), Then: facts{aiReserved("a", 500)}, Again: estest.RefusedAs("ai_call_open")},
		"the last of the budget is":    {Given: spent(all - 500), At: anchor, When: reserveAI("b", 500), Then: facts{aiReserved("b", 500)}, Again: estest.RefusedAs("ai_call_open")},
		"beyond the budget nothing is": {Given: spent(all - 400), At: anchor, When: reserveAI("b", 500), Then: facts{events.QuotaRefused{OrganizationRef: events.OrganizationRef{OrganizationID: org}, QuotaDetail: over, At: anchor}}, Again: estest.RefusedAs("quota_exceeded")},
		"what is reserved counts":      {Given: given(aiReserved("a", all-400)), At: anchor, When: reserveAI("b", 500), Then: facts{events.QuotaRefused{OrganizationRef: events.OrganizationRef{OrganizationID: org}, QuotaDetail: over, At: anchor}}, Again: estest.RefusedAs("quota_exceeded")},
		"what was too much comes back": {Given: given(aiReserved("a", all), aiSettled("a", events.AIAnswered, 240)), At: anchor, When: reserveAI("b", all-240), Then: facts{aiReserved("b", all-240)}, Again: estest.RefusedAs("ai_call_open")},
		"another period has a budget": {Given: spent(all), At: anchor.AddDate(0, 1, 1), When: reserveAI("b", 500), Then: facts{func() events.AICallReserved {
			r := aiReserved("b", 500)
			r.PeriodFrom, r.ExpiresAt = time.Date(2026, 4, 30, 9, 0, 0, 0, time.UTC), anchor.AddDate(0, 1, 1).Add(commands.AILease)
			return r
		}()}, Again: estest.RefusedAs("ai_call_open")},
		"somebody else's isn't made":       {Given: given(aiReserved("a", 500)), At: anchor, When: change(func(c *commands.ReserveAICall) { c.Holder = other }), Refused: "ai_call_open", Detail: map[string]uuid.UUID{"id": aiCall("a")}},
		"one that is settled isn't made":   {Given: spent(500), At: anchor, When: reserveAI("a", 500), Noop: true},
		"whatever the budget":              {Given: spent(all), At: anchor, When: reserveAI("a", 500), Noop: true},
		"none is while models are stopped": {Given: given(events.AIStopped{AIRef: aiRef, Reason: "odd texts"}), When: change(func(c *commands.ReserveAICall) { c.Settings = 1 }), Refused: "ai_stopped", Detail: map[string]string{"reason": "odd texts"}},
		"nor when the operator has":        {Given: given(switchedFlag(events.FeatureAI, false)), When: reserveAI("a", 500), Refused: "feature_off", Detail: map[string]string{"feature": "ai"}},
		"nor by older settings":            {Given: given(events.AISettingsChanged{AIRef: aiRef, AISettings: own}), When: byPlatform(), Refused: "version_conflict"},
		"one's own limit holds for all":    {Given: given(events.AISettingsChanged{AIRef: aiRef, AISettings: own}), At: anchor, When: byOwn, Then: facts{events.QuotaRefused{OrganizationRef: events.OrganizationRef{OrganizationID: org}, QuotaDetail: events.QuotaDetail{Limit: "ai_limit_micros", Max: 700, Requested: 800, Plan: "starter"}, At: anchor}}, Again: estest.RefusedAs("quota_exceeded")},
		"one's own endpoint costs no budget": {Given: append(spent(all), events.AISettingsChanged{AIRef: aiRef, AISettings: ownAI(0)}), At: anchor, When: func() commands.ReserveAICall {
			c := byOwn
			c.AICallRef = reserveAI("b", 0).AICallRef
			c.Holder = reserveAI("b", 0).Holder
			return c
		}(), Then: facts{func() events.AICallReserved { r := aiReserved("b", 800); r.Provider = events.AIProviderOwn; return r }()}, Again: estest.RefusedAs("ai_call_open")},
		"a call has an id":                     {Given: given(), When: change(func(c *commands.ReserveAICall) { c.CallID = uuid.Nil }), Refused: "invalid"},
		"somebody makes it":                    {Given: given(), When: change(func(c *commands.ReserveAICall) { c.Holder = uuid.Nil }), Refused: "invalid"},
		"it is for something":                  {Given: given(), When: change(func(c *commands.ReserveAICall) { c.Task = "dream" }), Refused: "invalid"},
		"it is asked of somebody":              {Given: given(), When: change(func(c *commands.ReserveAICall) { c.Provider = "nobody" }), Refused: "invalid"},
		"it costs a bounded sum":               {Given: given(), When: change(func(c *commands.ReserveAICall) { c.AtMostMicros = commands.MaxAICallMicros + 1 }), Refused: "invalid"},
		"it costs no less than nothing":        {Given: given(), When: change(func(c *commands.ReserveAICall) { c.AtMostMicros = -1 }), Refused: "invalid"},
		"it has a price":                       {Given: given(), When: change(func(c *commands.ReserveAICall) { c.Price.Output = -1 }), Refused: "invalid"},
		"it asks for something":                {Given: given(), When: change(func(c *commands.ReserveAICall) { c.PromptHash = "" }), Refused: "invalid"},
		"it has a model":                       {Given: given(), When: change(func(c *commands.ReserveAICall) { c.Model = "" }), Refused: "invalid"},
		"a call costs by its price":            {Given: given(aiReserved("a", 5000)), When: settleAI("a", events.AIAnswered), Then: facts{aiSettled("a", events.AIAnswered, 600)}, Again: estest.NothingToDo()},
		"so does an answer that can't be used": {Given: given(aiReserved("a", 5000)), When: settleAI("a", events.AIUnusable), Then: facts{aiSettled("a", events.AIUnusable, 600)}, Again: estest.NothingToDo()},
		"one that failed costs nothing":        {Given: given(aiReserved("a", 5000)), When: settleAI("a", events.AIFailed), Then: facts{aiSettled("a", events.AIFailed, 0)}, Again: estest.NothingToDo()},
		"one without an answer all of it":      {Given: given(aiReserved("a", 5000)), When: settleAI("a", events.AIUnanswered), Then: facts{aiSettled("a", events.AIUnanswered, 5000)}, Again: estest.NothingToDo()},
		"it is settled by who made it":         {Given: given(aiReserved("a", 5000)), When: commands.SettleAICall{CallID: aiCall("a"), Holder: other, Outcome: events.AIAnswered}, Refused: "not_found"},
		"an unknown one isn't":                 {Given: given(), When: settleAI("a", events.AIAnswered), Refused: "not_found"},
		"it has one of four outcomes":          {Given: given(aiReserved("a", 1)), When: settleAI("a", events.AILost), Refused: "invalid"},
		"tokens are bounded":                   {Given: given(aiReserved("a", 1)), When: commands.SettleAICall{CallID: aiCall("a"), Holder: aiReserved("a", 1).Holder, Outcome: events.AIAnswered, InputTokens: -1}, Refused: "invalid"},
		"answers are bounded":                  {Given: given(aiReserved("a", 1)), When: commands.SettleAICall{CallID: aiCall("a"), Holder: aiReserved("a", 1).Holder, Outcome: events.AIAnswered, Answer: events.Sealed{K: 1, C: make([]byte, 128<<10+1)}}, Refused: "invalid"},
		"others go on without one": {Given: given(aiReserved("a", 5000)), When: commands.GiveUpAICall{CallID: aiCall("a")},
			Then: facts{func() events.AICallSettled {
				e := aiSettled("a", events.AILost, 5000)
				e.Model, e.Reason, e.InputTokens, e.CachedTokens, e.OutputTokens = "gpt-4.1-mini", "whoever made it has not said what came of it", 0, 0, 0
				return e
			}()}, Again: estest.NothingToDo()},
		"an answer that comes after that counts no more": {Given: given(aiReserved("a", 5000), aiSettled("a", events.AILost, 5000)), When: settleAI("a", events.AIAnswered), Noop: true},
		"an unknown one isn't given up":                  {Given: given(), When: commands.GiveUpAICall{CallID: aiCall("a")}, Refused: "not_found"},
		"a call that nobody settles is lost": {Given: given(aiReserved("a", 5000)), At: anchor.Add(commands.AILease), When: commands.AdvanceClock{},
			Then: facts{func() events.AICallSettled {
				e := aiSettled("a", events.AILost, 5000)
				e.Model, e.Reason, e.InputTokens, e.CachedTokens, e.OutputTokens = "gpt-4.1-mini", "nobody said what came of it", 0, 0, 0
				return e
			}()}, Again: estest.NothingToDo()},
		"not before":                {Given: given(aiReserved("a", 5000)), At: anchor.Add(commands.AILease - time.Microsecond), When: commands.AdvanceClock{}, Noop: true},
		"one that is settled isn't": {Given: spent(500), At: anchor.Add(commands.AILease), When: commands.AdvanceClock{}, Noop: true},
		"four fifths of the budget are told": {Given: spent(8_000_000), At: anchor, When: commands.AdvanceClock{},
			Then: facts{events.QuotaWarned{OrganizationRef: events.OrganizationRef{OrganizationID: org}, Limit: "ai_budget_micros", Used: 8_000_000, Max: all, Percent: 80, Plan: "starter", From: anchor}}, Again: estest.NothingToDo()},
		"so is all of it": {Given: spent(all), At: anchor, When: commands.AdvanceClock{},
			Then: facts{events.QuotaWarned{OrganizationRef: events.OrganizationRef{OrganizationID: org}, Limit: "ai_budget_micros", Used: all, Max: all, Percent: 100, Plan: "starter", From: anchor}}, Again: estest.NothingToDo()},
	})
}

// TestAILimitsOfLeadsAndCampaigns: what one lead and one campaign may cost is reserved and settled as the organisation's budget is, whatever the period, and goes with the lead.
func TestAILimitsOfLeadsAndCampaigns(t *testing.T) {
	t.Parallel()
	const ann, bert = "ann@example.com", "bert@example.com"
	forLead := func(micros int64) events.AISettingsChanged {
		return events.AISettingsChanged{AIRef: aiRef, AISettings: events.AISettings{Provider: events.AIProviderPlatform, LeadLimitMicros: micros}}
	}
	forCampaign := func(micros int64) events.CampaignWritingSet {
		return events.CampaignWritingSet{AIWritingRef: events.AIWritingRef{OrganizationID: org, CampaignID: campaign}, CampaignWriting: events.CampaignWriting{Refused: events.RefusedWaits, LimitMicros: micros}}
	}
	ask := func(n, lead string, micros int64, version int) commands.ReserveAICall {
		c := reserveAI(n, micros)
		c.LeadID, c.Settings = leadID(lead), version
		return c
	}
	reserved := func(n, lead string, micros int64) events.AICallReserved {
		e := aiReserved(n, micros)
		e.LeadID = leadID(lead)
		return e
	}
	settled := func(n, lead string, micros int64) events.AICallSettled {
		e := aiSettled(n, events.AIAnswered, micros)
		e.LeadID = leadID(lead)
		return e
	}
	refused := func(limit string, used, limitIs, wanted int64) facts {
		return facts{events.QuotaRefused{OrganizationRef: events.OrganizationRef{OrganizationID: org}, QuotaDetail: events.QuotaDetail{Limit: limit, Used: used, Max: limitIs, Requested: wanted, Plan: "starter"}, At: anchor}}
	}
	people := given(campaignCreated(), leadCreated(ann), leadCreated(bert))
	with := func(more ...es.Payload) []es.Payload { return append(people[:len(people):len(people)], more...) }
	again, open := estest.RefusedAs("quota_exceeded"), estest.RefusedAs("ai_call_open")
	erased := events.LeadErased{LeadRef: events.LeadRef{LeadID: leadID(ann)}}
	later := anchor.AddDate(0, 1, 1)
	kit().Run(t, map[string]estest.Case{
		"the last for a lead is reserved":                {Given: with(forLead(700), reserved("a", ann, 200)), At: anchor, When: ask("b", ann, 500, 1), Then: facts{reserved("b", ann, 500)}, Again: open},
		"beyond what one lead may cost nothing is":       {Given: with(forLead(700), reserved("a", ann, 201)), At: anchor, When: ask("b", ann, 500, 1), Then: refused("ai_lead_limit_micros", 201, 700, 500), Again: again},
		"another lead has a limit of their own":          {Given: with(forLead(700), reserved("a", ann, 700)), At: anchor, When: ask("b", bert, 500, 1), Then: facts{reserved("b", bert, 500)}, Again: open},
		"what was too much for a lead comes back":        {Given: with(forLead(700), reserved("a", ann, 700), settled("a", ann, 200)), At: anchor, When: ask("b", ann, 500, 1), Then: facts{reserved("b", ann, 500)}, Again: open},
		"what was spent before there was a limit counts": {Given: with(reserved("a", ann, 700), settled("a", ann, 600), forLead(700)), At: anchor, When: ask("b", ann, 500, 1), Then: refused("ai_lead_limit_micros", 600, 700, 500), Again: again},
		"a lead has no other limit in another period": {Given: with(forLead(700), reserved("a", ann, 700), settled("a", ann, 600)), At: later, When: ask("b", ann, 500, 1),
			Then: facts{func() events.QuotaRefused {
				e := refused("ai_lead_limit_micros", 600, 700, 500)[0].(events.QuotaRefused)
				e.At = later
				return e
			}()}, Again: again},
		"without a limit a lead may cost anything":        {Given: with(forLead(0), reserved("a", ann, 5000)), At: anchor, When: ask("b", ann, 500, 1), Then: facts{reserved("b", ann, 500)}, Again: open},
		"who is erased is counted no more":                {Given: with(forLead(700), reserved("a", ann, 700), erased, leadCreated(ann), settled("a", ann, 100)), At: anchor, When: ask("b", ann, 700, 1), Then: facts{reserved("b", ann, 700)}, Again: open},
		"the last for a campaign is reserved":             {Given: with(forCampaign(700), reserved("a", ann, 200)), At: anchor, When: ask("b", bert, 500, 0), Then: facts{reserved("b", bert, 500)}, Again: open},
		"beyond what a campaign may cost nothing is":      {Given: with(forCampaign(700), reserved("a", ann, 201)), At: anchor, When: ask("b", bert, 500, 0), Then: refused("ai_campaign_limit_micros", 201, 700, 500), Again: again},
		"what was too much for a campaign comes back":     {Given: with(forCampaign(700), reserved("a", ann, 700), settled("a", ann, 200)), At: anchor, When: ask("b", bert, 500, 0), Then: facts{reserved("b", bert, 500)}, Again: open},
		"a campaign's limit holds whatever the lead's is": {Given: with(forLead(1), forCampaign(300)), At: anchor, When: ask("a", ann, 301, 1), Then: refused("ai_campaign_limit_micros", 0, 300, 301), Again: again},
		"an erased lead's calls remain the campaign's":    {Given: with(forCampaign(700), reserved("a", ann, 700), erased), At: anchor, When: ask("b", bert, 500, 0), Then: refused("ai_campaign_limit_micros", 700, 700, 500), Again: again},
		"a limit for one lead is set":                     {Given: given(), When: commands.SetAISettings{AISettings: forLead(700).AISettings}, Then: facts{forLead(700)}, Again: estest.NothingToDo()},
		"it is another than before":                       {Given: given(forLead(600)), When: commands.SetAISettings{AISettings: forLead(700).AISettings}, Then: facts{forLead(700)}, Again: estest.NothingToDo()},
		"it isn't negative":                               {Given: given(), When: commands.SetAISettings{AISettings: forLead(-1).AISettings}, Refused: "invalid"},
		"a campaign's is set":                             {Given: people, When: commands.SetCampaignWriting{CampaignID: campaign, CampaignWriting: forCampaign(700).CampaignWriting}, Then: facts{forCampaign(700)}, Again: estest.NothingToDo()},
		"that isn't negative either":                      {Given: people, When: commands.SetCampaignWriting{CampaignID: campaign, CampaignWriting: forCampaign(-1).CampaignWriting}, Refused: "invalid"},
		"who knows no limit for one lead leaves it":       {Given: given(forLead(700)), When: commands.SetAISettingsV1{AISettingsV1: events.AISettingsV1{Provider: events.AIProviderPlatform, LimitMicros: 5}}, Then: facts{func() events.AISettingsChanged { e := forLead(700); e.LimitMicros = 5; return e }()}, Again: estest.NothingToDo()},
		"who knows none of a campaign leaves that": {Given: with(forCampaign(700)), When: commands.SetCampaignWritingV1{CampaignID: campaign, CampaignWritingV1: events.CampaignWritingV1{Refused: events.RefusedDropped}},
			Then: facts{func() events.CampaignWritingSet {
				e := forCampaign(700)
				e.Refused = events.RefusedDropped
				return e
			}()}, Again: estest.NothingToDo()},
	})
}

func byPlatform() commands.ReserveAICall { return reserveAI("a", 500) }

func TestAISettings(t *testing.T) {
	t.Parallel()
	set := func(s events.AISettings) commands.SetAISettings { return commands.SetAISettings{AISettings: s} }
	changed := func(s events.AISettings) events.AISettingsChanged {
		return events.AISettingsChanged{AIRef: aiRef, AISettings: s}
	}
	platform := events.AISettings{Provider: events.AIProviderPlatform, LimitMicros: 5}
	with := func(do func(*events.AISettings)) commands.SetAISettings {
		s := ownAI(0)
		do(&s)
		return set(s)
	}
	stopped := events.AIStopped{AIRef: aiRef, Reason: "odd texts"}
	fallback := commands.RecordAIFallback{AICallRef: events.AICallRef{LeadID: leadID("ann@example.com")}, Task: events.AITaskWrite, To: events.AIFallbackTemplate, Reason: "budget"}
	fell := events.AIFellBack{AICallRef: events.AICallRef{OrganizationID: org, LeadID: leadID("ann@example.com")}, Task: events.AITaskWrite, To: events.AIFallbackTemplate, Reason: "budget"}
	kit().Run(t, map[string]estest.Case{
		"an endpoint of one's own":     {Given: given(), When: set(ownAI(9)), Then: facts{changed(ownAI(9))}, Again: estest.NothingToDo()},
		"the platform's again":         {Given: given(changed(ownAI(9))), When: set(platform), Then: facts{changed(platform)}, Again: estest.NothingToDo()},
		"of a version":                 {Given: given(changed(ownAI(9))), When: commands.SetAISettings{AISettings: platform, IfVersion: ptr(0)}, Refused: "version_conflict"},
		"somebody is asked":            {Given: given(), When: set(events.AISettings{}), Refused: "invalid"},
		"the platform has its own URL": {Given: given(), When: set(events.AISettings{Provider: events.AIProviderPlatform, BaseURL: "https://a.example"}), Refused: "invalid"},
		"one's own needs a URL":        {Given: given(), When: with(func(s *events.AISettings) { s.BaseURL = "models.example.com" }), Refused: "invalid"},
		"one's own needs a model":      {Given: given(), When: with(func(s *events.AISettings) { s.Models = nil }), Refused: "invalid"},
		"a model is for a task":        {Given: given(), When: with(func(s *events.AISettings) { s.Models = map[string]events.AIModel{"dream": {Model: "x"}} }), Refused: "invalid"},
		"a model has a name":           {Given: given(), When: with(func(s *events.AISettings) { s.Models = map[string]events.AIModel{events.AITaskWrite: {}} }), Refused: "invalid"},
		"a price is bounded": {Given: given(), When: with(func(s *events.AISettings) {
			s.Models = map[string]events.AIModel{events.AITaskWrite: {Model: "x", Price: events.AIPrice{Input: 1_000_000_001}}}
		}), Refused: "invalid"},
		"a limit isn't negative":       {Given: given(), When: with(func(s *events.AISettings) { s.LimitMicros = -1 }), Refused: "invalid"},
		"models are stopped":           {Given: given(), When: commands.StopAI{Reason: "odd texts"}, Then: facts{stopped}, Again: estest.NothingToDo()},
		"for a reason":                 {Given: given(), When: commands.StopAI{}, Refused: "invalid"},
		"and go on":                    {Given: given(stopped), When: commands.ResumeAI{}, Then: facts{events.AIResumed{AIRef: aiRef}}, Again: estest.NothingToDo()},
		"those that do aren't resumed": {Given: given(), When: commands.ResumeAI{}, Noop: true},
		"a fallback is recorded":       {Given: given(), When: fallback, Then: facts{fell}, Again: estest.OnceMore()},
		"to something":                 {Given: given(), When: func() commands.RecordAIFallback { c := fallback; c.To = "luck"; return c }(), Refused: "invalid"},
		"of a task":                    {Given: given(), When: func() commands.RecordAIFallback { c := fallback; c.Task = "luck"; return c }(), Refused: "invalid"},
		"a fallback has a reason":      {Given: given(), When: func() commands.RecordAIFallback { c := fallback; c.Reason = ""; return c }(), Refused: "invalid"},
		"its detail isn't endless":     {Given: given(), When: func() commands.RecordAIFallback { c := fallback; c.Detail = strings.Repeat("x", 501); return c }(), Refused: "invalid"},
	})
}

// TestTheLastOfTheBudget races calls for what is left of it, the plan's and by turns what one lead may cost, some asked twice, and settled by chance: what is spent and reserved is never more than the budget, each call is made by one only, and what
// the log says adds up.
func TestTheLastOfTheBudget(t *testing.T) {
	t.Parallel()
	p := newPartition(t)
	const budget, each = 10_000, 900
	for round := range rounds() / 5 {
		r := rand.New(rand.NewPCG(3, uint64(round)))
		tenant := es.DeriveID(org, "models", time.Duration(round).String())
		p.first, p.log, p.shown = p.first+int64(len(p.log)), nil, 0
		limits, lead, version := events.Limits{LeadsPerMonth: 1, AIBudgetMicros: budget}, createLead("ann@example.com", nil), 0
		byLead := round%2 == 1
		if byLead {
			limits.AIBudgetMicros, limits.LeadsStored, version = events.NoLimit, events.NoLimit, 1
		}
		p.open(tenant, limits)
		if byLead {
			p.send(tenant, es.DeriveID(tenant, "lead"), lead)
			p.send(tenant, es.DeriveID(tenant, "settings"), commands.SetAISettings{AISettings: events.AISettings{Provider: events.AIProviderPlatform, LeadLimitMicros: budget}})
			p.show(len(p.log))
		}
		clear(p.outcomes)
		holders := map[uuid.UUID]commands.ReserveAICall{}
		for range 60 {
			c := reserveAI(time.Duration(r.IntN(25)).String(), each)
			c.Settings = version
			c.Holder = es.DeriveID(tenant, "holder", time.Duration(len(holders)).String())
			holders[c.Holder] = c
			p.send(tenant, c.Holder, c)
			p.show(r.IntN(3))
			for holder, h := range holders {
				if a := p.outcomes[holder]; len(a) > 0 && a[0].Outcome == es.Accepted && r.IntN(4) == 0 {
					p.send(tenant, es.DeriveID(holder, "settle"), commands.SettleAICall{CallID: h.CallID, Holder: holder, Outcome: events.AIUnanswered})
				}
			}
		}
		p.show(len(p.log))
		reserved, settled := map[uuid.UUID]int{}, map[uuid.UUID]int{}
		var taken int64
		for _, record := range p.log {
			e, err := es.ParseLog(record)
			if err != nil {
				t.Fatal(err)
			}
			if e.Fence || e.Event.Org != tenant {
				continue
			}
			event, err := events.Decode(e.Event.Type, e.Event.Data)
			if err != nil {
				continue // of the kernel
			}
			switch x := event.(type) {
			case events.AICallReserved:
				reserved[x.CallID]++
				taken += x.AtMostMicros
			case events.AICallSettled:
				settled[x.CallID]++
			}
			if taken > budget {
				t.Fatalf("round %d: %d of %d are taken", round, taken, budget)
			}
		}
		for call, n := range reserved {
			if n != 1 || settled[call] > 1 {
				t.Fatalf("round %d: a call was reserved %d and settled %d times", round, n, settled[call])
			}
		}
		if len(reserved) != budget/each {
			t.Fatalf("round %d: %d calls were made, the budget has %d", round, len(reserved), budget/each)
		}
	}
}
