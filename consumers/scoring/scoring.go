// Package scoring scores leads by the organisation's rules: each lead of which something has changed, and all of them in chunks when the rules do.
package scoring

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/batch"
	"outrider/internal/es"
	"outrider/internal/es/react"
	"outrider/internal/score"
	"outrider/projections"
)

// Reads is what is read to score leads.
type Reads interface {
	// Rules returns the rules that hold, nil when there are none.
	Rules(ctx context.Context, org uuid.UUID) (*projections.ScoreRules, error)
	// Inputs reads leads with what is known of them; see projections.ReadScoreInputs.
	Inputs(ctx context.Context, org uuid.UUID, pick projections.ScorePick) ([]*projections.ScoreInput, error)
	// DomainHash returns the hash of a company's domain as leads have it; "" = there is no such company.
	DomainHash(ctx context.Context, org, company uuid.UUID) (string, error)
}

// Config is what scoring needs.
type Config struct {
	Reads    Reads
	Commands reaction.Commander
	Await    reaction.Await
	Now      func() time.Time
}

// Scoring scores leads. Of an organisation it does one thing at a time, always by what was read after the event before it: so no older score is recorded behind a newer one.
type Scoring struct {
	Config
	turns *batch.Group[uuid.UUID, *es.Event, bool] // by organisation; whether it has rules
}

// together bounds the events that are handled by one command.
const together = 200

// New returns the reactor, or an error that names what is missing.
func New(c Config) (*Scoring, error) {
	if err := (reaction.Required{"reads": c.Reads != nil, "commands": c.Commands != nil, "now": c.Now != nil}).Check("scoring"); err != nil {
		return nil, err
	}
	s := &Scoring{Config: c}
	s.turns = batch.NewEagerGroup(0, together, s.handleTogether)
	return s, nil
}

// Reactor returns how it is run.
func (s *Scoring) Reactor() react.Reactor {
	scored := []events.Event{events.LeadCreated{}, events.LeadUpdated{}, events.LeadSupplemented{}, events.LeadRetagged{}, events.FactFound{}, events.FactStale{}}
	return react.Reactor{Name: "scoring", Concurrency: together, PerOrg: together, Handle: s.handleEvent, MayPass: reaction.WantEvents(scored...),
		Wants: reaction.WantEvents(append(scored, events.ScoreRulesSet{}, events.ScoringDue{}, events.ScoresApplied{})...)}
}

func (s *Scoring) handleEvent(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	have, err := s.turns.Do(ctx, e.Org, e)
	if err == nil && !have { // as most organisations
		react.NoteIdle(ctx, e)
	}
	return nil, err
}

// handleTogether scores the leads that some events are about, and the next chunk of all leads if one of the events asks for it. It returns
// whether there are rules, once for each.
func (s *Scoring) handleTogether(ctx context.Context, org uuid.UUID, all []*es.Event) ([]bool, error) {
	newest := slices.MaxFunc(all, func(a, b *es.Event) int { return cmp.Compare(a.Pseq, b.Pseq) })
	if err := s.Await.For(ctx, newest, "scores"); err != nil {
		return nil, err
	}
	row, err := s.Reads.Rules(ctx, org)
	if err != nil || row == nil {
		return make([]bool, len(all)), err
	}
	if err := s.Await.For(ctx, newest, "leads", "facts", "research"); err != nil {
		return nil, err
	}
	rules, err := row.Parsed()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", react.ErrPermanent, err)
	}
	w := work{Scoring: s, org: org, version: row.Version, rules: rules}
	for _, e := range all {
		if err := w.take(ctx, e); err != nil {
			return nil, err
		}
	}
	return slices.Repeat([]bool{true}, len(all)), w.scoreLeads(ctx)
}

// work is what is done in one turn.
type work struct {
	*Scoring
	org     uuid.UUID
	version int
	rules   score.Rules
	leads   []uuid.UUID
	cause   *es.Event // the newest that is about one of them
}

