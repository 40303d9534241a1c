package commands_test

import (
	"testing"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/estest"
)

func TestPeopleMoveToTheNewestSteps(t *testing.T) {
	t.Parallel()
	ref := events.CampaignRef{CampaignID: campaign}
	revised := func(steps []events.Step) events.CampaignRevised {
		return events.CampaignRevised{CampaignRef: ref, StepsVersion: 2, Steps: steps, Templates: templates(steps)}
	}
	longer := revised(sequence(0, 2, 5))
	moved := func(address string) events.EnrollmentMoved {
		return events.EnrollmentMoved{EnrollmentRef: in(address), From: 1, StepsVersion: 2, Steps: 3}
	}
	recorded := func(moved, kept int) events.EnrollmentMovesRecorded {
		return events.EnrollmentMovesRecorded{CampaignRef: ref, StepsVersion: 2, Moved: moved, Kept: kept}
	}
	both := commands.MoveEnrollments{CampaignID: campaign, LeadIDs: []uuid.UUID{leadID(ann), leadID(bob)}}
	alone := commands.MoveEnrollments{CampaignID: campaign, LeadIDs: []uuid.UUID{leadID(ann)}}
	written := append(away(), sentAt(ann, 0, estest.At))
	with := func(before facts, more ...es.Payload) facts { return append(before[:len(before):len(before)], more...) }
	kit().Run(t, map[string]estest.Case{
		"they go on with it":                     {Given: running(longer), When: both, Then: facts{moved(ann), moved(bob), recorded(2, 0)}, Again: estest.NothingToDo()},
		"so does who has had its beginning":      {Given: with(written, longer), When: alone, Then: facts{moved(ann), recorded(1, 0)}, Again: estest.NothingToDo()},
		"not whose message is on its way":        {Given: running(asked(ann, 0), longer), When: both, Then: facts{moved(bob), recorded(1, 1)}, Again: estest.NothingToDo()},
		"nor who has had something else":         {Given: with(written, revised(sequence(0, 2)[1:])), When: alone, Noop: true},
		"nor who has had all of it":              {Given: with(written, revised(sequence(0))), When: alone, Noop: true},
		"nor whose sequence has ended":           {Given: running(longer, stoppedAs(ann, "manual", 0, uuid.Nil)), When: alone, Noop: true},
		"there must be another version":          {Given: running(), When: both, Noop: true},
		"nobody moves who isn't on the campaign": {Given: running(longer), When: commands.MoveEnrollments{CampaignID: campaign, LeadIDs: []uuid.UUID{other}}, Refused: "not_found"},
		"nor on an unknown one":                  {Given: given(), When: both, Refused: "not_found"},
		"somebody is named":                      {Given: running(longer), When: commands.MoveEnrollments{CampaignID: campaign}, Refused: "invalid"},
	})
}
