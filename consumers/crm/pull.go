package crm

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/commands"
	"outrider/consumers/connections"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/integrations"
	"outrider/internal/app/suppressions"
	"outrider/internal/crmapi"
	"outrider/internal/es"
	services "outrider/internal/integrations"
	"outrider/internal/pii"
	"outrider/internal/postgres"
	"outrider/projections"
)

const (
	modifiedCursor = "modified"
	pulledCursor   = "pulled" // when all that had changed was read last
	// overlap is looked at once more: an index of changes is seconds behind.
	overlap   = 2 * time.Minute
	mostPages = 10_000
)

// pull notes contacts that have changed: those that the CRM has told of, and all that it shows since the last one. What they say now is compared afterwards.
func (w *Worker) pull(ctx context.Context, j *job) error {
	if err := w.pullHeard(ctx, j); err != nil {
		return err
	}
	since, err := w.Turns.Cursor(ctx, j.Org, j.Connection, modifiedCursor)
	if err != nil {
		return err
	}
	if rested, err := w.hasRested(ctx, j); err != nil || !rested {
		return err
	}
	if since == "" { // all leads are compared anyway when fields are mapped
		return w.Turns.SetCursor(ctx, j.Org, j.Connection, modifiedCursor, strconv.FormatInt(j.Theirs(w.Turns.Now()).UnixMilli(), 10))
	}
	began, err := strconv.ParseInt(since, 10, 64)
	if err != nil {
		return fmt.Errorf("read cursor: %w", err)
	}
	last := began
	after := ""
	for range mostPages {
		page, next, err := j.Changed(ctx, time.UnixMilli(began).Add(-overlap), after)
		if err != nil {
			return err
		}
		if err := w.noteChanged(ctx, j, page); err != nil {
			return err
		}
		for _, c := range page {
			last = max(last, c.UpdatedAt.UnixMilli())
		}
		if after = next; after == "" {
			return errors.Join(w.Turns.SetCursor(ctx, j.Org, j.Connection, modifiedCursor, strconv.FormatInt(last, 10)),
				w.Turns.SetCursor(ctx, j.Org, j.Connection, pulledCursor, w.Turns.Now().Format(time.RFC3339Nano)))
		}
		if err := w.Turns.Renew(ctx, j.Turn); err != nil {
			return err
		}
	}
	return &services.Later{After: time.Hour, Why: "more than a million contacts have changed"}
}

// hasRested reports whether it is time to look for changes again. A turn that goes on where the one before stopped doesn't: what we have just written there shows as changed,
// and an account of 50,000 would be read as a whole every few thousand leads.
func (w *Worker) hasRested(ctx context.Context, j *job) (bool, error) {
	last, err := w.Turns.Cursor(ctx, j.Org, j.Connection, pulledCursor)
	if err != nil || last == "" {
		return err == nil, err
	}
	at, err := time.Parse(time.RFC3339Nano, last)
	if err != nil {
		return false, fmt.Errorf("read cursor: %w", err)
	}
	return w.Turns.Now().Sub(at) >= w.Poll/2, nil // turns come after a Poll, or sooner when they are woken
}

// pullHeard reads what the CRM has told of. It is forgotten once that is noted.
func (w *Worker) pullHeard(ctx context.Context, j *job) error {
	for {
		rows, err := w.Turns.Pool.Query(ctx, `select remote_id, at from integrations.heard where org_id = $1 and connection_id = $2 order by at limit $3`, j.Org, j.Connection, j.Batch())
		if err != nil {
			return fmt.Errorf("read what was heard: %w", err)
		}
		var ids []string
		var times []time.Time
		var id string
		var at time.Time
		if _, err := pgx.ForEachRow(rows, []any{&id, &at}, func() error { ids, times = append(ids, id), append(times, at); return nil }); err != nil {
			return fmt.Errorf("read what was heard: %w", err)
		}
		if len(ids) == 0 {
			return nil
		}
		found, err := j.ByID(ctx, ids, nil)
		if err != nil {
			return fmt.Errorf("read changed contacts: %w", err)
		}
		if err := w.noteChanged(ctx, j, slices.Collect(maps.Values(found))); err != nil {
			return err
		}
		if _, err := w.Turns.Pool.Exec(ctx, `delete from integrations.heard h using unnest($3::text[], $4::timestamptz[]) d (remote_id, at) where h.org_id = $1 and h.connection_id = $2 and h.remote_id = d.remote_id and h.at = d.at`,
			j.Org, j.Connection, ids, times); err != nil {
			return fmt.Errorf("forget what was heard: %w", err)
		}
	}
}

