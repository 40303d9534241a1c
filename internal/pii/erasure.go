package pii

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/es"
)

// Erase deletes a person's key. Doing it again does nothing. Keys makes a new one, with a new id, when asked.
func (v *Vault) Erase(ctx context.Context, org, subject uuid.UUID) error {
	_, err := v.pool.Exec(ctx, `with gone as (delete from vault.person_keys where org_id = $1 and subject = $2 returning org_id, subject, key_id)
		insert into vault.erased_keys select * from gone on conflict do nothing`, org, subject)
	return v.afterErasure(err, org, subject)
}

// EraseOnce deletes a person's key because an event says so, once for each event: a key that the same person gets later stays. So does
// the key of an id, when it is known to be later; 0 = it isn't.
func (v *Vault) EraseOnce(ctx context.Context, org, subject, event uuid.UUID, later KeyID) error {
	_, err := v.pool.Exec(ctx, `with first as (insert into vault.erasures values ($3) on conflict do nothing returning event_id),
		gone as (delete from vault.person_keys where org_id = $1 and subject = $2 and key_id <> $4 and exists (select from first) returning org_id, subject, key_id)
		insert into vault.erased_keys select * from gone on conflict do nothing`, org, subject, event, int64(later))
	return v.afterErasure(err, org, subject)
}

func (v *Vault) afterErasure(err error, org, subject uuid.UUID) error {
	if err != nil {
		return fmt.Errorf("erase person key: %w", err)
	}
	v.erased.Add(1) // before the removal: see remember
	v.persons.Remove(person{org, subject})
	return nil
}

// EraseAgain deletes the keys that were erased and are there again, as their table came back from a backup.
func (v *Vault) EraseAgain(ctx context.Context) (int64, error) {
	tag, err := v.pool.Exec(ctx, `delete from vault.person_keys k using vault.erased_keys e where (k.org_id, k.subject, k.key_id) = (e.org_id, e.subject, e.key_id)`)
	if err != nil {
		return 0, fmt.Errorf("erase restored keys: %w", err)
	}
	return tag.RowsAffected(), nil
}

// HasKey reports whether a subject has a key, whatever this process remembers.
func (v *Vault) HasKey(ctx context.Context, org, subject uuid.UUID) (has bool, err error) {
	err = v.pool.QueryRow(ctx, `select exists (select from vault.person_keys where org_id = $1 and subject = $2)`, org, subject).Scan(&has)
	if err != nil {
		return false, fmt.Errorf("look for person key: %w", err)
	}
	return has, nil
}

// Organizations lists those that have keys.
func (v *Vault) Organizations(ctx context.Context) ([]uuid.UUID, error) {
	rows, err := v.pool.Query(ctx, `select org_id from vault.organisation_keys order by org_id`)
	if err != nil {
		return nil, fmt.Errorf("list organisations of the vault: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("list organisations of the vault: %w", err)
	}
	return ids, nil
}

// ErasureMark is up to where a partition of a topic was looked through for erasures; the start when it never was.
func (v *Vault) ErasureMark(ctx context.Context, topic string, partition int32) (es.Checkpoint, error) {
	c := es.StartCheckpoint()
	err := v.pool.QueryRow(ctx, `select epoch, pseq, log_offset, leader_epoch from vault.erasure_marks where topic = $1 and partition = $2`, topic, partition).
		Scan(&c.Epoch, &c.Pseq, &c.Offset, &c.LeaderEpoch)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return c, fmt.Errorf("read mark of erasures: %w", err)
	}
	return c, nil
}

// SetErasureMark moves it on.
func (v *Vault) SetErasureMark(ctx context.Context, topic string, partition int32, c es.Checkpoint) error {
	if _, err := v.pool.Exec(ctx, `insert into vault.erasure_marks as m values ($1, $2, $3, $4, $5, $6) on conflict (topic, partition) do update
		set epoch = excluded.epoch, pseq = excluded.pseq, log_offset = excluded.log_offset, leader_epoch = excluded.leader_epoch where m.log_offset < excluded.log_offset`,
		topic, partition, c.Epoch, c.Pseq, c.Offset, c.LeaderEpoch); err != nil {
		return fmt.Errorf("write mark of erasures: %w", err)
	}
	return nil
}
