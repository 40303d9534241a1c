package api

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/aggregates"
	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/models"
	"outrider/projections"
)

// aiHandlers answer what is asked of language models.
type aiHandlers struct {
	*readSide
	*writeSide
	models *models.Client
	plain  bool // http will do for endpoints of organisations
}

// forAI is the handler of a route that aiHandlers answer.
func forAI(handle func(*aiHandlers, *call) error) handler {
	return func(s *Server, c *call) error {
		client := s.cfg.Models
		if client == nil {
			client = &models.Client{}
		}
		return handle(&aiHandlers{s.readSide, s.writeSide, client, s.cfg.PlainWebhooks}, c)
	}
}

// aiState is what is known of an organisation's models.
type aiState struct {
	settings    models.Settings
	stoppedAt   time.Time
	org         *projections.Organization
	limits      events.Limits
	periods     map[int64]projections.AIPeriod
	switchedOff bool
}

func (h *aiHandlers) load(c *call) (out aiState, err error) {
	err = h.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		row, err := projections.GetAISettings(c.ctx, tx, c.who.Org)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			out.settings.Provider = events.AIProviderPlatform
		case err != nil:
			return err
		default:
			out.stoppedAt = valueOrZero(row.StoppedAt)
			if out.settings, err = models.SettingsOf(row); err != nil {
				return err
			}
		}
		if out.org, err = projections.GetOrganization(c.ctx, tx, c.who.Org); err != nil {
			return err
		}
		switches, err := projections.ListFlagSwitches(c.ctx, tx, c.who.Org)
		if err != nil {
			return err
		}
		out.switchedOff = slices.ContainsFunc(switches, func(s *projections.FlagSwitch) bool { return s.Flag == events.FeatureAI && !s.On })
		from, _ := aggregates.PeriodAt(out.org.BillingAnchor, h.now())
		out.periods, err = projections.AIPeriods(c.ctx, tx, c.who.Org, from)
		return err
	})
	if err == nil {
		out.limits, err = limitsOf(out.org.Limits)
	}
	return out, err
}

func (h *aiHandlers) getSettings(c *call) error {
	is, err := h.load(c)
	if err != nil {
		return err
	}
	s := is.settings
	out := gen.AISettings{Provider: gen.AISettingsProvider(s.Provider), PlatformAvailable: h.models.HasPlatform(), BaseURL: s.BaseURL, HasKey: s.KeyID != uuid.Nil, Tasks: []gen.AITaskModel{}, Models: []gen.AIModel{},
		Note: h.models.Catalogue.Note, Stopped: s.Stopped != "", StoppedReason: s.Stopped, StoppedAt: is.stoppedAt, SwitchedOff: is.switchedOff, Down: h.models.Down(c.who.Org, s), LimitMicros: s.LimitMicros, LeadLimitMicros: s.LeadLimitMicros, Version: s.Version}
	for _, task := range events.AITasks() {
		model, price := h.models.ModelOf(s, task)
		_, chosen := s.Models[task]
		out.Tasks = append(out.Tasks, gen.AITaskModel{Task: gen.AITask(task), Model: model, Chosen: chosen && s.Models[task].Model == model, Price: aiPriceOf(price), Redacted: models.Redacts(task)})
	}
	for _, l := range h.models.Catalogue.List() {
		one := gen.AIModel{Name: l.Name, Price: aiPriceOf(l.Price), Tasks: []gen.AITask{}}
		for _, task := range events.AITasks() {
			if l.May(task) {
				one.Tasks = append(one.Tasks, gen.AITask(task))
			}
		}
		out.Models = append(out.Models, one)
	}
	out.PeriodFrom, out.PeriodTo = aggregates.PeriodAt(is.org.BillingAnchor, h.now())
	period := is.periods[out.PeriodFrom.UnixMicro()]
	out.OwnSpent, out.PlanBudget.Spent, out.PlanBudget.Reserved = period.OwnMicros, period.PlatformMicros, period.ReservedMicros
	if is.limits.AIBudgetMicros != events.NoLimit {
		out.PlanBudget.Limit = &is.limits.AIBudgetMicros
	}
	return c.answerVersioned(out, out.Version)
}

