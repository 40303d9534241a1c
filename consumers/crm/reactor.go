// Package crm keeps leads and the contacts of CRMs alike.
package crm

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/crm"
	"outrider/internal/app/integrations"
	"outrider/internal/batch"
	"outrider/internal/es"
	"outrider/internal/es/react"
	"outrider/internal/pii"
	"outrider/projections"
)

// History reads an organisation's log; analytics.History is one.
type History interface {
	ByTime(ctx context.Context, org uuid.UUID, from, to time.Time, after int64, limit int) ([]*es.Event, error)
}

// EnqueueConfig is what the reactor needs.
type EnqueueConfig struct {
	Turns    integrations.Turns
	Identity *pgxpool.Pool // as the identity role: whose an account is
	Vault    *pii.Vault
	Forget   func(ctx context.Context, org, connection uuid.UUID) error // destroys a connection's secrets
	History  History
	Await    reaction.Await
	Shown    func(ctx context.Context, e *es.Event) error // waits until the history has an event
	Wake     func()
	Services []string // names of CRMs
}

// Enqueuer notes what CRMs are to be told. It ends where that is noted: how long a CRM takes is no matter of it.
type Enqueuer struct {
	EnqueueConfig
	adding *batch.Group[struct{}, noted, noting]
}

// noted is what follows from an event: a task, a lead to be compared, or both.
type noted struct {
	task  *crm.Task
	touch uuid.UUID
	org   uuid.UUID
	oseq  int64
}

const (
	mostTogether = 500
	replayPage   = 1000
)

// NewEnqueuer returns the reactor, or an error that names what is missing.
func NewEnqueuer(c EnqueueConfig) (*Enqueuer, error) {
	if err := (reaction.Required{"pool": c.Turns.Pool != nil, "clock": c.Turns.Now != nil, "identity": c.Identity != nil, "vault": c.Vault != nil, "forget": c.Forget != nil, "history": c.History != nil, "shown": c.Shown != nil, "wake": c.Wake != nil, "services": len(c.Services) > 0}).Check("crm"); err != nil {
		return nil, err
	}
	q := &Enqueuer{EnqueueConfig: c}
	q.adding = batch.NewEagerGroup(0, mostTogether, func(ctx context.Context, _ struct{}, all []noted) ([]noting, error) {
		some, err := q.add(ctx, uuid.Nil, uuid.Nil, all)
		if err != nil || some {
			return slices.Repeat([]noting{{some: true}}, len(all)), err
		}
		return q.findIdle(ctx, all)
	})
	return q, nil
}

// noting is what became of what an event is noted for.
type noting struct {
	some bool // anything was noted, of this event or of one beside it
	idle bool // the organisation has no CRM
}

// findIdle looks whose organisations have a CRM at all, when nothing was noted for any of them.
func (q *Enqueuer) findIdle(ctx context.Context, all []noted) ([]noting, error) {
	orgs := make([]uuid.UUID, len(all))
	for i, n := range all {
		orgs[i] = n.org
	}
	rows, err := q.Turns.Pool.Query(ctx, `select distinct org_id from read.connections where org_id = any($1) and provider = any($2)`, orgs, q.Services)
	if err == nil {
		orgs, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	}
	if err != nil {
		return nil, fmt.Errorf("look for CRMs: %w", err)
	}
	out := make([]noting, len(all))
	for i, n := range all {
		out[i].idle = !slices.Contains(orgs, n.org)
	}
	return out, nil
}

// Reactor returns how it is run.
func (q *Enqueuer) Reactor() react.Reactor {
	wanted := append(crm.Described(), crm.Touching()...)
	wanted = append(wanted, events.LeadRemoved{}, events.ConnectionMade{}, events.ConnectionInterrupted{}, events.ConnectionRestored{}, events.ConnectionPaused{}, events.ConnectionResumed{}, events.ConnectionRemoved{},
		events.ConnectionMapped{}, events.ConnectionImportRequested{}, events.ConnectionResyncRequested{}, events.ConnectionConflictResolved{},
		events.OrganizationDeleted{})
	return react.Reactor{Name: "crm", Wants: reaction.WantEvents(wanted...), MayPass: reaction.WantEvents(append(crm.Described(), crm.Touching()...)...), Concurrency: 64, PerOrg: 48, Handle: q.handleEvent}
}

