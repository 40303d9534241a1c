package crm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/app/crm"
	"outrider/internal/app/integrations"
	"outrider/internal/crmapi"
	"outrider/internal/postgres"
	"outrider/projections"
)

// task is a row of integrations.tasks that waits, with the contact that it is about.
type task struct {
	RunID    uuid.UUID       `db:"run_id"`
	EventID  uuid.UUID       `db:"event_id"`
	Kind     string          `db:"kind"`
	LeadID   uuid.UUID       `db:"lead_id"`
	Data     json.RawMessage `db:"data"`
	Tries    int             `db:"tries"`
	RemoteID *string         `db:"remote_id"`
	OptedOut *bool           `db:"opted_out"`
	Dirty    *bool           `db:"dirty"`

	activity crmapi.Activity
}

const triesOfTask = 8

// waiting returns tasks of some kinds, the oldest first. Of a lead none comes before an older one that waits for another try: that is
// looked up for each that would come (offset 0), else all that wait would be compared with all.
func (w *Worker) waiting(ctx context.Context, j *job, kinds []string, limit int) ([]*task, error) {
	rows, err := w.Turns.Pool.Query(ctx, `select t.run_id, t.event_id, t.kind, t.lead_id, t.data, t.tries, l.remote_id, l.opted_out, l.dirty from integrations.tasks t
		left join integrations.links l on l.org_id = t.org_id and l.connection_id = t.connection_id and l.lead_id = t.lead_id
		where t.org_id = $1 and t.connection_id = $2 and t.state = 'waiting' and t.kind = any($3) and t.next_at <= $4
			and not exists (select from integrations.tasks b where b.org_id = t.org_id and b.connection_id = t.connection_id and b.state = 'waiting' and b.lead_id = t.lead_id and b.kind = any($3)
				and b.oseq < t.oseq and b.next_at > $4 offset 0)
		order by t.oseq limit $5`, j.Org, j.Connection, kinds, w.Turns.Now(), limit)
	if err != nil {
		return nil, fmt.Errorf("read tasks of a CRM: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByNameLax[task])
	if err != nil {
		return nil, fmt.Errorf("read tasks of a CRM: %w", err)
	}
	return all, nil
}

// finish ends tasks.
func (w *Worker) finish(ctx context.Context, j *job, state, reason string, all ...*task) error {
	if len(all) == 0 {
		return nil
	}
	if err := w.eachTask(ctx, j, all, `update integrations.tasks set state = $5, error = $6, finished_at = $7 where org_id = $1 and connection_id = $2 and run_id = $3 and event_id = $4`, state, reason, w.Turns.Now()); err != nil {
		return fmt.Errorf("finish tasks of a CRM: %w", err)
	}
	return nil
}

// eachTask changes tasks, each by its key, in one round trip.
func (w *Worker) eachTask(ctx context.Context, j *job, all []*task, sql string, args ...any) error {
	var changes pgx.Batch
	for _, t := range all {
		changes.Queue(sql, append([]any{j.Org, j.Connection, t.RunID, t.EventID}, args...)...)
	}
	return w.Turns.Pool.SendBatch(ctx, &changes).Close() //nolint:wrapcheck // by who calls it
}

// retry has a task come again, or gives it up.
func (w *Worker) retry(ctx context.Context, j *job, t *task, reason string) error {
	log := integrations.Entry{Direction: integrations.Out, What: t.Kind, Outcome: integrations.Failed, LeadID: &t.LeadID, RemoteID: t.RemoteID, Detail: reason}
	if t.Tries+1 >= triesOfTask {
		return errors.Join(w.finish(ctx, j, "failed", reason, t), w.Turns.Log(ctx, j.Org, j.Connection, log))
	}
	if _, err := w.Turns.Pool.Exec(ctx, `update integrations.tasks set tries = tries + 1, next_at = $5, error = $6 where org_id = $1 and connection_id = $2 and run_id = $3 and event_id = $4`,
		j.Org, j.Connection, t.RunID, t.EventID, w.Turns.Now().Add(min(time.Minute<<t.Tries, 6*time.Hour)), reason); err != nil {
		return fmt.Errorf("note a task's failure: %w", err)
	}
	return w.Turns.Log(ctx, j.Org, j.Connection, log)
}

// sendActivities writes records about contacts. Those of leads that have no contact there wait while the lead does, and are left out when it has none for good. It returns how many.
func (w *Worker) sendActivities(ctx context.Context, j *job) (int, error) {
	all, err := w.waiting(ctx, j, []string{events.ActivitySent, events.ActivityReply, events.ActivityMeeting, events.ActivityUnsubscribed, events.ActivityBounced}, j.Batch())
	if err != nil || len(all) == 0 {
		return 0, err
	}
	var ready, skipped, off []*task
	for _, t := range all {
		switch {
		case t.RemoteID != nil:
			if err := json.Unmarshal(t.Data, &t.activity); err != nil {
				return 0, fmt.Errorf("read task: %w", err)
			}
			t.activity.Contact = *t.RemoteID
			ready = append(ready, t)
		case t.Dirty != nil && *t.Dirty: // the lead comes first
			off = append(off, t)
		default:
			skipped = append(skipped, t)
		}
	}
	if len(off) > 0 {
		if err := w.eachTask(ctx, j, off, `update integrations.tasks set next_at = $5 where org_id = $1 and connection_id = $2 and run_id = $3 and event_id = $4`, w.Turns.Now().Add(time.Minute)); err != nil {
			return 0, fmt.Errorf("put tasks off: %w", err)
		}
	}
	if err := w.sendRecords(ctx, j, ready); err != nil {
		return 0, err
	}
	if len(skipped) > 0 {
		if err := errors.Join(w.finish(ctx, j, "skipped", "the lead isn't in the CRM", skipped...),
			w.Turns.Log(ctx, j.Org, j.Connection, integrations.Entry{Direction: integrations.Out, What: "activities", Outcome: integrations.Skipped, Count: len(skipped), Detail: "of leads that aren't in the CRM"})); err != nil {
			return 0, err
		}
	}
	return len(all), nil
}

// sendRecords writes activities. They are found by their keys: what was done and not heard of is done again without a trace.
func (w *Worker) sendRecords(ctx context.Context, j *job, all []*task) error {
	var records []crmapi.Activity
	var of [][]*task
	at := map[string]int{}
	for _, t := range all {
		i, before := at[t.activity.Key]
		if !before {
			at[t.activity.Key], records, of = len(records), append(records, t.activity), append(of, []*task{t})
			continue
		}
		records[i], of[i] = records[i].Then(t.activity), append(of[i], t)
	}
	if len(records) == 0 {
		return nil
	}
	done, err := j.Record(ctx, records)
	if err != nil {
		return fmt.Errorf("write activities: %w", err)
	}
	counts := map[string]int{}
	var finished []*task
	for i, o := range done {
		if o.Problem != "" {
			if err := w.retryAll(ctx, j, of[i], o.Problem); err != nil {
				return err
			}
			continue
		}
		counts[records[i].Type+"s"] += len(of[i])
		finished = append(finished, of[i]...)
	}
	var entries []integrations.Entry
	for _, what := range slices.Sorted(maps.Keys(counts)) {
		entries = append(entries, integrations.Entry{Direction: integrations.Out, What: what, Outcome: integrations.Done, Count: counts[what]})
	}
	return errors.Join(w.finish(ctx, j, "done", "", finished...), w.Turns.Log(ctx, j.Org, j.Connection, entries...))
}

func (w *Worker) retryAll(ctx context.Context, j *job, all []*task, reason string) (err error) {
	for _, t := range all {
		err = errors.Join(err, w.retry(ctx, j, t, reason))
	}
	return err
}

// sendOptOuts says who wants no more mail. Somebody who isn't in the CRM is nobody there, unless everybody comes to be.
func (w *Worker) sendOptOuts(ctx context.Context, j *job) error {
	for {
		all, err := w.waiting(ctx, j, []string{crm.TaskOptOut}, j.Batch())
		if err != nil || len(all) == 0 {
			return err
		}
		var ids []uuid.UUID
		var told, done []*task
		for _, t := range all {
			if t.OptedOut != nil && *t.OptedOut || t.OptedOut == nil || t.RemoteID == nil && !j.settings.CreateAll && !*t.Dirty {
				done = append(done, t)
				continue
			}
			ids, told = append(ids, t.LeadID), append(told, t)
		}
		addresses, err := w.addressesOf(ctx, j, ids)
		if err != nil {
			return err
		}
		if len(addresses) > 0 {
			if err := j.OptOut(ctx, addresses); err != nil {
				return fmt.Errorf("say who has opted out: %w", err)
			}
			if _, err := w.Turns.Pool.Exec(ctx, `update integrations.links set opted_out = true where org_id = $1 and connection_id = $2 and lead_id = any($3)`, j.Org, j.Connection, ids); err != nil {
				return fmt.Errorf("note who has opted out: %w", err)
			}
			if err := w.Turns.Log(ctx, j.Org, j.Connection, integrations.Entry{Direction: integrations.Out, What: "opt-out", Outcome: integrations.Done, Count: len(addresses)}); err != nil {
				return err
			}
		}
		if err := errors.Join(w.finish(ctx, j, "done", "", told...), w.finish(ctx, j, "skipped", "", done...)); err != nil {
			return err
		}
	}
}

func (w *Worker) addressesOf(ctx context.Context, j *job, ids []uuid.UUID) (out []string, err error) {
	err = postgres.InOrg(ctx, w.Reads, j.Org, func(tx pgx.Tx) error {
		rows, err := projections.LeadsByID(ctx, tx, j.Org, ids)
		for _, l := range rows {
			if l.Email != nil {
				out = append(out, *l.Email)
			}
		}
		return err
	})
	return out, err
}

// erase does in the CRM what the settings say of people who were erased here, and forgets who they were.
func (w *Worker) erase(ctx context.Context, j *job) error {
	for {
		all, err := w.waiting(ctx, j, []string{crm.TaskErase}, j.Batch())
		if err != nil || len(all) == 0 {
			return err
		}
		for _, t := range all {
			if t.RemoteID != nil && j.settings.OnErase == events.CRMDelete {
				if err := j.Delete(ctx, *t.RemoteID); err != nil {
					return fmt.Errorf("delete contact: %w", err)
				}
				if err := w.Turns.Log(ctx, j.Org, j.Connection, integrations.Entry{Direction: integrations.Out, What: "erasure", Outcome: integrations.Done, RemoteID: t.RemoteID}); err != nil {
					return err
				}
			}
			for _, sql := range []string{`delete from integrations.conflicts`, `delete from integrations.links`} {
				if _, err := w.Turns.Pool.Exec(ctx, sql+` where org_id = $1 and connection_id = $2 and lead_id = $3`, j.Org, j.Connection, t.LeadID); err != nil {
					return fmt.Errorf("forget contact: %w", err)
				}
			}
		}
		if err := w.finish(ctx, j, "done", "", all...); err != nil {
			return err
		}
	}
}
