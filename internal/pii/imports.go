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

// FileKey names the key of a file: of an import, or of an export.
type FileKey struct{ Org, File uuid.UUID }

// FileKeys names the keys of an organisation's files.
func (v *Vault) FileKeys(ctx context.Context, org uuid.UUID) ([]FileKey, error) {
	rows, err := v.pool.Query(ctx, `select org_id, import_id from vault.import_keys where org_id = $1`, org)
	if err != nil {
		return nil, fmt.Errorf("list keys of files: %w", err)
	}
	keys, err := pgx.CollectRows(rows, pgx.RowToStructByPos[FileKey])
	if err != nil {
		return nil, fmt.Errorf("list keys of files: %w", err)
	}
	return keys, nil
}

// KeepNothing says of all files of an organisation that nothing of them may be kept once they were read.
func (v *Vault) KeepNothing(ctx context.Context, org uuid.UUID) error {
	if _, err := v.pool.Exec(ctx, `update vault.import_keys set keep_nothing = true where org_id = $1 and not keep_nothing`, org); err != nil {
		return fmt.Errorf("mark keys of files: %w", err)
	}
	return nil
}

// MayKeep reports whether parts of a file may be kept: its key lives, and nobody was erased since it was made.
func (v *Vault) MayKeep(ctx context.Context, org, file uuid.UUID) (may bool, err error) {
	err = v.pool.QueryRow(ctx, `select exists (select from vault.import_keys where import_id = $1 and org_id = $2 and not keep_nothing)`, file, org).Scan(&may)
	if err != nil {
		return false, fmt.Errorf("read mark of key: %w", err)
	}
	return may, nil
}

// DestroyExpired deletes the keys of files whose time has come, after the files themselves: erase deletes what it is given. Keys whose
// files couldn't be deleted stay, unread (ImportKey), for the next time.
func (v *Vault) DestroyExpired(ctx context.Context, erase func(context.Context, FileKey) error) (destroyed int, err error) {
	rows, err := v.pool.Query(ctx, `select org_id, import_id from vault.import_keys where expires_at <= $1`, v.now())
	if err != nil {
		return 0, fmt.Errorf("find expired keys: %w", err)
	}
	expired, err := pgx.CollectRows(rows, pgx.RowToStructByPos[FileKey])
	if err != nil {
		return 0, fmt.Errorf("find expired keys: %w", err)
	}
	for _, k := range expired {
		one := erase(ctx, k)
		if one == nil {
			one = v.DestroyImportKey(ctx, k.Org, k.File)
		}
		if err = errors.Join(err, one); one == nil {
			destroyed++
		}
	}
	return destroyed, err
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

// DestroyImportKey deletes a key before its time: what it encrypted can't be read again. A missing one is not an error.
func (v *Vault) DestroyImportKey(ctx context.Context, org, importID uuid.UUID) error {
	if _, err := v.pool.Exec(ctx, `delete from vault.import_keys where import_id = $1 and org_id = $2`, importID, org); err != nil {
		return fmt.Errorf("destroy import key: %w", err)
	}
	return nil
}
