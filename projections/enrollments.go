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

// Enrollment is a row of read.enrollments.
type Enrollment struct {
	OrgID        uuid.UUID `db:"org_id"`
	EnrollmentID uuid.UUID `db:"enrollment_id"`
	Oseq         int64     `db:"oseq"`
	CampaignID   uuid.UUID `db:"campaign_id"`
	LeadID       uuid.UUID `db:"lead_id"`
	Counted      bool      `db:"counted"`
	PeriodFrom   time.Time `db:"period_from"`
	CreatedAt    time.Time `db:"created_at"`
}

const enrollmentColumns = `org_id, enrollment_id, oseq, campaign_id, lead_id, counted, period_from, created_at`

// enrollments are those that a batch touches, also by lead.
type enrollments struct {
	*fold[id, Enrollment]
	byLead map[id][]id
}

func (n *enrollments) add(r *Enrollment) {
	lead, key := id{r.OrgID, r.LeadID}, id{r.OrgID, r.EnrollmentID}
	n.put(key, r)
	n.byLead[lead] = append(n.byLead[lead], key)
}

// drop ends all enrollments of a lead.
func (n *enrollments) drop(lead id) (ended []*Enrollment) {
	for _, key := range n.byLead[lead] {
		if r := n.rows[key]; r != nil {
			ended = append(ended, r)
			n.put(key, nil)
		}
	}
	delete(n.byLead, lead)
	return ended
}

func goneLead(e *es.Event) (id, bool) {
	switch p := e.Payload.(type) {
	case events.LeadRemoved:
		return id{e.Org, p.LeadID}, true
	case events.LeadErased:
		return id{e.Org, p.LeadID}, true
	}
	return id{}, false
}

// loadEnrollments reads those of the leads that go.
func loadEnrollments(ctx context.Context, tx pgx.Tx, batch []*es.Event) (*enrollments, error) {
	n := &enrollments{newFold[id, Enrollment](), map[id][]id{}}
	var gone []id
	for _, e := range batch {
		if lead, ok := goneLead(e); ok {
			gone = append(gone, lead)
		}
	}
	if len(gone) == 0 {
		return n, nil
	}
	orgs, leads := columns(gone)
	rows, err := tx.Query(ctx, `select distinct `+enrollmentColumns+` from read.enrollments join unnest($1::uuid[], $2::uuid[]) k (org_id, lead_id) using (org_id, lead_id) order by org_id, oseq`, orgs, leads)
	found, err := many[Enrollment](rows, err, "load enrollments")
	for _, r := range found {
		n.add(r)
	}
	return n, err
}

// writeEnrollments writes also those that it has read: a lead that left and came back has its old ids again.
func writeEnrollments(ctx context.Context, tx pgx.Tx, rows []*Enrollment) error {
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `insert into read.enrollments (`+enrollmentColumns+`)
		select * from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[], $5::uuid[], $6::boolean[], $7::timestamptz[], $8::timestamptz[])
		on conflict (org_id, enrollment_id) do update set oseq = excluded.oseq, counted = excluded.counted, period_from = excluded.period_from, created_at = excluded.created_at`,
		column(rows, func(n *Enrollment) uuid.UUID { return n.OrgID }), column(rows, func(n *Enrollment) uuid.UUID { return n.EnrollmentID }),
		column(rows, func(n *Enrollment) int64 { return n.Oseq }), column(rows, func(n *Enrollment) uuid.UUID { return n.CampaignID }),
		column(rows, func(n *Enrollment) uuid.UUID { return n.LeadID }), column(rows, func(n *Enrollment) bool { return n.Counted }),
		column(rows, func(n *Enrollment) time.Time { return n.PeriodFrom }), column(rows, func(n *Enrollment) time.Time { return n.CreatedAt }))
	if err != nil {
		return fmt.Errorf("write enrollments: %w", err)
	}
	return nil
}

// ListEnrollments gives a campaign's enrollments in order; after = oseq of the last row seen.
func ListEnrollments(ctx context.Context, tx pgx.Tx, org, campaign uuid.UUID, after int64, limit int) ([]*Enrollment, error) {
	rows, err := tx.Query(ctx, `select `+enrollmentColumns+` from read.enrollments where org_id = $1 and campaign_id = $2 and oseq > $3 order by oseq limit $4`, org, campaign, after, limit)
	return many[Enrollment](rows, err, "list enrollments")
}
