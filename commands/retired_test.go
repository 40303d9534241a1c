package commands_test

import (
	"testing"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

func TestRetiredCommandsDecideAsTheyDid(t *testing.T) {
	t.Parallel()
	prepared := append(append(given(draftCampaign()), boxFacts()...), events.CampaignMailboxesAssigned{CampaignRef: events.CampaignRef{CampaignID: campaign}, MailboxIDs: []uuid.UUID{boxID(0)}})
	launched := events.CampaignLaunched{CampaignRef: events.CampaignRef{CampaignID: campaign}, StepsVersion: 1}
	live := append(prepared[:len(prepared):len(prepared)], launched)
	variant := sequence(0)[0].Variants[0].VariantID
	launch := commands.LaunchCampaignV1{CampaignID: campaign, Templates: templates(sequence(0, 2)), IfVersion: ptr(2)}
	but := func(change func(*commands.LaunchCampaignV1)) commands.LaunchCampaignV1 {
		c := launch
		c.Templates = templates(sequence(0, 2))
		change(&c)
		return c
	}
	missing := func(l ...commands.Lack) map[string]any { return map[string]any{"id": campaign, "missing": l} }
	revise := commands.ReviseCampaign{CampaignID: campaign, Steps: sequence(0, 5, 5), Templates: templates(sequence(0, 5, 5)), IfVersion: ptr(3)}
	create := commands.CreateCampaignV1{CampaignID: campaign, Name: "Spring", CampaignType: events.ColdOutreach, CreatedBy: "person:1", Approval: events.ApproveFirst, Steps: steps()}
	dated, zoned := create, campaignCreated()
	dated.StartDate, dated.EndDate, dated.TimeZone = "2026-04-01", "2026-04-30", "Europe/Berlin"
	zoned.StartDate, zoned.EndDate, zoned.TimeZone = "2026-04-01", "2026-04-30", "Europe/Berlin"
	kit().Run(t, map[string]estest.Case{
		"an import is requested": {Given: given(), When: commands.RequestImportV1{ImportID: upload, FileName: "leads.csv", Bytes: 1000, Blob: "imports/1", Mapping: map[string]string{"E-Mail": "email"}, OnDuplicate: "skip", Source: "csv_upload"},
			Then: facts{requested(nil)}, Again: estest.NothingToDo()},
		"an import has an id": {Given: given(), When: commands.RequestImportV1{}, Refused: "invalid"},
		"a chunk is recorded": {Given: given(requested(nil)), When: commands.ImportLeadsV1{ImportID: upload, FirstRow: 2, Rows: 1, OnDuplicate: "skip", Rejected: []events.RefusedRow{row(2, "email_missing")}},
			Then: facts{events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, FirstRow: 2, Rows: 1, Rejected: 1, Refused: []events.RefusedRows{refused("email_missing", 2)}}}, Again: estest.NothingToDo()},
		"a chunk of an unknown import":          {Given: given(), When: commands.ImportLeadsV1{ImportID: upload}, Refused: "not_found"},
		"a campaign is created":                 {Given: given(), When: create, Then: facts{campaignCreated()}, Again: estest.NothingToDo()},
		"with its dates":                        {Given: given(), When: dated, Then: facts{zoned}, Again: estest.NothingToDo()},
		"another one isn't":                     {Given: given(zoned), When: create, Refused: "already_exists"},
		"a campaign is launched":                {Given: prepared, When: launch, Then: facts{launched}, Again: estest.NothingToDo()},
		"a launch is of a version":              {Given: prepared, When: but(func(c *commands.LaunchCampaignV1) { c.IfVersion = nil }), Refused: "invalid"},
		"another version isn't launched":        {Given: prepared, When: but(func(c *commands.LaunchCampaignV1) { c.IfVersion = ptr(3) }), Refused: "version_conflict"},
		"an unknown campaign isn't launched":    {Given: given(), When: launch, Refused: "not_found"},
		"every template was looked at":          {Given: prepared, When: but(func(c *commands.LaunchCampaignV1) { c.Templates = c.Templates[1:] }), Refused: "not_ready", Detail: missing(commands.Lack{What: "template", ID: variant})},
		"a template can be parsed":              {Given: prepared, When: but(func(c *commands.LaunchCampaignV1) { c.Templates[0].Problem = "line 1" }), Refused: "not_ready", Detail: missing(commands.Lack{What: "template", ID: variant, Detail: "line 1"})},
		"a draft's steps are changed":           {Given: given(campaignCreated()), When: commands.ChangeCampaignSteps{CampaignID: campaign, Steps: []events.Step{}}, Then: facts{events.CampaignStepsChanged{CampaignRef: events.CampaignRef{CampaignID: campaign}, Steps: []events.Step{}}}, Again: estest.NothingToDo()},
		"a newer campaign's steps stay":         {Given: prepared, When: commands.ChangeCampaignSteps{CampaignID: campaign, IfVersion: ptr(1)}, Refused: "version_conflict"},
		"changed steps are checked":             {Given: prepared, When: commands.ChangeCampaignSteps{CampaignID: campaign, Steps: make([]events.Step, 1)}, Refused: "invalid"},
		"an unknown campaign's steps":           {Given: given(), When: commands.ChangeCampaignSteps{CampaignID: campaign}, Refused: "not_found"},
		"a live campaign's aren't just changed": {Given: live, When: commands.ChangeCampaignSteps{CampaignID: campaign, Steps: sequence(0)}, Refused: "wrong_status"},
		"they are revised":                      {Given: live, When: revise, Then: facts{events.CampaignRevised{CampaignRef: events.CampaignRef{CampaignID: campaign}, StepsVersion: 2, Steps: revise.Steps, Templates: revise.Templates}}, Again: estest.NothingToDo()},
		"a bounce without words": {Given: given(), When: commands.RecordBounceV1{SentMessageRef: about(ann), Code: 550, Enhanced: "5.2.2", ReportedAt: estest.At},
			Then: facts{events.MessageBounced{SentMessageRef: about(ann), Kind: events.BounceSoft, Code: 550, Enhanced: "5.2.2", ReportedAt: estest.At}}, Again: estest.OnceMore()},
		"a bounce without a time":              {Given: given(), When: commands.RecordBounceV1{SentMessageRef: about(ann)}, Refused: "invalid"},
		"an answer that nobody has judged":     {Given: given(), When: commands.RecordReplyV1{SentMessageRef: about(ann), From: "lead"}, Then: facts{events.MessageReplied{SentMessageRef: about(ann), From: "lead"}}, Again: estest.OnceMore()},
		"an answer without reasons":            {Given: given(), When: commands.RecordReplyV2{SentMessageRef: about(ann), From: "lead", Meaning: "other"}, Then: facts{events.MessageReplied{SentMessageRef: about(ann), From: "lead", Meaning: "other"}}, Again: estest.OnceMore()},
		"an answer without reasons to nothing": {Given: given(), When: commands.RecordReplyV2{From: "lead"}, Refused: "invalid"},
		"an answer to nothing":                 {Given: given(), When: commands.RecordReplyV1{From: "lead"}, Refused: "invalid"},
		"an automatic answer without its kind": {Given: given(), When: commands.RecordAutoReplyV1{SentMessageRef: about(ann)}, Then: facts{events.MessageAutoReplied{SentMessageRef: about(ann)}}, Again: estest.OnceMore()},
		"an automatic answer to nothing":       {Given: given(), When: commands.RecordAutoReplyV1{}, Refused: "invalid"},
		"a draft isn't revised":                {Given: prepared, When: revise, Refused: "wrong_status"},
		"an unknown campaign isn't revised":    {Given: given(), When: revise, Refused: "not_found"},
	})
}
