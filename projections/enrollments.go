package projections

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"outrider/events"
	"outrider/internal/es"
)

// States of an enrollment.
const (
	EnrollmentActive    = "active"
	EnrollmentDeferred  = "deferred" // waits for a place at its company
	EnrollmentPaused    = "paused"
	EnrollmentStopped   = "stopped"
	EnrollmentCompleted = "completed"
)

// Enrollment is a row of read.enrollments.
type Enrollment struct {
	OrgID        uuid.UUID  `db:"org_id"`
	EnrollmentID uuid.UUID  `db:"enrollment_id"`
	Oseq         int64      `db:"oseq"`
	CampaignID   uuid.UUID  `db:"campaign_id"`
	LeadID       uuid.UUID  `db:"lead_id"`
	Counted      bool       `db:"counted"`
	PeriodFrom   time.Time  `db:"period_from"`
	CreatedAt    time.Time  `db:"created_at"`
	State        string     `db:"state"`
	Reason       string     `db:"reason"` // why it is paused or stopped
	PausedUntil  *time.Time `db:"paused_until"`
	StoppedBy    *uuid.UUID `db:"stopped_by"`    // the message that was answered, bounced and so on
	StepsVersion int        `db:"steps_version"` // pinned
	Step         int        `db:"step"`          // steps sent so far
	Steps        int        `db:"steps"`         // of the sequence; 0 = no message yet
	MailboxID    *uuid.UUID `db:"mailbox_id"`    // which mailbox writes to this person
	MessageID    *uuid.UUID `db:"message_id"`    // the newest
	UpdatedAt    time.Time  `db:"updated_at"`
}

// enrollmentOf returns the enrollment that an event changes.
func enrollmentOf(e *es.Event) (uuid.UUID, bool) {
	switch p := e.Payload.(type) {
	case events.EnrollmentStarted: // creates it
		return uuid.Nil, false
	case events.EnrollmentEvent:
		return p.Enrollment(), true
	case events.MessageRequested:
		return p.EnrollmentID, true
	case events.MessageSent:
		return p.EnrollmentID, true
	}
	return uuid.Nil, false
}

func (n *Enrollment) applyEvent(e *es.Event) {
	n.UpdatedAt = e.Time
	switch p := events.As[events.Fact](e.Payload).(type) {
	case events.EnrollmentPaused:
		n.State, n.Reason, n.PausedUntil = EnrollmentPaused, p.Reason, timeOrNil(p.Until)
	case events.EnrollmentResumed:
		n.State, n.Reason, n.PausedUntil = EnrollmentActive, "", nil
	case events.EnrollmentStopped:
		n.State, n.Reason, n.PausedUntil, n.StoppedBy = EnrollmentStopped, p.Reason, nil, nilIfZero(p.MessageID)
	case events.EnrollmentCompleted:
		n.State, n.Reason, n.PausedUntil = EnrollmentCompleted, "", nil
	case events.EnrollmentDeferred:
		n.State = EnrollmentDeferred
	case events.EnrollmentContinued:
		n.Step, n.MessageID = p.Step, nilIfZero(p.PreviousID)
	case events.EnrollmentMoved:
		n.StepsVersion, n.Steps = p.StepsVersion, p.Steps
	case events.MessageRequested:
		n.StepsVersion, n.Steps, n.MailboxID, n.MessageID = p.StepsVersion, p.Steps, &p.MailboxID, &p.MessageID
		if n.State == EnrollmentDeferred {
			n.State = EnrollmentActive
		}
	case events.MessageSent:
		n.Step, n.MailboxID = max(n.Step, p.Step), &p.MailboxID // a claimed message can leave after the stop
	case events.OrganizationEvent, events.APIKeyEvent, events.MemberEvent, events.IdentityEvent, events.LeadEvent, events.SuppressionEvent, events.ImportEvent, events.CampaignEvent,
		events.EnrollmentStarted, events.EnrollmentHandedOver, events.MailboxEvent, events.MessageDrafted, events.MessageHeld, events.MessageRedraftRequested, events.MessageRejected, events.MessageApprovalLapsed,
		events.MessageApproved, events.MessageScheduled, events.MessagePostponed, events.MessageClaimed, events.MessageDeferred,
		events.MessageFailed, events.MessageInDoubt, events.MessageResolved, events.MessageCancelled, events.EngagementEvent, events.MeetingEvent, events.ThreadEvent, events.BackOfficeEvent: // change nothing here
	}
}

// enrollmentSteps are the enrollments of which a batch says nothing but that a message of theirs has left: what that sets depends little on the row,
// which so needn't be read.
type enrollmentSteps struct{ *fold[id, Enrollment] }

func findEnrollmentSteps(batch []*es.Event) enrollmentSteps {
	s := enrollmentSteps{newFold[id, Enrollment]()}
	for _, e := range batch {
		if _, gone := goneLead(e); gone { // takes its enrollments along
			return enrollmentSteps{newFold[id, Enrollment]()}
		}
		x, ok := enrollmentOf(e)
		if started, fresh := e.Payload.(events.EnrollmentStarted); fresh {
			x, ok = started.EnrollmentID, true
		}
		if !ok {
			continue
		}
		key := id{e.Org, x}
		_, left := e.Payload.(events.MessageSent)
		row, seen := s.rows[key]
		switch {
		case !left || seen && row == nil:
			s.putRow(key, nil)
			continue
		case !seen:
			row = &Enrollment{OrgID: e.Org, EnrollmentID: x}
			s.putRow(key, row)
		}
		row.applyEvent(e)
	}
	return s
}

