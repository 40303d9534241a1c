package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/projections"
	"outrider/projections/analytics"
)

// moment is an organisation at an instant: all that had happened to it, applied by the code of the read models, and by the
// code that decides when that is asked for.
type moment struct {
	at    time.Time
	needs projections.Needs
	past  *projections.Past
	state es.State // nil when nothing is to be decided on
	trail es.Trail
	known *projections.Chain // what the log itself said of the chain, some time before; nil = nothing yet
	torn  bool               // the last event of the trail isn't in the rest
}

// asOf says how far the history was followed.
func (m *moment) asOf() gen.AsOf {
	return gen.AsOf{Oseq: m.trail.Oseq, Time: m.trail.Time, Chain: m.trail.Chain.String()}
}

// at is the instant that the caller asks about; false = about now.
func (c *call) at(s *Server) (time.Time, bool, error) {
	text := c.text("at")
	if text == "" {
		return time.Time{}, false, nil
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return at, true, malformed("at must be an instant as in RFC 3339, like 2026-03-02T09:30:00Z")
	}
	if at.After(s.cfg.Now()) {
		return at, true, invalid(gen.FieldError{Field: "at", Reason: "lies in the future"})
	}
	return at.UTC(), true, nil
}

// momentAt shows the history of an organisation up to an instant. A fold that has no time to end is gone on with by the next question.
func (s *Server) momentAt(c *call, of subject, at time.Time, show func(*moment) error) error {
	if s.pasts == nil {
		return unavailable(codeUnavailable, errNoColumns)
	}
	if err := s.awaitIn(c, eventsTable); err != nil {
		return err
	}
	x, err := s.pasts.take(c.ctx, of)
	if err != nil {
		return err
	}
	defer s.pasts.leave(of, x)
	m, err := s.begin(c, of, at, x.m)
	if err != nil {
		return err
	}
	err = s.settle(c, m, of.org)
	if x.m = nil; m.worthKeeping(err) {
		x.m = m
	}
	if err != nil {
		return m.unsettled(err)
	}
	return show(m)
}

// begin goes on with what was kept when that serves still, and else at the first event.
func (s *Server) begin(c *call, of subject, at time.Time, kept *moment) (*moment, error) {
	known, err := s.knownChain(c, of.org)
	if err != nil {
		return nil, err
	}
	if kept != nil && kept.leadsTo(at, known) {
		kept.at, kept.known = at, known
		if readable, err := kept.past.Readable(c.ctx); readable || err != nil {
			return kept, err
		}
	}
	past, err := projections.NewPast(of.org, of.only, s.cfg.Vault)
	if err != nil {
		return nil, err
	}
	m := &moment{at: at, needs: projections.NeedsOf(of.model, of.only), past: past, known: known}
	if of.decides {
		m.state = commands.Domain().New(of.org)
	}
	return m, nil
}

// leadsTo says whether m hasn't passed an instant, nor a link of the chain that it didn't compare.
func (m *moment) leadsTo(at time.Time, known *projections.Chain) bool {
	compared := known == nil || known.Oseq > m.trail.Oseq || m.known != nil && m.known.Oseq == known.Oseq
	return compared && !m.trail.Time.After(at)
}

// settle folds until nothing can come before the instant any more.
func (s *Server) settle(c *call, m *moment, org uuid.UUID) error {
	log := analytics.History{Conn: s.cfg.Columns}
	settled, err := m.fold(c.ctx, log, org)
	if err == nil && !settled { // nothing came later, as far as ClickHouse knows: it must know what the read models know
		if err = s.catchUp(c, org); err == nil {
			settled, err = m.fold(c.ctx, log, org)
		}
		if err == nil && !settled {
			err = m.complete(org)
		}
	}
	switch {
	case err != nil:
		return err
	case m.trail.Oseq == 0:
		return newProblem(commands.CodeNotFound, "the organisation's history had not begun then")
	case !m.trail.Whole:
		return fmt.Errorf("%w: organisation %s ends within a command, at event %d", es.ErrDamaged, org, m.trail.Oseq)
	}
	return nil
}

// fold goes on until the instant, or until there is no more; settled = an event came later, so nothing can come before it.
// An organisation's time never goes back.
func (m *moment) fold(ctx context.Context, log analytics.History, org uuid.UUID) (settled bool, err error) {
	for {
		read := 0
		for e, err := range log.From(ctx, org, m.trail.Oseq, pastPage) {
			if err != nil {
				return false, err
			}
			if e.Time.After(m.at) {
				next := m.trail
				return true, next.Follow(e) // nothing is missing before it
			}
			if err := m.take(ctx, e); err != nil {
				return false, err
			}
			read++
		}
		if read < pastPage {
			return false, nil
		}
	}
}

