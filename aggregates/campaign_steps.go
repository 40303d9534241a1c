package aggregates

import (
	"encoding/binary"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
)

// plan is what sending needs to know of a version of the steps.
type plan struct {
	version   int
	steps     []planStep
	templates []events.TemplateAnalysis // what is known of their texts
	active    int                       // its enrollments that have not ended
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

func planOf(version int, steps []events.Step, templates []events.TemplateAnalysis) plan {
	p := plan{version: version, templates: templates}
	for _, s := range steps {
		step := planStep{id: s.StepID, delay: s.DelayDays}
		for _, v := range s.Variants {
			step.variants = append(step.variants, planVariant{v.VariantID, v.Weight})
		}
		p.steps = append(p.steps, step)
	}
	return p
}

// drawVariant draws a variant by weight, seeded by the enrollment: a replay and a second attempt draw the same.
func (s *planStep) drawVariant(enrollment uuid.UUID) int {
	total := s.totalWeight()
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

// newestPlan is the plan that new enrollments follow.
func (c *Campaign) newestPlan() *plan { return &c.plans[len(c.plans)-1] }

// totalWeight is 0 when no variant is ever drawn.
func (s *planStep) totalWeight() (total int) {
	for _, v := range s.variants {
		total += v.weight
	}
	return total
}
