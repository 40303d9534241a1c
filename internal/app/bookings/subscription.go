package bookings

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"outrider/internal/pii"
)

// Secrets are kept by the vault; *pii.Vault is one.
type Secrets interface {
	Secret(ctx context.Context, org uuid.UUID, name string) ([]byte, error)
	PutSecret(ctx context.Context, org uuid.UUID, name string, secret []byte) error
}

// Subscription is what has a service post bookings to us, and the keys that it signs with, the newest first.
type Subscription struct {
	ID   string   `json:"id,omitzero"` // the service's; empty = there is none yet
	Keys []string `json:"keys"`
}

// secretName is beside the other secrets of a connection, with which it is destroyed.
func secretName(connection uuid.UUID) string {
	return "connection/" + connection.String() + "/webhook"
}

// LoadSubscription returns the zero value for a connection that has none.
func LoadSubscription(ctx context.Context, secrets Secrets, org, connection uuid.UUID) (s Subscription, err error) {
	kept, err := secrets.Secret(ctx, org, secretName(connection))
	if errors.Is(err, pii.ErrNotFound) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(kept, &s); err != nil {
		return s, fmt.Errorf("read subscription: %w", err)
	}
	return s, nil
}

func keepSubscription(ctx context.Context, secrets Secrets, org, connection uuid.UUID, s Subscription) error {
	kept, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("encode subscription: %w", err)
	}
	return secrets.PutSecret(ctx, org, secretName(connection), kept)
}
