package commands

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// SetCampaignSettings replaces all settings of a campaign.
type SetCampaignSettings struct {
	CampaignID uuid.UUID `json:"campaign_id"`
	events.CampaignSettings
	IfVersion *int `json:"if_version,omitzero"`
}

func (SetCampaignSettings) CommandType() string { return "campaign.set_settings.v1" }

// Decide has nothing to do when it has these settings already. A live campaign may lack nothing by new ones.
func (c SetCampaignSettings) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	switch {
	case is == nil:
		return nil, errNotFound(c.CampaignID)
	case is.HasSettings(c.CampaignSettings):
		return nil, nil
	case is.Status == events.CampaignIsCompleted:
		return nil, refuseStatus(is)
	}
	if err := firstError(checkVersion(c.CampaignID, c.IfVersion, is.Version), c.checkFields()); err != nil {
		return nil, err
	}
	if c.TrackOpens && !is.Settings.TrackOpens || c.TrackClicks && !is.Settings.TrackClicks {
		if err := requireFeature(o, events.FeatureTracking); err != nil {
			return nil, err
		}
	}
	if err := keepReady(now, o, is, func(r *aggregates.Readiness) { r.Settings = c.CampaignSettings }); err != nil {
		return nil, err
	}
	return oneEvent(events.CampaignSettingsChanged{CampaignRef: events.CampaignRef{CampaignID: c.CampaignID}, CampaignSettings: c.CampaignSettings})
}

func (c SetCampaignSettings) checkFields() error {
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

// AssignMailboxes replaces the mailboxes that write to new people.
type AssignMailboxes struct {
	CampaignID uuid.UUID   `json:"campaign_id"`
	MailboxIDs []uuid.UUID `json:"mailbox_ids"`
	IfVersion  *int        `json:"if_version,omitzero"`
}

func (AssignMailboxes) CommandType() string { return "campaign.assign_mailboxes.v1" }

// Decide requires existing mailboxes, each once, and for a live campaign at least one that may send.
func (c AssignMailboxes) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	switch {
	case is == nil:
		return nil, errNotFound(c.CampaignID)
	case is.Status == events.CampaignIsCompleted:
		return nil, refuseStatus(is)
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
	boxes := make([]*aggregates.Mailbox, 0, len(c.MailboxIDs))
	for _, id := range c.MailboxIDs {
		if seen[id] {
			return nil, errInvalid("mailbox_ids", "must not be repeated")
		}
		seen[id] = true
		box := o.Mailboxes.Get(id)
		if box == nil {
			return nil, errNotFound(id)
		}
		boxes = append(boxes, box)
	}
	if err := keepReady(now, o, is, func(r *aggregates.Readiness) { r.Mailboxes = boxes }); err != nil {
		return nil, err
	}
	return oneEvent(events.CampaignMailboxesAssigned{CampaignRef: events.CampaignRef{CampaignID: c.CampaignID}, MailboxIDs: c.MailboxIDs})
}

// DefaultSettings returns the settings of a campaign that has none of its own.
func DefaultSettings() events.CampaignSettings { return aggregates.DefaultSettings() }
