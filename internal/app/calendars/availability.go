package calendars

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/googlecalendar"
	"outrider/projections"
)

// Fresh is how old what is known of a calendar may be. It is looked at each minute, and when Google says that it has changed.
const Fresh = 15 * time.Minute

// State is what is known of one calendar.
type State struct {
	ConnectionID uuid.UUID  `db:"connection_id"`
	Calendar     string     `db:"calendar"` // hash
	Writes       bool       `db:"writes"`
	Problem      string     `db:"problem"`
	LookedAt     *time.Time `db:"looked_at"`
	KnownUntil   *time.Time `db:"known_until"`
}

// Known reports whether it can be relied on.
func (s State) Known(now time.Time) bool {
	return s.Problem == "" && s.LookedAt != nil && now.Sub(*s.LookedAt) < Fresh
}

// Host is whom people can meet.
type Host struct {
	Connection uuid.UUID
	until      time.Time // up to where their calendar is known
	busy       []googlecalendar.Span
}

// Availability is what calendars say of an organisation. What was looked at lately is believed; a calendar of which nothing is known now is neither free nor busy: pages say so.
type Availability struct {
	Hosted  bool // meetings are written into calendars, so there must be somebody to meet
	Away    bool // calendars are looked at, and none of those that count can be read now
	Unknown int  // calendars that can't be read now
	Hosts   []Host
	busy    []googlecalendar.Span // of who isn't met by themselves: in everybody's way
}

// States returns what is known of an organisation's calendars.
func States(ctx context.Context, tx pgx.Tx, org uuid.UUID) ([]State, error) {
	rows, err := tx.Query(ctx, `select connection_id, calendar, writes, problem, looked_at, known_until from integrations.calendars where org_id = $1 order by connection_id, calendar`, org)
	if err != nil {
		return nil, fmt.Errorf("read states of calendars: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[State])
	if err != nil {
		return nil, fmt.Errorf("read states of calendars: %w", err)
	}
	return all, nil
}

// Read returns what calendars say from a time on; now is real, as calendars are looked at in real time.
func Read(ctx context.Context, tx pgx.Tx, org uuid.UUID, now, from time.Time) (a Availability, err error) {
	connections, err := projections.ListConnections(ctx, tx, org)
	if err != nil {
		return a, err
	}
	connections = slices.DeleteFunc(connections, func(c *projections.Connection) bool { return c.Provider != googlecalendar.Name || c.Calendars == nil })
	if len(connections) == 0 {
		return a, nil
	}
	states, err := States(ctx, tx, org)
	if err != nil {
		return a, err
	}
	busy, err := readBusy(ctx, tx, org, from)
	if err != nil {
		return a, err
	}
	usable := 0
	for _, c := range connections {
		a.Hosted = a.Hosted || c.Writes
	}
	for _, c := range connections {
		of := statesOf(states, c.ConnectionID)
		known, unknown := c.State() == projections.ConnectionConnected && len(of) > 0, 0
		until := time.Time{}
		for _, s := range of {
			switch ok := s.Known(now); {
			case ok && (until.IsZero() || s.KnownUntil.Before(until)):
				until = *s.KnownUntil
			case !ok && s.Writes:
				known = false
			case !ok:
				unknown++
			}
		}
		if !known || unknown == len(of) {
			a.Unknown += max(len(of), 1)
			continue
		}
		a.Unknown += unknown
		switch {
		case c.Writes:
			a.Hosts = append(a.Hosts, Host{Connection: c.ConnectionID, until: until, busy: busy[c.ConnectionID]})
			usable++
		default:
			a.busy = append(a.busy, busy[c.ConnectionID]...)
			if !a.Hosted {
				usable++
			}
		}
	}
	a.Away = usable == 0
	return a, nil
}

func statesOf(all []State, connection uuid.UUID) (out []State) {
	for _, s := range all {
		if s.ConnectionID == connection {
			out = append(out, s)
		}
	}
	return out
}

func readBusy(ctx context.Context, tx pgx.Tx, org uuid.UUID, from time.Time) (map[uuid.UUID][]googlecalendar.Span, error) {
	rows, err := tx.Query(ctx, `select connection_id, starts_at, ends_at from integrations.busy where org_id = $1 and ends_at > $2`, org, from)
	if err != nil {
		return nil, fmt.Errorf("read when calendars are busy: %w", err)
	}
	out := map[uuid.UUID][]googlecalendar.Span{}
	var connection uuid.UUID
	var s googlecalendar.Span
	if _, err := pgx.ForEachRow(rows, []any{&connection, &s.From, &s.To}, func() error {
		out[connection] = append(out[connection], s)
		return nil
	}); err != nil {
		return nil, fmt.Errorf("read when calendars are busy: %w", err)
	}
	return out, nil
}

// IsFree reports whether a host has nothing else to do between two times; own is a meeting that stands in their calendar already and is to be moved, which is in nobody's way. A host who can't
// be asked isn't free; zero is the organisation as a whole.
func (a Availability) IsFree(host uuid.UUID, from, to time.Time, own *googlecalendar.Span) bool {
	if a.Away || overlap(a.busy, from, to, own) {
		return false
	}
	if host == uuid.Nil {
		return true
	}
	i := slices.IndexFunc(a.Hosts, func(h Host) bool { return h.Connection == host })
	return i >= 0 && !to.After(a.Hosts[i].until) && !overlap(a.Hosts[i].busy, from, to, own)
}

// overlap reports whether one of some spans, without own, lies between two times.
func overlap(spans []googlecalendar.Span, from, to time.Time, own *googlecalendar.Span) bool {
	return slices.ContainsFunc(spans, func(s googlecalendar.Span) bool {
		for _, part := range without(s, own) {
			if part.From.Before(to) && part.To.After(from) {
				return true
			}
		}
		return false
	})
}

// without returns what is left of a span: Google joins those that touch each other.
func without(s googlecalendar.Span, own *googlecalendar.Span) (out []googlecalendar.Span) {
	if own == nil || !own.From.Before(s.To) || !own.To.After(s.From) {
		return []googlecalendar.Span{s}
	}
	if s.From.Before(own.From) {
		out = append(out, googlecalendar.Span{From: s.From, To: own.From})
	}
	if own.To.Before(s.To) {
		out = append(out, googlecalendar.Span{From: own.To, To: s.To})
	}
	return out
}
