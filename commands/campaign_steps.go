package commands

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// SetCampaignSteps replaces all steps of a draft, or of a live campaign for whoever is enrolled from then on.
type SetCampaignSteps struct {
	CampaignID uuid.UUID                 `json:"campaign_id"`
	Steps      []events.Step             `json:"steps"`
	Templates  []events.TemplateAnalysis `json:"templates,omitzero"` // one per variant: what the edge found in its texts
	IfVersion  *int                      `json:"if_version,omitzero"`
}

func (SetCampaignSteps) CommandType() string { return "campaign.set_steps.v1" }

// Decide allows incomplete steps in a draft, and requires of a live campaign's new steps what a launch requires. It has nothing to do for
// steps that are set already, unless it brings an analysis of a draft's texts that is not known yet.
func (c SetCampaignSteps) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	if is == nil {
		return nil, errNotFound(c.CampaignID)
	}
	draft := is.Status == events.CampaignIsDraft
	switch {
	case is.HasSteps(c.Steps) && (!draft || is.HasTemplates(c.Templates)):
		return nil, nil
	case !draft && !is.Live():
		return nil, refuseStatus(is)
	}
	if err := firstError(checkVersion(c.CampaignID, c.IfVersion, is.Version), checkSteps(c.Steps), checkTemplates(c.Steps, c.Templates)); err != nil {
		return nil, err
	}
	if draft {
		return oneEvent(events.CampaignStepsChanged{CampaignRef: events.CampaignRef{CampaignID: c.CampaignID}, Steps: c.Steps, Templates: c.Templates})
	}
	r := o.ReadinessOf(is)
	r.Sequences = nil // the present steps don't count
	before := o.LacksOf(r, now)
	r.Sequences = []aggregates.Sequence{aggregates.SequenceOf(c.Steps, c.Templates)}
	if err := refuseNewLacks(is, before, o.LacksOf(r, now)); err != nil {
		return nil, err
	}
	return oneEvent(events.CampaignRevised{CampaignRef: events.CampaignRef{CampaignID: c.CampaignID}, StepsVersion: is.StepsVersion + 1, Steps: c.Steps, Templates: c.Templates})
}

// checkSteps allows incomplete steps; the launch requires more.
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
			return errInvalid(field+".step_id", "is required and must be unique")
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
		return errInvalid(field+".variant_id", "is required and must be unique")
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

// MaxTemplateVariables bounds the number of variables that a variant uses.
const MaxTemplateVariables = 100

// checkTemplates requires that each analysis belongs to a variant of these steps, at most one each. Missing ones are the launch's business.
func checkTemplates(steps []events.Step, templates []events.TemplateAnalysis) error {
	type key struct{ step, variant uuid.UUID }
	open := map[key]bool{}
	for _, s := range steps {
		for _, v := range s.Variants {
			open[key{s.StepID, v.VariantID}] = true
		}
	}
	for i, t := range templates {
		field := "templates." + strconv.Itoa(i)
		k := key{t.StepID, t.VariantID}
		if !open[k] {
			return errInvalid(field+".variant_id", "must be a variant of its step, and must not be repeated")
		}
		delete(open, k)
		if len(t.Variables) > MaxTemplateVariables {
			return errInvalid(field+".variables", "must be at most "+strconv.Itoa(MaxTemplateVariables))
		}
		if err := checkText(field+".problem", t.Problem, 0, 1000); err != nil {
			return err
		}
	}
	return nil
}