func (q *Enqueuer) handleEvent(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := reaction.DecodeEvent(e)
	if err != nil {
		return nil, err
	}
	if err := q.Await.For(ctx, e, "connections", "leads"); err != nil {
		return nil, err
	}
	toDo := true
	if c := events.As[events.ConnectionEvent](p); c != nil {
		err = q.handleConnection(ctx, e, c)
	} else {
		toDo, err = q.note(ctx, e, p)
	}
	if err == nil && toDo {
		q.Wake()
	}
	return nil, err
}

// note reports whether there is anything to do: most organisations have no CRM.
func (q *Enqueuer) note(ctx context.Context, e *es.Event, p events.Event) (toDo bool, err error) {
	n := noted{org: e.Org, oseq: e.Oseq}
	switch p := p.(type) {
	case events.OrganizationDeleted:
		return false, errors.Join(q.Turns.Forget(ctx, e.Org, uuid.Nil), q.forgetAccount(ctx, e.Org, uuid.Nil))
	case events.LeadRemoved: // what is there stays there
		return false, q.exec(ctx, `delete from integrations.links where org_id = $1 and lead_id = $2`, e.Org, p.LeadID)
	case events.LeadCreated, events.LeadUpdated, events.LeadSupplemented:
		n.touch = p.(events.LeadEvent).Lead()
	case events.MessageSent:
		n.touch = p.LeadID
	case events.MessageReplied:
		n.touch = p.LeadID
	case events.MeetingBooked:
		n.touch = p.LeadID
	case events.MeetingCancelled:
		n.touch = p.LeadID
	}
	if t, ok := crm.Describe(e, p); ok {
		n.task = &t
	}
	if n.task == nil && n.touch == uuid.Nil {
		return false, nil
	}
	done, err := q.adding.Do(ctx, struct{}{}, n)
	if err == nil && done.idle {
		react.NoteIdle(ctx, e)
	}
	return done.some, err
}

// add notes what follows from events for every connection to a CRM that was mapped before, or for one alone, in a run of its own. What is there stays. It reports whether there was any.
func (q *Enqueuer) add(ctx context.Context, run, connection uuid.UUID, all []noted) (some bool, err error) {
	var orgs, ids, leads, touchOrgs, touched []uuid.UUID
	var oseqs []int64
	var kinds, data []string
	var times []time.Time
	for _, n := range all {
		if n.touch != uuid.Nil {
			touchOrgs, touched = append(touchOrgs, n.org), append(touched, n.touch)
		}
		if t := n.task; t != nil {
			b, err := es.Marshal(t.Activity)
			if err != nil {
				return false, err
			}
			orgs, ids, leads, oseqs = append(orgs, t.Org), append(ids, t.Event), append(leads, t.Lead), append(oseqs, t.Oseq)
			kinds, data, times = append(kinds, t.Kind), append(data, string(b)), append(times, t.At)
		}
	}
	now := q.Turns.Now()
	err = pgx.BeginFunc(ctx, q.Turns.Pool, func(tx pgx.Tx) error {
		// an erasure needs no place in the settings, nor does an opt-out
		tasks, err := tx.Exec(ctx, `insert into integrations.tasks (org_id, connection_id, run_id, event_id, oseq, kind, lead_id, at, data, next_at)
			select e.org_id, c.connection_id, $8::uuid, e.event_id, e.oseq, e.kind, e.lead_id, e.at, e.data::jsonb, $10
			from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::uuid[], $6::timestamptz[], $7::text[]) as e (org_id, event_id, oseq, kind, lead_id, at, data)
			join read.connections c on c.org_id = e.org_id and c.provider = any($11) and c.settings is not null
			where ($9::uuid = '00000000-0000-0000-0000-000000000000' and c.oseq < e.oseq or c.connection_id = $9)
				and (e.kind in ('opt_out', 'erase') or c.settings -> 'activities' ? e.kind)
			on conflict do nothing`, orgs, ids, oseqs, kinds, leads, times, data, run, connection, now, q.Services)
		if err != nil {
			return fmt.Errorf("note tasks of CRMs: %w", err)
		}
		links, err := tx.Exec(ctx, `insert into integrations.links (org_id, connection_id, lead_id, next_at)
			select distinct e.org_id, c.connection_id, e.lead_id, $3::timestamptz from unnest($1::uuid[], $2::uuid[]) as e (org_id, lead_id)
			join read.connections c on c.org_id = e.org_id and c.provider = any($4) and c.settings is not null
			on conflict (org_id, connection_id, lead_id) do update set dirty = true, version = integrations.links.version + 1, next_at = $3, tries = 0`, touchOrgs, touched, now, q.Services)
		if err != nil {
			return fmt.Errorf("note leads for CRMs: %w", err)
		}
		if some = tasks.RowsAffected()+links.RowsAffected() > 0; !some {
			return nil
		}
		return q.wakeThose(ctx, tx, append(orgs, touchOrgs...), now)
	})
	return some, err
}

