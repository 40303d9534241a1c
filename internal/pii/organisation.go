package pii

import (
	"context"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	daead "github.com/tink-crypto/tink-go/v2/daead/subtle"
)

type cachedOrg struct {
	*orgKeys
	expires time.Time
}

// orgKeys are derived from an organisation's root key, which itself is not kept.
type orgKeys struct {
	wrap   *subtle.AESGCM // wraps person and import keys, seals secrets
	cursor *daead.AESSIV  // the same for the same place, as a repeated request must be answered alike
	hasher *Hasher
}

// Hasher returns the keyed hashes of org, creating its root key when there is none.
func (v *Vault) Hasher(ctx context.Context, org uuid.UUID) (*Hasher, error) {
	keys, err := v.organisationKeys(ctx, org)
	if err != nil {
		return nil, err
	}
	return keys.hasher, nil
}

// organisationKeys gets or creates the keys of org.
func (v *Vault) organisationKeys(ctx context.Context, org uuid.UUID) (*orgKeys, error) {
	keys, err := v.knownOrganisation(ctx, org)
	if keys != nil || err != nil {
		return keys, err
	}
	root := make([]byte, keySize)
	rand.Read(root) // never fails
	wrapped, err := v.wrapper.Wrap(ctx, root, authenticatedData(org, uuid.Nil, "organisation key"))
	if err != nil {
		return nil, fmt.Errorf("wrap organisation key: %w", err)
	}
	// Of two creators one wins; both then read the winner's.
	if _, err := v.pool.Exec(ctx, `insert into vault.organisation_keys (org_id, wrapped) values ($1, $2)
		on conflict do nothing`, org, wrapped); err != nil {
		return nil, fmt.Errorf("store organisation key: %w", err)
	}
	keys, err = v.knownOrganisation(ctx, org)
	if err == nil && keys == nil {
		err = errors.New("create organisation key: the organisation is being destroyed")
	}
	return keys, err
}

// knownOrganisation returns nil when org has no root key.
func (v *Vault) knownOrganisation(ctx context.Context, org uuid.UUID) (*orgKeys, error) {
	if c, ok := v.orgs.Get(org); ok && v.now().Before(c.expires) {
		return c.orgKeys, nil
	}
	before := v.erased.Load()
	var wrapped []byte
	err := v.pool.QueryRow(ctx, `select wrapped from vault.organisation_keys where org_id = $1`, org).Scan(&wrapped)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read organisation key: %w", err)
	}
	root, err := v.wrapper.Unwrap(ctx, wrapped, authenticatedData(org, uuid.Nil, "organisation key"))
	if err != nil {
		return nil, fmt.Errorf("unwrap organisation key (is it another master key?): %w", err)
	}
	keys, err := deriveOrg(root)
	if err != nil {
		return nil, fmt.Errorf("derive organisation keys: %w", err)
	}
	v.orgs.Add(org, cachedOrg{orgKeys: keys, expires: v.now().Add(v.ttl)})
	if v.erased.Load() != before { // see remember
		v.orgs.Remove(org)
	}
	return keys, nil
}

func deriveOrg(root []byte) (*orgKeys, error) {
	wrap, err := hkdf.Expand(sha256.New, root, "outrider wrap v1", keySize)
	if err != nil {
		return nil, err
	}
	hash, err := hkdf.Expand(sha256.New, root, "outrider hash v1", keySize)
	if err != nil {
		return nil, err
	}
	cursor, err := hkdf.Expand(sha256.New, root, "outrider cursor v1", daead.AESSIVKeySize)
	if err != nil {
		return nil, err
	}
	aead, err := subtle.NewAESGCM(wrap)
	if err != nil {
		return nil, err
	}
	siv, err := daead.NewAESSIV(cursor)
	if err != nil {
		return nil, err
	}
	return &orgKeys{wrap: aead, cursor: siv, hasher: &Hasher{key: hash}}, nil
}

// DestroyOrganisation deletes every key and secret of org: nothing that it encrypted can be read again.
func (v *Vault) DestroyOrganisation(ctx context.Context, org uuid.UUID) error {
	b := &pgx.Batch{} // one transaction
	b.Queue(`insert into vault.erased_keys select org_id, subject, key_id from vault.person_keys where org_id = $1 on conflict do nothing`, org)
	for _, table := range []string{"organisation_keys", "person_keys", "import_keys", "secrets"} {
		b.Queue(`delete from vault.`+table+` where org_id = $1`, org)
	}
	if err := v.pool.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("destroy keys of organisation: %w", err)
	}
	v.erased.Add(1)
	v.orgs.Remove(org)
	for _, p := range v.persons.Keys() {
		if p.org == org {
			v.persons.Remove(p)
		}
	}
	return nil
}
