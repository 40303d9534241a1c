// Package profile is the shape of a lead's personal data: what is sealed into events and opened by projections.
package profile

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"outrider/internal/pii"
)

// Sealed field names: ciphertexts are bound to them (pii.Key.Seal).
const (
	LeadField        = pii.ProfileField
	SuppressionField = pii.SuppressionField
)

// Bounds of a profile.
const (
	MaxCustom      = 50
	MaxCustomValue = 2000 // characters
)

var customName = regexp.MustCompile(`^[a-z0-9_]{1,40}$`)

// Profile is everything personal of a lead. A field without a value is absent, so equal profiles are equal JSON.
type Profile struct {
	Email       string            `json:"email,omitempty"` // normalised
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

// FieldError says which field can't be taken, and why. It never holds the value.
type FieldError struct{ Field, Reason string }

func (e *FieldError) Error() string { return e.Field + ": " + e.Reason }

// Normalize brings a profile into the form that is kept: the address normalised, blanks around values gone, custom fields
// without a value dropped. A *FieldError says what can't be.
func (p *Profile) Normalize() error {
	address, err := pii.NormalizeAddress(p.Email)
	if err != nil {
		return &FieldError{"email", strings.TrimPrefix(err.Error(), pii.ErrAddress.Error()+": ")}
	}
	for _, name := range Names() {
		f := p.Field(name)
		*f = strings.TrimSpace(*f)
	}
	p.Email = address
	kept := make(map[string]string, len(p.Custom))
	for name, v := range p.Custom {
		if err := checkCustom(name, v); err != nil {
			return err
		}
		if v = strings.TrimSpace(v); v != "" {
			kept[name] = v
		}
	}
	if p.Custom = kept; len(kept) > MaxCustom {
		return &FieldError{"custom", "has more than " + strconv.Itoa(MaxCustom) + " fields"}
	}
	return nil
}

func checkCustom(name, value string) error {
	if !customName.MatchString(name) {
		return &FieldError{"custom", "names are 1 to 40 of a-z, 0-9 and _"}
	}
	if len(value) > MaxCustomValue && len([]rune(value)) > MaxCustomValue {
		return &FieldError{"custom." + name, "has more than " + strconv.Itoa(MaxCustomValue) + " characters"}
	}
	return nil
}

// Filled names the fields that have a value, sorted; custom ones as custom.NAME.
func (p *Profile) Filled() []string {
	out := []string{}
	for _, name := range Names() {
		if *p.Field(name) != "" {
			out = append(out, name)
		}
	}
	for name := range p.Custom {
		out = append(out, "custom."+name)
	}
	slices.Sort(out)
	return out
}

// Seal encrypts the profile under its person's key.
func (p *Profile) Seal(key pii.Key) (pii.Sealed, error) { return seal(key, p) }

func seal(key pii.Key, v any) (pii.Sealed, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return pii.Sealed{}, fmt.Errorf("encode profile: %w", err)
	}
	return key.Seal(LeadField, plain)
}