// wakeThose has CRMs of organisations looked at soon, and not at once: much follows much. One that fails has its own time: who wants to be left alone is.
func (q *Enqueuer) wakeThose(ctx context.Context, tx pgx.Tx, orgs []uuid.UUID, now time.Time) error {
	if len(orgs) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `update integrations.turns set woken = lease is not null, next_at = case when lease is not null then next_at else least(next_at, $2) end
		where org_id = any($1) and next_at <> 'infinity' and next_at > $2 and failing_since is null`, orgs, now)
	if err != nil {
		return fmt.Errorf("wake connections: %w", err)
	}
	return nil
}

func (q *Enqueuer) exec(ctx context.Context, sql string, args ...any) error {
	if _, err := q.Turns.Pool.Exec(ctx, sql, args...); err != nil {
		return fmt.Errorf("note for CRMs: %w", err)
	}
	return nil
}

func (q *Enqueuer) handleConnection(ctx context.Context, e *es.Event, event events.ConnectionEvent) error {
	id := event.Connection()
	switch p := event.(type) {
	case events.ConnectionMade:
		return errors.Join(q.Turns.Begin(ctx, e.Org, id), q.rememberAccount(ctx, e.Org, id))
	case events.ConnectionRestored, events.ConnectionResumed:
		return q.Turns.Wake(ctx, e.Org, id)
	case events.ConnectionInterrupted, events.ConnectionPaused:
		return q.Turns.Stop(ctx, e.Org, id)
	case events.ConnectionRemoved:
		return errors.Join(q.Turns.Forget(ctx, e.Org, id), q.forgetAccount(ctx, e.Org, id), q.Forget(ctx, e.Org, id), q.Vault.Erase(ctx, e.Org, id))
	case events.ConnectionMapped:
		return errors.Join(q.touchAll(ctx, e.Org, id), q.Turns.Wake(ctx, e.Org, id))
	case events.ConnectionImportRequested:
		return q.addImport(ctx, e, p)
	case events.ConnectionResyncRequested:
		return q.resync(ctx, e, p)
	case events.ConnectionConflictResolved:
		return q.exec(ctx, `update integrations.conflicts set kept = $5, resolved_at = $6 where org_id = $1 and connection_id = $2 and lead_id = $3 and field = $4 and at <= $6`, e.Org, id, p.LeadID, p.Field, p.Keep, e.Time)
	case events.ConnectionCalendarsChosen: // calendars have a reactor of their own
	}
	return nil
}

// touchAll has every lead compared.
func (q *Enqueuer) touchAll(ctx context.Context, org, connection uuid.UUID) error {
	return q.exec(ctx, `insert into integrations.links (org_id, connection_id, lead_id, next_at) select org_id, $2, lead_id, $3 from read.leads where org_id = $1 and erased_at is null
		on conflict (org_id, connection_id, lead_id) do update set dirty = true, version = integrations.links.version + 1, next_at = $3, tries = 0, error = ''`, org, connection, q.Turns.Now())
}

