package events

import "github.com/google/uuid"

// Types of campaign.
const (
	ColdOutreach = "cold_outreach"
	FollowUp     = "follow_up"
	Nurture      = "nurture"
)

// Which messages a person must approve.
const (
	ApproveNone  = "none"
	ApproveFirst = "first"
	ApproveAll   = "all"

	ApproveSample   = "sample"    // a part of them, drawn by their ids: the same ones however often they are written
	ApproveDoubtful = "doubtful"  // those with a sentence that nothing carries, or that say a fact of low confidence
	ApproveLowScore = "low_score" // those to leads whose lead score, as they are asked for, is below a bound; a lead without a score has 0
)

// StepEmail is the kind of step that sends an e-mail.
const StepEmail = "email"

// Step of a sequence. Its id stays the same through every edit.
type Step struct {
	StepID    uuid.UUID `json:"step_id"`
	Kind      string    `json:"kind"`
	DelayDays int       `json:"delay_days"` // after the step before
	Variants  []Variant `json:"variants"`   // one at first
}

// Variant of a step's text; recipients are split by weight.
type Variant struct {
	VariantID uuid.UUID `json:"variant_id"`
	Name      string    `json:"name,omitzero"`
	Subject   string    `json:"subject"`
	Body      string    `json:"body"`
	Weight    int       `json:"weight"`
}

// TemplateAnalysis is what was found in the texts of a variant when they were written. What decides doesn't parse texts.
type TemplateAnalysis struct {
	StepID          uuid.UUID          `json:"step_id"`
	VariantID       uuid.UUID          `json:"variant_id"`
	Variables       []TemplateVariable `json:"variables,omitzero"`
	UnsubscribeLink bool               `json:"unsubscribe_link"` // the body holds {{ unsubscribe_link }}
	Problem         string             `json:"problem,omitzero"` // why the texts can't be parsed
}

// TemplateVariable is a name that a template uses.
type TemplateVariable struct {
	Name     string `json:"name"`
	Fallback bool   `json:"fallback"` // the template says what stands there if a lead has no value
}

// CampaignCreated is a draft.
type CampaignCreated struct {
	CampaignRef
	Name         string `json:"name"`
	CampaignType string `json:"campaign_type"`
	TimeZone     string `json:"time_zone,omitzero"`  // where a lead has none; empty = the organisation's
	StartDate    string `json:"start_date,omitzero"` // local date
	EndDate      string `json:"end_date,omitzero"`   // local date, included
	CreatedBy    string `json:"created_by"`          // "kind:id" of the actor
	Approval     string `json:"approval"`
	Steps        []Step `json:"steps"`

	Templates []TemplateAnalysis `json:"templates,omitzero"` // one a variant; none in what was written before there were any
}

func (CampaignCreated) EventType() string { return "campaign.created.v2" }

// CampaignRenamed gives a campaign another name.
type CampaignRenamed struct {
	CampaignRef
	Name string `json:"name"`
}

func (CampaignRenamed) EventType() string { return "campaign.renamed.v1" }

// CampaignStepsChanged holds all steps anew.
type CampaignStepsChanged struct {
	CampaignRef
	Steps []Step `json:"steps"`

	Templates []TemplateAnalysis `json:"templates,omitzero"` // as in CampaignCreated
}

func (CampaignStepsChanged) EventType() string { return "campaign.steps_changed.v2" }

// CampaignDeleted takes a draft away.
type CampaignDeleted struct {
	CampaignRef
}

func (CampaignDeleted) EventType() string { return "campaign.deleted.v1" }

// CampaignArchived puts a draft or a completed campaign away: nothing of it changes until it is taken out again.
type CampaignArchived struct {
	CampaignRef
}

func (CampaignArchived) EventType() string { return "campaign.archived.v1" }

// CampaignUnarchived takes it out: it is what it was.
type CampaignUnarchived struct {
	CampaignRef
}

func (CampaignUnarchived) EventType() string { return "campaign.unarchived.v1" }

// CampaignLaunchRequested says that somebody who may not launch a draft asks those who may. A launch ends it.
type CampaignLaunchRequested struct {
	CampaignRef
	By   string `json:"by"` // kind:id
	Note string `json:"note,omitzero"`
}

func (CampaignLaunchRequested) EventType() string { return "campaign.launch_requested.v1" }

// CampaignLaunchRequestDropped ends a request without a launch.
type CampaignLaunchRequestDropped struct {
	CampaignRef
	Declined bool `json:"declined"` // by somebody who may launch; else who asked has taken it back
}

func (CampaignLaunchRequestDropped) EventType() string { return "campaign.launch_request_dropped.v1" }

// Status of a campaign.
const (
	CampaignIsDraft     = "draft"
	CampaignIsActive    = "active"
	CampaignIsIdle      = "idle" // launched, and nobody is left in it: who is enrolled next lets it go on
	CampaignIsPaused    = "paused"
	CampaignIsCompleted = "completed"
)

// Window is when messages may arrive, by the wall clock of the recipient.
type Window struct {
	Days []int  `json:"days"` // ISO: 1 = Monday to 7 = Sunday
	From string `json:"from"` // "09:00", included
	To   string `json:"to"`   // "17:00", not included; "24:00" = to the end of the day
}

