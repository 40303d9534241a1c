// Package exportfile says where the file of an export lies, and seals and opens what was asked for.
package exportfile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/blob"
	"outrider/internal/pii"
	"outrider/projections"
)

// FilterField is the field name that the sealed filter is bound to; its subject is the export.
const FilterField = "export_filter"

// Request is what an export is asked for.
type Request struct {
	Kind         string                        `json:"kind"` // events.ExportLeads and so on
	Leads        projections.LeadFilter        `json:"leads,omitzero"`
	Messages     projections.MessageFilter     `json:"messages,omitzero"`
	Suppressions projections.SuppressionFilter `json:"suppressions,omitzero"`
}

// ErrGone says that the file has expired or was deleted.
var ErrGone = errors.New("the file of the export is gone")

// Name of the object in the bucket.
func Name(org, export uuid.UUID) string { return "exports/" + org.String() + "/" + export.String() }

// Seal seals what is asked for: a filter may be somebody's address.
func (r Request) Seal(ctx context.Context, vault *pii.Vault, org, export uuid.UUID) (events.Sealed, error) {
	filter, err := json.Marshal(r)
	if err != nil {
		return events.Sealed{}, fmt.Errorf("encode filter of export: %w", err)
	}
	keys, err := vault.Keys(ctx, org, []uuid.UUID{export})
	if err != nil {
		return events.Sealed{}, err
	}
	s, err := keys[0].Seal(FilterField, filter)
	if err != nil {
		return events.Sealed{}, err
	}
	return events.Sealed(s), nil
}

// OpenRequest gives it back.
func OpenRequest(ctx context.Context, vault *pii.Vault, org, export uuid.UUID, s events.Sealed) (r Request, err error) {
	ref := pii.Ref{Org: org, Subject: export, ID: pii.KeyID(s.K)}
	found, err := vault.Lookup(ctx, []pii.Ref{ref})
	if err != nil {
		return r, err
	}
	key, ok := found[ref]
	if !ok {
		return r, fmt.Errorf("open filter of export: %w", ErrGone)
	}
	plain, err := key.Open(FilterField, pii.Sealed(s))
	if err == nil {
		err = json.Unmarshal(plain, &r)
	}
	if err != nil {
		err = fmt.Errorf("open filter of export: %w", err)
	}
	return r, err
}

// Open reads a file while it is kept; the caller closes it.
func Open(ctx context.Context, vault *pii.Vault, bucket *blob.Bucket, org, export uuid.UUID) (io.ReadCloser, error) {
	key, err := vault.ImportKey(ctx, org, export)
	if errors.Is(err, pii.ErrNotFound) {
		return nil, ErrGone
	}
	if err != nil {
		return nil, err
	}
	r, err := bucket.ReadSealed(ctx, Name(org, export), key)
	if errors.Is(err, blob.ErrNotFound) {
		return nil, ErrGone
	}
	return r, err
}