func (s enrollmentSteps) write(ctx context.Context, tx pgx.Tx) error {
	rows := s.liveRows()
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `update enrollments n set step = greatest(n.step, s.step), mailbox_id = s.mailbox_id, updated_at = s.updated_at
		from unnest($1::uuid[], $2::uuid[], $3::int[], $4::uuid[], $5::timestamptz[]) s (org_id, enrollment_id, step, mailbox_id, updated_at)
		where n.org_id = s.org_id and n.enrollment_id = s.enrollment_id`,
		columnOf(rows, func(n *Enrollment) [16]byte { return n.OrgID }), columnOf(rows, func(n *Enrollment) [16]byte { return n.EnrollmentID }), columnOf(rows, func(n *Enrollment) int { return n.Step }),
		nullableColumn(rows, func(n *Enrollment) pgtype.UUID { return uuidOrNull(n.MailboxID) }), columnOf(rows, func(n *Enrollment) time.Time { return n.UpdatedAt }))
	if err != nil {
		return fmt.Errorf("write steps of enrollments: %w", err)
	}
	return nil
}

// enrollments are the rows that a batch touches, also by lead.
type enrollments struct {
	*fold[id, Enrollment]
	byLead map[id][]id
}

func (n *enrollments) addEnrollment(r *Enrollment) {
	lead, key := id{r.OrgID, r.LeadID}, id{r.OrgID, r.EnrollmentID}
	n.putRow(key, r)
	n.byLead[lead] = append(n.byLead[lead], key)
}

// dropLead ends all enrollments of a lead.
func (n *enrollments) dropLead(lead id) (ended []*Enrollment) {
	for _, key := range n.byLead[lead] {
		if r := n.rows[key]; r != nil {
			ended = append(ended, r)
			n.putRow(key, nil)
		}
	}
	delete(n.byLead, lead)
	return ended
}

func goneLead(e *es.Event) (id, bool) {
	switch p := events.As[events.LeadEvent](e.Payload).(type) {
	case events.LeadRemoved:
		return id{e.Org, p.LeadID}, true
	case events.LeadErased:
		return id{e.Org, p.LeadID}, true
	case events.LeadCreated, events.LeadUpdated, events.LeadSupplemented, events.LeadRetagged: // change nothing here
	}
	return id{}, false
}

// loadEnrollments reads those that a batch changes otherwise than by steps, and all of the leads that are removed or erased.
func loadEnrollments(ctx context.Context, tx pgx.Tx, batch []*es.Event, steps enrollmentSteps) (*enrollments, error) {
	n := &enrollments{newFold[id, Enrollment](), map[id][]id{}}
	var gone, changed []id
	for _, e := range batch {
		if lead, ok := goneLead(e); ok {
			gone = append(gone, lead)
		}
		if x, ok := enrollmentOf(e); ok && steps.rows[id{e.Org, x}] == nil {
			changed = append(changed, id{e.Org, x})
		}
	}
	for _, by := range []struct {
		column string
		ids    []id
	}{{"lead_id", gone}, {"enrollment_id", changed}} {
		if len(by.ids) == 0 {
			continue
		}
		orgs, own := idColumns(by.ids)
		rows, err := tx.Query(ctx, `select distinct `+columnsOf[Enrollment]()+` from enrollments join unnest($1::uuid[], $2::uuid[]) k (org_id, `+by.column+`) using (org_id, `+by.column+`)
			order by org_id, oseq`, orgs, own)
		found, err := collectAll[Enrollment](rows, err, "load enrollments")
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			if n.rows[id{r.OrgID, r.EnrollmentID}] == nil {
				n.addEnrollment(r)
			}
		}
	}
	return n, nil
}

// EnrollmentFilter narrows a list; zero values don't.
type EnrollmentFilter struct {
	Search     string // in its lead's address, name or company, case ignored
	CampaignID uuid.UUID
	LeadID     uuid.UUID
	State      string
	Of         []uuid.UUID // leads; nil = all
}

func enrollmentOrders() map[string]sorting {
	return map[string]sorting{"updated_at": {"t.updated_at", "timestamptz"}, "state": {"t.state", "text"}}
}

// ListEnrollments returns the oldest first unless another order is asked for.
func ListEnrollments(ctx context.Context, tx pgx.Tx, org uuid.UUID, f EnrollmentFilter, l Listing) (*Page[Enrollment], error) {
	q := newQuery("enrollments", byAge, org, enrollmentOrders())
	q.whereID(`t.campaign_id = ?`, f.CampaignID)
	q.whereID(`t.lead_id = ?`, f.LeadID)
	q.whereSet(`t.state = ?`, f.State)
	if f.Of != nil {
		q.where(`t.lead_id = any(?)`, f.Of)
	}
	if err := q.whereLead(ctx, tx, org, f.Search); err != nil {
		return nil, err
	}
	return readPage(ctx, tx, q, l, "enrollments", func(n *Enrollment) int64 { return n.Oseq })
}

// GetEnrollment returns pgx.ErrNoRows when the organisation has no such enrollment.
func GetEnrollment(ctx context.Context, tx pgx.Tx, org, enrollment uuid.UUID) (*Enrollment, error) {
	rows, err := tx.Query(ctx, selectFrom[Enrollment]("enrollments")+`where org_id = $1 and enrollment_id = $2`, org, enrollment)
	return collectOne[Enrollment](rows, err, "get enrollment")
}
