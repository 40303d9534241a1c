// Package contact is the personal part of a lead in plain text: its fields, their bounds, and the JSON that is sealed.
package contact

import (
	"encoding/json"
	"fmt"
	"regexp"
	"sort"
	"strings"
	"unicode"
)

// Bounds of a profile.
const (
	MaxValue  = 2000 // characters of a value
	MaxCustom = 50   // the organisation's own fields a lead
)

// CustomPrefix marks the organisation's own fields among the names that Filled gives.
const CustomPrefix = "custom."

var customName = regexp.MustCompile(`^[a-z0-9_]{1,40}$`)

// Profile is what is sealed under a person's key. Empty fields are left out of its JSON.
type Profile struct {
	Email       string            `json:"email,omitempty"`
	FirstName   string            `json:"first_name,omitempty"`
	LastName    string            `json:"last_name,omitempty"`
	Phone       string            `json:"phone,omitempty"`
	CompanyName string            `json:"company_name,omitempty"`
	JobTitle    string            `json:"job_title,omitempty"`
	LinkedInURL string            `json:"linkedin_url,omitempty"`
	Website     string            `json:"website,omitempty"`
	City        string            `json:"city,omitempty"`
	Country     string            `json:"country,omitempty"`
	Custom      map[string]string `json:"custom,omitempty"`
}

func (p *Profile) fields() [10]struct {
	name string
	to   *string
} {
	return [10]struct {
		name string
		to   *string
	}{{"email", &p.Email}, {"first_name", &p.FirstName}, {"last_name", &p.LastName}, {"phone", &p.Phone}, {"company_name", &p.CompanyName},
		{"job_title", &p.JobTitle}, {"linkedin_url", &p.LinkedInURL}, {"website", &p.Website}, {"city", &p.City}, {"country", &p.Country}}
}

// FieldError says which field of a profile can't be taken, and why.
type FieldError struct{ Field, Reason string }

func (e *FieldError) Error() string { return e.Field + " " + e.Reason }

// Set gives a field its value, cleaned; "custom.x" are the organisation's own.
func (p *Profile) Set(field, value string) error {
	value, err := Clean(field, value)
	if err != nil || value == "" {
		return err
	}
	if name, ok := strings.CutPrefix(field, CustomPrefix); ok {
		if !customName.MatchString(name) {
			return &FieldError{field, "must be named with 1 to 40 of a-z, 0-9 and _"}
		}
		if p.Custom == nil {
			p.Custom = map[string]string{}
		}
		if p.Custom[name] = value; len(p.Custom) > MaxCustom {
			return &FieldError{"custom", fmt.Sprintf("has more than %d fields", MaxCustom)}
		}
		return nil
	}
	for _, f := range p.fields() {
		if f.name == field {
			*f.to = value
			return nil
		}
	}
	return &FieldError{field, "is not a field of a lead"}
}

// Clean trims a value and takes out control characters, which no database or mail wants; new lines and tabs stay.
func Clean(field, value string) (string, error) {
	value = strings.TrimSpace(value)
	if strings.IndexFunc(value, control) >= 0 {
		value = strings.Map(func(r rune) rune {
			if control(r) {
				return -1
			}
			return r
		}, value)
	}
	if len(value) > MaxValue && len([]rune(value)) > MaxValue {
		return "", &FieldError{field, fmt.Sprintf("is longer than %d characters", MaxValue)}
	}
	return value, nil
}

func control(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' }

// Filled names the fields that have a value, in a fixed order.
func (p *Profile) Filled() []string {
	out := make([]string, 0, 10+len(p.Custom))
	for _, f := range p.fields() {
		if *f.to != "" {
			out = append(out, f.name)
		}
	}
	own := len(out)
	for name := range p.Custom {
		out = append(out, CustomPrefix+name)
	}
	sort.Strings(out[own:])
	return out
}

// Marshal gives the JSON that is sealed; object keys are sorted.
func (p *Profile) Marshal() ([]byte, error) {
	b, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("marshal profile: %w", err)
	}
	return b, nil
}
