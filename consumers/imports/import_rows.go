package imports

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/leads"
	"outrider/internal/csvfile"
	"outrider/internal/pii"
	"outrider/internal/profile"
	"outrider/internal/zone"
)

// Codes of rows that never become an item.
const (
	rowNoEmail      = "email_missing"
	rowBadEmail     = "email_invalid"
	rowValueTooLong = "value_too_long"
	rowTooManyOwn   = "too_many_custom_fields"
	rowBadZone      = "time_zone_unknown"
)

// person is a row of a file as plain text.
type person struct {
	row                int
	address            string // normalised
	profile            profile.Profile
	zone, crmID, basis string
	tags               []string
	fullName           string
}

// commandBytes is about what the person takes in a command: the profile encrypted and in base64, and the fields around it.
func (p *person) commandBytes() int {
	n := 400
	for _, name := range profile.Names() {
		n += len(*p.profile.Field(name)) * 4 / 3
	}
	for name, v := range p.profile.Custom {
		n += (2*len(name) + len(v)) * 4 / 3
	}
	return n
}

// rowReader turns rows into people by a mapping.
type rowReader struct {
	fields []string // parallel to the file's columns; "" = ignored
	zones  map[string]bool
}

func newRowReader(h csvfile.Head) *rowReader {
	r := &rowReader{zones: map[string]bool{}}
	for _, c := range h.Columns {
		r.fields = append(r.fields, h.Mapping[c])
	}
	return r
}

// readPerson gives the person, or the code why the row is refused.
func (r *rowReader) readPerson(row csvfile.Row) (*person, string) {
	p := &person{row: row.Number}
	for i, field := range r.fields {
		value := row.Values[i]
		if field == "" || value == "" {
			continue
		}
		if code := r.setField(p, field, value); code != "" {
			return nil, code
		}
	}
	if p.address == "" {
		return nil, rowNoEmail
	}
	first, last, _ := strings.Cut(p.fullName, " ")
	if p.profile.FirstName == "" && p.profile.LastName == "" {
		p.profile.FirstName, p.profile.LastName = first, strings.TrimSpace(last)
	}
	return p, ""
}

func (r *rowReader) setField(p *person, field, value string) string {
	clean, err := profile.Clean(field, value)
	if err != nil {
		return rowValueTooLong
	}
	switch field {
	case csvfile.FieldEmail:
		if clean == "" {
			return ""
		}
		if p.address, err = pii.NormalizeAddress(clean); err != nil {
			return rowBadEmail
		}
		p.profile.Email = p.address
	case "full_name":
		p.fullName = clean
	case "time_zone":
		if clean != "" && !r.knownZone(clean) {
			return rowBadZone
		}
		p.zone = clean
	case "tags":
		for _, t := range strings.FieldsFunc(clean, func(c rune) bool { return c == ',' || c == ';' || c == '|' }) {
			if t = strings.TrimSpace(t); t != "" && len(t) <= 100 && len(p.tags) < 50 {
				p.tags = append(p.tags, t)
			}
		}
	case "crm_id":
		p.crmID = clean
	case "lawful_basis":
		p.basis = clean
	default:
		if err := p.profile.Set(field, clean); err != nil {
			return rowTooManyOwn
		}
	}
	if len(p.crmID) > 200 || len(p.basis) > 100 {
		return rowValueTooLong
	}
	return ""
}

func (r *rowReader) knownZone(name string) bool {
	known, ok := r.zones[name]
	if !ok {
		known = zone.Known(name)
		if len(r.zones) < 1000 {
			r.zones[name] = known
		}
	}
	return known
}

// importDefaults are what an import says for rows that don't.
type importDefaults struct {
	source, basis, zone string
	tags                []string
}

// sealPeople makes items of people. A dry run makes nobody a key: its items are only counted, so they carry nothing.
func sealPeople(ctx context.Context, vault *pii.Vault, org uuid.UUID, people []*person, d importDefaults, dry bool) ([]commands.LeadItem, error) {
	intake := leads.Intake{Hasher: vault.Hasher, Keys: vault.Keys}
	if dry {
		intake.Keys = nil
	}
	all := make([]leads.Person, len(people))
	for i, p := range people {
		all[i] = leads.Person{Profile: p.profile, TimeZone: cmp.Or(p.zone, d.zone), Tags: append(p.tags, d.tags...), Source: d.source, CRMID: p.crmID,
			LawfulBasis: cmp.Or(p.basis, d.basis), Row: p.row}
	}
	return intake.Items(ctx, org, all)
}

// rowError gives a row's number and code when only that row can't be read.
func rowError(err error) (events.RefusedRow, bool) {
	var re *csvfile.RowError
	if errors.As(err, &re) {
		return events.RefusedRow{Row: re.Number, Code: re.Reason}, true
	}
	return events.RefusedRow{}, false
}
