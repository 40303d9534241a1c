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
	"outrider/internal/hubspot"
	services "outrider/internal/integrations"
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

	activity crm.Activity
}

const triesOfTask = 8

// waiting returns tasks of some kinds, the oldest first. Of a lead none comes before an older one that waits for another try.
func (w *Worker) waiting(ctx context.Context, j *job, kinds []string, limit int) ([]*task, error) {
	rows, err := w.Turns.Pool.Query(ctx, `select t.run_id, t.event_id, t.kind, t.lead_id, t.data, t.tries, l.remote_id, l.opted_out, l.dirty from integrations.tasks t
		left join integrations.links l on l.org_id = t.org_id and l.connection_id = t.connection_id and l.lead_id = t.lead_id
		where t.org_id = $1 and t.connection_id = $2 and t.state = 'waiting' and t.kind = any($3) and t.next_at <= $4
			and not exists (select from integrations.tasks b where b.org_id = t.org_id and b.connection_id = t.connection_id and b.state = 'waiting' and b.lead_id = t.lead_id and b.kind = any($3)
				and b.oseq < t.oseq and b.next_at > $4)
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
	var runs, ids []uuid.UUID
	for _, t := range all {
		runs, ids = append(runs, t.RunID), append(ids, t.EventID)
	}
	if _, err := w.Turns.Pool.Exec(ctx, `update integrations.tasks t set state = $5, error = $6, finished_at = $7 from unnest($3::uuid[], $4::uuid[]) d (run_id, event_id)
		where t.org_id = $1 and t.connection_id = $2 and t.run_id = d.run_id and t.event_id = d.event_id`, j.Org, j.Connection, runs, ids, state, reason, w.Turns.Now()); err != nil {
		return fmt.Errorf("finish tasks of a CRM: %w", err)
	}
	return nil
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
	all, err := w.waiting(ctx, j, []string{events.ActivitySent, events.ActivityReply, events.ActivityMeeting, events.ActivityUnsubscribed, events.ActivityBounced}, hubspot.BatchSize)
	if err != nil || len(all) == 0 {
		return 0, err
	}
	byObject := map[string][]*task{}
	var skipped []*task
	for _, t := range all {
		switch {
		case t.RemoteID != nil:
			if err := json.Unmarshal(t.Data, &t.activity); err != nil {
				return 0, fmt.Errorf("read task: %w", err)
			}
			byObject[t.activity.Object] = append(byObject[t.activity.Object], t)
		case t.Dirty != nil && *t.Dirty: // the lead comes first
			if _, err := w.Turns.Pool.Exec(ctx, `update integrations.tasks set next_at = $5 where org_id = $1 and connection_id = $2 and run_id = $3 and event_id = $4`,
				j.Org, j.Connection, t.RunID, t.EventID, w.Turns.Now().Add(time.Minute)); err != nil {
				return 0, fmt.Errorf("put task off: %w", err)
			}
		default:
			skipped = append(skipped, t)
		}
	}
	for _, object := range slices.Sorted(maps.Keys(byObject)) {
		if err := w.sendRecords(ctx, j, object, byObject[object]); err != nil {
			return 0, err
		}
	}
	if len(skipped) > 0 {
		if err := errors.Join(w.finish(ctx, j, "skipped", "the lead isn't in the CRM", skipped...),
			w.Turns.Log(ctx, j.Org, j.Connection, integrations.Entry{Direction: integrations.Out, What: "activities", Outcome: integrations.Skipped, Count: len(skipped), Detail: "of leads that aren't in the CRM"})); err != nil {
			return 0, err
		}
	}
	return len(all), nil
}

// sendRecords writes a batch of one type and joins the records to their contacts. Records are found by their keys: what was done and not heard of is done again without a trace.
func (w *Worker) sendRecords(ctx context.Context, j *job, object string, all []*task) error {
	inputs, byKey := []hubspot.Input{}, map[string][]*task{}
	for _, t := range all {
		key := t.activity.Key
		if before := byKey[key]; before != nil { // a later word on the same: what it doesn't say stays
			for i := range inputs {
				if inputs[i].ID == key {
					maps.Copy(inputs[i].Properties, t.activity.Properties)
				}
			}
		} else {
			properties := maps.Clone(t.activity.Properties)
			properties[crm.UniqueProperty] = key
			inputs = append(inputs, hubspot.Input{ID: key, IDProperty: crm.UniqueProperty, Trace: key, Properties: properties})
		}
		byKey[key] = append(byKey[key], t)
	}
	done, err := j.client.Upsert(ctx, object, inputs)
	var wrong *services.StatusError
	switch {
	case errors.As(err, &wrong) || errors.Is(err, hubspot.ErrConflict):
		if len(byKey) == 1 {
			return w.retryAll(ctx, j, all, "the CRM refuses it: "+problemOf(err))
		}
		keys := slices.Sorted(maps.Keys(byKey))
		var one, other []*task
		for i, key := range keys {
			if i < len(keys)/2 {
				one = append(one, byKey[key]...)
			} else {
				other = append(other, byKey[key]...)
			}
		}
		return errors.Join(w.sendRecords(ctx, j, object, one), w.sendRecords(ctx, j, object, other))
	case err != nil:
		return fmt.Errorf("write %s: %w", object, err)
	}
	var pairs []hubspot.Pair
	var finished []*task
	for _, o := range done.Results {
		for _, t := range byKey[o.Value(crm.UniqueProperty)] {
			pairs, finished = append(pairs, hubspot.Pair{From: o.ID, To: *t.RemoteID}), append(finished, t)
		}
		delete(byKey, o.Value(crm.UniqueProperty))
	}
	if len(pairs) > 0 {
		if _, err := j.client.Associate(ctx, object, hubspot.Contacts, slices.Compact(pairs)); err != nil && !errors.Is(err, hubspot.ErrNotFound) {
			return fmt.Errorf("join %s to contacts: %w", object, err)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		reason := "the CRM didn't say what became of it"
		for _, p := range done.Errors {
			if slices.Contains(p.Traces(), key) || slices.Contains(p.IDs(), key) {
				reason = "the CRM refuses it: " + p.Category
			}
		}
		if err := w.retryAll(ctx, j, byKey[key], reason); err != nil {
			return err
		}
	}
	if len(finished) == 0 {
		return nil
	}
	return errors.Join(w.finish(ctx, j, "done", "", finished...), w.Turns.Log(ctx, j.Org, j.Connection, integrations.Entry{Direction: integrations.Out, What: object, Outcome: integrations.Done, Count: len(finished)}))
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
		all, err := w.waiting(ctx, j, []string{crm.TaskOptOut}, hubspot.BatchSize)
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
			if err := j.client.OptOut(ctx, addresses); err != nil {
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
		all, err := w.waiting(ctx, j, []string{crm.TaskErase}, hubspot.BatchSize)
		if err != nil || len(all) == 0 {
			return err
		}
		for _, t := range all {
			if t.RemoteID != nil && j.settings.OnErase == events.CRMDelete {
				if err := j.client.Archive(ctx, hubspot.Contacts, *t.RemoteID); err != nil {
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
