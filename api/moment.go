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
	past  *projections.Past
	state es.State // nil when nothing is to be decided on
	trail es.Trail
	known *projections.Chain // what the log itself said of the chain, some time before; nil = nothing yet
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

// momentAt folds the history of org up to an instant. Close what is in it.
func (s *Server) momentAt(c *call, org uuid.UUID, at time.Time, only uuid.UUID, decides bool) (*moment, error) {
	if s.cfg.Columns == nil {
		return nil, unavailable(codeUnavailable, errNoColumns)
	}
	if err := s.awaitIn(c, eventsTable); err != nil {
		return nil, err
	}
	past, err := projections.NewPast(org, only, s.cfg.Vault)
	if err != nil {
		return nil, err
	}
	m := &moment{at: at, past: past}
	if decides {
		m.state = commands.Domain().New(org)
	}
	if m.known, err = s.knownChain(c, org); err != nil {
		past.Close()
		return nil, err
	}
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
	if err == nil && m.trail.Oseq == 0 {
		err = newProblem(commands.CodeNotFound, "the organisation's history had not begun then")
	}
	if err == nil && !m.trail.Whole {
		err = fmt.Errorf("%w: organisation %s ends within a command, at event %d", es.ErrDamaged, org, m.trail.Oseq)
	}
	if err != nil {
		past.Close()
		return nil, damagedOr(err)
	}
	return m, nil
}

// fold goes on until the instant, or until there is no more; settled = an event came later, so nothing can come before it.
// An organisation's time never goes back.
func (m *moment) fold(ctx context.Context, log analytics.History, org uuid.UUID) (settled bool, err error) {
	for {
		page, err := log.Range(ctx, org, m.trail.Oseq+1, m.trail.Oseq+historyPage, historyPage)
		if err != nil {
			return false, err
		}
		for _, e := range page {
			if e.Time.After(m.at) {
				next := m.trail
				return true, next.Follow(e) // nothing is missing before it
			}
			if err := m.take(ctx, e); err != nil {
				return false, err
			}
		}
		if len(page) < historyPage {
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
	if e.Payload, err = events.Decode(e.Type, e.Data); err != nil {
		return fmt.Errorf("history of %s, event %d: %w", e.Org, e.Oseq, err)
	}
	if m.state != nil {
		m.state.Apply(e)
	}
	if err := m.past.Apply(ctx, e); err != nil {
		return fmt.Errorf("history of %s, event %d: %w", e.Org, e.Oseq, err)
	}
	return nil
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
	m, err := s.momentAt(c, org, at, id, false)
	if err != nil {
		return err
	}
	defer m.past.Close()
	out, there, err := show(m)
	if err != nil {
		return err
	}
	if !there {
		return newProblem(commands.CodeNotFound, "there was none at that time")
	}
	return c.answer(http.StatusOK, out)
}
