package projections

import (
	"context"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/pii"
)

// SealedText is a sealed value of an event, with what it is bound to.
type SealedText struct {
	Subject uuid.UUID
	Field   string
	Sealed  events.Sealed
}

// OpenTexts opens sealed values of one organisation, in their order; nil for what can't be read any more.
func OpenTexts(ctx context.Context, keys Keys, org uuid.UUID, texts []SealedText) ([]*string, error) {
	refs := make([]pii.Ref, len(texts))
	for i, x := range texts {
		refs[i] = keyRef(org, x.Subject, x.Sealed)
	}
	t, err := lookupTexts(ctx, keys, refs)
	if err != nil {
		return nil, err
	}
	defer t.closeDecoder()
	out := make([]*string, len(texts))
	for i, x := range texts {
		if out[i], err = t.openText(org, x.Subject, x.Field, x.Sealed); err != nil {
			return nil, err
		}
	}
	return out, nil
}
