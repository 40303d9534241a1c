package projections

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
)

// States of a test send; the others are its outcomes.
const (
	TestSendRequested = "requested"
	TestSendClaimed   = "claimed"
)

// TestSend is a row of read.test_sends: a text of a campaign that goes to a member.
type TestSend struct {
	OrgID        uuid.UUID  `db:"org_id"`
	TestSendID   uuid.UUID  `db:"test_send_id"`
	Oseq         int64      `db:"oseq"`
	CampaignID   uuid.UUID  `db:"campaign_id"`
	MailboxID    uuid.UUID  `db:"mailbox_id"`
	MemberID     *uuid.UUID `db:"member_id"` // nil = the mailbox itself
	LeadID       *uuid.UUID `db:"lead_id"`   // nil = an example person
	Subject      string     `db:"subject"`   // a template, as is the next
	Body         string     `db:"body"`
	FollowUp     bool       `db:"follow_up"`
	State        string     `db:"state"`
	AskedBy      string     `db:"asked_by"`
	LeaseUntil   *time.Time `db:"lease_until"`
	FinishedAt   *time.Time `db:"finished_at"`
	SMTPStage    string     `db:"smtp_stage"`
	SMTPCode     int        `db:"smtp_code"`
	SMTPEnhanced string     `db:"smtp_enhanced"`
	SMTPText     string     `db:"smtp_text"`
	CreatedAt    time.Time  `db:"created_at"`
}

// StateAt returns its state at a time: what was claimed and not finished within the lease is in doubt.
func (t *TestSend) StateAt(now time.Time) string {
	if t.State == TestSendClaimed && t.LeaseUntil != nil && now.After(t.LeaseUntil.Add(time.Minute)) {
		return events.TestSendInDoubt
	}
	return t.State
}

func foldTestSends(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	var touched []id
	for _, e := range batch {
		if p := events.As[events.TestSendEvent](e.Payload); p != nil {
			touched = append(touched, id{e.Org, p.TestSend()})
		}
	}
	if len(touched) == 0 {
		return nil
	}
	rows := newFold[id, TestSend]()
	if err := loadRows(ctx, tx, rows, "test_sends", "test_send_id", touched, func(r *TestSend) id { return id{r.OrgID, r.TestSendID} }); err != nil {
		return err
	}
	for _, e := range batch {
		switch p := events.As[events.TestSendEvent](e.Payload).(type) {
		case events.TestSendRequested:
			rows.putRow(id{e.Org, p.TestSendID}, &TestSend{OrgID: e.Org, TestSendID: p.TestSendID, Oseq: e.Oseq, CampaignID: p.CampaignID, MailboxID: p.MailboxID, MemberID: nilIfZero(p.MemberID), LeadID: nilIfZero(p.LeadID),
				Subject: replaceNUL(p.Subject), Body: replaceNUL(p.Body), FollowUp: p.FollowUp, State: TestSendRequested, AskedBy: replaceNUL(p.By), CreatedAt: e.Time})
		case events.TestSendClaimed:
			if r := rows.rows[id{e.Org, p.TestSendID}]; r != nil {
				r.State, r.LeaseUntil = TestSendClaimed, &p.LeaseUntil
			}
		case events.TestSendFinished:
			if r := rows.rows[id{e.Org, p.TestSendID}]; r != nil {
				r.State, r.FinishedAt = p.Outcome, &p.At
				r.SMTPStage, r.SMTPCode, r.SMTPEnhanced, r.SMTPText = p.Stage, p.Code, p.Enhanced, replaceNUL(p.Text)
			}
		}
	}
	return upsertRows(ctx, tx, "test_sends", "org_id, test_send_id", rows.liveRows())
}

// GetTestSend returns pgx.ErrNoRows when the organisation has no such test send.
func GetTestSend(ctx context.Context, tx pgx.Tx, org, test uuid.UUID) (*TestSend, error) {
	rows, err := tx.Query(ctx, selectFrom[TestSend]("test_sends")+`where org_id = $1 and test_send_id = $2`, org, test)
	return collectOne[TestSend](rows, err, "get test send")
}

// ListTestSends returns those of a campaign, the newest first; after = oseq of the last row seen, 0 = from the newest.
func ListTestSends(ctx context.Context, tx pgx.Tx, org, campaign uuid.UUID, after int64, limit int) ([]*TestSend, error) {
	rows, err := tx.Query(ctx, selectFrom[TestSend]("test_sends")+`where org_id = $1 and campaign_id = $2 and ($3 = 0 or oseq < $3) order by oseq desc limit $4`, org, campaign, after, limit)
	return collectAll[TestSend](rows, err, "list test sends")
}
