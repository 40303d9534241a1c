package identity

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"github.com/google/uuid"

	"outrider/internal/keyfile"
)

// EnsurePlatformKey returns the token of the platform key kept at path, the same at each start. The file is created (mode 0600)
// when missing, and the key stored when the database doesn't know it, as after a reset. A revoked key is replaced.
func (k *APIKeys) EnsurePlatformKey(ctx context.Context, path string) (string, error) {
	text, err := keyfile.LoadOrCreate(path, newPlatformToken)
	if err != nil {
		return "", fmt.Errorf("load platform key: %w", err)
	}
	t, ok := parseToken(text)
	if !ok || !t.platform {
		return "", fmt.Errorf("load platform key: %s holds something else; remove it to get a new key", path)
	}
	err = k.storePlatform(ctx, t)
	if !errors.Is(err, ErrExists) {
		return text, err
	}
	_, err = k.Authenticate(ctx, text, netip.Addr{})
	if !errors.Is(err, ErrUnauthenticated) {
		return text, err
	}
	if text, err = newPlatformToken(); err != nil {
		return "", err
	}
	if err := keyfile.Replace(path, text); err != nil {
		return "", err
	}
	t, _ = parseToken(text)
	return text, k.storePlatform(ctx, t)
}

func newPlatformToken() (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("make key id: %w", err)
	}
	return newToken(true, id).String(), nil
}

func (k *APIKeys) storePlatform(ctx context.Context, t token) error {
	_, err := k.insertKey(ctx, Issue{Name: "operator", Scopes: PlatformScopes()}, t)
	return err
}
