package commands_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

func TestCampaignsAreArchived(t *testing.T) {
	t.Parallel()
	ref := events.CampaignRef{CampaignID: campaign}
	launched := events.CampaignLaunched{CampaignRef: ref, StepsVersion: 1}
	archived, back := events.CampaignArchived{CampaignRef: ref}, events.CampaignUnarchived{CampaignRef: ref}
	completed := events.CampaignCompleted{CampaignRef: ref, Reason: "manual"}
	asked := events.CampaignLaunchRequested{CampaignRef: ref, By: "person:1", Note: "Please"}
	dropped := events.CampaignLaunchRequestDropped{CampaignRef: ref, Declined: true}
	ann := "ann@example.com"
	put := facts{created(), campaignCreated(), leadCreated(ann), archived}
	cases := map[string]estest.Case{
		"a draft is archived":                {Given: given(campaignCreated()), When: commands.ArchiveCampaign{CampaignRef: ref}, Then: facts{archived}, Again: estest.NothingToDo()},
		"so is what has ended":               {Given: given(campaignCreated(), launched, completed), When: commands.ArchiveCampaign{CampaignRef: ref}, Then: facts{archived}, Again: estest.NothingToDo()},
		"not what is live":                   {Given: given(campaignCreated(), launched), When: commands.ArchiveCampaign{CampaignRef: ref}, Refused: "wrong_status"},
		"nor what isn't there":               {Given: given(), When: commands.ArchiveCampaign{CampaignRef: ref}, Refused: "not_found"},
		"it is taken out again":              {Given: put, When: commands.UnarchiveCampaign{CampaignRef: ref}, Then: facts{back}, Again: estest.NothingToDo()},
		"what isn't there isn't":             {Given: given(), When: commands.UnarchiveCampaign{CampaignRef: ref}, Refused: "not_found"},
		"and can be changed again":           {Given: append(put, back), When: commands.RenameCampaign{CampaignID: campaign, Name: "Summer"}, Then: facts{events.CampaignRenamed{CampaignRef: ref, Name: "Summer"}}, Again: estest.NothingToDo()},
		"somebody asks for a launch":         {Given: given(campaignCreated()), When: commands.RequestLaunch(asked), Then: facts{asked}, Again: estest.NothingToDo()},
		"who asks has a name":                {Given: given(campaignCreated()), When: commands.RequestLaunch{CampaignRef: ref}, Refused: "invalid"},
		"a note isn't endless":               {Given: given(campaignCreated()), When: commands.RequestLaunch{CampaignRef: ref, By: "person:1", Note: strings.Repeat("x", 501)}, Refused: "invalid"},
		"what is live needs none":            {Given: given(campaignCreated(), launched), When: commands.RequestLaunch(asked), Refused: "wrong_status"},
		"nobody asks for what isn't there":   {Given: given(), When: commands.RequestLaunch(asked), Refused: "not_found"},
		"a request is declined":              {Given: given(campaignCreated(), asked), When: commands.DropLaunchRequest(dropped), Then: facts{dropped}, Again: estest.NothingToDo()},
		"and can be made again":              {Given: given(campaignCreated(), asked, dropped), When: commands.RequestLaunch(asked), Then: facts{asked}, Again: estest.NothingToDo()},
		"a launch ends it":                   {Given: given(campaignCreated(), asked, launched), When: commands.DropLaunchRequest{CampaignRef: ref}, Noop: true},
		"so does the archive":                {Given: given(campaignCreated(), asked, archived), When: commands.DropLaunchRequest{CampaignRef: ref}, Noop: true},
		"what isn't there has no request":    {Given: given(), When: commands.DropLaunchRequest{CampaignRef: ref}, Refused: "not_found"},
		"nobody is put on what is archived":  {Given: put, When: commands.EnrollLeads{CampaignID: campaign, LeadIDs: []uuid.UUID{leadID(ann)}}, Refused: "archived", Detail: map[string]uuid.UUID{"id": campaign}},
		"nor many":                           {Given: put, When: commands.RequestBulk{BulkID: other, Action: "enroll", CampaignID: campaign, LeadIDs: []uuid.UUID{leadID(ann)}}, Refused: "archived"},
		"nobody asks for its launch, either": {Given: put, When: commands.RequestLaunch(asked), Refused: "archived"},
	}
	for _, c := range []commands.Command{commands.RenameCampaign{CampaignID: campaign}, commands.UpdateCampaign{CampaignID: campaign}, commands.SetCampaignSteps{CampaignID: campaign}, commands.SetCampaignApproval{CampaignID: campaign},
		commands.SetCampaignSettings{CampaignID: campaign}, commands.AssignMailboxes{CampaignID: campaign}, commands.SetCampaignPacing{CampaignID: campaign}, commands.SetCampaignBooking{CampaignID: campaign},
		commands.SetCampaignEntry{CampaignID: campaign}, commands.SetCampaignResearch{CampaignID: campaign}, commands.SetCampaignWriting{CampaignID: campaign}, commands.LaunchCampaign{CampaignID: campaign},
		commands.DeleteCampaign{CampaignID: campaign}, commands.RequestTestSend{CampaignID: campaign}} {
		cases[c.CommandType()+" changes nothing of what is archived"] = estest.Case{Given: put, When: c, Refused: "archived"}
	}
	kit().Run(t, cases)
}
