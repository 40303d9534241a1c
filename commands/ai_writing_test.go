package commands_test

import (
	"strings"
	"testing"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

func TestHowAModelWrites(t *testing.T) {
	t.Parallel()
	drop := events.CampaignWriting{Instructions: "Be brief.", Refused: events.RefusedDropped}
	set := events.CampaignWritingSet{AIWritingRef: events.AIWritingRef{OrganizationID: org, CampaignID: campaign}, CampaignWriting: drop}
	command := func(w events.CampaignWriting) commands.SetCampaignWriting {
		return commands.SetCampaignWriting{CampaignID: campaign, CampaignWriting: w}
	}
	kit().Run(t, map[string]estest.Case{
		"what nothing carries is left out": {Given: given(campaignCreated()), When: command(drop), Then: facts{set}, Again: estest.NothingToDo()},
		"the default is nothing new":       {Given: given(campaignCreated()), When: command(events.DefaultCampaignWriting()), Noop: true},
		"back to it":                       {Given: given(campaignCreated(), set), When: command(events.DefaultCampaignWriting()), Then: facts{events.CampaignWritingSet{AIWritingRef: set.AIWritingRef, CampaignWriting: events.DefaultCampaignWriting()}}, Again: estest.NothingToDo()},
		"a campaign that isn't there":      {Given: given(founded()), When: command(drop), Refused: "not_found"},
		"nothing else can become of it":    {Given: given(campaignCreated()), When: command(events.CampaignWriting{Refused: "send"}), Refused: "invalid"},
		"instructions have a bound":        {Given: given(campaignCreated()), When: command(events.CampaignWriting{Refused: events.RefusedWaits, Instructions: strings.Repeat("x", 2001)}), Refused: "invalid"},
	})
}
