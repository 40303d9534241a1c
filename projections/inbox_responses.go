package projections

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/events"
	"outrider/internal/es"
)

// States of a response.
const (
	ResponseWaiting   = "waiting" // can be taken back
	ResponseDue       = "due"
	ResponseClaimed   = "claimed"
	ResponseSent      = "sent"
	ResponseDeferred  = "deferred"
	ResponseFailed    = "failed"
	ResponseInDoubt   = "in_doubt"
	ResponseCancelled = "cancelled"
)

// Response is a row of read.inbox_responses: what a member wrote in a thread.
type Response struct {
	OrgID        uuid.UUID  `db:"org_id"`
	ResponseID   uuid.UUID  `db:"response_id"`
	Oseq         int64      `db:"oseq"`
	ThreadID     uuid.UUID  `db:"thread_id"`
	LeadID       uuid.UUID  `db:"lead_id"`
	CampaignID   *uuid.UUID `db:"campaign_id"`
	MailboxID    uuid.UUID  `db:"mailbox_id"`
	MailID       *uuid.UUID `db:"mail_id"`
	State        string     `db:"state"`
	Reason       string     `db:"reason"`
	To           *string    `db:"to_address"` // nil once the person is erased; so are the next two
	Subject      *string    `db:"subject"`
	Body         *string    `db:"body"`
	BodyRef      string     `db:"body_ref"`
	AuthorKind   string     `db:"author_kind"`
	AuthorID     string     `db:"author_id"`
	SendAt       time.Time  `db:"send_at"` // of the next try
	ClaimedAt    *time.Time `db:"claimed_at"`
	SentAt       *time.Time `db:"sent_at"`
	DoubtedAt    *time.Time `db:"doubted_at"`
	Tries        int        `db:"tries"`
	SMTPStage    string     `db:"smtp_stage"`
	SMTPCode     int        `db:"smtp_code"`
	SMTPEnhanced string     `db:"smtp_enhanced"`
	SMTPText     string     `db:"smtp_text"`
	CreatedAt    time.Time  `db:"created_at"`
	UpdatedAt    time.Time  `db:"updated_at"`
}

// AddressField is what the address of a response is bound to when it is sealed.
const AddressField = "address"

// responseOf returns the response that an event is about.
func responseOf(e *es.Event) (uuid.UUID, bool) {
	p, ok := e.Payload.(interface{ Response() uuid.UUID })
	if !ok {
		return uuid.Nil, false
	}
	return p.Response(), true
}

// foldResponses brings responses up to date.
func foldResponses(ctx context.Context, tx pgx.Tx, t *opener, news []*es.Event, erased map[id]int64) error {
	var touched []id
	for _, e := range news {
		if x, ok := responseOf(e); ok {
			touched = append(touched, id{e.Org, x})
		}
	}
	if len(touched) == 0 {
		return nil
	}
	rows := newFold[id, Response]()
	if err := loadRows(ctx, tx, rows, "inbox_responses", "response_id", touched, func(r *Response) id { return id{r.OrgID, r.ResponseID} }); err != nil {
		return err
	}
	for _, e := range news {
		x, ok := responseOf(e)
		if !ok {
			continue
		}
		if p, ok := e.Payload.(events.ResponseWritten); ok {
			r, err := newResponse(t, e, p, erased)
			if err != nil {
				return err
			}
			rows.putRow(id{e.Org, x}, r)
			continue
		}
		if r := rows.rows[id{e.Org, x}]; r != nil {
			r.applyEvent(e)
		}
	}
	return upsertRows(ctx, tx, "inbox_responses", "org_id, response_id", rows.liveRows())
}

func newResponse(t *opener, e *es.Event, p events.ResponseWritten, erased map[id]int64) (r *Response, err error) {
	r = &Response{OrgID: e.Org, ResponseID: p.ResponseID, Oseq: e.Oseq, ThreadID: p.ThreadID, LeadID: p.LeadID, CampaignID: nilIfZero(p.CampaignID), MailboxID: p.MailboxID, MailID: nilIfZero(p.MailID),
		State: ResponseWaiting, BodyRef: p.BodyRef, AuthorKind: e.Actor.Kind, AuthorID: replaceNUL(e.Actor.ID), SendAt: p.SendAt, CreatedAt: e.Time, UpdatedAt: e.Time}
	if e.Oseq < erased[id{e.Org, p.LeadID}] {
		return r, nil
	}
	if r.To, err = t.openText(e.Org, p.LeadID, AddressField, p.To); err != nil {
		return nil, err
	}
	if r.Subject, err = t.openText(e.Org, p.LeadID, SubjectField, p.Subject); err != nil {
		return nil, err
	}
	r.Body, err = t.openText(e.Org, p.LeadID, BodyField, p.Body)
	return r, err
}

