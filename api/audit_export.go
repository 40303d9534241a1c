package api

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/audit"
	"outrider/internal/es"
	"outrider/internal/postgres"
	"outrider/projections"
	"outrider/projections/analytics"
)

// What an export holds in memory, and how long it waits. Pages are as long as ClickHouse likes to read, unless events are large.
const (
	exportFirst       = 1000     // events of the first page
	exportMost        = 8192     // of any
	exportBytes       = 16 << 20 // of data in a page, if events go on as they were
	exportCheckpoints = 1000
	exportLook        = 50 * time.Millisecond // between looks whether ClickHouse has come there
)

// export is an organisation's history on its way out.
type export struct {
	s         *Server
	org       uuid.UUID
	after, to int64
	chain     es.Hash // at after
	end       es.Hash // at to, as the log was read into Postgres: what ClickHouse holds must come to the same
	history   analytics.History
	first     []*es.Event // the first page, read before the answer begins
	size      int         // of the next page
	signed    []*audit.Checkpoint
	upTo      int64 // checkpoints are read up to here
}

// exportAudit streams the history of the caller's organisation as it was when the request came, with its proof.
func (s *Server) exportAudit(c *call) error {
	if s.cfg.Columns == nil || s.cfg.Audit == nil {
		return unavailable(codeUnavailable, errNoColumns)
	}
	x := &export{s: s, org: c.who.Org, history: analytics.History{Conn: s.cfg.Columns}}
	x.after, _ = strconv.ParseInt(c.text("after"), 10, 64) // "" = 0; it was checked
	x.upTo = x.after
	if err := s.awaitIn(c, "chains"); err != nil {
		return err
	}
	if err := x.begin(c.ctx); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/jsonl")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="audit-`+x.org.String()+`-`+strconv.FormatInt(x.after, 10)+`-`+strconv.FormatInt(x.to, 10)+`.jsonl"`)
	conn := c.Context().Conn()
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		ctx, cancel := context.WithCancel(s.life)
		defer cancel()
		if err := x.run(ctx, patientWriter{w, conn}); err != nil && ctx.Err() == nil {
			s.cfg.Logger.Error("an export broke off", "org", x.org, "error", err)
		}
		_ = w.Flush() // who reads is gone if this fails
	})
	return nil
}

// begin reads what must be there before anything is said.
func (x *export) begin(ctx context.Context) (err error) {
	if err := x.reach(ctx); err != nil {
		return err
	}
	if x.after > x.to {
		return malformed("query parameter after: there is no such event yet; the newest is " + strconv.FormatInt(x.to, 10))
	}
	if x.after > 0 {
		before, err := x.history.Range(ctx, x.org, x.after, x.after, 1)
		if err != nil {
			return err
		}
		if len(before) == 0 {
			return unavailable(codeBehind, errors.New("the history in ClickHouse has a gap"))
		}
		x.chain = before[0].Chain
	}
	x.size = exportFirst
	x.first, err = x.page(ctx, x.after)
	return err
}

// reach finds out how far the history goes, and waits until ClickHouse has that much of it.
func (x *export) reach(ctx context.Context) error {
	var c *projections.Chain
	err := postgres.InOrg(ctx, x.s.cfg.Pool, x.org, func(tx pgx.Tx) (err error) {
		c, err = projections.GetChain(ctx, tx, x.org)
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return unavailable(codeBehind, errors.New("the chain of this organisation was not read yet"))
	}
	if err != nil {
		return err
	}
	x.to, x.end = c.Oseq, es.Hash(c.Chain)
	for {
		newest, err := x.history.Newest(ctx, x.org)
		if err != nil || newest >= x.to {
			return err
		}
		select {
		case <-ctx.Done():
			return unavailable(codeBehind, fmt.Errorf("ClickHouse has events up to %d, the log up to %d", newest, x.to))
		case <-time.After(exportLook):
		}
	}
}

func (x *export) page(ctx context.Context, after int64) ([]*es.Event, error) {
	if after >= x.to {
		return nil, nil
	}
	page, err := x.history.Range(ctx, x.org, after+1, x.to, x.size)
	bytes := 1
	for _, e := range page {
		bytes += len(e.Data)
	}
	x.size = min(max(exportBytes*len(page)/bytes, 100), exportMost)
	return page, err
}

// run writes the file. One that can't be completed ends with the reason instead of the signed head.
func (x *export) run(ctx context.Context, w io.Writer) error {
	out, err := audit.NewWriter(w, x.s.cfg.Audit, x.org, x.after, x.chain, x.s.cfg.Now())
	if err != nil {
		return err
	}
	if err := x.events(ctx, out); err != nil {
		reason := "the server could not read on; ask again"
		if errors.Is(err, audit.ErrBroken) {
			reason = err.Error()
		}
		return errors.Join(err, out.Abort(reason))
	}
	_, err = out.Close(x.s.cfg.Now())
	return err
}

func (x *export) events(ctx context.Context, out *audit.Writer) (err error) {
	page := x.first
	x.first = nil
	for len(page) > 0 {
		for _, e := range page {
			if err := out.Event(e); err != nil {
				return err
			}
			c, err := x.checkpoint(ctx, e.Oseq)
			if err != nil {
				return err
			}
			if c != nil {
				if err := out.Checkpoint(c); err != nil {
					return err
				}
			}
		}
		if page, err = x.page(ctx, out.Oseq()); err != nil {
			return err
		}
	}
	if out.Oseq() != x.to {
		return errors.New("the history in ClickHouse ends early")
	}
	if out.Chain() != x.end {
		return fmt.Errorf("%w: ClickHouse holds another history up to event %d than the log", audit.ErrBroken, x.to)
	}
	return nil
}

// checkpoint gives the one that was signed for an event, nil when none was.
func (x *export) checkpoint(ctx context.Context, oseq int64) (*audit.Checkpoint, error) {
	if len(x.signed) == 0 && x.upTo < oseq {
		err := postgres.InOrg(ctx, x.s.cfg.Pool, x.org, func(tx pgx.Tx) (err error) {
			x.signed, err = audit.List(ctx, tx, x.org, x.upTo, x.to, exportCheckpoints)
			return err
		})
		if err != nil {
			return nil, err
		}
		x.upTo = x.to
		if len(x.signed) == exportCheckpoints {
			x.upTo = x.signed[exportCheckpoints-1].Oseq
		}
	}
	if len(x.signed) == 0 || x.signed[0].Oseq != oseq {
		return nil, nil //nolint:nilnil // most events have none
	}
	c := x.signed[0]
	x.signed = x.signed[1:]
	return c, nil
}

// patientWriter gives a client so long for each piece.
type patientWriter struct {
	w    *bufio.Writer
	conn net.Conn
}

func (p patientWriter) Write(b []byte) (int, error) {
	if err := p.conn.SetWriteDeadline(time.Now().Add(streamStall)); err != nil {
		return 0, err
	}
	return p.w.Write(b)
}
