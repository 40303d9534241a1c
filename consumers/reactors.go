package consumers

import (
	"context"
	"errors"
	"fmt"
	"time"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/react"
	"outrider/internal/identity"
	"outrider/internal/pii"
)

// Deps are what reactors work with.
type Deps struct {
	Imports  *Imports
	Vault    *pii.Vault
	Slugs    *identity.Slugs
	Write    *Drafter
	Dispatch *Dispatcher
	Send     *SendReactor
	Verify   *Verifier
	Confirm  *MeetingConfirmer
}

// All lists every reactor, with the facts that it acts on.
func All(d Deps) []react.Reactor {
	return []react.Reactor{
		{Name: "imports", Wants: WantEvents(events.ImportRequested{}, events.ImportUndoRequested{}), Concurrency: 4, Handle: d.Imports.handleRequested},
		{Name: "erasure", Wants: WantEvents(events.LeadErased{}, events.SuppressionAdded{}), Handle: d.eraseKeys},
		{Name: "slugs", Wants: WantEvents(events.OrganizationCreated{}), Handle: d.confirmSlug},
		d.Verify.Reactor(),
		d.Write.Reactor(),
		d.Dispatch.Reactor(),
		d.Send.Reactor(),
		d.Confirm.Reactor(),
	}
}

func WantEvents(facts ...events.Event) func(string) bool {
	types := map[string]bool{}
	for _, f := range facts {
		types[f.EventType()] = true
	}
	return func(t string) bool { return types[t] }
}

func DecodeEvent(e *es.Event) (events.Event, error) {
	p, err := events.Decode(e.Type, e.Data)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", react.ErrPermanent, err)
	}
	return p, nil
}

// importAttempts is how often a step that fails is tried before the import is given up, with its reason recorded.
const importAttempts = 6

func (i *Imports) handleRequested(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := DecodeEvent(e)
	if err != nil {
		return nil, err
	}
	for wait := time.Second; ; wait *= 2 {
		switch p := p.(type) {
		case events.ImportRequested:
			err = i.Run(ctx, e, p)
		case events.ImportUndoRequested:
			err = i.Undo(ctx, e, p.ImportID)
		}
		var stop *stoppedError
		switch {
		case err == nil || ctx.Err() != nil:
			return nil, err
		case errors.As(err, &stop):
			i.Log.Warn("an import was stopped", "import", e.Subject, "org", e.Org, "error", err)
			return nil, nil // it says so itself
		case wait >= time.Second<<importAttempts:
			i.Log.Error("an import is given up", "import", e.Subject, "org", e.Org, "error", err)
			if r, ok := p.(events.ImportRequested); ok {
				return nil, i.failImport(ctx, e, r.ImportID, "an internal error; the rows so far are recorded, import the file again or undo it")
			}
			return nil, err
		}
		i.Log.Warn("an import is tried again", "import", e.Subject, "org", e.Org, "wait", wait, "error", err)
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(wait):
		}
	}
}

// eraseKeys destroys the keys of what must not be read any more: the lead's, and that of a suppression that showed the address.
func (d Deps) eraseKeys(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := DecodeEvent(e)
	if err != nil {
		return nil, err
	}
	switch p := p.(type) {
	case events.LeadErased:
		return nil, d.Vault.Erase(ctx, e.Org, p.LeadID)
	case events.SuppressionAdded:
		if p.Reason == events.SuppressedErasure {
			return nil, d.Vault.Erase(ctx, e.Org, p.SuppressionID)
		}
	}
	return nil, nil
}

// confirmSlug makes an organisation's slug its own for good; the api does it too, this is for when it didn't come to it.
func (d Deps) confirmSlug(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := DecodeEvent(e)
	if err != nil {
		return nil, err
	}
	if c, ok := p.(events.OrganizationCreated); ok {
		err = d.Slugs.Confirm(ctx, c.Slug, c.OrganizationID)
		if errors.Is(err, identity.ErrSlugTaken) {
			return nil, fmt.Errorf("%w: %w", react.ErrPermanent, err)
		}
	}
	return nil, err
}

// Housekeeping destroys what has come to its end, every hour until ctx ends.
func (d Deps) Housekeeping(ctx context.Context) {
	for {
		expired, err := d.Vault.DestroyExpired(ctx)
		if err != nil && ctx.Err() == nil {
			d.Imports.Log.Error("destroy expired import keys", "error", err)
		}
		if len(expired) > 0 {
			d.Imports.Log.Info("destroyed the keys of imported files", "imports", len(expired)) // the bytes that are left can't be read by anyone
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Hour):
		}
	}
}
