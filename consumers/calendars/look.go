package calendars

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"outrider/internal/app/calendars"
	"outrider/internal/app/integrations"
	"outrider/internal/es"
	"outrider/internal/googlecalendar"
)

// look asks when calendars are busy. One that Google answers for with an error isn't known: what was known of it stays, and pages say so.
func (w *Worker) look(ctx context.Context, j *job) error {
	all := j.choice.All()
	from := w.Now().Truncate(time.Minute)
	said, err := j.client.FreeBusy(ctx, all, from, j.until)
	if err != nil {
		return err
	}
	before, err := w.problemsOf(ctx, j)
	if err != nil {
		return err
	}
	now := w.Turns.Now()
	var hashes []string
	var entries []integrations.Entry
	err = pgx.BeginFunc(ctx, w.Turns.Pool, func(tx pgx.Tx) error {
		for _, id := range all {
			hash, b := calendars.Hash(j.hasher, id), said[id]
			hashes = append(hashes, hash)
			var at, until *time.Time
			if b.Problem == "" {
				at, until = &now, &j.until
			} else if before[hash] != b.Problem {
				entries = append(entries, integrations.Entry{Direction: integrations.In, What: "calendar", Outcome: integrations.Failed, Detail: "nothing is known of a calendar: " + b.Problem})
			}
			if _, err := tx.Exec(ctx, `insert into integrations.calendars as c (org_id, connection_id, calendar, writes, problem, looked_at, known_until) values ($1, $2, $3, $4, $5, $6, $7)
				on conflict (org_id, connection_id, calendar) do update set writes = excluded.writes, problem = excluded.problem, looked_at = coalesce(excluded.looked_at, c.looked_at), known_until = coalesce(excluded.known_until, c.known_until)`,
				j.Org, j.Connection, hash, id == j.choice.Write, b.Problem, at, until); err != nil {
				return fmt.Errorf("note what a calendar says: %w", err)
			}
			if b.Problem == "" {
				if err := replaceBusy(ctx, tx, j, hash, b.Spans); err != nil {
					return err
				}
			}
		}
		for _, table := range []string{"calendars", "busy"} {
			if _, err := tx.Exec(ctx, `delete from integrations.`+table+` where org_id = $1 and connection_id = $2 and calendar <> all($3)`, j.Org, j.Connection, hashes); err != nil {
				return fmt.Errorf("forget calendars: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		return err //nolint:wrapcheck // it says what failed
	}
	return w.Turns.Log(ctx, j.Org, j.Connection, entries...)
}

func replaceBusy(ctx context.Context, tx pgx.Tx, j *job, hash string, spans []googlecalendar.Span) error {
	if _, err := tx.Exec(ctx, `delete from integrations.busy where org_id = $1 and connection_id = $2 and calendar = $3`, j.Org, j.Connection, hash); err != nil {
		return fmt.Errorf("forget when a calendar is busy: %w", err)
	}
	var starts, ends []time.Time
	for _, s := range spans {
		starts, ends = append(starts, s.From), append(ends, s.To)
	}
	if _, err := tx.Exec(ctx, `insert into integrations.busy (org_id, connection_id, calendar, starts_at, ends_at) select $1, $2, $3, * from unnest($4::timestamptz[], $5::timestamptz[]) on conflict do nothing`,
		j.Org, j.Connection, hash, starts, ends); err != nil {
		return fmt.Errorf("note when a calendar is busy: %w", err)
	}
	return nil
}

// problemsOf returns what was wrong with calendars last.
func (w *Worker) problemsOf(ctx context.Context, j *job) (map[string]string, error) {
	rows, err := w.Turns.Pool.Query(ctx, `select calendar, problem from integrations.calendars where org_id = $1 and connection_id = $2`, j.Org, j.Connection)
	if err != nil {
		return nil, fmt.Errorf("read states of calendars: %w", err)
	}
	out := map[string]string{}
	var calendar, problem string
	if _, err := pgx.ForEachRow(rows, []any{&calendar, &problem}, func() error {
		out[calendar] = problem
		return nil
	}); err != nil {
		return nil, fmt.Errorf("read states of calendars: %w", err)
	}
	return out, nil
}

// Channels last a week at most, and are never renewed by themselves.
const (
	channelFor   = 7 * 24 * time.Hour
	renewBefore  = 24 * time.Hour
	watchAgainIn = 6 * time.Hour // after what can't be watched
)

type channel struct {
	Calendar string    `db:"calendar"`
	ID       string    `db:"channel_id"`
	Resource string    `db:"resource"`
	Until    time.Time `db:"until"`
}

// watch sees to it that Google tells us of changes. A channel is renewed a day before it ends, and the one before is stopped once the new one stands. Not all that it tells arrives: looking goes on.
func (w *Worker) watch(ctx context.Context, j *job) error {
	address := w.Address(j.Org, j.Connection)
	if address == "" {
		return nil
	}
	rows, err := w.Turns.Pool.Query(ctx, `select calendar, channel_id, resource, until from integrations.channels where org_id = $1 and connection_id = $2 order by until desc`, j.Org, j.Connection)
	if err != nil {
		return fmt.Errorf("read channels: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[channel])
	if err != nil {
		return fmt.Errorf("read channels: %w", err)
	}
	newest := map[string]channel{}
	for _, c := range all {
		if _, ok := newest[c.Calendar]; !ok {
			newest[c.Calendar] = c
		}
	}
	keep := map[string]bool{}
	for _, id := range j.choice.All() {
		hash := calendars.Hash(j.hasher, id)
		is, ok := newest[hash]
		now := w.Turns.Now()
		if ok && (is.Resource != "" && is.Until.Sub(now) > renewBefore || is.Resource == "" && is.Until.After(now)) {
			keep[is.ID] = true
			continue
		}
		made, err := w.open(ctx, j, id, hash, address)
		if err != nil {
			return err
		}
		keep[made] = true
	}
	for _, c := range all {
		if keep[c.ID] {
			continue
		}
		if c.Resource != "" {
			if err := j.client.Stop(ctx, googlecalendar.Channel{ID: c.ID, Resource: c.Resource}); err != nil {
				return err
			}
		}
		if err := w.exec(ctx, `delete from integrations.channels where org_id = $1 and connection_id = $2 and channel_id = $3`, j.Org, j.Connection, c.ID); err != nil {
			return err
		}
	}
	return nil
}

// open makes a channel. Its id is new with every try, as one whose answer was lost can't be used again.
func (w *Worker) open(ctx context.Context, j *job, calendar, hash, address string) (string, error) {
	made, err := j.client.Watch(ctx, calendar, googlecalendar.Channel{ID: es.NewID().String()}, address, channelFor)
	if errors.Is(err, googlecalendar.ErrForbidden) { // that of a colleague of whom we only see when they are busy, say
		made.Resource, made.Until, err = "", w.Turns.Now().Add(watchAgainIn), nil
	}
	if err != nil {
		return "", err
	}
	return made.ID, w.exec(ctx, `insert into integrations.channels (org_id, connection_id, calendar, channel_id, resource, until) values ($1, $2, $3, $4, $5, $6)`, j.Org, j.Connection, hash, made.ID, made.Resource, made.Until)
}
