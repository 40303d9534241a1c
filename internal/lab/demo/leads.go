package demo

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"outrider/internal/csvfile"
	"outrider/internal/pii"
	"outrider/internal/profile"
	"outrider/internal/zone"
)

// Lead is a person of a file, as far as promises depend on them.
type Lead struct {
	Address string // normalised
	Domain  string
	Zone    string // IANA; "" = not told
	Public  bool   // the domain is a public mail provider's, so no company's
	Company string // as the file calls it
}

// Count is what becomes of a file's rows.
type Count struct {
	Rows       int `json:"rows"`
	Imported   int `json:"imported"`
	Duplicates int `json:"duplicates"`
	Rejected   int `json:"rejected"`
}

// ReadLeads counts a CSV file by itself: the people in the order of their first rows, and what should become of the rows.
func ReadLeads(r io.Reader) (people []Lead, n Count, err error) {
	file, err := csvfile.Open(r, csvfile.Options{})
	if err != nil {
		return nil, n, fmt.Errorf("read leads: %w", err)
	}
	head := file.Head()
	seen := map[string]bool{}
	for {
		row, err := file.Next()
		if errors.Is(err, io.EOF) {
			return people, n, nil
		}
		n.Rows++
		var bad *csvfile.RowError
		if errors.As(err, &bad) {
			n.Rejected++
			continue
		}
		if err != nil {
			return nil, n, fmt.Errorf("read leads: %w", err)
		}
		lead, ok := leadOf(head, row)
		switch {
		case !ok:
			n.Rejected++
		case seen[lead.Address]:
			n.Duplicates++
		default:
			n.Imported++
			seen[lead.Address] = true
			people = append(people, lead)
		}
	}
}

// leadOf is false for a row that can't be taken: for its address, or a value that is too long for what it is. What else is wrong costs
// the field.
func leadOf(head csvfile.Head, row csvfile.Row) (l Lead, ok bool) {
	for i, column := range head.Columns {
		field, value := head.Mapping[column], csvfile.CleanCell(row.Values[i])
		if field == "" || value == "" {
			continue
		}
		switch field {
		case csvfile.FieldEmail:
			var err error
			if l.Address, err = pii.NormalizeAddress(value); err != nil {
				return l, false
			}
			l.Domain = pii.Domain(l.Address)
			l.Public = pii.IsFreeMail(l.Domain)
		case "time_zone":
			if l.Zone = value; !zone.Known(value) {
				l.Zone = ""
			}
		case "full_name", "tags", "crm_id", "lawful_basis":
		default:
			if !strings.HasPrefix(field, profile.CustomPrefix) && utf8.RuneCountInString(value) > profile.MaxValue && !csvfile.IsSpreadsheetError(value) {
				return l, false
			}
			if field == "company_name" {
				l.Company = value
			}
		}
	}
	return l, l.Address != ""
}
