package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/aggregates"
	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/scoring"
	"outrider/internal/evidence"
	"outrider/internal/score"
	"outrider/projections"
	"outrider/projections/analytics"
)

// scoreHandlers answer what is asked of the rules by which leads are scored.
type scoreHandlers struct {
	*readSide
	*writeSide
	*pastSide
}

func forScores(handle func(*scoreHandlers, *call) error) handler {
	return func(s *Server, c *call) error { return handle(&scoreHandlers{s.readSide, s.writeSide, s.pastSide}, c) }
}

// currentRules returns the rules that hold; of an organisation without any those to begin with, as version 0.
func (h *scoreHandlers) currentRules(c *call) (row *projections.ScoreRules, rules score.Rules, err error) {
	if err = h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		row, err = projections.CurrentScoreRules(c.ctx, tx, c.who.Org)
		return err
	}); err != nil {
		return nil, rules, err
	}
	if row == nil {
		return &projections.ScoreRules{}, score.Default(), nil
	}
	rules, err = row.Parsed()
	return row, rules, err
}

func (h *scoreHandlers) showRules(c *call) error {
	row, rules, err := h.currentRules(c)
	if err != nil {
		return err
	}
	return c.answerVersioned(scoreRulesOf(row, rules), row.Version)
}

func (h *scoreHandlers) listRules(c *call) error {
	data, next, err := listPage(h.readSide, c, c.who.Org, func(tx pgx.Tx, before int64, limit int) ([]*projections.ScoreRules, error) {
		return projections.ListScoreRules(c.ctx, tx, c.who.Org, before, limit)
	}, func(r *projections.ScoreRules) int64 { return int64(r.Version) }, func(r *projections.ScoreRules) (gen.ScoreRules, error) {
		rules, err := r.Parsed()
		return scoreRulesOf(r, rules), err
	})
	if err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, gen.ScoreRulesPage{Data: data, NextCursor: next})
}

func (h *scoreHandlers) setRules(c *call, body gen.ScoreRulesInput) error {
	version, err := c.ifVersion()
	if err != nil {
		return err
	}
	rules, err := scoreRulesIn(body)
	if err != nil {
		return err
	}
	a, err := h.submitOwn(c, commands.SetScoreRules{ScoreRules: projections.EventScoreRules(rules), Ages: rules.Ages(), IfVersion: version})
	if err != nil {
		return err
	}
	return h.showAfterChange(c, "scores", a, func() error { return h.showRules(c) })
}

// scoreRulesIn reads rules, and refuses those that can't be judged by.
func scoreRulesIn(body gen.ScoreRulesInput) (score.Rules, error) {
	rules := score.Rules{QualifiedLead: body.QualifiedLead, QualifiedIntent: body.QualifiedIntent, ReviewLead: body.ReviewLead, Rules: make([]score.Rule, len(body.Rules))}
	for i, r := range body.Rules {
		rule := score.Rule{Name: strings.TrimSpace(r.Name), Of: string(r.Of), Field: r.Field, Test: string(r.Test), Weight: r.Weight}
		switch rule.Test {
		case score.Equals, score.OneOf, score.Contains:
			for _, v := range r.Values {
				rule.Values = append(rule.Values, strings.TrimSpace(v))
			}
		case score.Range:
			rule.From, rule.To = r.From, r.To
		case score.OlderThan, score.NewerThan:
			rule.Days = r.Days
		}
		rules.Rules[i] = rule
	}
	err := rules.Check(func(field string) bool { return projections.IsScoreField(field, evidence.Known) })
	var wrong *score.FieldError
	if errors.As(err, &wrong) {
		return rules, invalidField(wrong.Field, wrong.Reason)
	}
	return rules, err
}

func scoreRulesOf(row *projections.ScoreRules, rules score.Rules) gen.ScoreRules {
	out := gen.ScoreRules{Version: row.Version, QualifiedLead: rules.QualifiedLead, QualifiedIntent: rules.QualifiedIntent, ReviewLead: rules.ReviewLead, Ages: rules.Ages(), Rules: make([]gen.ScoreRule, len(rules.Rules))}
	for i, r := range rules.Rules {
		out.Rules[i] = scoreRuleOf(r)
	}
	if row.Version > 0 {
		out.SetAt, out.SetBy = row.SetAt, row.ActorKind+":"+row.ActorID
		out.Progress = gen.ScoreProgress{Leads: row.Leads, Done: row.Done, Changed: row.Changed, StartedAt: row.StartedAt, CompletedAt: valueOrZero(row.CompletedAt)}
	}
	return out
}

