package crm

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/pii"
	"outrider/internal/profile"
)

// ErrValue means that a value doesn't fit its field.
type ErrValue struct{ Err error }

func (e *ErrValue) Error() string { return "the CRM's value doesn't fit: " + e.Err.Error() }

// Keys are those of persons; *pii.Vault has them.
type Keys interface {
	Existing(ctx context.Context, org uuid.UUID, subjects []uuid.UUID) (map[uuid.UUID]pii.Key, error)
}

// SetField returns the command that gives fields of a lead values; nil for somebody who was erased. An *ErrValue.
func SetField(ctx context.Context, vault Keys, org, lead uuid.UUID, values map[string]string) (*commands.UpdateLead, error) {
	patch := profile.Patch{Fields: map[string]*string{}, Custom: map[string]*string{}}
	for field, value := range values {
		if own, isOwn := strings.CutPrefix(field, profile.CustomPrefix); isOwn {
			patch.Custom[own] = &value
		} else {
			patch.Fields[field] = &value
		}
	}
	if err := patch.Normalize(); err != nil {
		return nil, &ErrValue{err}
	}
	keys, err := vault.Existing(ctx, org, []uuid.UUID{lead})
	if err != nil {
		return nil, fmt.Errorf("get key of lead: %w", err)
	}
	key, ok := keys[lead]
	if !ok {
		return nil, nil //nolint:nilnil // erased meanwhile
	}
	filled, cleared := patch.Changes()
	sealed, err := patch.Seal(key)
	if err != nil {
		return nil, fmt.Errorf("seal change: %w", err)
	}
	return &commands.UpdateLead{LeadID: lead, Profile: events.Sealed(sealed), Filled: events.MarkFields(filled), Cleared: events.MarkFields(cleared)}, nil
}
