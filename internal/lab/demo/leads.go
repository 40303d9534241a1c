package demo

import (
	"errors"
	"fmt"
	"io"

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

// leadOf is false for a row that can't be taken.
func leadOf(head csvfile.Head, row csvfile.Row) (l Lead, ok bool) {
	var p profile.Profile
	for i, column := range head.Columns {
		field, value := head.Mapping[column], row.Values[i]
		if field == "" || value == "" {
			continue
		}
		clean, err := profile.Clean(field, value)
		if err != nil {
			return l, false
		}
		switch field {
		case csvfile.FieldEmail:
			if clean == "" {
				continue
			}
			if l.Address, err = pii.NormalizeAddress(clean); err != nil {
				return l, false
			}
			l.Domain = pii.Domain(l.Address)
			l.Public = pii.IsFreeMail(l.Domain)
		case "time_zone":
			if !zone.Known(clean) {
				return l, false
			}
			l.Zone = clean
		case "crm_id":
			ok = len(clean) <= 200
		case "lawful_basis":
			ok = len(clean) <= 100
		case "full_name", "tags":
		default:
			if p.Set(field, clean) != nil {
				return l, false
			}
		}
		if (field == "crm_id" || field == "lawful_basis") && !ok {
			return l, false
		}
	}
	return l, l.Address != ""
}
