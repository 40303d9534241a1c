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

// FieldError says which field can't be taken, and why. It never holds the value.
type FieldError struct{ Field, Reason string }

func (e *FieldError) Error() string { return e.Field + ": " + e.Reason }

// IsCustomName reports whether a custom field can have this name.
func IsCustomName(name string) bool { return customName.MatchString(name) }

// Normalize brings a profile into the form that is kept: the address normalised, values cleaned, custom fields
// without a value dropped. A *FieldError says what can't be.
func (p *Profile) Normalize() error {
	address, err := pii.NormalizeAddress(p.Email)
	if err != nil {
		return &FieldError{"email", strings.TrimPrefix(err.Error(), pii.ErrAddress.Error()+": ")}
	}
	for _, name := range Names() {
		f := p.Field(name)
		*f = CleanText(*f)
	}
	p.Email = address
	kept := make(map[string]string, len(p.Custom))
	for name, v := range p.Custom {
		if err := checkCustom(name, v); err != nil {
			return err
		}
		if v = CleanText(v); v != "" {
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

// Words are what else somebody wrote of a person; they are sealed with the profile.
type Words struct {
	Tags               []string `json:"tags,omitempty"`
	CRMID              string   `json:"crm_id,omitempty"`
	LawfulBasis        string   `json:"lawful_basis,omitempty"`
	DefaultLawfulBasis string   `json:"default_lawful_basis,omitempty"` // of the file: if neither the person's row nor the lead has one
}

// Seal encrypts the profile under its person's key, with the words.
func (p *Profile) Seal(key pii.Key, w Words) (pii.Sealed, error) {
	return seal(key, struct {
		*Profile
		Words
	}{p, w})
}

func seal(key pii.Key, v any) (pii.Sealed, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return pii.Sealed{}, fmt.Errorf("encode profile: %w", err)
	}
	return key.Seal(LeadField, plain)
}
