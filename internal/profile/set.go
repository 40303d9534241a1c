package profile

import (
	"strconv"
	"strings"
)

// CustomPrefix marks the organisation's own fields among the names that Filled gives and Set takes.
const CustomPrefix = "custom."

// Set gives a field its value, cleaned; a blank value changes nothing.
func (p *Profile) Set(name, value string) error {
	value, err := Clean(name, value)
	if err != nil || value == "" {
		return err
	}
	if own, ok := strings.CutPrefix(name, CustomPrefix); ok {
		if err := checkCustom(own, value); err != nil {
			return err
		}
		if p.Custom == nil {
			p.Custom = map[string]string{}
		}
		if p.Custom[own] = value; len(p.Custom) > MaxCustom {
			return &FieldError{"custom", "has more than " + strconv.Itoa(MaxCustom) + " fields"}
		}
		return nil
	}
	f := p.Field(name)
	if f == nil {
		return &FieldError{name, "is not a field"}
	}
	*f = value
	return nil
}
