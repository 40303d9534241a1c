// Package auditexport writes an organisation's whole history with its proof.
package auditexport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/internal/audit"
	"outrider/internal/es"
	"outrider/internal/postgres"
	"outrider/projections"
	"outrider/projections/analytics"
)

// What an export holds in memory, and how long it waits. Pages are as long as ClickHouse likes to read, unless events are large.
const (
	firstPage      = 1000     // events of the first page
	maxPage        = 8192     // of any
	maxPageBytes   = 16 << 20 // of data in a page, if events go on as they were
	checkpointPage = 1000
	pollInterval   = 50 * time.Millisecond // between looks whether ClickHouse has come there
)

var (
	// ErrBehind says that the history isn't visible here yet: ask again.
	ErrBehind = errors.New("the history isn't visible yet")
)

// BeyondEndError says that an export was asked for after an event that doesn't exist.
type BeyondEndError struct{ Newest int64 }

func (e *BeyondEndError) Error() string {
	return fmt.Sprintf("there is no such event yet; the newest is %d", e.Newest)
}

// Config is what exports are made from; all of it is needed.
type Config struct {
	Columns driver.Conn // ClickHouse
	Pool    *pgxpool.Pool
	Ring    *audit.Keyring // signs
	Now     func() time.Time
}

// Export is an organisation's history on its way out.
type Export struct {
	Org       uuid.UUID
	After, To int64

	cfg     Config
	chain   es.ChainHash // at After
	end     es.ChainHash // at To, as the log was read into Postgres: what ClickHouse holds must come to the same
	history analytics.History
	first   []*es.Event // the first page, read before the answer begins
	size    int         // of the next page
	signed  []*audit.Checkpoint
	upTo    int64 // checkpoints are read up to here
}

// Begin reads what must be there before anything is said: after it, Write can begin with the event after an event.
func Begin(ctx context.Context, cfg Config, org uuid.UUID, after int64) (*Export, error) {
	x := &Export{Org: org, After: after, cfg: cfg, upTo: after, history: analytics.History{Conn: cfg.Columns}}
	if err := x.findEnd(ctx); err != nil {
		return nil, err
	}
	if x.After > x.To {
		return nil, &BeyondEndError{x.To}
	}
	if x.After > 0 {
		before, err := x.history.Range(ctx, x.Org, x.After, x.After, 1)
		if err != nil {
			return nil, err
		}
		if len(before) == 0 {
			return nil, fmt.Errorf("%w: the history in ClickHouse has a gap", ErrBehind)
		}
		x.chain = before[0].Chain
	}
	x.size = firstPage
	var err error
	x.first, err = x.readPage(ctx, x.After)
	return x, err
}

// findEnd finds out how far the history goes, and waits until ClickHouse has that much of it.
func (x *Export) findEnd(ctx context.Context) error {
	var c *projections.Chain
	err := postgres.InOrg(ctx, x.cfg.Pool, x.Org, func(tx pgx.Tx) (err error) {
		c, err = projections.GetChain(ctx, tx, x.Org)
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("%w: the chain of this organisation was not read yet", ErrBehind)
	}
	if err != nil {
		return err
	}
	x.To, x.end = c.Oseq, es.ChainHash(c.Chain)
	for {
		newest, err := x.history.Newest(ctx, x.Org)
		if err != nil || newest >= x.To {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: ClickHouse has events up to %d, the log up to %d", ErrBehind, newest, x.To)
		case <-time.After(pollInterval):
		}
	}
}

func (x *Export) readPage(ctx context.Context, after int64) ([]*es.Event, error) {
	if after >= x.To {
		return nil, nil
	}
	page, err := x.history.Range(ctx, x.Org, after+1, x.To, x.size)
	bytes := 1
	for _, e := range page {
		bytes += len(e.Data)
	}
	x.size = min(max(maxPageBytes*len(page)/bytes, 100), maxPage)
	return page, err
}

// Write writes the file. One that can't be completed ends with the reason instead of the signed head.
func (x *Export) Write(ctx context.Context, w io.Writer) error {
	out, err := audit.NewWriter(w, x.cfg.Ring, x.Org, x.After, x.chain, x.cfg.Now())
	if err != nil {
		return err
	}
	if err := x.writeEvents(ctx, out); err != nil {
		reason := "the server could not read on; ask again"
		if errors.Is(err, audit.ErrBroken) {
			reason = err.Error()
		}
		return errors.Join(err, out.Abort(reason))
	}
	_, err = out.Close(x.cfg.Now())
	return err
}

func (x *Export) writeEvents(ctx context.Context, out *audit.ExportWriter) (err error) {
	page := x.first
	x.first = nil
	for len(page) > 0 {
		for _, e := range page {
			if err := out.Event(e); err != nil {
				return err
			}
			c, err := x.checkpointAt(ctx, e.Oseq)
			if err != nil {
				return err
			}
			if c != nil {
				if err := out.Checkpoint(c); err != nil {
					return err
				}
			}
		}
		if page, err = x.readPage(ctx, out.Oseq()); err != nil {
			return err
		}
	}
	if out.Oseq() != x.To {
		return errors.New("the history in ClickHouse ends early")
	}
	if out.Chain() != x.end {
		return fmt.Errorf("%w: ClickHouse holds another history up to event %d than the log", audit.ErrBroken, x.To)
	}
	return nil
}

// checkpointAt returns the one that was signed for an event, nil when none was.
func (x *Export) checkpointAt(ctx context.Context, oseq int64) (*audit.Checkpoint, error) {
	if len(x.signed) == 0 && x.upTo < oseq {
		err := postgres.InOrg(ctx, x.cfg.Pool, x.Org, func(tx pgx.Tx) (err error) {
			x.signed, err = audit.List(ctx, tx, x.Org, x.upTo, x.To, checkpointPage)
			return err
		})
		if err != nil {
			return nil, err
		}
		x.upTo = x.To
		if len(x.signed) == checkpointPage {
			x.upTo = x.signed[checkpointPage-1].Oseq
		}
	}
	if len(x.signed) == 0 || x.signed[0].Oseq != oseq {
		return nil, nil // most events have none
	}
	c := x.signed[0]
	x.signed = x.signed[1:]
	return c, nil
}
