package api

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/internal/csvfile"
	"outrider/projections"
)

func (s *Server) listImports(c *call) error {
	data, next, err := listPage(s, c, c.who.Org, func(tx pgx.Tx, after int64, limit int) ([]*projections.Import, error) {
		return projections.ListImports(c.ctx, tx, c.who.Org, after, limit)
	}, func(i *projections.Import) int64 { return i.Oseq }, importOf)
	if err != nil {
		return err
	}
	return c.answerJSON(200, gen.ImportPage{Data: data, NextCursor: next})
}

func (s *Server) getImport(c *call, id uuid.UUID) error {
	var row *projections.Import
	if err := s.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetImport(c.ctx, tx, c.who.Org, id)
		return err
	}); err != nil {
		return err
	}
	out, err := importOf(row)
	if err != nil {
		return err
	}
	return c.answerJSON(200, out)
}

func importOf(r *projections.Import) (gen.Import, error) {
	out := gen.Import{ID: r.ImportID, Status: gen.ImportStatus(r.Status), FileName: r.FileName, Bytes: r.Bytes, Charset: r.Charset, Delimiter: r.Delimiter, DryRun: r.DryRun,
		OnDuplicate: r.OnDuplicate, Source: gen.LeadSource(r.Source), LawfulBasis: r.LawfulBasis, Tags: nonNil(r.Tags), TimeZone: r.TimeZone, Reason: r.Reason, Rows: int64(r.Rows),
		Created: int64(r.Created), Updated: int64(r.Updated), Duplicates: int64(r.Duplicates), Rejected: int64(r.Rejected), Removed: int64(r.Removed), Kept: int64(r.Kept),
		CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, Mapping: map[string]string{}}
	if err := json.Unmarshal(r.Mapping, &out.Mapping); err != nil {
		return out, fmt.Errorf("read mapping: %w", err)
	}
	return out, nil
}

// rejectionsPage is how many rows of errors.csv are read at a time.
const rejectionsPage = 10_000

func (s *Server) getImportErrors(c *call, id uuid.UUID) error {
	var file bytes.Buffer
	w := csv.NewWriter(&file)
	w.UseCRLF = true // RFC 4180
	_ = w.Write([]string{"row", "code", "reason"})
	if err := s.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		if _, err := projections.GetImport(c.ctx, tx, c.who.Org, id); err != nil {
			return err
		}
		for after := 0; ; {
			rows, err := projections.ImportRejections(c.ctx, tx, c.who.Org, id, after, rejectionsPage)
			if err != nil {
				return err
			}
			for _, r := range rows {
				_ = w.Write([]string{strconv.Itoa(r.Row), r.Code, rowReason(r.Code)}) // into memory
				after = r.Row
			}
			if len(rows) < rejectionsPage {
				return nil
			}
		}
	}); err != nil {
		return err
	}
	w.Flush()
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="errors.csv"`)
	return c.sendCompressed(file.Bytes())
}

// rowReason says a code of a row in words; codes that it doesn't know say it themselves.
func rowReason(code string) string {
	switch code {
	case commands.RowDuplicate:
		return "the address is a lead already"
	case commands.RowDuplicateInFile:
		return "an earlier row of this file has the address"
	case commands.RowLeadIDTaken:
		return "a lead had this address once and has another now"
	case commands.RowInvalid:
		return "a field has a value that can't be taken"
	case "email_missing":
		return "it has no address"
	case "email_invalid":
		return "it isn't an e-mail address"
	case "time_zone_unknown":
		return "the zone is not in the IANA database"
	case csvfile.RowQuote:
		return "a quote isn't closed where it should be, so the lines after it were taken for a part of this row"
	}
	return strings.ReplaceAll(code, "_", " ")
}

func undoImport(_ *call, id uuid.UUID) (commands.Command, error) {
	return commands.UndoImport{ImportID: id}, nil
}
