// Package claims reads what an organisation may say about itself, from files for the log and from the log for the gate of internal/evidence.
package claims

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/commands"
	"outrider/internal/csvfile"
	"outrider/internal/evidence"
	"outrider/internal/zone"
	"outrider/projections"
)

// FieldError says what is wrong with a claim.
type FieldError struct{ Field, Reason string }

func (e *FieldError) Error() string { return e.Field + " " + e.Reason }

// Item makes a claim of what a person has typed. What can't be one is a *FieldError.
func Item(org, campaign uuid.UUID, text, source string, until time.Time) (commands.ClaimItem, error) {
	text, source = oneLine(text), oneLine(source)
	switch {
	case text == "":
		return commands.ClaimItem{}, &FieldError{"text", "is blank"}
	case source == "":
		return commands.ClaimItem{}, &FieldError{"source", "is blank"}
	}
	v := evidence.Check(evidence.Sentence{Text: text}, evidence.Policy{Approved: []string{text}, Links: []string{}})
	for _, r := range v.Reasons {
		switch r.Code {
		case evidence.TwoSentences:
			return commands.ClaimItem{}, &FieldError{"text", "must be one sentence"}
		case evidence.Hidden:
			return commands.ClaimItem{}, &FieldError{"text", "has characters that nobody sees"}
		case evidence.Markup:
			return commands.ClaimItem{}, &FieldError{"text", "has markup"}
		case evidence.Link:
			return commands.ClaimItem{}, &FieldError{"text", "has a link or an address, which belongs into the campaign's own text"}
		case evidence.TooLong:
			return commands.ClaimItem{}, &FieldError{"text", "is too long"}
		}
	}
	return commands.ClaimItem{ClaimID: commands.ClaimID(org, campaign, text), CampaignID: campaign, Text: text, Source: source, ValidUntil: until.UTC().Truncate(time.Second)}, nil
}

func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s), unicode.IsSpace), " ")
}

// ReadFile makes claims of the rows of a CSV file with the columns text, source and valid_until: a date in a zone, the last day included. What is wrong names the row.
func ReadFile(org, campaign uuid.UUID, file, timeZone string) (out []commands.ClaimItem, err error) {
	f, err := csvfile.Open(strings.NewReader(file), csvfile.Options{List: true, Charset: "utf-8"})
	if err != nil {
		return nil, &FieldError{"csv", err.Error()}
	}
	in, err := zone.Load(timeZone)
	if err != nil {
		in = time.UTC
	}
	columns := map[string]int{}
	for {
		row, err := f.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, &FieldError{"csv", err.Error()}
		}
		if len(columns) == 0 {
			for i, name := range row.Values {
				columns[strings.ToLower(strings.TrimSpace(name))] = i
			}
			if _, ok := columns["text"]; !ok {
				return nil, &FieldError{"csv", "has no column text"}
			}
			if _, ok := columns["source"]; !ok {
				return nil, &FieldError{"csv", "has no column source"}
			}
			continue
		}
		if !slices.ContainsFunc(row.Values, func(v string) bool { return strings.TrimSpace(v) != "" }) {
			continue
		}
		item, err := itemOf(org, campaign, row.Values, columns, in)
		if err != nil {
			return nil, &FieldError{"csv", "row " + strconv.Itoa(row.Number) + ": " + err.Error()}
		}
		if out = append(out, item); len(out) > commands.MaxClaimItems {
			return nil, &FieldError{"csv", "has more than " + strconv.Itoa(commands.MaxClaimItems) + " rows"}
		}
	}
	if len(out) == 0 {
		return nil, &FieldError{"csv", "has no rows"}
	}
	return out, nil
}

func itemOf(org, campaign uuid.UUID, values []string, columns map[string]int, in *time.Location) (commands.ClaimItem, error) {
	cell := func(name string) string {
		if i, ok := columns[name]; ok && i < len(values) {
			return csvfile.CleanCell(values[i])
		}
		return ""
	}
	var until time.Time
	if day := strings.TrimSpace(cell("valid_until")); day != "" {
		d, err := time.ParseInLocation(time.DateOnly, day, in)
		if err != nil {
			return commands.ClaimItem{}, &FieldError{"valid_until", "must be a date like 2026-12-31"}
		}
		until = d.AddDate(0, 0, 1)
	}
	return Item(org, campaign, cell("text"), cell("source"), until)
}

// maxRead bounds the claims that are read for a message: more can't be approved.
const maxRead = commands.MaxClaims

// Known returns what messages of a campaign may say about the organisation, as the gate knows it.
func Known(ctx context.Context, tx pgx.Tx, org, campaign uuid.UUID, at time.Time) (out []evidence.Fact, err error) {
	rows, err := projections.ListClaims(ctx, tx, org, projections.ClaimFilter{Campaign: campaign}, 0, maxRead)
	if err != nil {
		return nil, fmt.Errorf("read claims: %w", err)
	}
	for _, row := range rows {
		if campaign == uuid.Nil && row.CampaignID != nil { // what isn't of a campaign says only what everybody may
			continue
		}
		out = append(out, evidence.Fact{ID: row.VersionID.String(), About: evidence.AboutUs, Predicate: evidence.Statement, Object: row.Text, Stale: !row.Usable(at)})
	}
	return out, nil
}
