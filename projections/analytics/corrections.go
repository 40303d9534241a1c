package analytics

import (
	"context"
	"fmt"
	"slices"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"outrider/events"
	columns "outrider/internal/clickhouse"
	"outrider/internal/es"
)

// Correction is an event by which what was counted before turned out to be something else.
type Correction struct {
	Event         *es.Event
	Message, Lead uuid.UUID
	Day           string // of sending, whose figures changed
}

const mostCorrections = 500

// Corrections returns those of messages that were sent from one day to another, the newest first: what is told of a fetch or an answer after the
// first time, or what is an answer only since somebody said so. Their events are looked up in the history.
func Corrections(ctx context.Context, conn driver.Conn, org uuid.UUID, from, to string, campaigns []uuid.UUID) (out []Correction, err error) {
	of, ids := "", []string{uuid.Nil.String()}
	if campaigns != nil {
		of = ` AND campaign IN (@campaigns)`
		for _, id := range campaigns {
			ids = append(ids, id.String())
		}
	}
	byNumber := map[int64]int{}
	var numbers []int64
	ctx = columns.ForOrganisation(ctx, org)
	err = queryRows(ctx, conn, `SELECT about, lead, toString(sent_day), oseq FROM engagement
		WHERE org = @org AND fact IN ('open', 'click', 'reply') AND sent_day BETWEEN toDate(@first) AND toDate(@last)`+of+`
		AND oseq IN (SELECT oseq FROM events WHERE org = @org AND type IN (@types)) ORDER BY oseq DESC LIMIT 1 BY oseq LIMIT @limit`,
		func(rows driver.Rows) error {
			var c Correction
			var number int64
			err := rows.Scan(&c.Message, &c.Lead, &c.Day, &number)
			byNumber[number] = len(out)
			out, numbers = append(out, c), append(numbers, number)
			return err
		}, clickhouse.Named("org", org), clickhouse.Named("first", from), clickhouse.Named("last", to), clickhouse.Named("campaigns", ids), clickhouse.Named("types", reclassifying()), clickhouse.Named("limit", mostCorrections))
	if err != nil {
		return nil, fmt.Errorf("find corrections of %s: %w", org, err)
	}
	if len(out) == 0 {
		return nil, nil
	}
	found, err := History{Conn: conn}.readPage(ctx, org, ` AND oseq IN (@numbers)`, Page{Limit: mostCorrections}, clickhouse.Named("numbers", numbers))
	if err != nil {
		return nil, err
	}
	for _, e := range found {
		out[byNumber[e.Oseq]].Event = e
	}
	return slices.DeleteFunc(out, func(c Correction) bool { return c.Event == nil }), nil
}

// reclassifying returns the types of events that correct what a fetch or an answer was.
func reclassifying() []string {
	return []string{(events.HitReclassified{}).EventType(), (events.ReplyReclassified{}).EventType()}
}
