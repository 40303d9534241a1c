package commands

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

const reasonDate = "must be a date like 2026-01-31"

func validDate(s string) bool {
	if s == "" {
		return true
	}
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// checkSteps lets a draft be incomplete; launching asks for more.
func checkSteps(steps []events.Step) error {
	if len(steps) > 20 {
		return errInvalid("steps", "must be at most 20")
	}
	ids := map[uuid.UUID]bool{}
	total := 0
	for i, s := range steps {
		field := "steps." + strconv.Itoa(i)
		switch {
		case s.StepID == uuid.Nil || ids[s.StepID]:
			return errInvalid(field+".step_id", "must be there and only once")
		case s.Kind != events.StepEmail:
			return errInvalid(field+".kind", "must be email")
		case s.DelayDays < 0 || s.DelayDays > 365:
			return errInvalid(field+".delay_days", "must be 0 to 365")
		case len(s.Variants) < 1 || len(s.Variants) > 10:
			return errInvalid(field+".variants", "must be 1 to 10")
		}
		ids[s.StepID] = true
		for j, v := range s.Variants {
			if err := checkVariant(field+".variants."+strconv.Itoa(j), v, ids); err != nil {
				return err
			}
			total += len(v.Subject) + len(v.Body)
		}
	}
	if total > 512<<10 {
		return errInvalid("steps", "must be at most 512 KiB of text")
	}
	return nil
}

func checkVariant(field string, v events.Variant, ids map[uuid.UUID]bool) error {
	switch {
	case v.VariantID == uuid.Nil || ids[v.VariantID]:
		return errInvalid(field+".variant_id", "must be there and only once")
	case v.Weight < 0 || v.Weight > 1000:
		return errInvalid(field+".weight", "must be 0 to 1000")
	}
	ids[v.VariantID] = true
	return firstError(
		checkText(field+".name", v.Name, 0, 100),
		checkText(field+".subject", v.Subject, 0, 1000),
		checkText(field+".body", v.Body, 0, 100<<10),
	)
}