// noteChanged has the leads of contacts compared, and stops what is sent to who has opted out there, lead or not. A change that we have made ourselves, or seen, is none.
func (w *Worker) noteChanged(ctx context.Context, j *job, contacts []crmapi.Contact) error {
	var ids, addresses []string
	var times []time.Time
	var out []string
	for _, c := range contacts {
		address, err := pii.NormalizeAddress(c.Email)
		if err != nil {
			continue
		}
		ids, times, addresses = append(ids, c.ID), append(times, c.UpdatedAt), append(addresses, address)
		if c.OptedOut {
			out = append(out, address)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	if err := w.suppressUnknown(ctx, j, out); err != nil {
		return err
	}
	var rows []*projections.Lead
	if err := postgres.InOrg(ctx, w.Reads, j.Org, func(tx pgx.Tx) (err error) {
		rows, err = projections.LeadsOfAddresses(ctx, tx, j.Org, addresses)
		return err
	}); err != nil {
		return err
	}
	leadOf := map[string]uuid.UUID{}
	for _, l := range rows {
		if l.Email != nil && l.ErasedAt == nil {
			leadOf[*l.Email] = l.LeadID
		}
	}
	var leads []*uuid.UUID
	for _, a := range addresses {
		if id, ok := leadOf[a]; ok {
			leads = append(leads, &id)
		} else {
			leads = append(leads, nil)
		}
	}
	// each contact by itself, by the index of its id and by that of its lead: of a table that has just been filled Postgres believes that there is one row, and would compare all with all
	if _, err := w.Turns.Pool.Exec(ctx, `with changed as (select * from unnest($3::text[], $4::timestamptz[], $5::uuid[]) as e (remote_id, at, lead_id)),
			about as (select l.lead_id from changed e cross join lateral (select l.lead_id from integrations.links l
					where l.org_id = $1 and l.connection_id = $2 and l.remote_id = e.remote_id and (l.remote_at is null or l.remote_at < e.at) limit 1) l
				union select l.lead_id from changed e cross join lateral (select l.lead_id from integrations.links l
					where l.org_id = $1 and l.connection_id = $2 and l.lead_id = e.lead_id and (l.remote_at is null or l.remote_at < e.at) limit 1) l),
			known as (update integrations.links l set dirty = true, version = l.version + 1, next_at = $6, tries = 0
				where l.org_id = $1 and l.connection_id = $2 and l.lead_id = any(array(select lead_id from about)) returning l.lead_id)
		insert into integrations.links (org_id, connection_id, lead_id, next_at) select distinct $1::uuid, $2::uuid, e.lead_id, $6::timestamptz from changed e where e.lead_id is not null
		on conflict do nothing`, j.Org, j.Connection, ids, times, leads, w.Turns.Now()); err != nil {
		return fmt.Errorf("note changed contacts: %w", err)
	}
	return nil
}

// suppressUnknown suppresses those of addresses that aren't yet.
func (w *Worker) suppressUnknown(ctx context.Context, j *job, addresses []string) error {
	for _, a := range addresses {
		if err := w.suppress(ctx, j, a); err != nil {
			return err
		}
	}
	return nil
}

// suppress has nothing sent to an address any more. The command does nothing where that is so already.
func (w *Worker) suppress(ctx context.Context, j *job, address string) error {
	entry := suppressions.Entry{Kind: events.SuppressAddress, Value: address}
	items := []commands.SuppressionItem{entry.Item(j.hasher, events.SuppressedUnsubscribe)}
	seen := "opt-out " + items[0].Hash
	was, err := w.Turns.Cursor(ctx, j.Org, j.Connection, seen)
	if err != nil || was != "" { // asked for by this connection before: somebody may have taken it back here, which is theirs to answer for
		return err
	}
	if err := suppressions.Seal(ctx, w.Vault.Keys, j.Org, []suppressions.Entry{entry}, items); err != nil {
		return err
	}
	id := es.DeriveID(j.Connection, seen)
	a, err := reaction.Submit(ctx, w.Commands, connections.Because(j.Turn, id), id, w.Now(), commands.AddSuppressions{Items: items})
	if err != nil {
		return err
	}
	if a.Outcome == es.Refused {
		return fmt.Errorf("suppress who has opted out in a CRM: refused: %s", a.Code)
	}
	if err := w.Turns.SetCursor(ctx, j.Org, j.Connection, seen, "1"); err != nil {
		return err
	}
	return w.Turns.Log(ctx, j.Org, j.Connection, integrations.Entry{Direction: integrations.In, What: "opt-out", Outcome: integrations.Done})
}

// addressOf is a contact's, if it is one.
func addressOf(c crmapi.Contact) []string {
	a, err := pii.NormalizeAddress(c.Email)
	if err != nil {
		return nil
	}
	return []string{a}
}
