package api

import (
	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/outgoing"
	"outrider/projections"
)

// setCampaignSettings reads over the defaults: what is absent gets its own.
func setCampaignSettings(c *call, id uuid.UUID) (commands.Command, error) {
	settings := aggregates.DefaultSettings()
	if err := c.decodeBody(&settings); err != nil {
		return nil, err
	}
	if err := checkZone(settings.TimeZone); err != nil {
		return nil, err
	}
	version, err := c.ifVersion()
	return commands.SetCampaignSettings{CampaignID: id, CampaignSettings: settings, IfVersion: version}, err
}

func assignMailboxes(c *call, id uuid.UUID, body gen.MailboxAssignment) (commands.Command, error) {
	version, err := c.ifVersion()
	return commands.AssignMailboxes{CampaignID: id, MailboxIDs: body.MailboxIds, IfVersion: version}, err
}

// settingsIn returns a campaign's settings, defaults filled in.
func settingsIn(row *projections.Campaign) (events.CampaignSettings, error) {
	return outgoing.SettingsOf(row)
}

func settingsOf(s events.CampaignSettings) gen.CampaignSettings {
	return gen.CampaignSettings{Window: gen.Window{Days: nonNil(s.Window.Days), From: s.Window.From, To: s.Window.To}, TimeZone: s.TimeZone, Holidays: s.Holidays, MaxFollowUps: s.MaxFollowUps,
		FollowUpDays: s.FollowUpDays, StopOnCompany: s.StopOnCompany, CompanyCap: s.CompanyCap, CompanyGapMinutes: s.CompanyGapMinutes, UnsubscribeFooter: s.UnsubscribeFooter,
		TrackOpens: s.TrackOpens, TrackClicks: s.TrackClicks, KeepOpen: s.KeepOpen}
}
