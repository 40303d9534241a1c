package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/internal/es"
	"outrider/internal/es/project"
	"outrider/internal/postgres"
)

const (
	waitAtMost  = 2 * time.Second // for a projection to come to a position
	defaultPage = 50
)

// Waiter waits until a projection has come to a position; *project.Positions is one.
type Waiter interface {
	Wait(ctx context.Context, key project.Key, partition int32, pseq int64) error
}

// awaitHeader waits for the position that the caller wants to see.
func (s *Server) awaitHeader(c *call) error {
	if c.route.reads == "" {
		return nil
	}
	return s.awaitIn(c, c.route.reads)
}

// awaitIn waits for it in one projection, for a read that looks at several.
func (s *Server) awaitIn(c *call, projection string) error {
	text := c.Get(headerPosition)
	if text == "" {
		return nil
	}
	at, err := es.ParsePosition(text)
	if err != nil || at.Generation > s.cfg.Generation || at.Partition >= s.cfg.Partitions {
		return malformedProblem("Outrider-Position is not a token of this API")
	}
	if at.Generation < s.cfg.Generation {
		return nil // all of an earlier generation was copied before this one began
	}
	return s.awaitPosition(c.ctx, projection, at)
}

// awaitPosition returns a problem when the projection doesn't come there in time.
func (s *Server) awaitPosition(ctx context.Context, projection string, at es.Position) error {
	ctx, cancel := context.WithTimeout(ctx, waitAtMost)
	defer cancel()
	if err := s.cfg.Positions.Wait(ctx, s.projections[projection], at.Partition, at.Pseq); err != nil {
		return unavailableProblem(codeBehind, err)
	}
	return nil
}

// readInOrg runs queries that see the rows of org and no others.
func (s *Server) readInOrg(c *call, org uuid.UUID, queries func(pgx.Tx) error) error {
	return postgres.InOrg(c.ctx, s.cfg.Pool, org, queries)
}

// showAfterChange answers an edit with the resource after it: it waits for the projection and reads. The edit stands even when
// the projection is late; then the answer is 202 and says so.
func (s *Server) showAfterChange(c *call, projection string, a es.Answer, get func() error) error {
	at := es.Position{Generation: s.cfg.Generation, Partition: a.Partition, Pseq: a.Pseq}
	err := s.awaitPosition(c.ctx, projection, at)
	if err == nil {
		return get()
	}
	var p *problem
	if errors.As(err, &p) && p.Code == codeBehind {
		c.Set("Location", "/v1/operations/"+a.CommandID.String())
		return c.answerJSON(http.StatusAccepted, acceptedOperation(a))
	}
	return err
}

func acceptedOperation(a es.Answer) gen.Operation {
	return gen.Operation{ID: a.CommandID, Status: gen.OperationStatusAccepted, Subject: a.Subject, DecidedAt: a.Time}
}

// listPage asks for one row more than it shows, so that it knows whether it is the last one.
func listPage[R, T any](s *Server, c *call, org uuid.UUID, query func(tx pgx.Tx, after int64, limit int) ([]R, error), place func(R) int64, show func(R) (T, error)) ([]T, *string, error) {
	from, err := s.cursors.openParam(c, org)
	if err != nil {
		return nil, nil, err
	}
	after, _ := strconv.ParseInt(from, 10, 64) // "" = 0 = the begin; anything else is what we wrote
	limit := c.numberParam("limit", defaultPage)
	var rows []R
	if err := s.readInOrg(c, org, func(tx pgx.Tx) (err error) {
		rows, err = query(tx, after, limit+1)
		return err
	}); err != nil {
		return nil, nil, err
	}
	var next *string
	if len(rows) > limit {
		rows = rows[:limit]
		if next, err = s.cursors.sealNext(c, org, strconv.FormatInt(place(rows[limit-1]), 10)); err != nil {
			return nil, nil, err
		}
	}
	out := make([]T, len(rows))
	for i, r := range rows {
		if out[i], err = show(r); err != nil {
			return nil, nil, err
		}
	}
	return out, next, nil
}
