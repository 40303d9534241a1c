package aggregates

import (
	"crypto/sha256"

	"github.com/google/uuid"

	"outrider/events"
)

// Campaign is a draft. Its steps are only compared here.
type Campaign struct {
	Name     string
	Version  int // +1 with every campaign.* event
	created  [sha256.Size]byte
	steps    [sha256.Size]byte
	enrolled map[uuid.UUID]struct{} // leads
}

// CreatedAs says whether a campaign was created by this very event.
func (c *Campaign) CreatedAs(e events.CampaignCreated) bool { return c.created == digest(e) }

// HasSteps says whether a campaign has these very steps.
func (c *Campaign) HasSteps(steps []events.Step) bool { return c.steps == digest(steps) }

// Enrolled is the number of leads on the campaign.
func (c *Campaign) Enrolled() int { return len(c.enrolled) }

// Has says whether a lead is on the campaign.
func (c *Campaign) Has(lead uuid.UUID) bool {
	_, ok := c.enrolled[lead]
	return ok
}

func (o *Organization) applyCampaign(e events.Event) {
	switch e := e.(type) {
	case events.CampaignCreated:
		if o.Campaigns == nil {
			o.Campaigns = map[uuid.UUID]*Campaign{}
		}
		o.Campaigns[e.CampaignID] = &Campaign{Name: e.Name, Version: 1, created: digest(e), steps: digest(e.Steps)}
	case events.CampaignRenamed:
		if c := o.Campaigns[e.CampaignID]; c != nil {
			c.Name = e.Name
			c.Version++
		}
	case events.CampaignStepsChanged:
		if c := o.Campaigns[e.CampaignID]; c != nil {
			c.steps = digest(e.Steps)
			c.Version++
		}
	case events.CampaignDeleted:
		delete(o.Campaigns, e.CampaignID)
	}
}

func (o *Organization) enrolled(e events.EnrollmentStarted) {
	if c, l := o.Campaigns[e.CampaignID], o.Leads.byID[e.LeadID]; c != nil && l != nil && !c.Has(e.LeadID) {
		if c.enrolled == nil {
			c.enrolled = map[uuid.UUID]struct{}{}
		}
		c.enrolled[e.LeadID] = struct{}{}
		l.Enrollments++
	}
	if e.Counted {
		o.count(e.LeadID, e.PeriodFrom)
	}
}
