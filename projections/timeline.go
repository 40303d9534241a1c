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

// timelineSubjects returns the subjects whose timelines show an event: usually the one it is about; all events of a lead are also shown for the lead.
func timelineSubjects(e *es.Event) []uuid.UUID {
	switch p := e.Payload.(type) {
	case events.EnrollmentStarted:
		return []uuid.UUID{p.LeadID, p.CampaignID}
	case events.EnrollmentBatchRecorded:
		subjects := make([]uuid.UUID, 0, len(p.Refused)+1) // also the leads that were refused
		for _, r := range p.Refused {
			subjects = append(subjects, r.LeadID)
		}
		return append(subjects, p.CampaignID)
	case events.SuppressionAdded:
		if p.LeadID != uuid.Nil {
			return []uuid.UUID{p.SuppressionID, p.LeadID}
		}
	case events.QuotaRefused:
		return []uuid.UUID{e.Org}
	case interface{ Subjects() []uuid.UUID }:
		return p.Subjects()
	}
	s, err := uuid.Parse(e.Subject)
	if err != nil {
		return nil
	}
	return []uuid.UUID{s}
}

// timelineEntries returns the rows of an event, one for each of its subjects.
func timelineEntries(e *es.Event) ([]*TimelineEntry, error) {
	detail, told := timelineDetail(e)
	subjects := timelineSubjects(e)
	if !told || len(subjects) == 0 {
		return nil, nil
	}
	var stored json.RawMessage
	if detail != nil {
		var err error
		if stored, err = es.Marshal(detail); err != nil {
			return nil, fmt.Errorf("timeline of event %s: %w", e.ID, err)
		}
	}
	rows := make([]*TimelineEntry, 0, len(subjects))
	seen := make(map[uuid.UUID]bool, len(subjects))
	for _, s := range subjects {
		if !seen[s] {
			seen[s] = true
			rows = append(rows, &TimelineEntry{e.Org, s, e.Oseq, e.Type, e.Time, e.Actor.Kind, replaceNUL(e.Actor.ID), stored})
		}
	}
	return rows, nil
}

func foldTimeline(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	var rows []*TimelineEntry
	for _, e := range batch {
		entries, err := timelineEntries(e)
		if err != nil {
			return err
		}
		rows = append(rows, entries...)
	}
	if len(rows) == 0 {
		return nil
	}
	// Not with COPY, which Postgres refuses on tables with row-level security.
	_, err := tx.Exec(ctx, `insert into timeline (org_id, subject, oseq, type, at, actor_kind, actor_id, detail)
		select org_id, subject, oseq, type, at, actor_kind, actor_id, detail::jsonb from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::timestamptz[], $6::text[], $7::text[], $8::text[])
			as t (org_id, subject, oseq, type, at, actor_kind, actor_id, detail)`,
		columnOf(rows, func(t *TimelineEntry) [16]byte { return t.OrgID }), columnOf(rows, func(t *TimelineEntry) [16]byte { return t.Subject }),
		columnOf(rows, func(t *TimelineEntry) int64 { return t.Oseq }), columnOf(rows, func(t *TimelineEntry) string { return t.Type }),
		columnOf(rows, func(t *TimelineEntry) time.Time { return t.At }), columnOf(rows, func(t *TimelineEntry) string { return t.ActorKind }),
		columnOf(rows, func(t *TimelineEntry) string { return t.ActorID }), textColumn(rows, func(t *TimelineEntry) *string { return jsonOrNull(t.Detail) }))
	if err != nil {
		return fmt.Errorf("write timeline: %w", err)
	}
	return forgetTags(ctx, tx, batch)
}

// forgetTags takes the tags of bulk operations out of the timelines of who is erased: they are words about that person there.
func forgetTags(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	var orgs, leads [][16]byte
	for _, e := range batch {
		if p, ok := e.Payload.(events.LeadErased); ok {
			orgs, leads = append(orgs, e.Org), append(leads, p.LeadID)
		}
	}
	if len(leads) == 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, `update timeline t set detail = '{}' from unnest($1::uuid[], $2::uuid[]) as erased (org, lead)
		where t.org_id = erased.org and t.subject = erased.lead and t.type = $3`, orgs, leads, events.LeadRetagged{}.EventType()); err != nil {
		return fmt.Errorf("forget tags in timelines: %w", err)
	}
	return nil
}

// TimelineOf returns what happened to some subjects, merged and oldest first: an event about several is returned once. Of the suppressions of
// domains above theirs it returns those with subdomains. after is the oseq of the last entry seen.
func TimelineOf(ctx context.Context, tx pgx.Tx, org uuid.UUID, subjects, above []uuid.UUID, after int64, limit int) ([]*TimelineEntry, error) {
	rows, err := tx.Query(ctx, `select distinct on (oseq) org_id, subject, oseq, type, at, actor_kind, actor_id, detail from read.timeline
		where org_id = $1 and subject = any($2 || $5::uuid[]) and (subject = any($2) or detail @> '{"subdomains": true}') and oseq > $3 order by oseq, subject limit $4`, org, subjects, after, limit, above)
	return collectAll[TimelineEntry](rows, err, "list timeline")
}