// CampaignSettings are all that a campaign is sent by beside its steps.
type CampaignSettings struct {
	Window            Window   `json:"window"`
	TimeZone          string   `json:"time_zone,omitzero"`  // where a lead has none; empty = as it was created
	Holidays          []string `json:"holidays,omitzero"`   // dates on which nothing is sent, and which are no business days
	MaxFollowUps      int      `json:"max_follow_ups"`      // steps after the first
	FollowUpDays      int      `json:"follow_up_days"`      // business days between two steps, at least
	StopOnCompany     bool     `json:"stop_on_company"`     // a reply stops everybody of the same company
	CompanyCap        int      `json:"company_cap"`         // people of one company in the sequence at once
	CompanyGapMinutes int      `json:"company_gap_minutes"` // between two messages to one company
	UnsubscribeFooter bool     `json:"unsubscribe_footer"`  // a footer with address and link is added to each message
	TrackOpens        bool     `json:"track_opens"`
	TrackClicks       bool     `json:"track_clicks"`
	KeepOpen          bool     `json:"keep_open"` // stays active, not idle, when nobody is left
}

// CampaignSettingsChanged replaces them.
type CampaignSettingsChanged struct {
	CampaignRef
	CampaignSettings
}

func (CampaignSettingsChanged) EventType() string { return "campaign.settings_changed.v1" }

// CampaignBooking says on whose page people of a campaign book; the zero value is the organisation's own.
type CampaignBooking struct {
	Service string `json:"service,omitzero"` // calendly | calcom
	Page    string `json:"page,omitzero"`    // its address there
}

// CampaignBookingSet replaces it. Messages that are written already lead where they led.
type CampaignBookingSet struct {
	CampaignRef
	CampaignBooking
}

func (CampaignBookingSet) EventType() string { return "campaign.booking_set.v1" }

// CampaignMailboxesAssigned holds all mailboxes that write to new people. Who has had a message stays with their mailbox.
type CampaignMailboxesAssigned struct {
	CampaignRef
	MailboxIDs []uuid.UUID `json:"mailbox_ids"`
}

func (CampaignMailboxesAssigned) EventType() string { return "campaign.mailboxes_assigned.v1" }

// CampaignLaunched begins the sending.
type CampaignLaunched struct {
	CampaignRef
	StepsVersion int `json:"steps_version"`
}

func (CampaignLaunched) EventType() string { return "campaign.launched.v1" }

// CampaignRevised holds the steps anew while a campaign is live: who is enrolled from here on gets them, who was
// enrolled before keeps theirs.
type CampaignRevised struct {
	CampaignRef
	StepsVersion int    `json:"steps_version"` // 1 at launch
	Steps        []Step `json:"steps"`

	Templates []TemplateAnalysis `json:"templates,omitzero"` // as in CampaignCreated
}

func (CampaignRevised) EventType() string { return "campaign.revised.v2" }

// CampaignUpdated changes what a campaign was created with; nil = unchanged, empty = none from now on.
type CampaignUpdated struct {
	CampaignRef
	CampaignType *string `json:"campaign_type,omitzero"`
	TimeZone     *string `json:"time_zone,omitzero"`
	StartDate    *string `json:"start_date,omitzero"`
	EndDate      *string `json:"end_date,omitzero"`
	Approval     *string `json:"approval,omitzero"` // of messages that are asked for from now on
}

func (CampaignUpdated) EventType() string { return "campaign.updated.v1" }

// CampaignApprovalSet says which messages a person must approve, of those that are asked for from now on.
type CampaignApprovalSet struct {
	CampaignRef
	Approval string `json:"approval"`
	Sample   int    `json:"sample,omitzero"` // of sample: percent
	Below    int    `json:"below,omitzero"`  // of doubtful: the confidence, in percent, that each fact which a draft says must have; of low_score: the lead score
}

func (CampaignApprovalSet) EventType() string { return "campaign.approval_set.v1" }

// CampaignPaused stops a campaign until it is resumed.
type CampaignPaused struct {
	CampaignRef
	Reason string `json:"reason"` // as a mailbox's
	Count  int    `json:"count,omitzero"`
	Sent   int    `json:"sent,omitzero"`
}

func (CampaignPaused) EventType() string { return "campaign.paused.v1" }

// CampaignResumed lets it go on. What was counted against it before counts no more.
type CampaignResumed struct {
	CampaignRef
}

func (CampaignResumed) EventType() string { return "campaign.resumed.v1" }

// Why a campaign is completed.
const (
	CompletedManual   = "manual"
	CompletedFinished = "finished" // nobody was left in it; today such a campaign is idle
	CompletedEnded    = "ended"    // its end date is over
)

// CampaignCompleted completes a campaign. Nothing is sent from here on; enrollments that are still open are stopped one by
// one behind it, with a reason of their own.
type CampaignCompleted struct {
	CampaignRef
	Reason string `json:"reason"`
}

func (CampaignCompleted) EventType() string { return "campaign.completed.v1" }