func aiPriceOf(p events.AIPrice) gen.AIPrice {
	return gen.AIPrice{Input: p.Input, Cached: p.Cached, Output: p.Output}
}

// setSettings stores the key first, under a name of its own: settings that are refused leave the one before as it is.
func (h *aiHandlers) setSettings(c *call, body gen.AISettingsSet) error {
	version, err := c.ifVersion()
	if err != nil {
		return err
	}
	is, err := h.load(c)
	if err != nil {
		return err
	}
	s, err := h.settingsIn(body, is.settings)
	if err != nil {
		return err
	}
	in, err := h.beginOwn(c)
	if err != nil {
		return err
	}
	if body.Key != "" && body.Provider == gen.AISettingsSetProviderOwn {
		s.KeyID = in.newID("ai key")
		if err := h.vault.PutSecret(c.ctx, in.org, models.SecretName(s.KeyID), []byte(strings.TrimSpace(body.Key))); err != nil {
			return err
		}
	}
	a, err := h.submitCommand(in, commands.SetAISettings{AISettings: s, IfVersion: version})
	if p := (*problem)(nil); errors.As(err, &p) && body.Key != "" {
		return errors.Join(err, h.vault.DeleteSecret(c.ctx, in.org, models.SecretName(s.KeyID)))
	}
	if err != nil {
		return err
	}
	if old := is.settings.KeyID; old != uuid.Nil && old != s.KeyID { // a call that has it in hand goes on; the next reads the settings
		if err := h.vault.DeleteSecret(c.ctx, in.org, models.SecretName(old)); err != nil {
			return err
		}
	}
	return h.showAfterChange(c, models.Projection, a, func() error { return h.getSettings(c) })
}

// settingsIn checks what only the edge knows: the URL, and the operator's list.
func (h *aiHandlers) settingsIn(body gen.AISettingsSet, before models.Settings) (events.AISettings, error) {
	s := events.AISettings{Provider: string(body.Provider), LimitMicros: body.LimitMicros, LeadLimitMicros: body.LeadLimitMicros}
	own := body.Provider == gen.AISettingsSetProviderOwn
	if own {
		s.BaseURL = strings.TrimSuffix(body.BaseURL, "/")
		if err := models.CheckURL(s.BaseURL, h.plain); err != nil {
			return s, invalidProblem(gen.FieldError{Field: "base_url", Reason: err.Error()})
		}
		if s.BaseURL == before.BaseURL { // a key goes nowhere else than where it was given for
			s.KeyID = before.KeyID
		}
	}
	for i, t := range body.Tasks {
		field := "tasks." + strconv.Itoa(i)
		if s.Models == nil {
			s.Models = map[string]events.AIModel{}
		}
		if _, twice := s.Models[string(t.Task)]; twice {
			return s, invalidProblem(gen.FieldError{Field: field + ".task", Reason: "is there twice"})
		}
		listed, ok := h.models.Catalogue.Find(t.Model)
		price := listed.Price
		switch {
		case !own && (!ok || !listed.May(string(t.Task))):
			return s, invalidProblem(gen.FieldError{Field: field + ".model", Reason: "is not on the operator's list for this task"})
		case own && t.Price != (gen.AIPrice{}):
			price = events.AIPrice{Input: t.Price.Input, Cached: t.Price.Cached, Output: t.Price.Output}
		case own && !ok:
			return s, invalidProblem(gen.FieldError{Field: field + ".price", Reason: "is needed: the price of this model isn't known here"})
		}
		s.Models[string(t.Task)] = events.AIModel{Model: t.Model, Price: price}
	}
	if own && len(s.Models) == 0 {
		return s, invalidProblem(gen.FieldError{Field: "tasks", Reason: "need the name of a model"})
	}
	return s, nil
}