func (q *Enqueuer) addImport(ctx context.Context, e *es.Event, p events.ConnectionImportRequested) error {
	data, err := es.Marshal(importTask{p, e.Actor, e.CorrelationID})
	if err != nil {
		return err
	}
	return errors.Join(q.exec(ctx, `insert into integrations.tasks (org_id, connection_id, run_id, event_id, oseq, kind, lead_id, at, data, next_at)
		values ($1, $2, $3, $4, $5, $6, '00000000-0000-0000-0000-000000000000', $7, $8, $9) on conflict do nothing`, e.Org, p.ConnectionID, p.ImportID, e.ID, e.Oseq, crm.TaskImport, e.Time, string(data), q.Turns.Now()),
		q.Turns.Wake(ctx, e.Org, p.ConnectionID))
}

// resync forgets which lead is which contact, and notes all that has ever happened once more. Records are found again by their keys, contacts by their
// addresses, so the same CRM stays as it is and an empty one becomes what it would be. It can be done again from the start.
func (q *Enqueuer) resync(ctx context.Context, e *es.Event, p events.ConnectionResyncRequested) error {
	if err := q.Shown(ctx, e); err != nil {
		return err
	}
	if err := q.exec(ctx, `update integrations.links set remote_id = null, remote_at = null, opted_out = false where org_id = $1 and connection_id = $2`, e.Org, p.ConnectionID); err != nil {
		return err
	}
	if err := q.exec(ctx, `delete from integrations.cursors where org_id = $1 and connection_id = $2 and name = $3`, e.Org, p.ConnectionID, preparedCursor); err != nil {
		return err
	}
	if err := q.touchAll(ctx, e.Org, p.ConnectionID); err != nil {
		return err
	}
	for after := int64(0); ; {
		page, err := q.History.ByTime(ctx, e.Org, time.Unix(0, 0), e.Time, after, replayPage)
		if err != nil {
			return fmt.Errorf("read history for a CRM: %w", err)
		}
		var all []noted
		for _, old := range page {
			after = old.Oseq
			payload, err := events.Decode(old.Type, old.Data)
			if err != nil {
				return fmt.Errorf("read history for a CRM: %w", err)
			}
			if t, ok := crm.Describe(old, events.Newest(payload)); ok && t.Kind != crm.TaskErase {
				all = append(all, noted{task: &t, org: e.Org})
			}
		}
		if _, err := q.add(ctx, p.ResyncID, p.ConnectionID, all); err != nil {
			return err
		}
		if len(page) < replayPage {
			return q.Turns.Wake(ctx, e.Org, p.ConnectionID)
		}
	}
}

// rememberAccount lets what a service posts be led to the connection.
func (q *Enqueuer) rememberAccount(ctx context.Context, org, connection uuid.UUID) error {
	var row *projections.Connection
	err := pgx.BeginFunc(ctx, q.Turns.Pool, func(tx pgx.Tx) (err error) {
		row, err = projections.GetConnection(ctx, tx, org, connection)
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil // it was removed
	}
	if err != nil {
		return err
	}
	a, err := integrations.OpenAccount(ctx, q.Vault, org, connection, row.Account)
	if errors.Is(err, pii.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := q.Identity.Exec(ctx, `insert into identity.integration_accounts (provider, account, org_id, connection_id) values ($1, $2, $3, $4) on conflict do nothing`,
		row.Provider, integrations.PublicHash(row.Provider, a.ID), org, connection); err != nil {
		return fmt.Errorf("remember account: %w", err)
	}
	return nil
}

func (q *Enqueuer) forgetAccount(ctx context.Context, org, connection uuid.UUID) error {
	if _, err := q.Identity.Exec(ctx, `delete from identity.integration_accounts where org_id = $1 and ($2 = '00000000-0000-0000-0000-000000000000'::uuid or connection_id = $2)`, org, connection); err != nil {
		return fmt.Errorf("forget account: %w", err)
	}
	return nil
}
