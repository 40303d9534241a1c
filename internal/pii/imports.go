package pii

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// ErrNotFound: there is no such key or secret, or no longer.
var ErrNotFound = errors.New("not found in the vault")

// CreateImportKey makes the key of 32 bytes that a raw import file is encrypted with. After expires DestroyExpired deletes it.
func (v *Vault) CreateImportKey(ctx context.Context, org, importID uuid.UUID, expires time.Time) ([]byte, error) {
	o, err := v.organisationKeys(ctx, org)
	if err != nil {
		return nil, err
	}
	key := make([]byte, keySize)
	rand.Read(key) // never fails
	wrapped, err := o.wrap.Encrypt(key, authenticatedData(org, importID, "import key"))
	if err != nil {
		return nil, fmt.Errorf("wrap import key: %w", err)
	}
	if _, err := v.pool.Exec(ctx, `insert into vault.import_keys (import_id, org_id, wrapped, expires_at)
		values ($1, $2, $3, $4)`, importID, org, wrapped, expires); err != nil {
		return nil, fmt.Errorf("store import key: %w", err)
	}
	return key, nil
}

// ImportKey returns the key of an import, or ErrNotFound once it has expired, destroyed already or not.
func (v *Vault) ImportKey(ctx context.Context, org, importID uuid.UUID) ([]byte, error) {
	var wrapped []byte
	var expires time.Time
	err := v.pool.QueryRow(ctx, `select wrapped, expires_at from vault.import_keys where import_id = $1 and org_id = $2`,
		importID, org).Scan(&wrapped, &expires)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && !v.now().Before(expires) {
		return nil, fmt.Errorf("read import key: %w", ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("read import key: %w", err)
	}
	return v.unwrapSecret(ctx, org, wrapped, authenticatedData(org, importID, "import key"))
}

// DestroyExpired deletes the import keys whose time has come and returns their imports, whose files can go as well.
func (v *Vault) DestroyExpired(ctx context.Context) ([]uuid.UUID, error) {
	rows, err := v.pool.Query(ctx, `delete from vault.import_keys where expires_at <= $1 returning import_id`, v.now())
	if err != nil {
		return nil, fmt.Errorf("destroy import keys: %w", err)
	}
	destroyed, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("destroy import keys: %w", err)
	}
	return destroyed, nil
}

// unwrapSecret opens what was encrypted under the keys of org.
func (v *Vault) unwrapSecret(ctx context.Context, org uuid.UUID, wrapped, bound []byte) ([]byte, error) {
	o, err := v.knownOrganisation(ctx, org)
	if err != nil {
		return nil, err
	}
	if o == nil {
		return nil, fmt.Errorf("read key of organisation: %w", ErrNotFound)
	}
	plain, err := o.wrap.Decrypt(wrapped, bound)
	if err != nil {
		return nil, fmt.Errorf("unwrap: %w", ErrUnreadable)
	}
	return plain, nil
}
