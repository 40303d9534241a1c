package profile

import (
	"slices"
	"strings"

	"outrider/internal/pii"
)

// Patch is an RFC 7396 merge patch of a profile: a name that is absent leaves its field, nil clears it.
type Patch struct {
	Fields      map[string]*string // by Names
	Custom      map[string]*string
	Tags        []string // the new list; nil = unchanged
	CRMID       *string  // nil = unchanged, likewise the basis
	LawfulBasis *string
}

// IsEmpty says that the patch changes nothing.
func (p *Patch) IsEmpty() bool {
	return len(p.Fields) == 0 && len(p.Custom) == 0 && p.Tags == nil && p.CRMID == nil && p.LawfulBasis == nil
}

// Normalize is as Profile's; what is blank clears. The address can't be cleared.
func (p *Patch) Normalize() error {
	for name, v := range p.Fields {
		if (&Profile{}).Field(name) == nil {
			return &FieldError{name, "is not a field"}
		}
		if name == "email" {
			if v == nil {
				return &FieldError{name, "can't be cleared"}
			}
			address, err := pii.NormalizeAddress(*v)
			if err != nil {
				return &FieldError{name, strings.TrimPrefix(err.Error(), pii.ErrAddress.Error()+": ")}
			}
			p.Fields[name] = &address
			continue
		}
		p.Fields[name] = unlessBlank(v)
	}
	for name, v := range p.Custom {
		value := ""
		if v != nil {
			value = *v
		}
		if err := checkCustom(name, value); err != nil {
			return err
		}
		p.Custom[name] = unlessBlank(v)
	}
	if len(p.Custom) > MaxCustom {
		return &FieldError{"custom", "has too many fields"}
	}
	return nil
}

func unlessBlank(v *string) *string {
	if v == nil {
		return nil
	}
	s := CleanText(*v)
	if s == "" {
		return nil
	}
	return &s
}

// Changes names the fields that get a value and those that lose theirs, sorted; custom ones as custom.NAME.
func (p *Patch) Changes() (filled, cleared []string) {
	for prefix, fields := range map[string]map[string]*string{"": p.Fields, "custom.": p.Custom} {
		for name, v := range fields {
			if v != nil {
				filled = append(filled, prefix+name)
			} else {
				cleared = append(cleared, prefix+name)
			}
		}
	}
	slices.Sort(filled)
	slices.Sort(cleared)
	return filled, cleared
}

// Seal encrypts the patch, a JSON object, under its person's key.
func (p *Patch) Seal(key pii.Key) (pii.Sealed, error) {
	object := map[string]any{}
	for name, v := range p.Fields {
		object[name] = v
	}
	if len(p.Custom) > 0 {
		object["custom"] = p.Custom
	}
	if p.Tags != nil {
		object["tags"] = p.Tags
	}
	if p.CRMID != nil {
		object["crm_id"] = *p.CRMID
	}
	if p.LawfulBasis != nil {
		object["lawful_basis"] = *p.LawfulBasis
	}
	return seal(key, object)
}
