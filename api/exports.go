package api

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/internal/app/exportfile"
	"outrider/internal/es"
	"outrider/projections"
)

// ExportFiles opens the files of exports; nil, exportfile.ErrGone once one has expired or was deleted.
type ExportFiles func(ctx context.Context, org, export uuid.UUID) (io.ReadCloser, error)

// exportHandlers answer what is asked of exports.
type exportHandlers struct {
	*readSide
	*writeSide
	files  ExportFiles // may be nil
	logger *slog.Logger
}

// forExports is the handler of a route that exportHandlers answer.
func forExports(handle func(*exportHandlers, *call) error) handler {
	return func(s *Server, c *call) error { return handle(s.exports, c) }
}

func (x *exportHandlers) createExport(c *call, body gen.ExportCreate) error {
	given := map[gen.ExportKind]bool{}
	object, _ := c.json.(map[string]any)
	for _, kind := range []gen.ExportKind{gen.ExportKindLeads, gen.ExportKindMessages, gen.ExportKindSuppressions} {
		if _, given[kind] = object[string(kind)]; given[kind] && kind != body.Kind {
			return invalidProblem(gen.FieldError{Field: string(kind), Reason: "is for an export of " + string(kind)})
		}
	}
	if given[gen.ExportKindLeads] {
		if err := checkSelection("leads", body.Leads); err != nil {
			return err
		}
	}
	chosen := leadFilterOf(body.Leads)
	if err := x.withSegment(c, &chosen, body.Leads.SegmentID); err != nil {
		return err
	}
	in, err := x.beginOwn(c)
	if err != nil {
		return err
	}
	id := in.newID("export")
	m, sup := body.Messages, body.Suppressions
	sealed, err := exportfile.Request{Kind: string(body.Kind), Leads: chosen,
		Messages:     projections.MessageFilter{Search: m.Q, CampaignID: m.CampaignID, LeadID: m.LeadID, MailboxID: m.MailboxID, State: string(m.State)},
		Suppressions: projections.SuppressionFilter{Search: sup.Q, Kind: string(sup.Kind), Reason: sup.Reason}}.Seal(c.ctx, x.vault, in.org, id)
	if err != nil {
		return err
	}
	a, err := x.submitCommand(in, commands.RequestExport{ExportID: id, Kind: string(body.Kind), Filter: sealed})
	if err != nil {
		return err
	}
	return x.showExportAfter(c, a, id)
}

func (x *exportHandlers) showExportAfter(c *call, a es.Answer, id uuid.UUID) error {
	return x.showAfterChange(c, "exports", a, func() error {
		out, err := x.loadExport(c, id)
		if err != nil {
			return err
		}
		return c.answerCreated(out, "/v1/exports/"+id.String(), 0)
	})
}

func (x *exportHandlers) loadExport(c *call, id uuid.UUID) (out gen.Export, err error) {
	err = x.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		row, err := projections.GetExport(c.ctx, tx, c.who.Org, id)
		if err == nil {
			out, err = x.exportOf(row)
		}
		return err
	})
	return out, err
}

func (x *exportHandlers) showExport(c *call, id uuid.UUID) error {
	out, err := x.loadExport(c, id)
	if err != nil {
		return err
	}
	return c.answerJSON(200, out)
}

func (x *exportHandlers) listExports(c *call) error {
	data, next, err := listPage(x.readSide, c, c.who.Org, func(tx pgx.Tx, after int64, limit int) ([]*projections.Export, error) {
		return projections.ListExports(c.ctx, tx, c.who.Org, after, limit)
	}, func(row *projections.Export) int64 { return row.Oseq }, x.exportOf)
	if err != nil {
		return err
	}
	return c.answerJSON(200, gen.ExportPage{Data: data, NextCursor: next})
}

func (x *exportHandlers) exportOf(row *projections.Export) (gen.Export, error) {
	out := gen.Export{ID: row.ExportID, Kind: gen.ExportKind(row.Kind), Status: gen.ExportStatus(row.Status), Reason: row.Reason, Rows: row.Rows, Bytes: row.Bytes, ExpiresAt: row.ExpiresAt, CreatedAt: row.CreatedAt, UpdatedAt: row.UpdatedAt}
	if row.Status == projections.ExportCompleted && !x.now().Before(row.ExpiresAt) {
		out.Status = gen.ExportStatusExpired
	}
	return out, nil
}

func discardExport(_ *call, id uuid.UUID) (commands.Command, error) {
	return commands.DiscardExport{ExportID: id}, nil
}

// downloadExport records who fetches the file, then streams it.
func (x *exportHandlers) downloadExport(c *call, id uuid.UUID) error {
	out, err := x.loadExport(c, id)
	switch {
	case err != nil:
		return err
	case out.Status == gen.ExportStatusRunning:
		return newProblem(commands.CodeWrongStatus, "the file is being written")
	case out.Status != gen.ExportStatusCompleted:
		return newProblem(commands.CodeNotFound, "the file is gone")
	case x.files == nil:
		return unavailableProblem(codeUnavailable, errors.New("this server has no files of exports"))
	}
	file, err := x.files(c.ctx, c.who.Org, id)
	if errors.Is(err, exportfile.ErrGone) {
		return newProblem(commands.CodeNotFound, "the file is gone")
	}
	if err != nil {
		return err
	}
	if _, err := x.submitOwn(c, commands.DownloadExport{ExportID: id}); err != nil {
		return errors.Join(err, file.Close())
	}
	c.setPosition()
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+string(out.Kind)+`-`+out.CreatedAt.UTC().Format(time.DateOnly)+`.csv"`)
	conn := c.Context().Conn()
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		defer func() { _ = file.Close() }()
		if _, err := io.Copy(deadlineWriter{w, conn}, file); err != nil {
			x.logger.Error("a download broke off", "export", id, "error", err)
			_ = conn.Close() // or what was cut off would look whole
			return
		}
		_ = w.Flush() // who reads is gone if this fails
	})
	return nil
}
