package webhooks

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"outrider/internal/pii"
)

// Secrets keeps what deliveries are signed with; *pii.Vault is one.
type Secrets interface {
	PutSecret(ctx context.Context, org uuid.UUID, name string, secret []byte) error
	Secret(ctx context.Context, org uuid.UUID, name string) ([]byte, error)
	DeleteSecret(ctx context.Context, org uuid.UUID, name string) error
}

// secretBytes is within what Standard Webhooks allows: 24 to 64.
const secretBytes = 32

// keyPair is what the vault holds of a webhook: its secret, and the one before while it still signs.
type keyPair struct {
	Rotation uuid.UUID `json:"rotation"` // that made Secret
	Secret   string    `json:"secret"`
	Old      string    `json:"old,omitempty"`
	OldUntil time.Time `json:"old_until,omitzero"`
}

func secretName(webhook uuid.UUID) string { return "webhook " + webhook.String() }

func newSecret() string {
	b := make([]byte, secretBytes)
	rand.Read(b) // never fails
	return "whsec_" + base64.StdEncoding.EncodeToString(b)
}

func loadPair(ctx context.Context, s Secrets, org, webhook uuid.UUID) (p keyPair, err error) {
	stored, err := s.Secret(ctx, org, secretName(webhook))
	if err != nil {
		return p, err
	}
	if err := json.Unmarshal(stored, &p); err != nil {
		return p, errors.New("the secret of a webhook can't be read") // the error could quote it
	}
	return p, nil
}

func storePair(ctx context.Context, s Secrets, org, webhook uuid.UUID, p keyPair) error {
	b, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("encode secret of webhook: %w", err)
	}
	return s.PutSecret(ctx, org, secretName(webhook), b)
}

// IssueSecret makes the first secret of a webhook and shows it once: "" when there was one already.
func IssueSecret(ctx context.Context, s Secrets, org, webhook uuid.UUID) (string, error) {
	_, err := loadPair(ctx, s, org, webhook)
	if err == nil {
		return "", nil
	}
	if !errors.Is(err, pii.ErrNotFound) {
		return "", err
	}
	p := keyPair{Rotation: webhook, Secret: newSecret()}
	return p.Secret, storePair(ctx, s, org, webhook, p)
}

// RotateSecret makes another secret; the one before signs too until an instant. A rotation that was done already shows nothing.
func RotateSecret(ctx context.Context, s Secrets, org, webhook, rotation uuid.UUID, oldUntil time.Time) (string, error) {
	p, err := loadPair(ctx, s, org, webhook)
	if err != nil {
		return "", err
	}
	if p.Rotation == rotation {
		return "", nil
	}
	p = keyPair{Rotation: rotation, Secret: newSecret(), Old: p.Secret, OldUntil: oldUntil}
	return p.Secret, storePair(ctx, s, org, webhook, p)
}

// ForgetSecret destroys it.
func ForgetSecret(ctx context.Context, s Secrets, org, webhook uuid.UUID) error {
	return s.DeleteSecret(ctx, org, secretName(webhook))
}

// Sign returns the headers by which a receiver knows a delivery (Standard Webhooks 1.0): one signature for each secret that is good.
func Sign(ctx context.Context, s Secrets, org, webhook, id uuid.UUID, now time.Time, body []byte) (http.Header, error) {
	p, err := loadPair(ctx, s, org, webhook)
	if err != nil {
		return nil, err
	}
	secrets := []string{p.Secret}
	if p.Old != "" && now.Before(p.OldUntil) {
		secrets = append(secrets, p.Old)
	}
	signatures := ""
	for i, secret := range secrets {
		wh, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			return nil, errors.New("the secret of a webhook can't be used")
		}
		signature, err := wh.Sign(id.String(), now, body)
		if err != nil {
			return nil, fmt.Errorf("sign delivery: %w", err)
		}
		if i > 0 {
			signatures += " "
		}
		signatures += signature
	}
	h := http.Header{}
	h.Set(standardwebhooks.HeaderWebhookID, id.String())
	h.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	h.Set(standardwebhooks.HeaderWebhookSignature, signatures)
	return h, nil
}