func (m *moment) take(ctx context.Context, e *es.Event) (err error) {
	if err := m.trail.Follow(e); err != nil {
		return err
	}
	if m.known != nil && m.known.Oseq == e.Oseq && es.Hash(m.known.Chain) != m.trail.Chain {
		return fmt.Errorf("%w: the chain of organisation %s at event %d is %s, and the log says %s", es.ErrDamaged, e.Org, e.Oseq, m.trail.Chain, es.Hash(m.known.Chain))
	}
	needed := m.needs.Has(e)
	if !needed && m.state == nil {
		return nil
	}
	m.torn = true
	if e.Payload, err = events.Decode(e.Type, e.Data); err != nil {
		return fmt.Errorf("history of %s, event %d: %w", e.Org, e.Oseq, err)
	}
	if m.state != nil {
		m.state.Apply(e)
	}
	if needed {
		if err := m.past.Apply(ctx, e); err != nil {
			return fmt.Errorf("history of %s, event %d: %w", e.Org, e.Oseq, err)
		}
	}
	m.torn = false
	return nil
}

// worthKeeping is what had no time to end, and what took long.
func (m *moment) worthKeeping(err error) bool {
	return !m.torn && !errors.Is(err, es.ErrDamaged) && (m.trail.Oseq >= longPast || errors.Is(err, context.DeadlineExceeded))
}

// unsettled says how far a fold came that had no time to end.
func (m *moment) unsettled(err error) error {
	var p *problem
	if m.torn || errors.As(err, &p) || !errors.Is(err, context.DeadlineExceeded) {
		return damagedOr(err)
	}
	of := ""
	if m.known != nil {
		of = fmt.Sprintf(" of at most %d", m.known.Oseq)
	}
	p = newProblem(codeLong, fmt.Sprintf("the history is long: it was read up to event %d%s. Ask again within two minutes, and it is gone on with from there.", m.trail.Oseq, of))
	p.retry, p.cause = time.Second, err
	return p
}

// knownChain is made from the log, beside ClickHouse: what it has seen must be in the copy.
func (s *Server) knownChain(c *call, org uuid.UUID) (known *projections.Chain, err error) {
	err = s.read(c, org, func(tx pgx.Tx) (err error) {
		known, err = projections.GetChain(c.ctx, tx, org)
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil //nolint:nilnil // nothing yet
	}
	return known, err
}

// complete says whether the end of the copy is missing: it has caught up, and lacks what had been seen before, be it earlier than
// the instant or later.
func (m *moment) complete(org uuid.UUID) error {
	if m.known != nil && m.known.Oseq > m.trail.Oseq {
		return fmt.Errorf("%w: the copy of organisation %s ends at event %d, the log had come to event %d", es.ErrDamaged, org, m.trail.Oseq, m.known.Oseq)
	}
	return nil
}

// catchUp waits until ClickHouse has what the read model of this route has, and what knownChain has seen, so that the past is
// never behind the present.
func (s *Server) catchUp(c *call, org uuid.UUID) error {
	present, chains := s.projections[presentOf(c.route.Path)], s.projections["chains"]
	partition := es.PartitionOf(org, s.cfg.Partitions)
	var pseq int64
	if err := s.cfg.Pool.QueryRow(c.ctx, `select coalesce(max(pseq), 0) from kernel.checkpoints where (projection, version) in (($1, $2), ($3, $4)) and partition = $5`,
		present.Name, present.Version, chains.Name, chains.Version, partition).Scan(&pseq); err != nil {
		return fmt.Errorf("read checkpoints of %s: %w", present, err)
	}
	return s.await(c, eventsTable, es.Position{Generation: s.cfg.Generation, Partition: partition, Pseq: pseq})
}

// damagedOr names damage to the caller: that answer would be wrong, so there is none.
func damagedOr(err error) error {
	if !errors.Is(err, es.ErrDamaged) {
		return err
	}
	p := newProblem(codeDamaged, "the copy of this organisation's history in ClickHouse doesn't verify; the log itself is not touched by that. Rebuild the table from the log.")
	p.cause = err
	return p
}

// showAt answers with a resource as it was; show gives false when there was none.
func showAt[T any](s *Server, c *call, org, id uuid.UUID, at time.Time, show func(*moment) (out T, there bool, err error)) error {
	return s.momentAt(c, subject{org: org, model: presentOf(c.route.Path), only: id}, at, func(m *moment) error {
		out, there, err := show(m)
		if err != nil {
			return err
		}
		if !there {
			return newProblem(commands.CodeNotFound, "there was none at that time")
		}
		return c.answer(http.StatusOK, out)
	})
}
