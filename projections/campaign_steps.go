package projections

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
)

// CampaignSteps is a row of read.campaign_steps: a version of a campaign's steps.
type CampaignSteps struct {
	OrgID      uuid.UUID       `db:"org_id"`
	CampaignID uuid.UUID       `db:"campaign_id"`
	Version    int             `db:"version"`
	Steps      json.RawMessage `db:"steps"`
}

// version returns the steps of a campaign at a time.
type version struct {
	campaign id
	number   int
}

// takeSteps keeps each version that messages can follow: a draft's newest, and all since the launch.
func takeSteps(steps *fold[version, CampaignSteps], e *es.Event, before, after *Campaign) {
	if won, ok := e.Payload.(events.ExperimentDecided); ok && won.Promoted && after != nil {
		steps.putRow(version{id{e.Org, won.CampaignID}, after.StepsVersion}, &CampaignSteps{e.Org, won.CampaignID, after.StepsVersion, after.Steps})
	}
	var is version
	switch p := events.As[events.CampaignEvent](e.Payload).(type) {
	case events.CampaignCreated:
		is.campaign = id{e.Org, p.CampaignID}
	case events.CampaignStepsChanged:
		is.campaign = id{e.Org, p.CampaignID}
	case events.CampaignRevised:
		is.campaign = id{e.Org, p.CampaignID}
	case events.CampaignDeleted:
		is.campaign = id{e.Org, p.CampaignID}
	case nil, events.CampaignRenamed, events.CampaignUpdated, events.CampaignApprovalSet, events.CampaignIdled, events.CampaignReactivated, events.CampaignReadinessChanged, events.CampaignSettingsChanged, events.CampaignMailboxesAssigned, events.CampaignPacingSet, events.CampaignBookingSet, events.CampaignArchived, events.CampaignUnarchived, events.CampaignLaunchRequested, events.CampaignLaunchRequestDropped, events.CampaignEntrySet, events.CampaignLaunched, events.CampaignPaused,
		events.CampaignResumed, events.CampaignCompleted, events.EnrollmentBatchRecorded, events.EnrollmentMovesRecorded:
		return
	}
	if _, live := e.Payload.(events.CampaignRevised); before != nil && !live {
		steps.putRow(version{is.campaign, before.StepsVersion}, nil)
	}
	if after != nil {
		is.number = after.StepsVersion
		steps.putRow(is, &CampaignSteps{e.Org, is.campaign.own, is.number, after.Steps})
	}
}

func writeSteps(ctx context.Context, tx pgx.Tx, steps *fold[version, CampaignSteps]) error {
	var orgs, campaigns [][16]byte
	var numbers []int32
	for _, v := range steps.deletedKeys() {
		orgs, campaigns, numbers = append(orgs, v.campaign.org), append(campaigns, v.campaign.own), append(numbers, int32(v.number)) // counts up from 1
	}
	if len(orgs) > 0 {
		if _, err := tx.Exec(ctx, `delete from campaign_steps s using unnest($1::uuid[], $2::uuid[], $3::int[]) d (org_id, campaign_id, version)
			where s.org_id = d.org_id and s.campaign_id = d.campaign_id and s.version = d.version`, orgs, campaigns, numbers); err != nil {
			return fmt.Errorf("delete steps: %w", err)
		}
	}
	return upsertRows(ctx, tx, "campaign_steps", "org_id, campaign_id, version", steps.liveRows())
}
