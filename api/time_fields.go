package api

import (
	"time"

	"outrider/api/gen"
	"outrider/internal/zone"
)

func checkZone(name string) error {
	if name == "" {
		return nil
	}
	if !zone.Known(name) {
		return invalidProblem(gen.FieldError{Field: "time_zone", Reason: "is not a zone of the IANA database"})
	}
	return nil
}

func checkDate(field, s string) error {
	if s == "" {
		return nil
	}
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return invalidProblem(gen.FieldError{Field: field, Reason: "is not a day of the calendar"})
	}
	return nil
}
