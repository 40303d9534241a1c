package aggregates

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// APIKey is also kept after it was revoked, so that revoking twice is not an error.
type APIKey struct {
	Name      string
	Scopes    []string
	ExpiresAt time.Time
	Revoked   bool
}

// Same reports whether a key was issued with these very values.
func (k *APIKey) Same(name string, scopes []string, expires time.Time) bool {
	return k.Name == name && slices.Equal(k.Scopes, scopes) && k.ExpiresAt.Equal(expires)
}

// APIKeys of an organisation, by id.
type APIKeys map[uuid.UUID]*APIKey

func (k *APIKeys) applyEvent(event events.APIKeyEvent) {
	switch e := event.(type) {
	case events.APIKeyIssued:
		if *k == nil {
			*k = APIKeys{}
		}
		(*k)[e.KeyID] = &APIKey{Name: e.Name, Scopes: e.Scopes, ExpiresAt: e.ExpiresAt}
	case events.APIKeyRevoked:
		if is := (*k)[e.KeyID]; is != nil {
			is.Revoked = true
		}
	}
}
