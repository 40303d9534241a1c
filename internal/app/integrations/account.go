// Package integrations is what the API and the work on connections share: who an account is, how a connection goes, and what was done.
package integrations

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/pii"
)

// accountField is the field name that a sealed account is bound to; its subject is the connection.
const accountField = "connection_account"

// Account is who a connection leads to, as it is kept sealed.
type Account struct {
	ID   string `json:"id"`   // as the service calls it
	Name string `json:"name"` // as people know it
}

// SealAccount seals an account under a key of the connection, and hashes it under the organisation's.
func SealAccount(ctx context.Context, vault *pii.Vault, org, connection uuid.UUID, provider string, a Account) (s events.Sealed, hash string, err error) {
	if s, err = Seal(ctx, vault, org, connection, accountField, a); err != nil {
		return s, "", err
	}
	hasher, err := vault.Hasher(ctx, org)
	if err != nil {
		return s, "", err
	}
	return s, hasher.AddressHash(provider + " " + a.ID).String(), nil
}

// OpenAccount gives it back; pii.ErrNotFound once the key is destroyed.
func OpenAccount(ctx context.Context, vault *pii.Vault, org, connection uuid.UUID, sealed json.RawMessage) (a Account, err error) {
	err = Open(ctx, vault, org, connection, accountField, sealed, &a)
	return a, err
}

// Seal seals something under a key of the connection, bound to the name of a field.
func Seal(ctx context.Context, vault *pii.Vault, org, connection uuid.UUID, field string, v any) (s events.Sealed, err error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return s, fmt.Errorf("encode %s: %w", field, err)
	}
	keys, err := vault.Keys(ctx, org, []uuid.UUID{connection})
	if err != nil {
		return s, err
	}
	sealed, err := keys[0].Seal(field, plain)
	return events.Sealed(sealed), err
}

// Open gives it back; pii.ErrNotFound once the key is destroyed.
func Open(ctx context.Context, vault *pii.Vault, org, connection uuid.UUID, field string, sealed json.RawMessage, into any) error {
	var s events.Sealed
	if err := json.Unmarshal(sealed, &s); err != nil {
		return fmt.Errorf("read %s: %w", field, err)
	}
	ref := pii.Ref{Org: org, Subject: connection, ID: pii.KeyID(s.K)}
	found, err := vault.Lookup(ctx, []pii.Ref{ref})
	if err != nil {
		return err
	}
	key, ok := found[ref]
	if !ok {
		return fmt.Errorf("open %s: %w", field, pii.ErrNotFound)
	}
	plain, err := key.Open(field, pii.Sealed(s))
	if err != nil {
		return fmt.Errorf("open %s: %w", field, err)
	}
	if err := json.Unmarshal(plain, into); err != nil {
		return fmt.Errorf("read %s: %w", field, err)
	}
	return nil
}

// PublicHash is what an account is known by across organisations.
func PublicHash(provider, id string) string {
	sum := sha256.Sum256([]byte(provider + " " + id))
	return hex.EncodeToString(sum[:])
}
