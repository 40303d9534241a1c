package commands

import (
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// Template is what the edge found in the text of a variant by parsing it.
type Template struct {
	StepID          uuid.UUID  `json:"step_id"`
	VariantID       uuid.UUID  `json:"variant_id"`
	Variables       []Variable `json:"variables,omitzero"`
	UnsubscribeLink bool       `json:"unsubscribe_link"` // the body holds {{ unsubscribe_link }}
	Problem         string     `json:"problem,omitzero"` // what is wrong with it, if it can't be parsed
}

// Variable that a template uses.
type Variable struct {
	Name     string `json:"name"`
	Fallback bool   `json:"fallback"` // it has a default where a lead lacks it
}

// LaunchCampaign begins the sending. The templates are those of the version named.
type LaunchCampaign struct {
	CampaignID uuid.UUID  `json:"campaign_id"`
	Templates  []Template `json:"templates"`
	IfVersion  *int       `json:"if_version,omitzero"` // must be there
}

func (LaunchCampaign) CommandType() string { return "campaign.launch.v1" }

// Decide lets nothing begin that lacks something, and names all that it lacks.
func (c LaunchCampaign) Decide(o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	switch {
	case is == nil:
		return nil, errNotFound(c.CampaignID)
	case is.Status == events.CampaignIsActive:
		return nil, nil
	case is.Status != events.CampaignIsDraft:
		return nil, about(c.CampaignID, CodeWrongStatus, detailStatus{c.CampaignID, is.Status})
	case c.IfVersion == nil:
		return nil, errInvalid("if_version", "must be there: the templates are those of a version")
	}
	if err := checkVersion(c.CampaignID, c.IfVersion, is.Version); err != nil {
		return nil, err
	}
	ids, delays := is.Delays()
	if missing := missing(o, is, ids, delays, c.Templates); len(missing) > 0 {
		return nil, about(c.CampaignID, CodeNotReady, detailMissing{c.CampaignID, missing})
	}
	return one(events.CampaignLaunched{CampaignID: c.CampaignID, StepsVersion: is.StepsVersion})
}

// ReviseCampaign replaces the steps of a campaign that is live, for who is enrolled from then on.
type ReviseCampaign struct {
	CampaignID uuid.UUID     `json:"campaign_id"`
	Steps      []events.Step `json:"steps"`
	Templates  []Template    `json:"templates"`
	IfVersion  *int          `json:"if_version,omitzero"`
}

func (ReviseCampaign) CommandType() string { return "campaign.revise.v1" }

// Decide wants of the new steps what a launch wants.
func (c ReviseCampaign) Decide(o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	switch {
	case is == nil:
		return nil, errNotFound(c.CampaignID)
	case is.HasSteps(c.Steps):
		return nil, nil
	case !is.Live():
		return nil, about(c.CampaignID, CodeWrongStatus, detailStatus{c.CampaignID, is.Status})
	}
	if err := firstError(checkVersion(c.CampaignID, c.IfVersion, is.Version), checkSteps(c.Steps)); err != nil {
		return nil, err
	}
	var ids []uuid.UUID
	var delays []int
	for _, s := range c.Steps {
		ids, delays = append(ids, s.StepID), append(delays, s.DelayDays)
	}
	if missing := missing(o, is, ids, delays, c.Templates); len(missing) > 0 {
		return nil, about(c.CampaignID, CodeNotReady, detailMissing{c.CampaignID, missing})
	}
	return one(events.CampaignRevised{CampaignID: c.CampaignID, StepsVersion: is.StepsVersion + 1, Steps: c.Steps})
}

// What a campaign can lack.
const (
	LacksMailbox       = "mailbox"        // no verified mailbox is assigned
	LacksDNS           = "dns"            // the domain of a mailbox fails SPF, DKIM or DMARC
	LacksPostalAddress = "postal_address" // CAN-SPAM
	LacksSteps         = "steps"
	LacksFollowUp      = "follow_ups"  // more than max_follow_ups
	LacksDelay         = "delay_days"  // less than follow_up_days
	LacksTemplate      = "template"    // the edge said nothing of it, or it can't be parsed
	LacksUnsubscribe   = "unsubscribe" // no link in the first step, and no footer
	LacksVariable      = "variable"    // not known
)

// Lack is one thing that is missing.
type Lack struct {
	What   string    `json:"what"`
	ID     uuid.UUID `json:"id,omitzero"`     // step, variant or mailbox
	Detail string    `json:"detail,omitzero"` // the variable's name, ...
}

// missing is the gate of a launch: everything that stands against it.
func missing(o *aggregates.Organization, c *aggregates.Campaign, steps []uuid.UUID, delays []int, templates []Template) (out []Lack) {
	if !slices.ContainsFunc(c.Mailboxes(), func(m *aggregates.Mailbox) bool { return m.Verified }) {
		out = append(out, Lack{What: LacksMailbox})
	}
	for _, m := range c.Mailboxes() {
		if m.Check(events.CheckDNS) == events.CheckFailed { // unknown is not failing
			out = append(out, Lack{What: LacksDNS, ID: m.ID})
		}
	}
	if o.PostalAddress == "" {
		out = append(out, Lack{What: LacksPostalAddress})
	}
	if len(steps) == 0 {
		out = append(out, Lack{What: LacksSteps})
	}
	if len(steps)-1 > c.Settings.MaxFollowUps {
		out = append(out, Lack{What: LacksFollowUp, Detail: strconv.Itoa(c.Settings.MaxFollowUps)})
	}
	for i, id := range steps {
		if i > 0 && delays[i] < c.Settings.FollowUpDays {
			out = append(out, Lack{What: LacksDelay, ID: id, Detail: strconv.Itoa(c.Settings.FollowUpDays)})
		}
		if !slices.ContainsFunc(templates, func(t Template) bool { return t.StepID == id }) {
			out = append(out, Lack{What: LacksTemplate, ID: id})
		}
	}
	for _, t := range templates {
		if t.Problem != "" {
			out = append(out, Lack{What: LacksTemplate, ID: t.VariantID, Detail: t.Problem})
		}
		if len(steps) > 0 && t.StepID == steps[0] && !t.UnsubscribeLink && !c.Settings.UnsubscribeFooter {
			out = append(out, Lack{What: LacksUnsubscribe, ID: t.VariantID})
		}
		for _, v := range t.Variables {
			if !knownVariable(o, v.Name) {
				out = append(out, Lack{What: LacksVariable, ID: t.VariantID, Detail: v.Name})
			}
		}
	}
	return out
}

// ProfileVariables are the fields of a lead that templates can name, SystemVariables what the product adds. Custom fields
// are known under custom.NAME and under NAME, once a lead has had them.
func ProfileVariables() []string {
	return []string{"email", "first_name", "last_name", "phone", "company_name", "job_title", "linkedin_url", "website", "city", "country"}
}

// SystemVariables are never missing.
func SystemVariables() []string {
	return []string{"unsubscribe_link", "booking_link", "sender_name", "sender_email", "organization_name", "postal_address"}
}

func knownVariable(o *aggregates.Organization, name string) bool {
	custom, ok := strings.CutPrefix(name, "custom.")
	return !ok && (slices.Contains(ProfileVariables(), name) || slices.Contains(SystemVariables(), name)) || o.Fields.Known(custom)
}

// SetCampaignSettings replaces them.
type SetCampaignSettings struct {
	CampaignID uuid.UUID `json:"campaign_id"`
	events.CampaignSettings
	IfVersion *int `json:"if_version,omitzero"`
}

func (SetCampaignSettings) CommandType() string { return "campaign.set_settings.v1" }

// Decide has nothing to do for the settings that it has.
func (c SetCampaignSettings) Decide(o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	switch {
	case is == nil:
		return nil, errNotFound(c.CampaignID)
	case is.HasSettings(c.CampaignSettings):
		return nil, nil
	case is.Status == events.CampaignIsCompleted:
		return nil, about(c.CampaignID, CodeWrongStatus, detailStatus{c.CampaignID, is.Status})
	}
	if err := firstError(checkVersion(c.CampaignID, c.IfVersion, is.Version), c.check()); err != nil {
		return nil, err
	}
	return one(events.CampaignSettingsChanged{CampaignID: c.CampaignID, CampaignSettings: c.CampaignSettings})
}

func (c SetCampaignSettings) check() error {
	switch {
	case len(c.Holidays) > 400 || slices.ContainsFunc(c.Holidays, func(d string) bool { return d == "" || !validDate(d) }):
		return errInvalid("holidays", "must be at most 400 dates like 2026-12-25")
	case c.MaxFollowUps < 0 || c.MaxFollowUps > 19:
		return errInvalid("max_follow_ups", "must be 0 to 19")
	case c.FollowUpDays < 0 || c.FollowUpDays > 365:
		return errInvalid("follow_up_days", "must be 0 to 365")
	case c.CompanyCap < 0 || c.CompanyCap > 1000:
		return errInvalid("company_cap", "must be 0 (none) to 1000")
	case c.CompanyGapMinutes < 0 || c.CompanyGapMinutes > 24*60:
		return errInvalid("company_gap_minutes", "must be 0 to 1440")
	}
	return firstError(checkWindow("window", c.Window), checkZone("time_zone", c.TimeZone))
}

// AssignMailboxes names all mailboxes that write to new people.
type AssignMailboxes struct {
	CampaignID uuid.UUID   `json:"campaign_id"`
	MailboxIDs []uuid.UUID `json:"mailbox_ids"`
	IfVersion  *int        `json:"if_version,omitzero"`
}

func (AssignMailboxes) CommandType() string { return "campaign.assign_mailboxes.v1" }

// Decide wants mailboxes that are there, each once.
func (c AssignMailboxes) Decide(o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	switch {
	case is == nil:
		return nil, errNotFound(c.CampaignID)
	case is.Status == events.CampaignIsCompleted:
		return nil, about(c.CampaignID, CodeWrongStatus, detailStatus{c.CampaignID, is.Status})
	case len(c.MailboxIDs) > 10_000:
		return nil, errInvalid("mailbox_ids", "must be at most 10000")
	}
	has := func(m *aggregates.Mailbox, id uuid.UUID) bool { return m.ID == id }
	if slices.EqualFunc(is.Mailboxes(), c.MailboxIDs, has) {
		return nil, nil
	}
	if err := checkVersion(c.CampaignID, c.IfVersion, is.Version); err != nil {
		return nil, err
	}
	seen := map[uuid.UUID]bool{}
	for _, id := range c.MailboxIDs {
		if seen[id] {
			return nil, errInvalid("mailbox_ids", "must be each only once")
		}
		seen[id] = true
		if o.Mailboxes.Get(id) == nil {
			return nil, errNotFound(id)
		}
	}
	return one(events.CampaignMailboxesAssigned{CampaignID: c.CampaignID, MailboxIDs: c.MailboxIDs})
}

// PauseCampaign stops it until it is resumed.
type PauseCampaign struct {
	CampaignID uuid.UUID `json:"campaign_id"`
}

func (PauseCampaign) CommandType() string { return "campaign.pause.v1" }

// Decide has nothing to do where it is so already.
func (c PauseCampaign) Decide(o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	switch {
	case is == nil:
		return nil, errNotFound(c.CampaignID)
	case is.Status == events.CampaignIsPaused:
		return nil, nil
	case is.Status != events.CampaignIsActive:
		return nil, about(c.CampaignID, CodeWrongStatus, detailStatus{c.CampaignID, is.Status})
	}
	return one(events.CampaignPaused{CampaignID: c.CampaignID, Reason: events.PausedManual})
}

// ResumeCampaign lets it go on.
type ResumeCampaign struct {
	CampaignID uuid.UUID `json:"campaign_id"`
}

func (ResumeCampaign) CommandType() string { return "campaign.resume.v1" }

// Decide has nothing to do where it is so already.
func (c ResumeCampaign) Decide(o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	switch {
	case is == nil:
		return nil, errNotFound(c.CampaignID)
	case is.Status == events.CampaignIsActive:
		return nil, nil
	case is.Status != events.CampaignIsPaused:
		return nil, about(c.CampaignID, CodeWrongStatus, detailStatus{c.CampaignID, is.Status})
	}
	return one(events.CampaignResumed(c))
}

// CompleteCampaign ends it, and every enrollment in it.
type CompleteCampaign struct {
	CampaignID uuid.UUID `json:"campaign_id"`
}

func (CompleteCampaign) CommandType() string { return "campaign.complete.v1" }

// Decide has nothing to do where it is so already.
func (c CompleteCampaign) Decide(o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	switch {
	case is == nil:
		return nil, errNotFound(c.CampaignID)
	case is.Status == events.CampaignIsCompleted:
		return nil, nil
	case !is.Live():
		return nil, about(c.CampaignID, CodeWrongStatus, detailStatus{c.CampaignID, is.Status})
	}
	return one(events.CampaignCompleted{CampaignID: c.CampaignID, Reason: events.CompletedManual})
}
