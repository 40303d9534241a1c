package projections

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
)

// DraftApproval is a row of read.draft_approvals: a draft that a person approved, the last time.
type DraftApproval struct {
	OrgID      uuid.UUID `db:"org_id"`
	MessageID  uuid.UUID `db:"message_id"`
	Oseq       int64     `db:"oseq"`
	CampaignID uuid.UUID `db:"campaign_id"`
	ApprovedBy string    `db:"approved_by"`
	ApprovedAt time.Time `db:"approved_at"`
	Changed    int       `db:"changed"`
	Words      int       `db:"words"`
}

func foldDraftApprovals(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	rows := newFold[id, DraftApproval]()
	var measured []id
	for _, e := range batch {
		if p, ok := e.Payload.(events.DraftEditMeasured); ok {
			measured = append(measured, id{e.Org, p.MessageID})
		}
	}
	if err := loadRows(ctx, tx, rows, "draft_approvals", "message_id", measured, func(r *DraftApproval) id { return id{r.OrgID, r.MessageID} }); err != nil {
		return err
	}
	for _, e := range batch {
		switch p := e.Payload.(type) {
		case events.MessageApproved:
			if p.By == "person" {
				rows.putRow(id{e.Org, p.MessageID}, &DraftApproval{OrgID: e.Org, MessageID: p.MessageID, Oseq: e.Oseq, CampaignID: p.CampaignID, ApprovedBy: e.Actor.Kind + ":" + replaceNUL(e.Actor.ID), ApprovedAt: e.Time})
			}
		case events.DraftEditMeasured: // right behind its approval
			if row := rows.rows[id{e.Org, p.MessageID}]; row != nil {
				row.Changed, row.Words = p.Changed, p.Words
			}
		}
	}
	return upsertRows(ctx, tx, "draft_approvals", "org_id, message_id", rows.liveRows())
}

// ApprovalFigures are what came of the drafts of a campaign that people approved.
type ApprovalFigures struct {
	Approved int // drafts
	Edited   int // of them
	Changed  int // words of those
	Words    int // that those have
}

// CountApprovals counts the drafts of a campaign that people approved.
func CountApprovals(ctx context.Context, tx pgx.Tx, org, campaign uuid.UUID) (f ApprovalFigures, err error) {
	if err := tx.QueryRow(ctx, `select count(*), count(*) filter (where words > 0), coalesce(sum(changed), 0), coalesce(sum(words), 0) from read.draft_approvals where org_id = $1 and campaign_id = $2`, org, campaign).
		Scan(&f.Approved, &f.Edited, &f.Changed, &f.Words); err != nil {
		return f, fmt.Errorf("count approvals: %w", err)
	}
	return f, nil
}
