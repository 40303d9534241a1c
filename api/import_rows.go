package api

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/csvfile"
	"outrider/internal/postgres"
	"outrider/projections"
)

// rowsPage is how many rows of errors.csv are read at a time.
const rowsPage = 1000

// openImported gives an import and its file; nil when the file is gone, or nobody here can read it.
func (s *Server) openImported(c *call, id uuid.UUID) (row *projections.Import, file ImportedFile, err error) {
	if err := s.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetImport(c.ctx, tx, c.who.Org, id)
		return err
	}); err != nil || s.cfg.Imports == nil {
		return row, nil, err
	}
	file, err = s.cfg.Imports.Open(c.ctx, row)
	return row, file, err
}

func (s *Server) listImportRows(c *call, id uuid.UUID) error {
	_, file, err := s.openImported(c, id)
	if err != nil {
		return err
	}
	if file != nil {
		defer func() { _ = file.Close() }()
	}
	f := projections.ImportRowFilter{Outcome: c.textParam("outcome")}
	if f.Outcome == "warned" {
		f.Outcome, f.Warned = "", true
	}
	data, next, err := listPage(s.readSide, c, c.who.Org, func(tx pgx.Tx, after int64, limit int) ([]*projections.ImportRow, error) {
		f.After, f.Limit = int(after), limit
		return projections.ImportRows(c.ctx, tx, c.who.Org, id, f)
	}, func(r *projections.ImportRow) int64 { return int64(r.Row) }, func(r *projections.ImportRow) (gen.ImportRow, error) {
		return importRowOf(r, file), nil
	})
	if err != nil {
		return err
	}
	return c.answerJSON(200, gen.ImportRowPage{Data: data, NextCursor: next})
}

func importRowOf(r *projections.ImportRow, file ImportedFile) gen.ImportRow {
	out := gen.ImportRow{Row: r.Row, Outcome: gen.ImportRowOutcome(r.Outcome), Code: r.Code, Warnings: []gen.ImportLeftOut{}}
	for _, w := range r.Warnings {
		out.Warnings = append(out.Warnings, warningOf(w))
	}
	if r.Code != "" {
		out.Reason = rowReason(r.Code)
	}
	if file == nil {
		return out
	}
	cells, reason := file.Find(r.Row)
	if out.Cells = map[string]string{}; r.Code == "email_invalid" && reason != "" {
		out.Reason = reason
	}
	for i, cell := range cells {
		out.Cells[file.Columns()[i]] = cell
	}
	return out
}

// getImportErrors streams the rows a page at a time, so that it takes no more memory for many than for few.
func (s *Server) getImportErrors(c *call, id uuid.UUID) error {
	_, file, err := s.openImported(c, id)
	if err != nil {
		return err
	}
	if _, err := s.submitOwn(c, commands.RecordPersonalDataDownload{What: events.DownloadedImportErrors, Of: id}); err != nil {
		if file != nil {
			err = errors.Join(err, file.Close())
		}
		return err
	}
	c.setPosition()
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="errors.csv"`)
	c.Vary(fiber.HeaderAcceptEncoding)
	zipped := c.Request().Header.HasAcceptEncoding("gzip")
	if zipped {
		c.Set(fiber.HeaderContentEncoding, "gzip")
	}
	org, conn := c.who.Org, c.Context().Conn()
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		ctx, cancel := context.WithCancel(s.life)
		defer cancel()
		if file != nil {
			defer func() { _ = file.Close() }()
		}
		var to io.Writer = deadlineWriter{w, conn}
		var packed *gzip.Writer
		if zipped {
			packed, _ = gzip.NewWriterLevel(to, gzip.BestSpeed) // a level that is known
			to = packed
		}
		err := s.writeErrors(ctx, to, org, id, file)
		if err == nil && packed != nil {
			err = packed.Close()
		}
		if err != nil {
			s.cfg.Logger.Error("errors.csv broke off", "import", id, "error", err)
			_ = conn.Close() // or what was cut off would look whole
			return
		}
		_ = w.Flush() // who reads is gone if this fails
	})
	return nil
}

func (s *Server) writeErrors(ctx context.Context, to io.Writer, org, id uuid.UUID, file ImportedFile) error {
	header := []string{"row", "outcome", "field", "code", "reason"}
	if file != nil {
		header = append(header, protectCells(file.Columns())...)
	}
	w := csv.NewWriter(to)
	w.UseCRLF = true // RFC 4180
	if err := w.Write(header); err != nil {
		return fmt.Errorf("write errors.csv: %w", err)
	}
	for f := (projections.ImportRowFilter{Mentions: true, Limit: rowsPage}); ; {
		var rows []*projections.ImportRow
		if err := postgres.InOrg(ctx, s.cfg.Pool, org, func(tx pgx.Tx) (err error) {
			rows, err = projections.ImportRows(ctx, tx, org, id, f)
			return err
		}); err != nil {
			return err
		}
		for _, r := range rows {
			writeErrorLines(w, r, file)
			f.After = r.Row
		}
		w.Flush()
		if err := w.Error(); err != nil {
			return fmt.Errorf("write errors.csv: %w", err)
		}
		if len(rows) < rowsPage {
			return nil
		}
	}
}

// writeErrorLines writes a line for why a row was refused and one for everything that was left out of it.
func writeErrorLines(w *csv.Writer, r *projections.ImportRow, file ImportedFile) {
	var cells []string
	row := importRowOf(r, nil)
	if file != nil {
		found, reason := file.Find(r.Row)
		if cells = protectCells(found); r.Code == "email_invalid" && reason != "" {
			row.Reason = reason
		}
	}
	if r.Code != "" {
		row.Warnings = append([]gen.ImportLeftOut{{Field: fieldOfCode(r.Code), Code: r.Code, Reason: row.Reason}}, row.Warnings...)
	}
	for _, x := range row.Warnings {
		_ = w.Write(append([]string{strconv.Itoa(r.Row), r.Outcome, x.Field, x.Code, csvfile.ProtectCell(x.Reason)}, cells...)) // an error comes at the flush
	}
}

// fieldOfCode is the field that refuses a row.
func fieldOfCode(code string) string {
	switch code {
	case "email_invalid", "email_missing", commands.RowDuplicate, commands.RowDuplicateInFile, commands.RowUnchanged, commands.RowLeadIDTaken, commands.RowErased:
		return "email"
	case "too_many_custom_fields":
		return "custom"
	}
	return ""
}

func protectCells(cells []string) []string {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = csvfile.ProtectCell(c)
	}
	return out
}
