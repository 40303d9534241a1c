package analytics

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"outrider/events"
)

// OutcomeCount is how many people an organisation has written to in a time, and with how many of them something came of it.
type OutcomeCount struct{ People, Successes int }

// outcomesOf are the facts by which experiments count, with what must hold of the newest row of each.
func outcomesOf(metric string) (facts []string, when string) {
	switch metric {
	case events.MetricHumanReply:
		return []string{factReply}, `meaning ` + byPerson
	case events.MetricPositiveReply:
		return []string{factReply}, `meaning = 'interested'`
	case events.MetricMeeting:
		return []string{factMeeting}, `true`
	case events.MetricBounce:
		return []string{factBounce, factDrop}, `kind IN ('hard', 'bounced', 'invalid')` // what is dropped as no address is good for it
	case events.MetricComplaint:
		return []string{factComplaint}, `true`
	case events.MetricUnsubscribe:
		return []string{factUnsubscribe}, `true`
	}
	return nil, ""
}

// OutcomesByOrganization counts for every organisation, by what was sent from an instant on and before another one. It is for who runs the installation: it reads the rows of all.
func OutcomesByOrganization(ctx context.Context, conn driver.Conn, metric string, from, to time.Time) (map[uuid.UUID]OutcomeCount, error) {
	facts, when := outcomesOf(metric)
	if facts == nil {
		return nil, fmt.Errorf("there is no outcome %q", metric)
	}
	out := map[uuid.UUID]OutcomeCount{}
	instant := func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000000") }
	sql := `SELECT org, uniqExactIf(lead, fact = 'sent'), uniqExactIf(lead, fact IN (@facts) AND ` + when + `) FROM (
			SELECT org, fact, lead, argMax(class, oseq) AS kind, argMax(reply_class, oseq) AS meaning FROM engagement
			WHERE (fact = 'sent' OR fact IN (@facts)) AND sent_at >= toDateTime64(@from, 6, 'UTC') AND sent_at < toDateTime64(@to, 6, 'UTC') GROUP BY org, fact, about, lead, hit)
		GROUP BY org`
	err := queryRows(ctx, conn, sql, func(rows driver.Rows) error {
		var org uuid.UUID
		var people, successes uint64
		if err := rows.Scan(&org, &people, &successes); err != nil {
			return err
		}
		out[org] = OutcomeCount{int(people), int(successes)}
		return nil
	}, clickhouse.Named("facts", facts), clickhouse.Named("from", instant(from)), clickhouse.Named("to", instant(to)))
	if err != nil {
		return nil, fmt.Errorf("count outcomes of organisations: %w", err)
	}
	return out, nil
}
