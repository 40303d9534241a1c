package profile

import (
	"strconv"
	"strings"
	"unicode"
)

// MaxValue bounds the values of all fields, in characters.
const MaxValue = 2000

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

// Clean trims a value and takes out control characters, which no database or mail wants; new lines and tabs stay.
func Clean(name, value string) (string, error) {
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
		return "", &FieldError{name, "has more than " + strconv.Itoa(MaxValue) + " characters"}
	}
	return value, nil
}

func control(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' }
