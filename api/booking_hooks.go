package api

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/app/bookings"
	"outrider/internal/linktoken"
	"outrider/internal/postgres"
	"outrider/internal/scheduling"
	"outrider/projections"
)

// bookingHooks take what Calendly and Cal.com post. The address that they post to names a connection and is signed by us; the post is signed with the connection's key.
type bookingHooks struct {
	*readSide
	signer   *linktoken.Signer
	secrets  bookings.Secrets
	recorder bookings.Recorder
	now      func() time.Time
}

// forBookings is the handler of a route that bookingHooks answer.
func forBookings(handle func(*bookingHooks, *call) error) handler {
	return func(s *Server, c *call) error {
		cfg := s.cfg
		return handle(&bookingHooks{readSide: s.readSide, signer: cfg.Signer, secrets: cfg.Vault, now: cfg.Now, recorder: bookings.Recorder{Submit: cfg.Commands.Submit, Signer: cfg.Signer, Keys: cfg.Vault, Now: cfg.Now, CatchUp: s.catchUp,
			ReadInOrg: func(ctx context.Context, org uuid.UUID, queries func(pgx.Tx) error) error {
				return postgres.InOrg(ctx, cfg.Pool, org, queries)
			}}}, c)
	}
}

func (h *bookingHooks) takeCalendly(c *call) error {
	return h.take(c, scheduling.Calendly, func(keys []string, body []byte) (scheduling.Change, error) {
		if err := scheduling.VerifyCalendly(keys, c.Get(scheduling.HeaderCalendly), body, time.Now()); err != nil {
			return scheduling.Change{}, err
		}
		return scheduling.ReadCalendly(body)
	})
}

func (h *bookingHooks) takeCalcom(c *call) error {
	return h.take(c, scheduling.Calcom, func(keys []string, body []byte) (scheduling.Change, error) {
		if err := scheduling.VerifyCalcom(keys, c.Get(scheduling.HeaderCalcom), body); err != nil {
			return scheduling.Change{}, err
		}
		return scheduling.ReadCalcom(body)
	})
}

// take answers 404 for a connection that there isn't, never 410: by that Calendly would delete a subscription for good. A connection that is paused is heard all the same: who has booked wants no more mail.
func (h *bookingHooks) take(c *call, service string, read func(keys []string, body []byte) (scheduling.Change, error)) error {
	if h.signer == nil {
		return notFoundProblem()
	}
	t, err := h.signer.Verify(linktoken.Bookings, c.Params("token"))
	if err != nil {
		return notFoundProblem()
	}
	var row *projections.Connection
	if err := h.readCaughtUp(c, t.Org, "connections", func(tx pgx.Tx) (err error) {
		row, err = projections.GetConnection(c.ctx, tx, t.Org, t.Message)
		return err
	}); err != nil {
		return err
	}
	if row.Provider != service {
		return notFoundProblem()
	}
	subscription, err := bookings.LoadSubscription(c.ctx, h.secrets, t.Org, t.Message)
	if err != nil {
		return err
	}
	body, err := c.readBody()
	if err != nil {
		return err
	}
	change, err := read(subscription.Keys, body)
	switch {
	case errors.Is(err, scheduling.ErrSignature), errors.Is(err, scheduling.ErrOld):
		return newProblem(codeUnauthenticated, err.Error())
	case errors.Is(err, scheduling.ErrMalformed):
		return malformedProblem(err.Error())
	case err != nil:
		return err
	}
	if _, err := h.recorder.Record(c.ctx, t.Org, t.Message, service, change); err != nil {
		return unavailableProblem(codeUnavailable, err)
	}
	return c.answerNothing()
}
