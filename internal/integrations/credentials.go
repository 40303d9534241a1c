package integrations

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"outrider/internal/mail/mailoauth"
	"outrider/internal/pii"
)

// Vault keeps the secrets of connections; *pii.Vault is one.
type Vault interface {
	PutSecret(ctx context.Context, org uuid.UUID, name string, secret []byte) error
	Secret(ctx context.Context, org uuid.UUID, name string) ([]byte, error)
	DeleteSecrets(ctx context.Context, org uuid.UUID, prefix string) error
	UpdateSecret(ctx context.Context, org uuid.UUID, name string, change func(was []byte) ([]byte, error)) error
}

// Credentials are what connections are used with.
type Credentials struct {
	Vault  Vault
	Tokens *mailoauth.Tokens
}

func secretsOf(connection uuid.UUID) string { return "connection/" + connection.String() + "/" }
func oauthName(connection uuid.UUID) string { return secretsOf(connection) + "oauth" }
func keyName(connection uuid.UUID) string   { return secretsOf(connection) + "key" }

// KeepTokens keeps a sign-in; what there was of a key is forgotten.
func (c Credentials) KeepTokens(ctx context.Context, org, connection uuid.UUID, s mailoauth.Stored) error {
	kept, err := s.Encode()
	if err != nil {
		return err
	}
	if err := c.Vault.PutSecret(ctx, org, oauthName(connection), kept); err != nil {
		return err
	}
	c.Tokens.Forget(org, oauthName(connection))
	return c.Vault.DeleteSecrets(ctx, org, keyName(connection))
}

// KeepKey keeps a key.
func (c Credentials) KeepKey(ctx context.Context, org, connection uuid.UUID, key string) error {
	if err := c.Vault.PutSecret(ctx, org, keyName(connection), []byte(key)); err != nil {
		return err
	}
	c.Tokens.Forget(org, oauthName(connection))
	return c.Vault.DeleteSecrets(ctx, org, oauthName(connection))
}

// Reread has the next one who asks read the vault: somebody may have signed in again in another process.
func (c Credentials) Reread(org, connection uuid.UUID) { c.Tokens.Forget(org, oauthName(connection)) }

// Forget destroys what is kept of a connection.
func (c Credentials) Forget(ctx context.Context, org, connection uuid.UUID) error {
	c.Tokens.Forget(org, oauthName(connection))
	return c.Vault.DeleteSecrets(ctx, org, secretsOf(connection))
}

// Access returns what a request says who we are with: an access token that is good for some minutes, or the key. A *NeedsYou when there is none any more.
func (c Credentials) Access(ctx context.Context, org, connection uuid.UUID) (string, error) {
	access, err := c.Tokens.Access(ctx, org, oauthName(connection))
	switch {
	case err == nil:
		return access, nil
	case errors.Is(err, mailoauth.ErrEnded):
		return "", &NeedsYou{Reason: Ended, Detail: "the permission has ended; sign in again"}
	case !errors.Is(err, pii.ErrNotFound):
		return "", fmt.Errorf("get access: %w", err)
	}
	key, err := c.Vault.Secret(ctx, org, keyName(connection))
	if errors.Is(err, pii.ErrNotFound) {
		return "", &NeedsYou{Reason: Ended, Detail: "there is neither a sign-in nor a key; connect again"}
	}
	if err != nil {
		return "", fmt.Errorf("get key: %w", err)
	}
	return string(key), nil
}

// Instance returns the URL that a sign-in says to ask at. A *NeedsYou when there is none.
func (c Credentials) Instance(ctx context.Context, org, connection uuid.UUID) (string, error) {
	kept, err := c.Vault.Secret(ctx, org, oauthName(connection))
	if errors.Is(err, pii.ErrNotFound) {
		return "", &NeedsYou{Reason: Ended, Detail: "there is no sign-in; connect again"}
	}
	if err != nil {
		return "", fmt.Errorf("get sign-in: %w", err)
	}
	var s mailoauth.Stored
	if err := json.Unmarshal(kept, &s); err != nil {
		return "", errors.New("get sign-in: it is none") // nothing of it in an error
	}
	if s.Instance == "" {
		return "", &NeedsYou{Reason: Refused, Detail: "the sign-in didn't say where the account is; sign in again"}
	}
	return s.Instance, nil
}

// Refuse says that the service didn't take what Access gave, and reports whether asking again may help.
func (c Credentials) Refuse(ctx context.Context, org, connection uuid.UUID) bool {
	return c.Tokens.Refuse(ctx, org, oauthName(connection))
}
