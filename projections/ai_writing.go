package projections

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
)

// AIWriting is a row of read.ai_writing: how a language model writes the messages of a campaign.
type AIWriting struct {
	OrgID      uuid.UUID       `db:"org_id"`
	CampaignID uuid.UUID       `db:"campaign_id"`
	Settings   json.RawMessage `db:"settings"` // events.CampaignWriting
}

// CampaignWriting reads what a campaign has set into out, which stays as it is where nothing was.
func CampaignWriting(ctx context.Context, tx pgx.Tx, org, campaign uuid.UUID, out *events.CampaignWriting) error {
	rows, err := tx.Query(ctx, selectFrom[AIWriting]("ai_writing")+`where org_id = $1 and campaign_id = $2`, org, campaign)
	row, err := collectOne[AIWriting](rows, err, "get how a campaign is written")
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	*out = events.CampaignWriting{}
	if err := json.Unmarshal(row.Settings, out); err != nil {
		return fmt.Errorf("read how a campaign is written: %w", err)
	}
	return nil
}
