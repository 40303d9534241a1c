package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/internal/es"
	"outrider/internal/identity"
)

const (
	tellFor  = 3 * time.Second // how long a request waits for the log to take what happened
	tellLate = time.Minute     // how long who tells it later waits
)

// tellFactorChange mails the person, and lets the histories of their organisations say what happened. What happened stands already, so that
// nothing here fails the request: what the log doesn't take now is told later.
func (h *Handlers) tellFactorChange(ctx context.Context, c *Call, who identity.Person, recovery bool, l letter) {
	if recovery {
		if st, err := h.cfg.SecondFactors.State(ctx, who.ID); err == nil {
			h.send(who.Email, mailRecoveryCodeUsed(st.RecoveryCodes))
		}
	}
	if l.subject != "" {
		h.send(who.Email, l)
	}
	ctx, cancel := context.WithTimeout(ctx, tellFor)
	defer cancel()
	_ = h.tellChanges(ctx, who.ID, 0, func(ctx context.Context, org, person, id uuid.UUID, cmd commands.Command) error {
		_, err := h.submit(ctx, c, org, person, id, cmd)
		return err
	})
}

// tellChanges tells what wasn't told, each once, whoever tells it: by a command of the id that was written down with it.
func (h *Handlers) tellChanges(ctx context.Context, of uuid.UUID, waited time.Duration, submit func(ctx context.Context, org, person, id uuid.UUID, cmd commands.Command) error) error {
	untold, err := h.cfg.SecondFactors.Untold(ctx, of, waited)
	if err != nil {
		return err
	}
	for _, u := range untold {
		err := submit(ctx, u.Org, u.Person, u.ID, commands.RecordSecondFactorChange{PersonID: u.Person, Change: string(u.Change)})
		var refused *es.Refusal // no member any more, or the organisation is gone
		if err != nil && !errors.As(err, &refused) {
			return fmt.Errorf("tell a change of a second factor: %w", err)
		}
		if err := h.cfg.SecondFactors.Told(ctx, u.ID); err != nil {
			return err
		}
	}
	return nil
}

// TellLate tells what has waited for so long.
func (h *Handlers) TellLate(ctx context.Context, waited time.Duration) error {
	return h.tellChanges(ctx, uuid.Nil, waited, func(ctx context.Context, org, person, id uuid.UUID, cmd commands.Command) error {
		ctx, cancel := context.WithTimeout(ctx, tellLate)
		defer cancel()
		sent, err := h.newCommand(org, person, id, cmd)
		if err != nil {
			return err
		}
		_, err = h.decide(ctx, sent)
		return err
	})
}
