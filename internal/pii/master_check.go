package pii

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// ErrForeignMaster says that the master key isn't the one that what is stored was encrypted with.
var ErrForeignMaster = errors.New("the master key isn't the one that this installation's data was encrypted with; put back the key file from the backup")

// checkText is what the check value holds: nothing secret.
const checkText = "outrider master key check v1"

func checkBound() []byte { return authenticatedData(uuid.Nil, uuid.Nil, "master key check") }

// CheckWrapper returns ErrForeignMaster when the wrapper can't read what the vault holds. The first call leaves a check value
// there, so that even an installation without organisations knows its key.
func (v *Vault) CheckWrapper(ctx context.Context) error {
	sample, err := v.wrappedSample(ctx)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
	case err != nil:
		return fmt.Errorf("check master key: %w", err)
	default:
		if _, err := v.wrapper.Unwrap(ctx, sample.wrapped, sample.bound); err != nil {
			return fmt.Errorf("check master key: %w", ErrForeignMaster)
		}
		if sample.isCheck {
			return nil
		}
	}
	return v.writeCheck(ctx, "nothing")
}

// sample is something that the wrapper has wrapped.
type sample struct {
	wrapped, bound []byte
	isCheck        bool // the check value
}

// wrappedSample is the check value; of a vault that is older than it, the key of an organisation. pgx.ErrNoRows where nothing was wrapped.
func (v *Vault) wrappedSample(ctx context.Context) (s sample, err error) {
	err = v.pool.QueryRow(ctx, `select wrapped from vault.master_key_check`).Scan(&s.wrapped)
	if !errors.Is(err, pgx.ErrNoRows) {
		s.bound, s.isCheck = checkBound(), true
		return s, err
	}
	var org uuid.UUID
	err = v.pool.QueryRow(ctx, `select org_id, wrapped from vault.organisation_keys limit 1`).Scan(&org, &s.wrapped)
	s.bound = authenticatedData(org, uuid.Nil, "organisation key")
	return s, err
}

// Holds reports whether anything in the vault was wrapped: then a new master key is of no use.
func (v *Vault) Holds(ctx context.Context) (bool, error) {
	_, err := v.wrappedSample(ctx)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// writeCheck leaves a check value; conflict is what becomes of one that is there: nothing, or an update in SQL.
func (v *Vault) writeCheck(ctx context.Context, conflict string) error {
	wrapped, err := v.wrapper.Wrap(ctx, []byte(checkText), checkBound())
	if err != nil {
		return fmt.Errorf("wrap the check value: %w", err)
	}
	if _, err := v.pool.Exec(ctx, `insert into vault.master_key_check (wrapped) values ($1) on conflict (only_row) do `+conflict, wrapped); err != nil {
		return fmt.Errorf("write the check value: %w", err)
	}
	return nil
}

// Rewrap lets everything that the wrapper protects rest on its newest key, and returns how many keys that were. What they encrypted
// isn't touched. It can be stopped and called again.
func (v *Vault) Rewrap(ctx context.Context) (n int, err error) {
	after := uuid.Nil
	for {
		rows, err := v.pool.Query(ctx, `select org_id, wrapped from vault.organisation_keys where org_id > $1 order by org_id limit 500`, after)
		if err != nil {
			return n, fmt.Errorf("list organisation keys: %w", err)
		}
		all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[wrappedKey])
		if err != nil {
			return n, fmt.Errorf("list organisation keys: %w", err)
		}
		for _, k := range all {
			if err := v.rewrapOrganisation(ctx, k); err != nil {
				return n, err
			}
			after = k.Org
			n++
		}
		if len(all) == 0 {
			return n, v.writeCheck(ctx, "update set wrapped = excluded.wrapped")
		}
	}
}

type wrappedKey struct {
	Org     uuid.UUID
	Wrapped []byte
}

func (v *Vault) rewrapOrganisation(ctx context.Context, k wrappedKey) error {
	bound := authenticatedData(k.Org, uuid.Nil, "organisation key")
	root, err := v.wrapper.Unwrap(ctx, k.Wrapped, bound)
	if err != nil {
		return fmt.Errorf("unwrap the key of organisation %s: %w", k.Org, err)
	}
	wrapped, err := v.wrapper.Wrap(ctx, root, bound)
	if err != nil {
		return fmt.Errorf("wrap the key of organisation %s: %w", k.Org, err)
	}
	// Its key never changes, so whoever was faster wrote the same under a key of the ring.
	if _, err := v.pool.Exec(ctx, `update vault.organisation_keys set wrapped = $2 where org_id = $1 and wrapped = $3`, k.Org, wrapped, k.Wrapped); err != nil {
		return fmt.Errorf("write the key of organisation %s: %w", k.Org, err)
	}
	return nil
}