func scoreRuleOf(r score.Rule) gen.ScoreRule {
	return gen.ScoreRule{Name: r.Name, Of: gen.ScoreOf(r.Of), Field: r.Field, Test: gen.ScoreTest(r.Test), Values: r.Values, From: r.From, To: r.To, Days: r.Days, Weight: r.Weight}
}

func scorePartsOf(parts []score.Part) []gen.ScorePart {
	out := make([]gen.ScorePart, len(parts))
	for i, p := range parts {
		out[i] = gen.ScorePart{Rule: scoreRuleOf(p.Rule), Points: p.Points, Value: p.Value}
		if p.Fact != "" {
			out[i].FactID, _ = uuid.Parse(p.Fact)
		}
	}
	return out
}

// scoredOf is zero, and absent in an answer, where there is no score.
func scoredOf(lead, intent int, qualification string) gen.Scored {
	if qualification == "" {
		return gen.Scored{}
	}
	return gen.Scored{LeadScore: lead, IntentScore: intent, Qualification: gen.Qualification(qualification)}
}

// showLeadScore judges a lead by what is known now, and says what is recorded.
func (h *scoreHandlers) showLeadScore(c *call, id uuid.UUID) error {
	for _, projection := range []string{"facts", "scores"} {
		if err := h.awaitIn(c, projection); err != nil {
			return err
		}
	}
	row, rules, err := h.currentRules(c)
	if err != nil {
		return err
	}
	var lead *projections.Lead
	var found []*projections.ScoreInput
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		if lead, err = projections.GetLead(c.ctx, tx, c.who.Org, id); err != nil {
			return err
		}
		found, err = projections.ReadScoreInputs(c.ctx, tx, c.who.Org, projections.ScorePick{Leads: []uuid.UUID{id}, Limit: 1, At: h.now(), Facts: rules.UsesFacts()})
		return err
	}); err != nil {
		return err
	}
	out := gen.LeadScore{Version: row.Version, Parts: []gen.ScorePart{}, Recorded: scoredOf(lead.LeadScore, lead.IntentScore, lead.Qualification), RecordedVersion: lead.ScoreVersion, RecordedAt: valueOrZero(lead.ScoredAt)}
	if row.Version > 0 && len(found) == 1 {
		is := rules.Judge(&found[0].Input)
		out.Parts, out.Sum = scorePartsOf(is.Parts), scoredOf(is.Lead, is.Intent, is.Qualification)
		out.Pending = lead.ScoreVersion != row.Version || out.Sum != out.Recorded
	}
	return c.answerJSON(http.StatusOK, out)
}

func (h *scoreHandlers) reader(c *call) scoring.Reader {
	return func(ctx context.Context, pick projections.ScorePick) (page []*projections.ScoreInput, err error) {
		err = h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
			page, err = projections.ReadScoreInputs(ctx, tx, c.who.Org, pick)
			return err
		})
		return page, err
	}
}

func (h *scoreHandlers) previewRules(c *call, body gen.ScoreRulesInput) error {
	rules, err := scoreRulesIn(body)
	if err != nil {
		return err
	}
	p, err := scoring.PreviewRules(c.ctx, h.reader(c), rules, projections.ScorePick{At: h.now()})
	if err != nil {
		return err
	}
	out := gen.ScorePreview{Leads: p.Leads, Complete: p.Complete, Changed: p.Changed, Changes: []gen.ScoreChange{}, Examples: []gen.ScoreExample{}}
	all := []string{score.Qualified, score.NeedsReview, score.Unqualified}
	for _, to := range all {
		out.Counts = append(out.Counts, gen.QualificationCount{Qualification: gen.Qualification(to), Before: p.Before[to], After: p.After[to]})
		for _, from := range append([]string{""}, all...) {
			if n := p.Changes[scoring.Change{From: from, To: to}]; n > 0 {
				out.Changes = append(out.Changes, gen.ScoreChange{From: gen.Qualification(from), To: gen.Qualification(to), Count: n})
			}
		}
	}
	for _, x := range p.Examples {
		l := x.Lead
		name := strings.TrimSpace(valueOrZero(l.FirstName) + " " + valueOrZero(l.LastName))
		if name == "" {
			name = valueOrZero(l.CompanyName)
		}
		out.Examples = append(out.Examples, gen.ScoreExample{LeadID: l.LeadID, Name: name, Before: scoredOf(l.LeadScore, l.IntentScore, l.Qualification),
			After: scoredOf(x.After.Lead, x.After.Intent, x.After.Qualification), Parts: scorePartsOf(x.After.Parts)})
	}
	return c.answerJSON(http.StatusOK, out)
}

