package node

import (
	"fmt"
	"os"

	"outrider/commands"
	"outrider/events"
)

// PlanFile says what plans allow.
type PlanFile struct {
	Plans string `help:"Plans that differ from the defaults, as JSON: {\"starter\": {\"leads_per_month\": 1000}}; -1 is no limit. Organisations keep the limits that they were given." placeholder:"FILE"`
}

func (p PlanFile) Limits() (map[string]events.Limits, error) {
	if p.Plans == "" {
		return commands.Plans(), nil
	}
	b, err := os.ReadFile(p.Plans)
	if err != nil {
		return nil, fmt.Errorf("--plans: %w", err)
	}
	plans, err := commands.PlansFrom(b)
	if err != nil {
		return nil, fmt.Errorf("--plans %s: %w", p.Plans, err)
	}
	return plans, nil
}
