package projections

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
)

// TimelineEntry is a row of read.timeline: one thing that happened to one subject.
type TimelineEntry struct {
	OrgID     uuid.UUID       `db:"org_id"`
	Subject   uuid.UUID       `db:"subject"`
	Oseq      int64           `db:"oseq"`
	Type      string          `db:"type"`
	At        time.Time       `db:"at"`
	ActorKind string          `db:"actor_kind"`
	ActorID   string          `db:"actor_id"`
	Detail    json.RawMessage `db:"detail"` // an object without personal data, or nil
}

type createdDetail struct {
	Source   string    `json:"source"`
	Filled   []string  `json:"filled"`
	ImportID uuid.UUID `json:"import_id,omitzero"`
	Row      int       `json:"row,omitzero"`
}

// story says whose timelines an event belongs to and what is told of it beyond its type.
func story(e *es.Event) (subjects []uuid.UUID, detail any) {
	type fields map[string]any
	switch p := e.Payload.(type) {
	case events.LeadCreated:
		return []uuid.UUID{p.LeadID}, createdDetail{p.Source, p.Filled, p.ImportID, p.Row} // a struct: an import has many
	case events.LeadUpdated:
		f := fields{}
		if len(p.Filled) > 0 {
			f["filled"] = p.Filled
		}
		if len(p.Cleared) > 0 {
			f["cleared"] = p.Cleared
		}
		return []uuid.UUID{p.LeadID}, f
	case events.LeadRemoved:
		return []uuid.UUID{p.LeadID}, fields{"reason": p.Reason}
	case events.EnrollmentStarted:
		return []uuid.UUID{p.LeadID, p.CampaignID}, fields{"campaign_id": p.CampaignID, "lead_id": p.LeadID, "enrollment_id": p.EnrollmentID, "counted": p.Counted}
	case events.EnrollmentBatchRecorded:
		var refused []uuid.UUID // the leads that were asked for and not enrolled have it in their story too
		for _, r := range p.Refused {
			refused = append(refused, r.LeadID)
		}
		return append(refused, p.CampaignID), fields{"campaign_id": p.CampaignID, "enrolled": p.Enrolled, "refused": len(p.Refused)}
	case events.CampaignRenamed:
		return []uuid.UUID{p.CampaignID}, fields{"name": p.Name}
	case es.CommandRefused:
		s, err := uuid.Parse(p.Subject)
		if err != nil {
			return nil, nil
		}
		return []uuid.UUID{s}, fields{"command": p.Command, "code": p.Code, "detail": p.Detail}
	case events.QuotaRefused:
		return []uuid.UUID{e.Org}, p.QuotaDetail
	case es.CommandNoop:
		return nil, nil // nothing happened
	}
	s, err := uuid.Parse(e.Subject)
	if err != nil {
		return nil, nil
	}
	detail, told := outreach(e)
	if !told {
		return nil, nil
	}
	return []uuid.UUID{s}, detail
}

func foldTimeline(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	var rows []*TimelineEntry
	for _, e := range batch {
		subjects, detail := story(e)
		var d json.RawMessage
		if detail != nil && len(subjects) > 0 {
			var err error
			if d, err = es.Marshal(detail); err != nil {
				return fmt.Errorf("timeline of event %s: %w", e.ID, err)
			}
		}
		seen := make(map[uuid.UUID]bool, len(subjects))
		for _, s := range subjects {
			if !seen[s] {
				seen[s] = true
				rows = append(rows, &TimelineEntry{e.Org, s, e.Oseq, e.Type, e.Time, e.Actor.Kind, replaceNUL(e.Actor.ID), d})
			}
		}
	}
	if len(rows) == 0 {
		return nil
	}
	// Not COPY, which Postgres refuses where rows are protected.
	_, err := tx.Exec(ctx, `insert into timeline (org_id, subject, oseq, type, at, actor_kind, actor_id, detail)
		select org_id, subject, oseq, type, at, actor_kind, actor_id, detail::jsonb from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::timestamptz[], $6::text[], $7::text[], $8::text[])
			as t (org_id, subject, oseq, type, at, actor_kind, actor_id, detail)`,
		column(rows, func(t *TimelineEntry) [16]byte { return t.OrgID }), column(rows, func(t *TimelineEntry) [16]byte { return t.Subject }),
		column(rows, func(t *TimelineEntry) int64 { return t.Oseq }), column(rows, func(t *TimelineEntry) string { return t.Type }),
		column(rows, func(t *TimelineEntry) time.Time { return t.At }), column(rows, func(t *TimelineEntry) string { return t.ActorKind }),
		column(rows, func(t *TimelineEntry) string { return t.ActorID }), texts(rows, func(t *TimelineEntry) *string { return jsonOrNull(t.Detail) }))
	if err != nil {
		return fmt.Errorf("write timeline: %w", err)
	}
	return nil
}

// Timeline gives what happened to a subject, the oldest first; after = oseq of the last entry seen.
func Timeline(ctx context.Context, tx pgx.Tx, org, subject uuid.UUID, after int64, limit int) ([]*TimelineEntry, error) {
	return TimelineOf(ctx, tx, org, []uuid.UUID{subject}, after, limit)
}

// TimelineOf gives what happened to some subjects, merged: what is about several is there once.
func TimelineOf(ctx context.Context, tx pgx.Tx, org uuid.UUID, subjects []uuid.UUID, after int64, limit int) ([]*TimelineEntry, error) {
	rows, err := tx.Query(ctx, `select distinct on (oseq) org_id, subject, oseq, type, at, actor_kind, actor_id, detail from read.timeline
		where org_id = $1 and subject = any($2) and oseq > $3 order by oseq, subject limit $4`, org, subjects, after, limit)
	return many[TimelineEntry](rows, err, "list timeline")
}

// TimelineSubjects names those whose timelines an event is told in.
func TimelineSubjects(e *es.Event) []uuid.UUID {
	subjects, _ := story(e)
	return subjects
}