func (h *scoreHandlers) evaluateRules(c *call, body gen.ScoreRulesInput) error {
	rules, err := scoreRulesIn(body)
	if err != nil {
		return err
	}
	if err := h.awaitIn(c, "inbox"); err != nil {
		return err
	}
	var interested map[uuid.UUID]bool
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		interested, err = projections.InterestedLeads(c.ctx, tx, c.who.Org)
		return err
	}); err != nil {
		return err
	}
	at := h.now()
	e, err := scoring.EvaluateRules(c.ctx, h.reader(c), rules, projections.ScorePick{At: at, KnownAt: func(l *projections.Lead) time.Time {
		if l.EnrolledAt != nil {
			return *l.EnrolledAt
		}
		return at
	}}, interested)
	if err != nil {
		return err
	}
	out := gen.ScoreEvaluation{Leads: e.Leads, Complete: e.Complete}
	for _, b := range e.Bands {
		row := scoreBandOf(b)
		row.From, row.To = &b.From, &b.To
		out.Bands = append(out.Bands, row)
	}
	for _, b := range e.Statuses {
		out.Qualifications = append(out.Qualifications, scoreBandOf(b))
	}
	return c.answerJSON(http.StatusOK, out)
}

func scoreBandOf(b scoring.Band) gen.ScoreBand {
	rate := func(count int) gen.ScoreRate {
		low, high := analytics.Interval(uint64(count), uint64(b.Leads))
		return gen.ScoreRate{Count: count, Of: b.Leads, Rate: float64(count) / float64(max(b.Leads, 1)), Low: low, High: high}
	}
	return gen.ScoreBand{Qualification: gen.Qualification(b.Qualification), Leads: b.Leads, Interested: rate(b.Interested), Meetings: rate(b.Meetings)}
}

func (h *scoreHandlers) showEntry(c *call, id uuid.UUID) error {
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		_, err := projections.GetCampaign(c.ctx, tx, c.who.Org, id)
		return err
	}); err != nil {
		return err
	}
	if h.live == nil {
		return unavailableProblem(codeUnavailable, errNoColumns)
	}
	if err := h.awaitIn(c, eventsTable); err != nil {
		return err
	}
	var set events.CampaignEntry
	if _, err := h.live.Show(c.ctx, c.who.Org, func(o *aggregates.Organization, _ time.Time) {
		if is := o.Campaigns[id]; is != nil {
			set = is.Entry
		}
	}); err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, entryOf(set))
}

func (h *scoreHandlers) setEntry(c *call, id uuid.UUID, body gen.CampaignEntry) error {
	set := events.CampaignEntry{MinLeadScore: body.MinLeadScore, MinIntentScore: body.MinIntentScore}
	for _, q := range body.Qualifications {
		set.Qualifications = append(set.Qualifications, string(q))
	}
	slices.Sort(set.Qualifications)
	if _, err := h.submitOwn(c, commands.SetCampaignEntry{CampaignID: id, CampaignEntry: set}); err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, entryOf(set))
}

func entryOf(e events.CampaignEntry) gen.CampaignEntry {
	out := gen.CampaignEntry{MinLeadScore: e.MinLeadScore, MinIntentScore: e.MinIntentScore}
	for _, q := range e.Qualifications {
		out.Qualifications = append(out.Qualifications, gen.Qualification(q))
	}
	return out
}
