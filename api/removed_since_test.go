package api_test

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"outrider/api"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/project"
)

// meanwhile does something before what was written can be read.
type meanwhile struct {
	api.Waiter
	do atomic.Pointer[func() (pseq int64)]
}

func (m *meanwhile) WaitUrgently(ctx context.Context, key project.ProjectionKey, partition int32, pseq int64) error {
	if do := m.do.Swap(nil); do != nil {
		pseq = (*do)()
	}
	return m.Waiter.WaitUrgently(ctx, key, partition, pseq)
}

// An edit that the log has taken is never answered with a refusal, also where what was edited is gone before it can be shown.
func TestAnEditStandsWhoseResourceIsRemovedSince(t *testing.T) {
	t.Parallel()
	w := build(t)
	m := &meanwhile{Waiter: w.positions}
	w.serve(func(c *api.Config) { c.Positions = m })
	c := w.tenant("growth")
	id := c.verified("jane@go.acme.example")
	remove := func() int64 {
		return c.command(commands.RemoveMailbox{MailboxRef: events.MailboxRef{MailboxID: uuid.MustParse(id)}}).Pseq
	}
	m.do.Store(&remove)
	a := c.do("POST", "/v1/mailboxes/"+id+"/verify", nil)
	if a.status != http.StatusAccepted || m.do.Load() != nil {
		t.Fatalf("verified, and removed before it could be shown: %d %s", a.status, a.body)
	}
	if a := c.do("GET", a.header.Get("Location"), nil); a.status != http.StatusOK || a.text("status") != "accepted" {
		t.Errorf("what became of it: %d %s", a.status, a.body)
	}
}
