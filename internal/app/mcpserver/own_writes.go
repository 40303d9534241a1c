package mcpserver

import (
	"net/http"
	"sync"

	"outrider/internal/app/client"
)

const positionHeader = "Outrider-Position"

// ownWrites has each read show what the session has written before: a model asks about its draft at once.
type ownWrites struct {
	to client.HttpRequestDoer

	mu   sync.Mutex
	last string // position of the last write
}

// Do is client.HttpRequestDoer's.
func (o *ownWrites) Do(r *http.Request) (*http.Response, error) {
	reads := r.Method == http.MethodGet
	if o.mu.Lock(); reads && o.last != "" && r.Header.Get(positionHeader) == "" {
		r.Header.Set(positionHeader, o.last)
	}
	o.mu.Unlock()
	a, err := o.to.Do(r)
	if err != nil || reads {
		return a, err //nolint:wrapcheck // it stands for who is asked
	}
	if p := a.Header.Get(positionHeader); p != "" {
		o.mu.Lock()
		o.last = p
		o.mu.Unlock()
	}
	return a, nil
}
