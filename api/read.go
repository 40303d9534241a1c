package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/api/gen"
	"outrider/internal/app/catchup"
	"outrider/internal/es"
	"outrider/internal/es/project"
	"outrider/internal/postgres"
	"outrider/projections"
	"outrider/projections/analytics"
)

const defaultPage = 50

// Waiter waits until a projection has come to a position, for events that go on or, urgently, for a caller; *project.Positions is one.
type Waiter interface {
	Wait(ctx context.Context, key project.ProjectionKey, partition int32, pseq int64) error
	WaitUrgently(ctx context.Context, key project.ProjectionKey, partition int32, pseq int64) error
}

// readSide is what handlers read by: the read models in Postgres, waited for where the caller asks for it, page by page.
type readSide struct {
	pool        *pgxpool.Pool
	positions   Waiter
	projections map[string]project.ProjectionKey // by name
	tokens      *positionTokens
	cursors     cursors
	generation  int32
	partitions  int32
	log         catchup.Reader
	patience    Patience
}

func newReadSide(cfg Config) *readSide {
	r := &readSide{pool: cfg.Pool, positions: cfg.Positions, projections: map[string]project.ProjectionKey{}, tokens: &positionTokens{vault: cfg.Vault}, cursors: cursors{cfg.Vault},
		generation: cfg.Generation, partitions: cfg.Partitions, patience: cfg.Patience}
	r.log = catchup.Reader{Pool: cfg.Pool, Log: cfg.Log, Wait: cfg.Positions.Wait, Key: func(name string) project.ProjectionKey { return r.projections[name] }, AtMost: cfg.Patience.Shown}
	for _, p := range projections.All(nil) {
		r.projections[p.Name] = project.ProjectionKey{Name: p.Name, Version: p.Version}
	}
	for _, table := range analytics.Tables() {
		r.projections[table.Name] = project.ProjectionKey{Name: table.Name, Version: table.Version}
	}
	return r
}

// awaitHeader waits for the position that the caller wants to see.
func (r *readSide) awaitHeader(c *call) error {
	if c.route.reads == "" {
		return nil
	}
	return r.awaitIn(c, c.route.reads)
}

// awaitIn waits for it in one projection, for a read that looks at several.
func (r *readSide) awaitIn(c *call, projection string) error {
	text := c.Get(headerPosition)
	if text == "" {
		return nil
	}
	at, err := r.tokens.open(c.ctx, text)
	if err != nil && !errors.Is(err, errNoToken) {
		return err
	}
	if err != nil || at.Generation > r.generation || at.Partition >= r.partitions {
		return malformedProblem("Outrider-Position is not a token of this API")
	}
	if at.Generation < r.generation {
		return nil // all of an earlier generation was copied before this one began
	}
	return r.awaitPosition(c.ctx, projection, at)
}

// awaitFor waits in another projection too, where a filter by id looks at it.
func (r *readSide) awaitFor(c *call, id uuid.UUID, projection string) error {
	if id == uuid.Nil {
		return nil
	}
	return r.awaitIn(c, projection)
}

// awaitPosition returns a problem when the projection doesn't come there in time.
func (r *readSide) awaitPosition(ctx context.Context, projection string, at es.Position) error {
	ctx, cancel := context.WithTimeout(ctx, r.patience.Shown)
	defer cancel()
	if err := r.positions.WaitUrgently(ctx, r.projections[projection], at.Partition, at.Pseq); err != nil {
		return unavailableProblem(codeBehind, err)
	}
	return nil
}

// catchUp returns when projections show all of an organisation that the log holds now: what isn't there then doesn't exist. What others tell of it can't be told apart from what is late before.
func (r *readSide) catchUp(ctx context.Context, org uuid.UUID, names ...string) error {
	if err := r.log.CatchUp(ctx, org, names...); err != nil {
		return unavailableProblem(codeBehind, err)
	}
	return nil
}

// readCaughtUp reads what a post of others is about: where it isn't found, once more after catchUp.
func (r *readSide) readCaughtUp(c *call, org uuid.UUID, projection string, queries func(pgx.Tx) error) error {
	err := r.readInOrg(c, org, queries)
	if !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	if err := r.catchUp(c.ctx, org, projection); err != nil {
		return err
	}
	return r.readInOrg(c, org, queries)
}

