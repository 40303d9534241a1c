package api

import (
	"context"
	"errors"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/asof"
	"outrider/internal/app/leads"
	"outrider/internal/pii"
	"outrider/projections"
	"outrider/projections/analytics"
)

// leadRestorer brings removed leads back from the history.
type leadRestorer struct {
	*readSide
	*writeSide
	past    *pastSide
	keys    *keyBatcher
	columns driver.Conn
}

func forLeadRestore(handle func(*leadRestorer, *call, uuid.UUID) error) handler {
	return func(s *Server, c *call) error {
		return withID(handle)(&leadRestorer{s.readSide, s.writeSide, s.pastSide, s.keyBatches, s.cfg.Columns}, c)
	}
}

// restoreLead creates a lead again as it was when it was removed.
func (r *leadRestorer) restoreLead(c *call, id uuid.UUID) error {
	if r.past.past == nil {
		return unavailableProblem(codeUnavailable, errNoColumns)
	}
	if err := r.awaitIn(c, "leads"); err != nil {
		return err
	}
	if err := r.awaitIn(c, eventsTable); err != nil {
		return err
	}
	at, err := r.removedAt(c, id)
	if err != nil {
		return err
	}
	person, err := r.personAt(c, id, at.Add(-time.Microsecond))
	if err != nil {
		return err
	}
	in, err := r.beginOwn(c)
	if err != nil {
		return err
	}
	intake := leads.Intake{Hasher: r.vault.Hasher, Keys: func(ctx context.Context, org uuid.UUID, subjects []uuid.UUID) ([]pii.Key, error) {
		key, err := r.keys.keyOf(ctx, org, subjects[0])
		return []pii.Key{key}, err
	}}
	items, err := intake.Items(c.ctx, in.org, []leads.Person{person})
	if err != nil {
		return err
	}
	a, err := r.submitCommand(in, commands.CreateLead{LeadItem: items[0]})
	if err != nil {
		return err
	}
	return r.showAfterChange(c, "leads", a, func() error {
		var row *projections.Lead
		if err := r.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
			row, err = projections.GetLead(c.ctx, tx, c.who.Org, id)
			return err
		}); err != nil {
			return err
		}
		out, err := leadOf(row)
		if err != nil {
			return err
		}
		return c.answerCreated(out, "/v1/leads/"+id.String(), row.Version)
	})
}

// removedAt returns when a lead that isn't there was removed last.
func (r *leadRestorer) removedAt(c *call, id uuid.UUID) (at time.Time, err error) {
	if err := r.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		row, err := projections.GetLead(c.ctx, tx, c.who.Org, id)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return nil
		case err != nil:
			return err
		case row.ErasedAt != nil:
			return pgx.ErrNoRows
		}
		return newProblem(commands.CodeAlreadyExists, "this lead is there")
	}); err != nil {
		return at, err
	}
	types := append(events.TypesOf(events.LeadRemoved{}), events.TypesOf(events.LeadErased{})...)
	found, err := analytics.History{Conn: r.columns}.Audit(c.ctx, c.who.Org, analytics.AuditFilter{Subject: id.String(), Types: types}, analytics.Page{Limit: 1, Newest: true})
	if err != nil {
		return at, err
	}
	if len(found) == 0 || found[0].Type != (events.LeadRemoved{}).EventType() {
		return at, notFoundProblem()
	}
	return found[0].Time, nil
}

// personAt returns who a lead was at an instant; not found where nobody can read that any more.
func (r *leadRestorer) personAt(c *call, id uuid.UUID, at time.Time) (p leads.Person, err error) {
	err = r.past.past.Show(c.ctx, asof.Subject{Org: c.who.Org, Model: "leads", Only: id}, at, func(m *asof.Snapshot) error {
		row := m.Past.Lead(id)
		if row == nil || row.Email == nil {
			return notFoundProblem()
		}
		p, err = leads.PersonOf(row)
		return err
	})
	return p, err
}