func (r *Response) applyEvent(e *es.Event) {
	r.UpdatedAt = e.Time
	switch p := events.As[events.ThreadEvent](e.Payload).(type) {
	case events.ResponseDue:
		r.State = ResponseDue
	case events.ResponseClaimed:
		r.State, r.ClaimedAt = ResponseClaimed, &p.ClaimedAt
	case events.ResponseSent:
		r.State, r.SentAt, r.Reason = ResponseSent, &p.AcceptedAt, ""
	case events.ResponseDeferred:
		r.State, r.Tries, r.SendAt = ResponseDeferred, p.Tries, p.RetryAt
		r.setRefusal(p.SMTPReply)
	case events.ResponseFailed:
		r.State = ResponseFailed
		r.setRefusal(p.SMTPReply)
	case events.ResponseInDoubt:
		r.State, r.DoubtedAt = ResponseInDoubt, &e.Time
	case events.ResponseResolved:
		if !p.Sent {
			r.State, r.Reason = ResponseFailed, "not_sent"
		}
	case events.ResponseCancelled:
		r.State, r.Reason = ResponseCancelled, p.Reason
	case nil, events.ResponseWritten, events.ThreadStatusSet, events.ThreadAssigned, events.ThreadMarked, events.ThreadMailIdentified, events.ReferralSettled, events.ThreadNoted, events.ThreadNoteRemoved: // change nothing of it
	}
}

func (r *Response) setRefusal(s events.SMTPReply) {
	r.SMTPStage, r.SMTPCode, r.SMTPEnhanced, r.SMTPText = s.Stage, s.Code, s.Enhanced, s.Text
}

// GetResponse returns pgx.ErrNoRows when the organisation has no such response.
func GetResponse(ctx context.Context, tx pgx.Tx, org, response uuid.UUID) (*Response, error) {
	rows, err := tx.Query(ctx, selectFrom[Response]("inbox_responses")+`where org_id = $1 and response_id = $2`, org, response)
	return collectOne[Response](rows, err, "get response")
}

// ListResponses returns the responses of a thread, in order.
func ListResponses(ctx context.Context, tx pgx.Tx, org, thread uuid.UUID, limit int) ([]*Response, error) {
	rows, err := tx.Query(ctx, selectFrom[Response]("inbox_responses")+`where org_id = $1 and thread_id = $2 order by oseq limit $3`, org, thread, limit)
	return collectAll[Response](rows, err, "list responses")
}

// GetInboxItem returns pgx.ErrNoRows when the organisation has no such item.
func GetInboxItem(ctx context.Context, tx pgx.Tx, org, item uuid.UUID) (*InboxItem, error) {
	rows, err := tx.Query(ctx, selectFrom[InboxItem]("inbox_items")+`where org_id = $1 and item_id = $2`, org, item)
	return collectOne[InboxItem](rows, err, "get inbox item")
}

// LastReply returns the newest answer of a person in a thread, or of a machine where none has answered; pgx.ErrNoRows when nobody has.
func LastReply(ctx context.Context, tx pgx.Tx, org, thread uuid.UUID) (*InboxItem, error) {
	rows, err := tx.Query(ctx, selectFrom[InboxItem]("inbox_items")+`where org_id = $1 and thread_id = $2 and class in ('reply', 'automatic') order by class = 'reply' desc, oseq desc limit 1`, org, thread)
	return collectOne[InboxItem](rows, err, "get last reply")
}

// ResponsesInDoubt lists responses of all organisations that came in doubt since a time and still are, the oldest first.
func ResponsesInDoubt(ctx context.Context, all *pgxpool.Pool, since time.Time, limit int) ([]*Response, error) {
	rows, err := all.Query(ctx, selectFrom[Response]("inbox_responses")+`where state = 'in_doubt' and doubted_at >= $1 order by doubted_at limit $2`, since, limit)
	return collectAll[Response](rows, err, "list responses in doubt")
}