// readInOrg runs queries that see the rows of org and no others.
func (r *readSide) readInOrg(c *call, org uuid.UUID, queries func(pgx.Tx) error) error {
	return postgres.InOrg(c.ctx, r.pool, org, queries)
}

// showAfterChange answers an edit with the resource after it: it waits for the projection and reads. The edit stands even when
// the projection is late or can't be read, and when the resource has been removed since; then the answer is 202 and says so.
func (r *readSide) showAfterChange(c *call, projection string, a es.Answer, get func() error) error {
	at := es.Position{Generation: r.generation, Partition: a.Partition, Pseq: a.Pseq}
	err := r.awaitPosition(c.ctx, projection, at)
	if err == nil {
		err = get()
	}
	if err == nil {
		return nil
	}
	c.Set("Location", "/v1/operations/"+a.CommandID.String())
	return c.answerJSON(http.StatusAccepted, acceptedOperation(a))
}

func acceptedOperation(a es.Answer) gen.Operation {
	return gen.Operation{ID: a.CommandID, Status: gen.OperationStatusAccepted, Subject: a.Subject, DecidedAt: a.Time}
}

// listSorted shows a page of a list that can be sorted and counted.
func listSorted[R, T any](r *readSide, c *call, query func(tx pgx.Tx, l projections.Listing) (*projections.Page[R], error), show func(*R) (T, error)) (data []T, next *string, total *int, err error) {
	after, err := r.cursors.openParam(c, c.who.Org)
	if err != nil {
		return nil, nil, nil, err
	}
	l := projections.Listing{Sort: c.textParam("sort"), Limit: c.numberParam("limit", defaultPage), Total: c.includes("total"), After: placeFrom(after)}
	var page *projections.Page[R]
	if err := r.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		page, err = query(tx, l)
		return err
	}); err != nil {
		return nil, nil, nil, err
	}
	if page.Next != nil {
		if next, err = r.cursors.sealNext(c, c.who.Org, placeText(*page.Next)); err != nil {
			return nil, nil, nil, err
		}
	}
	if l.Total {
		total = &page.Total
	}
	data = make([]T, len(page.Rows))
	for i, row := range page.Rows {
		if data[i], err = show(row); err != nil {
			return nil, nil, nil, err
		}
	}
	return data, next, total, nil
}

// includes reports whether the caller asks for something beside the rows.
func (c *call) includes(what string) bool {
	return slices.Contains(strings.Split(c.textParam("include"), ","), what)
}

// placeText and placeFrom write and read a place as the text of a cursor.
func placeText(p projections.Place) string { return strconv.FormatInt(p.Oseq, 10) + " " + p.Value }

func placeFrom(text string) projections.Place {
	oseq, value, _ := strings.Cut(text, " ")
	n, _ := strconv.ParseInt(oseq, 10, 64) // "" = 0 = the begin; anything else is what we wrote
	return projections.Place{Value: value, Oseq: n}
}

// listPage asks for one row more than it shows, so that it knows whether it is the last one.
func listPage[R, T any](r *readSide, c *call, org uuid.UUID, query func(tx pgx.Tx, after int64, limit int) ([]R, error), place func(R) int64, show func(R) (T, error)) ([]T, *string, error) {
	cursor, err := r.cursors.openParam(c, org)
	if err != nil {
		return nil, nil, err
	}
	after, _ := strconv.ParseInt(cursor, 10, 64) // "" = 0 = the begin; anything else is what we wrote
	limit := c.numberParam("limit", defaultPage)
	var rows []R
	if err := r.readInOrg(c, org, func(tx pgx.Tx) (err error) {
		rows, err = query(tx, after, limit+1)
		return err
	}); err != nil {
		return nil, nil, err
	}
	var next *string
	if len(rows) > limit {
		rows = rows[:limit]
		if next, err = r.cursors.sealNext(c, org, strconv.FormatInt(place(rows[limit-1]), 10)); err != nil {
			return nil, nil, err
		}
	}
	out := make([]T, len(rows))
	for i, row := range rows {
		if out[i], err = show(row); err != nil {
			return nil, nil, err
		}
	}
	return out, next, nil
}
