package aggregates

import (
	"crypto/sha256"
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
)

// APIKey is remembered after its end too, so that revoking twice is not an error.
type APIKey struct {
	Name      string
	Scopes    []string
	ExpiresAt time.Time
	Revoked   bool
}

// Same says whether a key was issued like this.
func (k *APIKey) Same(name string, scopes []string, expires time.Time) bool {
	return k.Name == name && slices.Equal(k.Scopes, scopes) && k.ExpiresAt.Equal(expires)
}

func (o *Organization) applyKey(e events.Event) {
	switch e := e.(type) {
	case events.APIKeyIssued:
		if o.Keys == nil {
			o.Keys = map[uuid.UUID]*APIKey{}
		}
		o.Keys[e.KeyID] = &APIKey{Name: e.Name, Scopes: e.Scopes, ExpiresAt: e.ExpiresAt}
	case events.APIKeyRevoked:
		if k := o.Keys[e.KeyID]; k != nil {
			k.Revoked = true
		}
	}
}

// digest stands for a value that is only ever compared.
func digest(v any) (d [sha256.Size]byte) {
	b, err := es.Marshal(v)
	if err != nil {
		return d
	}
	return sha256.Sum256(b)
}
