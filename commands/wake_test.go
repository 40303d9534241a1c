package commands_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

// A mailbox that waits for the clock must be looked at again when what it waits for has changed.
func TestWhatChangesWhomAMailboxMayWriteToWakesIt(t *testing.T) {
	t.Parallel()
	const carla = "carla@elsewhere.test"
	asleep := running(leadCreated(carla), events.MailboxWaited{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Rule: "window", Until: estest.At.AddDate(0, 0, 1)})
	always := campaignSettings()
	always.Window = events.Window{Days: []int{1, 2, 3, 4, 5, 6, 7}, From: "00:00", To: "24:00"}
	zone := "Asia/Tokyo"
	atOnce := ptr(time.UnixMicro(1).UTC())
	kit().Run(t, map[string]estest.Case{
		"a campaign's settings change": {Given: asleep, When: commands.SetCampaignSettings{CampaignID: campaign, CampaignSettings: always},
			Then: facts{events.CampaignSettingsChanged{CampaignRef: events.CampaignRef{CampaignID: campaign}, CampaignSettings: always}}, Due: atOnce, Again: estest.NothingToDo()},
		"somebody is enrolled whose window may be open": {Given: asleep, When: commands.EnrollLeads{CampaignID: campaign, LeadIDs: []uuid.UUID{leadID(carla)}},
			Then: facts{enrolled(carla)}, Due: atOnce, Again: estest.NothingToDo()},
		"the organisation moves to another zone": {Given: asleep, When: commands.UpdateOrganization{TimeZone: &zone},
			Then: facts{events.OrganizationUpdated{OrganizationRef: events.OrganizationRef{OrganizationID: org}, TimeZone: &zone}}, Due: atOnce, Again: estest.NothingToDo()},
	})
}
