package projections

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// LinkTarget is what must be known of a message whose pixel or link was fetched.
type LinkTarget struct {
	MessageID  uuid.UUID  `db:"message_id"`
	LeadID     uuid.UUID  `db:"lead_id"`
	CampaignID uuid.UUID  `db:"campaign_id"`
	MailboxID  uuid.UUID  `db:"mailbox_id"`
	ClaimedAt  *time.Time `db:"claimed_at"`
	SentAt     *time.Time `db:"sent_at"`
	Address    string     `db:"address_hash"` // hash of the address that it went to; empty when the log doesn't have it
	Erased     bool       `db:"erased"`       // the lead was erased; links of a removed lead still work
	Deleted    bool       `db:"deleted"`      // the organisation was deleted
}

// IsDeleted reports whether an organisation was deleted for good.
func IsDeleted(ctx context.Context, tx pgx.Tx, org uuid.UUID) (deleted bool, err error) {
	if err := tx.QueryRow(ctx, `select exists (select from read.organizations where org_id = $1 and deleted_at is not null)`, org).Scan(&deleted); err != nil {
		return false, fmt.Errorf("find out whether an organisation was deleted: %w", err)
	}
	return deleted, nil
}

// LinkTargets returns those of ids that the organisation was deleted has, in no order.
func LinkTargets(ctx context.Context, tx pgx.Tx, org uuid.UUID, ids []uuid.UUID) ([]*LinkTarget, error) {
	raw := make([][16]byte, len(ids))
	for i, id := range ids {
		raw[i] = id
	}
	rows, err := tx.Query(ctx, `select m.message_id, m.lead_id, m.campaign_id, m.mailbox_id, m.claimed_at, m.sent_at, m.address_hash, l.lead_id is not null as erased,
		exists (select from read.organizations o where o.org_id = $1 and o.deleted_at is not null) as deleted
		from read.messages m left join read.leads l on l.org_id = m.org_id and l.lead_id = m.lead_id and l.erased_at is not null
		where m.org_id = $1 and m.message_id = any($2::uuid[])`, org, raw)
	return collectAll[LinkTarget](rows, err, "find messages of links")
}
