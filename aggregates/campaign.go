package aggregates

import (
	"crypto/sha256"

	"github.com/google/uuid"

	"outrider/events"
)

// Campaign is what decisions need to know of a campaign. The texts of its steps are only compared here.
type Campaign struct {
	ID           uuid.UUID
	Name         string
	Type         string
	Status       string
	Version      int // +1 with every campaign.* event
	StepsVersion int // +1 with every change of the steps
	Settings     events.CampaignSettings
	TimeZone     string // used where neither lead nor settings have one; empty = the organisation's
	StartDate    string
	EndDate      string
	Approval     string
	Sample       int // percent, of events.ApproveSample
	Below        int // percent, of events.ApproveDoubtful; the score of events.ApproveLowScore
	Pacing       events.CampaignPacing
	Booking      events.CampaignBooking
	Entry        events.CampaignEntry
	Rate         Rate
	Archived     bool // nothing of it may change

	LaunchRequestedBy string                   // kind:id; "" = nobody has asked
	research          *events.CampaignResearch // nil = never set
	writing           *events.CampaignWriting  // likewise
	aiTaken           int64                    // what language models have cost for it and what is reserved, in USD micro-units: 8 bytes a campaign
	created           [sha256.Size]byte
	steps             [sha256.Size]byte
	settings          bool   // were set
	zone              uint16 // of the settings, else its own
	window            Window
	moreWindows       []Window      // of recipients, besides
	ownWindows        []Window      // in its own zone
	plans             []plan        // by version of the steps; a draft has one
	missing           []events.Lack // what it was last recorded to lack, since it was launched
	told              bool          // missing is still true
	enrolled          int           // enrollments, those at their end too
	people            queue         // enrollments that have not ended, the first enrolled first
	deferred          queue         // of those who wait for a place at their company, likewise
	admitting         bool          // some of deferred may get one by changed settings, behind
	admittedTo        uint32        // this order
	mailboxes         []*Mailbox
	lines             []*waitingLine // people that any mailbox may write to
	wake              timer
}

// Campaigns of an organisation, by id.
type Campaigns map[uuid.UUID]*Campaign

// DefaultSettings are the settings of a campaign that has none of its own.
func DefaultSettings() events.CampaignSettings {
	return events.CampaignSettings{Window: events.Window{Days: []int{1, 2, 3, 4, 5}, From: "09:00", To: "17:00"},
		MaxFollowUps: 4, FollowUpDays: 2, StopOnCompany: false, CompanyCap: 5, CompanyGapMinutes: 30, UnsubscribeFooter: true}
}

// CreatedAs reports whether a campaign was created by this very event. What was found in its templates makes no difference: it
// follows from the steps, and an older program may have found something else, or nothing.
func (c *Campaign) CreatedAs(e events.CampaignCreated) bool { return c.created == digestCreated(e) }

func digestCreated(e events.CampaignCreated) [sha256.Size]byte {
	e.Templates = nil
	return digestOf(e)
}

// HasSteps reports whether a campaign has exactly these steps.
func (c *Campaign) HasSteps(steps []events.Step) bool { return c.steps == digestOf(steps) }

// HasTemplates reports whether the same is already known of the texts of the steps. Nothing is known where they were written
// before events recorded it.
func (c *Campaign) HasTemplates(templates []events.TemplateAnalysis) bool {
	known := c.newestPlan().templates
	return len(known) == 0 && len(templates) == 0 || digestOf(known) == digestOf(templates)
}

// HasSettings reports whether a campaign has exactly these settings.
func (c *Campaign) HasSettings(s events.CampaignSettings) bool {
	return c.settings && digestOf(c.Settings) == digestOf(s)
}

// Enrolled is the number of leads on the campaign, including those whose enrollment has ended.
func (c *Campaign) Enrolled() int { return c.enrolled }

// Active is the number of enrollments that have not ended.
func (c *Campaign) Active() int { return c.people.count }

// Mailboxes returns those that write to new people.
func (c *Campaign) Mailboxes() []*Mailbox { return c.mailboxes }

// Live reports whether it was launched and is not completed.
func (c *Campaign) Live() bool {
	return c.Status == events.CampaignIsActive || c.Status == events.CampaignIsIdle || c.Status == events.CampaignIsPaused
}

// LiveCampaigns returns those that were launched and are not completed, the oldest first.
func (o *Organization) LiveCampaigns() (out []*Campaign) {
	for _, c := range o.pacing.campaigns {
		if c.Live() {
			out = append(out, c)
		}
	}
	return out
}
