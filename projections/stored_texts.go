package projections

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/pii"
)

// OpenStored reads a body that is too long for the log: the object that lies in the blob bucket under BodyRef, which holds
// it sealed under the lead's key. nil once the person is erased.
func OpenStored(ctx context.Context, keys Keys, org, lead uuid.UUID, object []byte) (*string, error) {
	var s events.Sealed
	if err := json.Unmarshal(object, &s); err != nil {
		return nil, fmt.Errorf("read stored body: %w", err)
	}
	t, err := lookupTexts(ctx, keys, []pii.Ref{ref(org, lead, s)})
	if err != nil {
		return nil, err
	}
	defer t.close()
	return t.open(org, lead, BodyField, s)
}
