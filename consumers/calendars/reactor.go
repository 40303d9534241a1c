// Package calendars keeps meetings and the calendars of their hosts alike.
package calendars

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/integrations"
	"outrider/internal/es"
	"outrider/internal/es/react"
)

// EnqueueConfig is what the reactor needs.
type EnqueueConfig struct {
	Turns    integrations.Turns
	Commands reaction.Commander
	Await    reaction.Await
	Wake     func()
}

// Enqueuer notes what calendars are to be told. It ends where that is noted.
type Enqueuer struct{ EnqueueConfig }

// NewEnqueuer returns the reactor, or an error that names what is missing.
func NewEnqueuer(c EnqueueConfig) (*Enqueuer, error) {
	if err := (reaction.Required{"pool": c.Turns.Pool != nil, "clock": c.Turns.Now != nil, "commands": c.Commands != nil, "wake": c.Wake != nil}).Check("calendars"); err != nil {
		return nil, err
	}
	return &Enqueuer{c}, nil
}

// Reactor returns how it is run.
func (q *Enqueuer) Reactor() react.Reactor {
	return react.Reactor{Name: "calendars", Wants: reaction.WantEvents(events.MeetingBooked{}, events.MeetingRescheduled{}, events.MeetingCancelled{}, events.LeadErased{}, events.ConnectionCalendarsChosen{}, events.ConnectionRestored{},
		events.ConnectionResumed{}, events.ConnectionRemoved{}, events.OrganizationDeleted{}), Concurrency: 16, PerOrg: 4, Handle: q.handleEvent}
}

func (q *Enqueuer) handleEvent(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := reaction.DecodeEvent(e)
	if err != nil {
		return nil, err
	}
	if b, ok := p.(events.MeetingBooked); ok && b.HostID == uuid.Nil {
		return nil, nil
	}
	if err := q.Await.For(ctx, e, "meetings", "connections"); err != nil {
		return nil, err
	}
	switch p := p.(type) {
	case events.MeetingBooked:
		err = q.want(ctx, e, p.MeetingID, true)
	case events.MeetingRescheduled:
		err = q.want(ctx, e, p.MeetingID, false)
	case events.MeetingCancelled:
		err = q.want(ctx, e, p.MeetingID, false)
	case events.LeadErased:
		err = q.exec(ctx, `update integrations.appointments set scrub = true, dirty = true, version = version + 1, next_at = $3 where org_id = $1 and lead_id = $2`, e.Org, p.LeadID, q.Turns.Now())
	case events.ConnectionCalendarsChosen:
		err = q.Turns.Wake(ctx, e.Org, p.ConnectionID)
	case events.ConnectionRemoved:
		err = q.forget(ctx, e, p.ConnectionID)
	case events.OrganizationDeleted:
		err = q.forgetAll(ctx, e.Org)
	}
	if err != nil {
		return nil, err
	}
	q.Wake()
	return nil, nil
}

// want notes where a meeting is to stand, as the read model has it: that is the same in whatever order events are handled.
func (q *Enqueuer) want(ctx context.Context, e *es.Event, meeting uuid.UUID, isNew bool) error {
	now := q.Turns.Now()
	tag, err := q.Turns.Pool.Exec(ctx, `with changed as (insert into integrations.appointments as a (org_id, meeting_id, connection_id, lead_id, starts_at, ends_at, off, next_at, created_at)
			select m.org_id, m.meeting_id, m.host_id, m.lead_id, m.starts_at, m.ends_at, m.status <> 'booked', $3, $3
			from read.meetings m join read.connections c on c.org_id = m.org_id and c.connection_id = m.host_id where m.org_id = $1 and m.meeting_id = $2
			on conflict (org_id, meeting_id) do update set starts_at = excluded.starts_at, ends_at = excluded.ends_at, off = excluded.off, dirty = true, version = a.version + 1, next_at = $3, tries = 0
			returning org_id, connection_id)
		update integrations.turns t set woken = t.lease is not null, next_at = case when t.lease is not null then t.next_at else least(t.next_at, $3) end
			from changed c where t.org_id = c.org_id and t.connection_id = c.connection_id`, e.Org, meeting, now)
	if err != nil {
		return fmt.Errorf("note a meeting for a calendar: %w", err)
	}
	if tag.RowsAffected() == 0 && isNew { // the connection is gone: its guest isn't kept waiting
		return q.tellLate(ctx, e, meeting)
	}
	return nil
}

func (q *Enqueuer) tellLate(ctx context.Context, e *es.Event, meeting uuid.UUID) error {
	_, err := reaction.Submit(ctx, q.Commands, reaction.CausedBy(e, "calendars"), es.DeriveID(e.ID, "late", meeting.String()), e.Time, commands.PlaceMeeting{MeetingID: meeting, Late: true})
	return err
}

// forget takes away all that is kept of a connection. Guests who wait for a link aren't kept waiting; what stands in a calendar stays there.
func (q *Enqueuer) forget(ctx context.Context, e *es.Event, connection uuid.UUID) error {
	rows, err := q.Turns.Pool.Query(ctx, `select meeting_id from integrations.appointments where org_id = $1 and connection_id = $2 and told = '' and not off`, e.Org, connection)
	if err != nil {
		return fmt.Errorf("read meetings of a calendar: %w", err)
	}
	waiting, err := collectIDs(rows)
	if err != nil {
		return err
	}
	for _, m := range waiting {
		if err := q.tellLate(ctx, e, m); err != nil {
			return err
		}
	}
	for _, table := range []string{"calendars", "busy", "channels", "appointments"} {
		err = errors.Join(err, q.exec(ctx, `delete from integrations.`+table+` where org_id = $1 and connection_id = $2`, e.Org, connection))
	}
	return err
}

func (q *Enqueuer) forgetAll(ctx context.Context, org uuid.UUID) (err error) {
	for _, table := range []string{"calendars", "busy", "channels", "appointments"} {
		err = errors.Join(err, q.exec(ctx, `delete from integrations.`+table+` where org_id = $1`, org))
	}
	return err
}

func (q *Enqueuer) exec(ctx context.Context, sql string, args ...any) error {
	if _, err := q.Turns.Pool.Exec(ctx, sql, args...); err != nil {
		return fmt.Errorf("note for calendars: %w", err)
	}
	return nil
}