func (h *aiHandlers) stop(c *call, body gen.AIStop) error {
	return h.change(c, commands.StopAI{Reason: body.Reason})
}

func (h *aiHandlers) resume(c *call) error { return h.change(c, commands.ResumeAI{}) }

func (h *aiHandlers) change(c *call, cmd commands.Command) error {
	a, err := h.submitOwn(c, cmd)
	if err != nil {
		return err
	}
	return h.showAfterChange(c, models.Projection, a, func() error { return h.getSettings(c) })
}

// mostAIGroups bounds what is added up by one thing.
const mostAIGroups = 200

func aiFilterOf(c *call) projections.AICallFilter {
	return projections.AICallFilter{Task: c.textParam("task"), Model: c.textParam("model"), Outcome: c.textParam("outcome"), Campaign: c.uuidParam("campaign_id"), Lead: c.uuidParam("lead_id"), From: c.timeParam("from"), To: c.timeParam("to")}
}

func (h *aiHandlers) getUsage(c *call) error {
	f, group := aiFilterOf(c), c.textParam("group")
	if group == "" {
		group = "task"
	}
	var total, groups []*projections.AISum
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		if f.From.IsZero() {
			org, err := projections.GetOrganization(c.ctx, tx, c.who.Org)
			if err != nil {
				return err
			}
			f.From, _ = aggregates.PeriodAt(org.BillingAnchor, h.now())
		}
		if total, err = projections.SumAICalls(c.ctx, tx, c.who.Org, f, "", 1); err != nil {
			return err
		}
		groups, err = projections.SumAICalls(c.ctx, tx, c.who.Org, f, group, mostAIGroups)
		return err
	}); err != nil {
		return err
	}
	out := gen.AIUsage{From: f.From, To: f.To, Groups: []gen.AISum{}}
	for _, s := range total {
		out.Total = aiSumOf(s)
	}
	for _, s := range groups {
		out.Groups = append(out.Groups, aiSumOf(s))
	}
	return c.answerJSON(http.StatusOK, out)
}

func aiSumOf(s *projections.AISum) gen.AISum {
	out := gen.AISum{Key: s.Key, Calls: s.Calls, Answered: s.Answered, Open: s.Open, InputTokens: s.InputTokens, CachedTokens: s.CachedTokens, OutputTokens: s.OutputTokens, CostMicros: s.CostMicros,
		ReservedMicros: s.ReservedMicros, PlatformMicros: s.PlatformMicros, OwnMicros: s.OwnMicros}
	if out.Key == uuid.Nil.String() {
		out.Key = ""
	}
	return out
}

func (h *aiHandlers) listCalls(c *call) error {
	f := aiFilterOf(c)
	data, next, err := listPage(h.readSide, c, c.who.Org, func(tx pgx.Tx, before int64, limit int) ([]*projections.AICall, error) {
		return projections.ListAICalls(c.ctx, tx, c.who.Org, f, before, limit)
	}, func(r *projections.AICall) int64 { return r.Oseq }, func(r *projections.AICall) (gen.AICall, error) {
		outcome := r.Outcome
		if outcome == "" {
			outcome = "open"
		}
		return gen.AICall{ID: r.CallID, Task: gen.AICallTask(r.Task), Provider: gen.AICallProvider(r.Provider), Model: r.Model, CampaignID: r.CampaignID, LeadID: r.LeadID, MessageID: r.MessageID, Outcome: gen.AIOutcome(outcome),
			Reason: r.Reason, AtMostMicros: r.AtMostMicros, CostMicros: r.CostMicros, InputTokens: r.InputTokens, CachedTokens: r.CachedTokens, OutputTokens: r.OutputTokens, PromptHash: r.PromptHash, Seed: r.Seed,
			Milliseconds: r.Milliseconds, ReservedAt: r.ReservedAt, SettledAt: valueOrZero(r.SettledAt)}, nil
	})
	if err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, gen.AICallPage{Data: data, NextCursor: next})
}
