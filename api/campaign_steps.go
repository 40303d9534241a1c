package api

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/events"
	"outrider/projections"
)

// completeSteps returns new steps and variants their ids, and everything its default.
func (in *writeRequest) completeSteps(body []gen.StepInput) []events.Step {
	out := make([]events.Step, len(body))
	for i, b := range body {
		at := strconv.Itoa(i)
		step := events.Step{StepID: b.StepID, Kind: events.StepEmail, DelayDays: b.DelayDays, Variants: make([]events.Variant, len(b.Variants))}
		if step.StepID == uuid.Nil {
			step.StepID = in.newID("step " + at)
		}
		for j, v := range b.Variants {
			variant := events.Variant{VariantID: v.VariantID, Name: v.Name, Subject: v.Subject, Body: v.Body, Weight: in.weightGiven(i, j)}
			if variant.VariantID == uuid.Nil {
				variant.VariantID = in.newID("variant " + at + " " + strconv.Itoa(j))
			}
			step.Variants[j] = variant
		}
		out[i] = step
	}
	return out
}

// weightGiven tells an absent weight (1) from 0.
func (in *writeRequest) weightGiven(step, variant int) int {
	object, _ := in.json.(map[string]any)
	steps, _ := object["steps"].([]any)
	s, _ := steps[step].(map[string]any)
	variants, _ := s["variants"].([]any)
	v, _ := variants[variant].(map[string]any)
	n, ok := v["weight"].(json.Number)
	if !ok {
		return 1
	}
	w, _ := n.Int64() // checked
	return int(w)
}

func stepsIn(row *projections.Campaign) (steps []events.Step, err error) {
	if err := json.Unmarshal(row.Steps, &steps); err != nil {
		return nil, fmt.Errorf("read steps: %w", err)
	}
	return steps, nil
}
