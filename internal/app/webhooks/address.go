package webhooks

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/pii"
)

// urlField is the field name that a sealed URL is bound to; its subject is the webhook.
const urlField = "webhook_url"

// maxURL bounds the length of a URL.
const maxURL = 2000

// CheckURL says what is wrong with the URL of an endpoint. plain allows http, where only this machine or trusted networks are reached.
func CheckURL(text string, plain bool) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "":
		return errors.New("must be a URL such as https://example.com/hooks")
	case u.Scheme != "https" && (u.Scheme != "http" || !plain):
		return errors.New("must begin with https://")
	case u.User != nil:
		return errors.New("must hold no name or password: deliveries are signed")
	case u.Fragment != "":
		return errors.New("must have no fragment (#...): it would not be sent")
	case len(text) > maxURL:
		return errors.New("must be at most 2000 characters")
	case strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return errors.New("must hold no blanks")
	}
	return nil
}

// SealURL seals a URL under a key of the webhook.
func SealURL(ctx context.Context, vault *pii.Vault, org, webhook uuid.UUID, text string) (events.Sealed, error) {
	keys, err := vault.Keys(ctx, org, []uuid.UUID{webhook})
	if err != nil {
		return events.Sealed{}, err
	}
	s, err := keys[0].Seal(urlField, []byte(text))
	return events.Sealed(s), err
}

// OpenURL gives it back; pii.ErrNotFound once the key is destroyed.
func OpenURL(ctx context.Context, vault *pii.Vault, org, webhook uuid.UUID, s events.Sealed) (string, error) {
	ref := pii.Ref{Org: org, Subject: webhook, ID: pii.KeyID(s.K)}
	found, err := vault.Lookup(ctx, []pii.Ref{ref})
	if err != nil {
		return "", err
	}
	key, ok := found[ref]
	if !ok {
		return "", fmt.Errorf("open URL of webhook: %w", pii.ErrNotFound)
	}
	plain, err := key.Open(urlField, pii.Sealed(s))
	if err != nil {
		return "", fmt.Errorf("open URL of webhook: %w", err)
	}
	return string(plain), nil
}
