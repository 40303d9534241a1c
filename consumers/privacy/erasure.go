// Package privacy destroys the keys of what nobody may read any more, keeps slugs, and signs histories.
package privacy

import (
	"context"
	"log/slog"
	"time"

	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/react"
	"outrider/internal/pii"
)

// Eraser destroys the keys of what must not be read any more.
type Eraser struct {
	vault *pii.Vault
	log   *slog.Logger
}

// NewEraser makes the reactor.
func NewEraser(vault *pii.Vault, log *slog.Logger) (*Eraser, error) {
	if err := (reaction.Required{"vault": vault != nil, "logger": log != nil}).Check("erasure"); err != nil {
		return nil, err
	}
	return &Eraser{vault, log}, nil
}

// Reactor returns how it is run.
func (d *Eraser) Reactor() react.Reactor {
	return react.Reactor{Name: "erasure", Wants: reaction.WantEvents(events.LeadErased{}, events.SuppressionAdded{}), Handle: d.eraseKeys}
}

// eraseKeys destroys the keys of what must not be read any more: the lead's, and that of a suppression that showed the address.
func (d *Eraser) eraseKeys(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := reaction.DecodeEvent(e)
	if err != nil {
		return nil, err
	}
	switch p := p.(type) {
	case events.LeadErased:
		return nil, d.vault.Erase(ctx, e.Org, p.LeadID)
	case events.SuppressionAdded:
		if p.Reason == events.SuppressedErasure {
			return nil, d.vault.Erase(ctx, e.Org, p.SuppressionID)
		}
	}
	return nil, nil
}

// DestroyExpired destroys the keys of imported files that have come to their end, every hour until ctx ends.
func (d *Eraser) DestroyExpired(ctx context.Context) {
	for {
		expired, err := d.vault.DestroyExpired(ctx)
		if err != nil && ctx.Err() == nil {
			d.log.Error("destroy expired import keys", "error", err)
		}
		if len(expired) > 0 {
			d.log.Info("destroyed the keys of imported files", "imports", len(expired)) // the bytes that are left can't be read by anyone
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Hour):
		}
	}
}
