package projections

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
)

// Usage is a row of read.usage: one organisation and billing period.
type Usage struct {
	OrgID          uuid.UUID `db:"org_id"`
	PeriodFrom     time.Time `db:"period_from"`
	LeadsProcessed int       `db:"leads_processed"`
	EmailsSent     int       `db:"emails_sent"`
}

type usageKey struct {
	org  uuid.UUID
	from int64 // µs
}

// foldUsage counts; periods without use have no row. A message's event doesn't contain its billing period: that follows from
// the organisation's anchor, which the organizations projection, earlier in the same list, has written by then.
func foldUsage(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	anchors, err := loadAnchors(ctx, tx, batch)
	if err != nil {
		return err
	}
	rows := newFold[usageKey, Usage]()
	in := func(org uuid.UUID, from time.Time) *Usage {
		key := usageKey{org, from.UnixMicro()}
		if rows.rows[key] == nil {
			rows.putRow(key, &Usage{OrgID: org, PeriodFrom: from})
		}
		return rows.rows[key]
	}
	for _, e := range batch {
		switch p := events.As[events.Fact](e.Payload).(type) {
		case events.EnrollmentStarted:
			if p.Counted {
				in(e.Org, p.PeriodFrom).LeadsProcessed++
			}
		case events.MessageSent:
			if anchor, ok := anchors[e.Org]; ok {
				in(e.Org, PeriodFrom(anchor, p.AcceptedAt)).EmailsSent++
			}
		case events.OrganizationEvent, events.APIKeyEvent, events.MemberEvent, events.IdentityEvent, events.LeadEvent, events.SuppressionEvent, events.ImportEvent, events.CampaignEvent,
			events.EnrollmentPaused, events.EnrollmentResumed, events.EnrollmentStopped, events.EnrollmentCompleted, events.EnrollmentDeferred, events.EnrollmentContinued, events.EnrollmentHandedOver, events.EnrollmentMoved,
			events.MailboxEvent, events.MessageRequested, events.MessageDrafted, events.MessageHeld, events.MessageRedraftRequested, events.MessageRejected, events.MessageApprovalLapsed,
			events.MessageApproved, events.MessageScheduled, events.MessagePostponed, events.MessageClaimed, events.MessageDeferred,
			events.MessageFailed, events.MessageInDoubt, events.MessageResolved, events.MessageCancelled, events.EngagementEvent, events.MeetingEvent, events.ThreadEvent, events.BackOfficeEvent: // change nothing here
		}
	}
	live := rows.liveRows()
	if len(live) == 0 {
		return nil
	}
	_, err = tx.Exec(ctx, `insert into usage (org_id, period_from, leads_processed, emails_sent)
		select * from unnest($1::uuid[], $2::timestamptz[], $3::int[], $4::int[])
		on conflict (org_id, period_from) do update set leads_processed = usage.leads_processed + excluded.leads_processed, emails_sent = usage.emails_sent + excluded.emails_sent`,
		columnOf(live, func(u *Usage) [16]byte { return u.OrgID }), columnOf(live, func(u *Usage) time.Time { return u.PeriodFrom }),
		columnOf(live, func(u *Usage) int { return u.LeadsProcessed }), columnOf(live, func(u *Usage) int { return u.EmailsSent }))
	if err != nil {
		return fmt.Errorf("write usage: %w", err)
	}
	return nil
}

func loadAnchors(ctx context.Context, tx pgx.Tx, batch []*es.Event) (map[uuid.UUID]time.Time, error) {
	anchors := map[uuid.UUID]time.Time{}
	var orgs []uuid.UUID
	for _, e := range batch {
		if _, ok := e.Payload.(events.MessageSent); ok && !slices.Contains(orgs, e.Org) {
			orgs = append(orgs, e.Org)
		}
	}
	if len(orgs) == 0 {
		return anchors, nil
	}
	rows, err := tx.Query(ctx, `select org_id, billing_anchor from organizations where org_id = any($1)`, orgs)
	if err != nil {
		return nil, fmt.Errorf("load billing anchors: %w", err)
	}
	var org uuid.UUID
	var anchor time.Time
	if _, err := pgx.ForEachRow(rows, []any{&org, &anchor}, func() error { anchors[org] = anchor; return nil }); err != nil {
		return nil, fmt.Errorf("load billing anchors: %w", err)
	}
	return anchors, nil
}

// PeriodFrom returns the start of the billing period in which a time lies, as aggregates.PeriodAt does: months counted from the
// anchor in UTC, on the last day of a month that is too short.
func PeriodFrom(anchor, at time.Time) time.Time {
	anchor, at = anchor.UTC(), at.UTC()
	n := (at.Year()-anchor.Year())*12 + int(at.Month()) - int(anchor.Month())
	if n > 0 && monthsAfter(anchor, n).After(at) {
		n--
	}
	return monthsAfter(anchor, max(n, 0))
}

func monthsAfter(t time.Time, n int) time.Time {
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	return first.AddDate(0, 0, min(t.Day(), first.AddDate(0, 1, -1).Day())-1)
}

// ListUsage returns the newest billing periods with use first.
func ListUsage(ctx context.Context, tx pgx.Tx, org uuid.UUID, limit int) ([]*Usage, error) {
	rows, err := tx.Query(ctx, `select org_id, period_from, leads_processed, emails_sent from read.usage where org_id = $1 order by period_from desc limit $2`, org, limit)
	return collectAll[Usage](rows, err, "list usage")
}
