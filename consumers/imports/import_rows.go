package imports

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/leads"
	"outrider/internal/csvfile"
	"outrider/internal/pii"
	"outrider/internal/profile"
	"outrider/internal/zone"
)

// Codes of rows that never become an item, and of what is left out of one.
const (
	rowNoEmail      = "email_missing"
	rowBadEmail     = "email_invalid"
	rowValueTooLong = "value_too_long"
	rowTooManyOwn   = "too_many_custom_fields"
	rowBadZone      = "time_zone_unknown"
	rowTooManyTags  = "too_many_tags"
	rowTagTooLong   = "tag_too_long"
	rowSheetError   = "spreadsheet_error"
	rowControl      = "control_characters"
)

// Bounds of what a row may contain, the same as those of the commands.
const (
	maxTags        = 50
	maxTag         = 100 // characters
	maxRowWarnings = 8
)

// person is a row of a file as plain text.
type person struct {
	row                int
	address            string // normalised
	profile            profile.Profile
	zone, crmID, basis string
	tags               []string
	fullName           string
	warnings           []events.RowWarning
	repeats            bool // an earlier row of the file has the address
}

// warn records what is left out of the row.
func (p *person) warn(field, code string) {
	w := events.RowWarning{Row: p.row, Field: field, Code: code}
	if len(p.warnings) < maxRowWarnings && !slices.Contains(p.warnings, w) {
		p.warnings = append(p.warnings, w)
	}
}

// commandBytes returns about how many bytes the person takes in a command: the profile encrypted and in base64, and the other fields.
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
	tags   []string // of every row
}

func newRowReader(h csvfile.Head, tags []string) *rowReader {
	r := &rowReader{zones: map[string]bool{}, tags: tags}
	for _, c := range h.Columns {
		r.fields = append(r.fields, h.Mapping[c])
	}
	return r
}

// readPerson returns the person, or the code why the row is refused. Only its address can cause that, and a name that is
// no name; whatever else is wrong costs just the field.
func (r *rowReader) readPerson(row csvfile.Row) (*person, string) {
	p := &person{row: row.Number}
	if row.Warning != "" {
		p.warn("", row.Warning)
	}
	for i, field := range r.fields {
		value := row.Values[i]
		if field == "" || value == "" {
			continue
		}
		if field != csvfile.FieldEmail && profile.HoldsControl(value) {
			p.warn(field, rowControl)
		}
		if code := r.setField(p, field, csvfile.CleanCell(value)); code != "" {
			return nil, code
		}
	}
	if p.address == "" {
		return nil, rowNoEmail
	}
	p.placeFullName()
	p.tags = r.uniteTags(p)
	return p, ""
}

// placeFullName splits a full name when the row has no other names; one that says more than the others is kept as an own field.
func (p *person) placeFullName() {
	if p.profile.FirstName == "" && p.profile.LastName == "" {
		p.profile.FirstName, p.profile.LastName = splitName(p.fullName)
		return
	}
	named := p.profile.FirstName + " " + p.profile.LastName
	for _, word := range strings.Fields(p.fullName) {
		if !strings.Contains(named, strings.Trim(word, ",")) {
			p.setProfile(profile.CustomPrefix+"full_name", p.fullName)
			return
		}
	}
}

func (r *rowReader) setField(p *person, field, clean string) string {
	if field == csvfile.FieldEmail {
		if clean == "" {
			return ""
		}
		var err error
		if p.address, err = pii.NormalizeAddress(clean); err != nil {
			return rowBadEmail
		}
		p.profile.Email = p.address
		return ""
	}
	if csvfile.IsSpreadsheetError(clean) {
		p.warn(field, rowSheetError)
		return ""
	}
	switch field {
	case "full_name":
		p.fullName = clean
	case "time_zone":
		if clean != "" && !r.knownZone(clean) {
			p.warn(field, rowBadZone)
			return ""
		}
		p.zone = clean
	case "tags":
		p.tags = append(p.tags, splitTags(clean)...)
	case "crm_id":
		p.crmID = p.unlessLong(field, clean, 200)
	case "lawful_basis":
		p.basis = p.unlessLong(field, clean, 100)
	default:
		return p.setProfile(field, clean)
	}
	return ""
}

// unlessLong returns "" for a value that has too many characters.
func (p *person) unlessLong(field, value string, most int) string {
	if utf8.RuneCountInString(value) > most {
		p.warn(field, rowValueTooLong)
		return ""
	}
	return value
}

func (p *person) setProfile(field, clean string) string {
	own := strings.HasPrefix(field, profile.CustomPrefix)
	switch long := len(clean) > profile.MaxValue && utf8.RuneCountInString(clean) > profile.MaxValue; {
	case long && own:
		p.warn(field, rowValueTooLong)
	case long:
		return rowValueTooLong
	case own && len(p.profile.Custom) >= profile.MaxCustom && clean != "":
		p.warn(field, rowTooManyOwn)
	default:
		if err := p.profile.Set(field, clean); err != nil {
			p.warn(field, rowValueTooLong)
		}
	}
	return ""
}

// uniteTags joins the tags of the row and those of the form, each once, up to the maximum.
func (r *rowReader) uniteTags(p *person) (tags []string) {
	for _, t := range slices.Concat(p.tags, r.tags) {
		switch {
		case slices.Contains(tags, t):
		case utf8.RuneCountInString(t) > maxTag:
			p.warn("tags", rowTagTooLong)
		case len(tags) == maxTags:
			p.warn("tags", rowTooManyTags)
		default:
			tags = append(tags, t)
		}
	}
	return tags
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

// sealPeople makes items of people. A dry run creates no keys: its items are only counted, so they carry nothing personal.
func sealPeople(ctx context.Context, vault *pii.Vault, org uuid.UUID, people []*person, req events.ImportRequested, holders map[string]uuid.UUID) ([]commands.LeadItem, error) {
	intake := leads.Intake{Hasher: vault.Hasher, Keys: vault.Keys}
	if req.DryRun {
		intake.Keys = nil
	}
	all := make([]leads.Person, len(people))
	for i, p := range people {
		all[i] = leads.Person{LeadID: holders[p.address], Profile: p.profile, TimeZone: p.zone, Source: req.Source, Row: p.row,
			Words: profile.Words{Tags: p.tags, CRMID: p.crmID, LawfulBasis: p.basis, DefaultLawfulBasis: req.LawfulBasis}}
	}
	return intake.Items(ctx, org, all)
}

// rowError returns a row's number and code when only that row can't be read.
func rowError(err error) (events.RefusedRow, bool) {
	var re *csvfile.RowError
	if errors.As(err, &re) {
		return events.RefusedRow{Row: re.Number, Code: re.Reason}, true
	}
	return events.RefusedRow{}, false
}
