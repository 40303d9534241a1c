package analytics

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
	"outrider/projections"
)

// idsByOrg are ids that a range refers to, by organisation.
type idsByOrg map[uuid.UUID]map[string]bool

func (a idsByOrg) addID(org, id uuid.UUID) {
	if a[org] == nil {
		a[org] = map[string]bool{}
	}
	a[org][id.String()] = true
}

// rangeIDs are the ids of which a range needs to know what was before it.
type rangeIDs struct {
	messages   idsByOrg // that somebody answered
	doubts     idsByOrg // messages that left, or may have
	references idsByOrg // leads, campaigns and organisations of those, and themselves
	hits       idsByOrg // messages with a hit that was classified again
}

func idsOfRange(batch []*es.Event) rangeIDs {
	r := rangeIDs{idsByOrg{}, idsByOrg{}, idsByOrg{}, idsByOrg{}}
	sent := func(org uuid.UUID, m events.MessageRef) {
		r.doubts.addID(org, m.MessageID)
		for _, id := range []uuid.UUID{m.LeadID, m.CampaignID, org, m.MessageID} {
			r.references.addID(org, id)
		}
	}
	for _, e := range batch {
		switch v := events.As[events.Fact](e.Payload).(type) {
		case events.MessageSent:
			sent(e.Org, v.MessageRef)
		case events.MessageFailed:
			sent(e.Org, v.MessageRef)
		case events.MessageInDoubt:
			sent(e.Org, v.MessageRef)
		case events.HitReclassified:
			r.hits.addID(e.Org, v.MessageID)
		case events.OrganizationEvent, events.APIKeyEvent, events.MemberEvent, events.IdentityEvent, events.LeadEvent, events.SuppressionEvent, events.ImportEvent, events.CampaignEvent,
			events.EnrollmentEvent, events.MailboxEvent, events.MessageRequested, events.MessageDrafted, events.MessageHeld,
			events.MessageRedraftRequested, events.MessageRejected, events.MessageApprovalLapsed, events.MessageApproved, events.MessageScheduled, events.MessagePostponed, events.MessageClaimed,
			events.MessageDeferred, events.MessageResolved, events.MessageCancelled, events.MessageOpened, events.MessageClicked,
			events.MessageReplied, events.ReplyReclassified, events.MessageAutoReplied, events.MessageBounced, events.MessageComplained, events.LeadUnsubscribed,
			events.MeetingBooked, events.MessageDelivered, events.MessageDelayed, events.MessageDropped, events.MeetingEvent, events.ThreadEvent, events.BackOfficeEvent: // change nothing here
		}
		if a, ok := projections.Answering(e); ok {
			r.messages.addID(e.Org, a.MessageID)
		}
	}
	return r
}

// loadCohortContext reads what the table holds of the messages, people and campaigns of a range from before the range. Rows of the
// range itself, which an attempt that failed may have left, are skipped.
func loadCohortContext(ctx context.Context, conn driver.Conn, batch []*es.Event) (*cohortContext, error) {
	p := &cohortContext{map[key]cohort{}, map[key]string{}, map[key]uint64{}, map[key]hit{}, map[key][]earlyHit{}, map[string]*time.Location{}}
	ids, before := idsOfRange(batch), rowsBefore(batch)
	// Before a message leaves, the table can hold no more of it than a doubt. Doubts are few; all that ever left would be many.
	for _, known := range []struct {
		facts string
		ids   idsByOrg
	}{{`'in_doubt'`, ids.doubts}, {`'sent', 'failed', 'in_doubt'`, ids.messages}} {
		if err := queryByIDs(ctx, conn, `SELECT org, about, fact = 'sent', campaign, lead, version, step_id, step, variant, mailbox, domain_hash, person, experiment, arm, sent_at, sent_day, ordinal FROM engagement
			WHERE org IN (@orgs) AND fact IN (`+known.facts+`) AND about IN (@ids) AND `+before+` ORDER BY oseq LIMIT 1 BY about, fact`, known.ids, func(rows driver.Rows) error {
			var k key
			var c cohort
			var sent bool
			err := rows.Scan(&k.org, &k.id, &sent, &c.campaign, &c.lead, &c.version, &c.stepID, &c.step, &c.variant, &c.mailbox, &c.domainHash, &c.person, &c.experiment, &c.arm, &c.sentAt, &c.sentDay, &c.ordinal)
			if first, ok := p.cohorts[k]; ok {
				c = first
			}
			c.sent = c.sent || sent
			p.cohorts[k] = c
			return err
		}); err != nil {
			return nil, err
		}
	}
	if err := queryByIDs(ctx, conn, `SELECT org, fact, about, argMax(value, oseq), toUInt64(min(oseq)) FROM engagement WHERE org IN (@orgs) AND `+isReference+` AND about IN (@ids) AND `+before+`
		GROUP BY org, fact, about`, ids.references, func(rows driver.Rows) error {
		var k key
		var value string
		var first uint64
		err := rows.Scan(&k.org, &k.fact, &k.id, &value, &first)
		p.references[k] = value
		if k.fact == refLead {
			p.people[k] = first
		}
		return err
	}); err != nil {
		return nil, err
	}
	err := queryByIDs(ctx, conn, `SELECT org, toString(about), hit, fact, at FROM engagement WHERE org IN (@orgs) AND fact IN ('open', 'click') AND about IN (@ids) AND `+before+` ORDER BY oseq LIMIT 1 BY about, hit`, ids.hits,
		func(rows driver.Rows) error {
			var k key
			var h hit
			err := rows.Scan(&k.org, &k.fact, &k.id, &h.fact, &h.at)
			p.hits[k] = h
			return err
		})
	if err != nil {
		return nil, err
	}
	return p, p.loadEarlyHits(ctx, conn, ids, before)
}

// rowsBefore is the condition of rows from before a batch, which may be of several partitions.
func rowsBefore(batch []*es.Event) string {
	first := map[int32]bool{}
	var of []string
	for _, e := range batch {
		if !first[e.Partition] {
			first[e.Partition] = true
			of = append(of, fmt.Sprintf("log_partition = %d AND pseq < %d", e.Partition, e.Pseq))
		}
	}
	return "(" + strings.Join(of, " OR ") + ")"
}

// idsPerQuery keeps a statement below the engine's limit of 256 KiB, even if each of them is another organisation's.
const idsPerQuery = 3000

func queryByIDs(ctx context.Context, conn driver.Conn, sql string, what idsByOrg, scan func(driver.Rows) error) error {
	var ids, orgs []string
	ask := func() error {
		if len(ids) == 0 {
			return nil
		}
		if err := queryRows(ctx, conn, sql, scan, clickhouse.Named("orgs", orgs), clickhouse.Named("ids", ids)); err != nil {
			return fmt.Errorf("read past of %d organisations: %w", len(orgs), err)
		}
		ids, orgs = ids[:0], orgs[:0]
		return nil
	}
	for org, of := range what {
		added := false
		for id := range of {
			if !added {
				orgs, added = append(orgs, org.String()), true
			}
			if ids = append(ids, id); len(ids) == idsPerQuery {
				if err := ask(); err != nil {
					return err
				}
				added = false
			}
		}
	}
	return ask()
}

func queryRows(ctx context.Context, conn driver.Conn, sql string, scan func(driver.Rows) error, args ...any) error {
	rows, err := conn.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
