package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/internal/csvfile"
	"outrider/projections"
)

func (s *Server) listImports(c *call) error {
	data, next, err := listPage(s.readSide, c, c.who.Org, func(tx pgx.Tx, after int64, limit int) ([]*projections.Import, error) {
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
		CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, Mapping: map[string]string{}, HeaderRow: r.HeaderRow, DryRunID: valueOrZero(r.DryRunID), Suppressed: int64(r.Suppressed)}
	if err := json.Unmarshal(r.Mapping, &out.Mapping); err != nil {
		return out, fmt.Errorf("read mapping: %w", err)
	}
	counts := map[string]int64{}
	if err := json.Unmarshal(r.Warnings, &counts); err != nil {
		return out, fmt.Errorf("read warnings: %w", err)
	}
	out.LeftOut = leftOutColumns(r.LeftOut)
	for _, key := range slices.Sorted(maps.Keys(counts)) {
		w := warningOf(key)
		w.Rows = counts[key]
		out.LeftOut = append(out.LeftOut, w)
	}
	return out, nil
}

// leftOutColumns are columns that are too many.
func leftOutColumns(columns []string) []gen.ImportLeftOut {
	out := []gen.ImportLeftOut{}
	for _, c := range columns {
		out = append(out, gen.ImportLeftOut{Column: c, Code: "too_many_custom_fields", Reason: rowReason("too_many_custom_fields")})
	}
	return out
}

// warningOf reads "field code".
func warningOf(key string) gen.ImportLeftOut {
	field, code, _ := strings.Cut(key, " ")
	return gen.ImportLeftOut{Field: field, Code: code, Reason: rowReason(code)}
}

// rowReason says a code of a row in words; codes that it doesn't know say it themselves.
func rowReason(code string) string {
	switch code {
	case commands.RowDuplicate:
		return "the address is a lead already"
	case commands.RowDuplicateInFile:
		return "an earlier row of this file has the address"
	case commands.RowUnchanged:
		return "the lead has all that the row says"
	case commands.RowOverQuota:
		return "the plan stores no more leads"
	case commands.RowLeadIDTaken:
		return "a lead had this address once and has another now"
	case commands.RowErased:
		return "the person was erased after the file had been sent"
	case commands.RowInvalid:
		return "a field has a value that can't be taken"
	case "email_missing":
		return "it has no address"
	case "email_invalid":
		return "it isn't an e-mail address"
	case "time_zone_unknown":
		return "the zone is not in the IANA database"
	case csvfile.RowQuote:
		return "a quote isn't closed where it should be; each line was read as a row"
	case csvfile.RowTooLong:
		return "it has more values than the file has columns; the last ones were left out"
	case "too_many_custom_fields":
		return "a lead has at most " + strconv.Itoa(commands.MaxOwnFields) + " fields of your own"
	case "too_many_tags":
		return "a lead has at most 50 tags"
	case "tag_too_long":
		return "a tag has at most 100 characters"
	case "value_too_long":
		return "the value is too long"
	case "control_characters":
		return "the value was taken without the control characters in it"
	case "spreadsheet_error":
		return "the cell holds the error of a formula"
	case projections.WarnSuppressed:
		return "nothing can be sent to this address: it or its domain is suppressed"
	}
	return strings.ReplaceAll(code, "_", " ")
}

func undoImport(_ *call, id uuid.UUID) (commands.Command, error) {
	return commands.UndoImport{ImportID: id}, nil
}
