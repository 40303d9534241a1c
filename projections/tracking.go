package projections

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// LinkTarget is what must be known of a message whose pixel or link somebody has fetched.
type LinkTarget struct {
	MessageID  uuid.UUID  `db:"message_id"`
	LeadID     uuid.UUID  `db:"lead_id"`
	CampaignID uuid.UUID  `db:"campaign_id"`
	MailboxID  uuid.UUID  `db:"mailbox_id"`
	ClaimedAt  *time.Time `db:"claimed_at"`
	SentAt     *time.Time `db:"sent_at"`
	LeadKnown  bool       `db:"lead_known"` // neither erased nor removed
	Deleted    bool       `db:"deleted"`    // the organisation
}

// LinkTargets returns those of ids that the organisation has, in no order.
func LinkTargets(ctx context.Context, tx pgx.Tx, org uuid.UUID, ids []uuid.UUID) ([]*LinkTarget, error) {
	raw := make([][16]byte, len(ids))
	for i, id := range ids {
		raw[i] = id
	}
	rows, err := tx.Query(ctx, `select m.message_id, m.lead_id, m.campaign_id, m.mailbox_id, m.claimed_at, m.sent_at, l.lead_id is not null as lead_known,
		exists (select from read.organizations o where o.org_id = $1 and o.deleted_at is not null) as deleted
		from read.messages m left join read.leads l on l.org_id = m.org_id and l.lead_id = m.lead_id and l.erased_at is null
		where m.org_id = $1 and m.message_id = any($2::uuid[])`, org, raw)
	return collectAll[LinkTarget](rows, err, "find messages of links")
}
