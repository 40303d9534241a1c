package aggregates

import (
	"crypto/sha256"
	"slices"

	"github.com/google/uuid"

	"outrider/events"
)

// Campaign is what decisions need of one. The texts of its steps are only compared here.
type Campaign struct {
	ID           uuid.UUID
	Name         string
	Type         string
	Status       string
	Version      int // +1 with every campaign.* event
	StepsVersion int // +1 with every change of the steps
	Settings     events.CampaignSettings
	Rate         Rate

	created   [sha256.Size]byte
	steps     [sha256.Size]byte
	settings  bool // were set
	approval  string
	zone      uint16
	start     string
	end       string
	window    Window
	plans     []plan                    // by version of the steps; a draft has one
	templates []events.TemplateAnalysis // of a draft's steps; nil after launch, nothing asks for them any more
	enrolled  map[uuid.UUID]*Enrollment // by lead; nil = at its end
	active    int                       // enrollments that are not at their end
	mailboxes []*Mailbox
	lines     []*waitingLine // people whom any mailbox may write to
	wake      timer
}

// Campaigns of an organisation, by id.
type Campaigns map[uuid.UUID]*Campaign

// DefaultSettings are those of a campaign that has none of its own.
func DefaultSettings() events.CampaignSettings {
	return events.CampaignSettings{Window: events.Window{Days: []int{1, 2, 3, 4, 5}, From: "09:00", To: "17:00"},
		MaxFollowUps: 4, FollowUpDays: 2, StopOnCompany: false, CompanyCap: 5, CompanyGapMinutes: 30, UnsubscribeFooter: true}
}

// CreatedAs reports whether a campaign was created by this event. What was found in its templates makes no difference: it
// follows from the steps, and an older program may have found something else, or nothing.
func (c *Campaign) CreatedAs(e events.CampaignCreated) bool { return c.created == digestCreated(e) }

func digestCreated(e events.CampaignCreated) [sha256.Size]byte {
	e.Templates = nil
	return digestOf(e)
}

// HasSteps reports whether a campaign has these very steps.
func (c *Campaign) HasSteps(steps []events.Step) bool { return c.steps == digestOf(steps) }

// Templates returns what is known of the texts of a draft's steps. It is empty where they were written before events said it.
func (c *Campaign) Templates() []events.TemplateAnalysis { return c.templates }

// HasTemplates reports whether the same is known of a draft's texts already.
func (c *Campaign) HasTemplates(templates []events.TemplateAnalysis) bool {
	return len(c.templates) == 0 && len(templates) == 0 || digestOf(c.templates) == digestOf(templates)
}

// HasSettings reports whether a campaign has these very settings.
func (c *Campaign) HasSettings(s events.CampaignSettings) bool {
	return c.settings && digestOf(c.Settings) == digestOf(s)
}

// Enrolled is the number of leads on the campaign, those at their end too.
func (c *Campaign) Enrolled() int { return len(c.enrolled) }

// Active is the number of enrollments that are not at their end.
func (c *Campaign) Active() int { return c.active }

// Has reports whether a lead is on the campaign.
func (c *Campaign) Has(lead uuid.UUID) bool {
	_, ok := c.enrolled[lead]
	return ok
}

// Enrollment returns a lead's enrollment unless it is at its end.
func (c *Campaign) Enrollment(lead uuid.UUID) *Enrollment { return c.enrolled[lead] }

// Mailboxes returns those that write to new people.
func (c *Campaign) Mailboxes() []*Mailbox { return c.mailboxes }

// Live reports whether it was launched and is not completed.
func (c *Campaign) Live() bool {
	return c.Status == events.CampaignIsActive || c.Status == events.CampaignIsPaused
}

// Active enrollments in the order in which they were enrolled, at most n.
func (c *Campaign) firstActive(n int) []*Enrollment {
	out := make([]*Enrollment, 0, c.active)
	for _, e := range c.enrolled {
		if e != nil {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b *Enrollment) int { return int(int64(a.order) - int64(b.order)) })
	return out[:min(n, len(out))]
}
