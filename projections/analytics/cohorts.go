package analytics

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	columns "outrider/internal/clickhouse"
)

// Cohort are the people first written to in a week, and how many of them had answered so many weeks after their first mail.
type Cohort struct {
	Week     string // its Monday
	People   uint64
	Answered []uint64 // within one week, two, ...
	Complete int      // how many of these numbers are final: the weeks are over for everybody
}

// CohortWeeks is how many weeks after the first mail are told apart.
const CohortWeeks = 8

// Cohorts returns those of the weeks from one day to another, over all campaigns or some. Somebody first written to by two campaigns in one week is once in it.
func Cohorts(ctx context.Context, conn driver.Conn, org uuid.UUID, from, to string, campaigns []uuid.UUID, now time.Time) (out []Cohort, err error) {
	of, ids := "", []string{uuid.Nil.String()}
	if campaigns != nil {
		of = ` AND campaign IN (@campaigns)`
		for _, id := range campaigns {
			ids = append(ids, id.String())
		}
	}
	var within []string
	for week := range CohortWeeks {
		within = append(within, `uniqExactIf(lead, answered > `+never+` AND answered < written + INTERVAL `+strconv.Itoa(week+1)+` WEEK)`)
	}
	sql := `SELECT toString(cohort), uniqExact(lead), max(written), ` + strings.Join(within, ", ") + ` FROM (SELECT lead, campaign, toMonday(minIf(sent_day, fact = 'sent')) AS cohort, minIf(at, fact = 'sent') AS written, minIf(at, fact = 'reply') AS answered
			FROM ` + sentOrAnswered + ` WHERE 1` + of + ` GROUP BY lead, campaign HAVING countIf(fact = 'sent') > 0)
		WHERE cohort BETWEEN toMonday(toDate(@first)) AND toDate(@last) GROUP BY cohort ORDER BY cohort`
	err = queryRows(columns.ForOrganisation(ctx, org), conn, sql, func(rows driver.Rows) error {
		c := Cohort{Answered: make([]uint64, CohortWeeks)}
		var last time.Time
		fields := []any{&c.Week, &c.People, &last}
		for i := range c.Answered {
			fields = append(fields, &c.Answered[i])
		}
		if err := rows.Scan(fields...); err != nil {
			return err
		}
		for c.Complete < CohortWeeks && now.After(last.AddDate(0, 0, 7*(c.Complete+1))) {
			c.Complete++
		}
		out = append(out, c)
		return nil
	}, clickhouse.Named("org", org), clickhouse.Named("first", from), clickhouse.Named("last", to), clickhouse.Named("campaigns", ids))
	if err != nil {
		return nil, fmt.Errorf("count cohorts of %s: %w", org, err)
	}
	return out, nil
}
