package pii

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// PutSecret stores a password or token of an outside service; an earlier one of this name is replaced. Events carry the name.
func (v *Vault) PutSecret(ctx context.Context, org uuid.UUID, name string, secret []byte) error {
	o, err := v.organisationKeys(ctx, org)
	if err != nil {
		return err
	}
	sealed, err := o.wrap.Encrypt(secret, authenticatedData(org, uuid.Nil, "secret "+name))
	if err != nil {
		return fmt.Errorf("seal secret %s: %w", name, err)
	}
	if _, err := v.pool.Exec(ctx, `insert into vault.secrets (org_id, name, sealed) values ($1, $2, $3)
		on conflict (org_id, name) do update set sealed = excluded.sealed, updated_at = now()`, org, name, sealed); err != nil {
		return fmt.Errorf("store secret %s: %w", name, err)
	}
	return nil
}

// Secret returns what PutSecret stored, or ErrNotFound.
func (v *Vault) Secret(ctx context.Context, org uuid.UUID, name string) ([]byte, error) {
	var sealed []byte
	err := v.pool.QueryRow(ctx, `select sealed from vault.secrets where org_id = $1 and name = $2`, org, name).Scan(&sealed)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fmt.Errorf("read secret %s: %w", name, ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("read secret %s: %w", name, err)
	}
	return v.unwrapSecret(ctx, org, sealed, authenticatedData(org, uuid.Nil, "secret "+name))
}

// UpdateSecret replaces a secret by what change makes of it. Nobody else does so meanwhile, in whichever process; an error of change, or of what follows, leaves it as it is.
func (v *Vault) UpdateSecret(ctx context.Context, org uuid.UUID, name string, change func(was []byte) ([]byte, error)) error {
	o, err := v.organisationKeys(ctx, org)
	if err != nil {
		return err
	}
	about := authenticatedData(org, uuid.Nil, "secret "+name)
	return pgx.BeginFunc(ctx, v.pool, func(tx pgx.Tx) error {
		var sealed []byte
		err := tx.QueryRow(ctx, `select sealed from vault.secrets where org_id = $1 and name = $2 for update`, org, name).Scan(&sealed)
		if errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("read secret %s: %w", name, ErrNotFound)
		}
		if err != nil {
			return fmt.Errorf("read secret %s: %w", name, err)
		}
		was, err := v.unwrapSecret(ctx, org, sealed, about)
		if err != nil {
			return err
		}
		is, err := change(was)
		if err != nil || bytes.Equal(is, was) {
			return err
		}
		if sealed, err = o.wrap.Encrypt(is, about); err != nil {
			return fmt.Errorf("seal secret %s: %w", name, err)
		}
		if _, err := tx.Exec(ctx, `update vault.secrets set sealed = $3, updated_at = now() where org_id = $1 and name = $2`, org, name, sealed); err != nil {
			return fmt.Errorf("store secret %s: %w", name, err)
		}
		return nil
	})
}

// DeleteSecret forgets a secret. A missing one is not an error.
func (v *Vault) DeleteSecret(ctx context.Context, org uuid.UUID, name string) error {
	if _, err := v.pool.Exec(ctx, `delete from vault.secrets where org_id = $1 and name = $2`, org, name); err != nil {
		return fmt.Errorf("delete secret %s: %w", name, err)
	}
	return nil
}

// DeleteSecrets forgets all secrets whose names begin so.
func (v *Vault) DeleteSecrets(ctx context.Context, org uuid.UUID, prefix string) error {
	if _, err := v.pool.Exec(ctx, `delete from vault.secrets where org_id = $1 and starts_with(name, $2)`, org, prefix); err != nil {
		return fmt.Errorf("delete secrets %s: %w", prefix, err)
	}
	return nil
}
