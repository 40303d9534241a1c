package aggregates

import (
	"encoding/binary"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
)

// plan is what sending needs of a version of the steps.
type plan struct {
	version int
	steps   []planStep
}

type planStep struct {
	id       uuid.UUID
	delay    int
	variants []planVariant
}

type planVariant struct {
	id     uuid.UUID
	weight int
}

func planOf(version int, steps []events.Step) plan {
	p := plan{version: version}
	for _, s := range steps {
		step := planStep{id: s.StepID, delay: s.DelayDays}
		for _, v := range s.Variants {
			step.variants = append(step.variants, planVariant{v.VariantID, v.Weight})
		}
		p.steps = append(p.steps, step)
	}
	return p
}

// drawVariant draws by weight, seeded by who is written to: a replay, and another attempt, draw the same.
func (s *planStep) drawVariant(enrollment uuid.UUID) int {
	total := 0
	for _, v := range s.variants {
		total += v.weight
	}
	if total == 0 {
		return 0
	}
	id := es.DeriveID(enrollment, "variant", s.id.String())
	drawn := int(binary.BigEndian.Uint32(id[:4]) % uint32(total))
	for i, v := range s.variants {
		if drawn -= v.weight; drawn < 0 {
			return i
		}
	}
	return 0
}

// StepOutline is what a launch looks at of a step.
type StepOutline struct {
	ID        uuid.UUID
	DelayDays int
	Variants  []uuid.UUID
}

// Outline of steps.
func Outline(steps []events.Step) []StepOutline { return planOf(0, steps).stepOutlines() }

// Outline of the newest version of the steps.
func (c *Campaign) Outline() []StepOutline { return c.plans[len(c.plans)-1].stepOutlines() }

func (p plan) stepOutlines() (out []StepOutline) {
	for _, s := range p.steps {
		o := StepOutline{ID: s.id, DelayDays: s.delay}
		for _, v := range s.variants {
			o.Variants = append(o.Variants, v.id)
		}
		out = append(out, o)
	}
	return out
}