func (w *work) take(ctx context.Context, e *es.Event) error {
	p, err := reaction.DecodeEvent(e)
	if err != nil {
		return err
	}
	switch p := p.(type) {
	case events.LeadEvent:
		w.leads, w.cause = append(w.leads, p.Lead()), e
	case events.FactFound:
		return w.takeFact(ctx, e, p.FactRef)
	case events.FactStale:
		return w.takeFact(ctx, e, p.FactRef)
	case events.ScoreRulesSet:
		return w.scoreChunk(ctx, e, p.Version, 0)
	case events.ScoringDue:
		return w.scoreChunk(ctx, e, p.Version, 0)
	case events.ScoresApplied:
		if !p.Last {
			return w.scoreChunk(ctx, e, p.Version, p.Through)
		}
	}
	return nil
}

func (w *work) takeFact(ctx context.Context, e *es.Event, fact events.FactRef) error {
	if !w.rules.UsesFacts() {
		return nil
	}
	if fact.LeadID != uuid.Nil {
		w.leads, w.cause = append(w.leads, fact.LeadID), e
		return nil
	}
	hash, err := w.Reads.DomainHash(ctx, w.org, fact.CompanyID)
	if err != nil || hash == "" {
		return err
	}
	for after := int64(0); ; { // all who work there
		page, err := w.read(ctx, projections.ScorePick{Company: hash, After: after, Limit: commands.MaxItems})
		if err != nil || len(page) == 0 {
			return err
		}
		after = page[len(page)-1].Oseq
		if err := w.submit(ctx, e, es.DeriveID(e.ID, "scores", fmt.Sprint(after)), page, nil); err != nil {
			return err
		}
		if len(page) < commands.MaxItems {
			return nil
		}
	}
}

// scoreChunk scores the next leads after one; what comes after them follows from the event that says so.
func (w *work) scoreChunk(ctx context.Context, e *es.Event, version int, after int64) error {
	if version != w.version { // a newer version has its own
		return nil
	}
	page, err := w.read(ctx, projections.ScorePick{After: after, Limit: commands.MaxItems})
	if err != nil {
		return err
	}
	chunk := &commands.ScoreChunk{After: after, Through: after, Last: len(page) < commands.MaxItems}
	if len(page) > 0 {
		chunk.Through = page[len(page)-1].Oseq
	}
	return w.submit(ctx, e, es.DeriveID(e.ID, "scores"), page, chunk)
}

// scoreLeads scores single leads.
func (w *work) scoreLeads(ctx context.Context) error {
	if len(w.leads) == 0 {
		return nil
	}
	slices.SortFunc(w.leads, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	w.leads = slices.Compact(w.leads)
	page, err := w.read(ctx, projections.ScorePick{Leads: w.leads, Limit: len(w.leads)})
	if err != nil || len(page) == 0 {
		return err
	}
	return w.submit(ctx, w.cause, es.NewID(), page, nil) // asked again, it changes nothing
}

func (w *work) read(ctx context.Context, pick projections.ScorePick) ([]*projections.ScoreInput, error) {
	pick.At, pick.Facts = w.Now(), w.rules.UsesFacts()
	page, err := w.Reads.Inputs(ctx, w.org, pick)
	if err != nil {
		return nil, fmt.Errorf("read leads to score: %w", err)
	}
	return page, nil
}

func (w *work) submit(ctx context.Context, cause *es.Event, id uuid.UUID, page []*projections.ScoreInput, chunk *commands.ScoreChunk) error {
	c := commands.ApplyScores{Version: w.version, Chunk: chunk}
	for _, in := range page {
		r := w.rules.Judge(&in.Input)
		c.Items = append(c.Items, commands.ScoreItem{LeadID: in.LeadID, LeadScore: r.Lead, IntentScore: r.Intent, Qualification: r.Qualification})
	}
	a, err := reaction.Submit(ctx, w.Commands, reaction.CausedBy(cause, "scoring"), id, w.Now(), c)
	switch {
	case err != nil:
		return err
	case a.Outcome == es.Refused && a.Code == commands.CodeOrganizationDeleted:
		return nil
	case a.Outcome == es.Refused:
		return fmt.Errorf("%w: scores of organisation %s: %s", react.ErrPermanent, w.org, a.Code)
	}
	return nil
}
