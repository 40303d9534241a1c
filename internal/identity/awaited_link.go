package identity

import (
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"
)

// ErrLinkAwaited: a link was given, and whom it signs in isn't known yet. It will be.
var ErrLinkAwaited = errors.New("the organisation that the link leads to is being set up")

// AwaitedLink is a link that somebody has before it is issued: it was printed when the program started. nil awaits nothing.
type AwaitedLink struct {
	id    uuid.UUID
	until time.Time

	mu   sync.Mutex
	over bool
}

// AwaitLink waits for the link with an id, which is no secret, for so long; an id of zero is of no link.
func AwaitLink(id uuid.UUID, lasts time.Duration) *AwaitedLink {
	if id == uuid.Nil {
		return nil
	}
	return &AwaitedLink{id: id, until: time.Now().Add(lasts)}
}

// LinkID returns the id in the token of a link; zero when it is none.
func LinkID(text string) uuid.UUID {
	t, _ := parseSecret(prefixLink, text)
	return t.id
}

// Awaits reports whether a token is that of the link, and it may still be issued.
func (a *AwaitedLink) Awaits(text string) bool {
	if a == nil || LinkID(text) != a.id {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return !a.over && time.Now().Before(a.until)
}

// End says that the link was used, or is never issued.
func (a *AwaitedLink) End() {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.over = true
}
