package commands

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"outrider/aggregates"
	"outrider/events"
	"outrider/internal/zone"
)

// These checks repeat those of the edge, which explains better what is wrong: here they keep the log sound whoever sends the command.
const (
	reasonHash   = "must be 32 lower-case hex digits"
	reasonFields = "must be at most 70 names of a-z, 0-9, _ and ., up to 48 long"
	reasonTags   = "must be at most 50, of 1 to 100 characters each"
	reasonSource = "must be crm, csv_upload, manual or api"
)

const reasonDate = "must be a date like 2026-01-31"

func validDate(s string) bool {
	if s == "" {
		return true
	}
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

func validHash(s string) bool {
	_, ok := aggregates.ParseHash(s)
	return ok
}

func validFields(names []string) bool {
	return len(names) <= 70 && !slices.ContainsFunc(names, func(s string) bool { return !madeOf(s, 1, 48, "_.") })
}

func validTags(tags []string) bool {
	return len(tags) <= 50 && !slices.ContainsFunc(tags, func(s string) bool { return s == "" || utf8.RuneCountInString(s) > 100 || !utf8.ValidString(s) })
}

func validSource(s string) bool {
	return s == events.SourceCRM || s == events.SourceCSVUpload || s == events.SourceManual || s == events.SourceAPI
}

func validSlug(s string) bool {
	return madeOf(s, 2, 40, "-") && s[0] != '-' && s[len(s)-1] != '-'
}

// madeOf reports whether s consists of a-z, 0-9 and the others, and has from least to most bytes.
func madeOf(s string, least, most int, others string) bool {
	if len(s) < least || len(s) > most {
		return false
	}
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && !slices.Contains([]rune(others), r) {
			return false
		}
	}
	return true
}

func checkPlan(plan string, l events.Limits) error {
	if field := badLimit(l); field != "" {
		return errInvalid("limits."+field, "must be -1 (no limit) or more")
	}
	return checkText("plan", plan, 1, 40)
}

// checkText bounds a text in characters (code points), as openapi.yaml does.
func checkText(field, s string, least, most int) error {
	switch {
	case least > 0 && strings.TrimSpace(s) == "":
		return errInvalid(field, "is missing")
	case len(s) > most && utf8.RuneCountInString(s) > most:
		return errInvalid(field, "must be at most "+strconv.Itoa(most)+" characters")
	case !utf8.ValidString(s):
		return errInvalid(field, "must be UTF-8")
	}
	return nil
}

// Clip cuts a text to at most so many characters, for a field that checkText bounds.
func Clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for i := range s {
		if most--; most < 0 {
			return s[:i]
		}
	}
	return s
}

func checkOptional(field string, s *string, least, most int) error {
	if s == nil {
		return nil
	}
	return checkText(field, *s, least, most)
}

func checkCount(field string, n int) error {
	if n < 1 || n > MaxItems {
		return errInvalid(field, "must be 1 to "+strconv.Itoa(MaxItems))
	}
	return nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// ifDifferent returns the wanted value, or nil when it equals the present one.
func ifDifferent(want *string, is string) *string {
	if want == nil || *want == is {
		return nil
	}
	return want
}

// valueOr returns the given value, or the present one when none is given.
func valueOr[T any](given *T, is T) T {
	if given != nil {
		return *given
	}
	return is
}

func trimmed(s *string) *string {
	if s == nil {
		return nil
	}
	return new(strings.TrimSpace(*s))
}

func oneEvent(e events.Event) ([]events.Event, error) { return []events.Event{e}, nil }

// checkZone accepts an empty name.
func checkZone(field, name string) error {
	if name != "" && !zone.Known(name) {
		return errInvalid(field, "must be a time zone like Europe/Berlin")
	}
	return nil
}

func checkOptionalZone(field string, name *string) error {
	if name == nil {
		return nil
	}
	return checkZone(field, *name)
}

func checkWindow(field string, w events.Window) error {
	from, okFrom := aggregates.ParseClock(w.From)
	to, okTo := aggregates.ParseClock(w.To)
	switch {
	case len(w.Days) < 1 || len(w.Days) > 7 || slices.Min(w.Days) < 1 || slices.Max(w.Days) > 7:
		return errInvalid(field+".days", "must be some of 1 (Monday) to 7")
	case !okFrom || w.From == "24:00":
		return errInvalid(field+".from", "must be a time of day like 09:00")
	case !okTo:
		return errInvalid(field+".to", "must be a time of day like 17:00, or 24:00")
	case to-from < 5:
		return errInvalid(field+".to", "must be at least 5 minutes after from")
	}
	return nil
}
