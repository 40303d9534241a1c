package analytics

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	columns "outrider/internal/clickhouse"
)

// Stages lists what people come to in a campaign, in order. Nobody has to have been at each: a meeting can be booked without an answer.
func Stages() []string { return []string{"enrolled", "written_to", "replied", "interested", "meeting"} }

// Enrolled chooses people by the day on which they were put on a campaign.
type Enrolled struct {
	From, To  string // days, both included
	Zone      string // of the days
	Campaigns []uuid.UUID
}

// Stage is how many people have come so far, and how long they took since the stage that it is measured from.
type Stage struct {
	Name        string
	People      uint64
	Since       string // the stage; "" = of the first
	Median, P90 time.Duration
}

// sinceStage is what the time to a stage is measured from: an answer's from the first mail.
func sinceStage(stage string) string {
	switch stage {
	case "enrolled":
		return ""
	case "written_to":
		return "enrolled"
	}
	return "written_to"
}

// stageRows has a row for every person and campaign, with the time of each stage; 1970 = not come to. It looks at the events of enrollments, which
// are about no message, and at what became of messages.
func (f Enrolled) stageRows() string {
	campaigns := ""
	if f.Campaigns != nil {
		campaigns = ` AND campaign IN (@campaigns)`
	}
	return `(SELECT e.lead AS lead, e.campaign AS campaign, e.enrolled AS enrolled, e.number AS number, m.written_to AS written_to, m.replied AS replied, m.interested AS interested, m.meeting AS meeting,
			m.told_written_to AS told_written_to, m.told_replied AS told_replied, m.told_interested AS told_interested, m.told_meeting AS told_meeting, e.number AS told_enrolled
		FROM (SELECT toUUIDOrZero(subject) AS lead, toUUIDOrZero(JSONExtractString(data, 'campaign_id')) AS campaign, min(time) AS enrolled, min(oseq) AS number FROM events
			WHERE org = @org AND type = 'enrollment.started.v1' AND toDate(time, @zone) BETWEEN toDate(@first) AND toDate(@last)` + campaigns + ` GROUP BY lead, campaign) AS e
		LEFT JOIN (SELECT lead, campaign, minIf(at, fact = 'sent') AS written_to, minIf(at, fact = 'reply' AND meaning ` + byPerson + `) AS replied, minIf(at, fact = 'reply' AND meaning = 'interested') AS interested, minIf(at, fact = 'meeting') AS meeting,
				minIf(number, fact = 'sent') AS told_written_to, minIf(number, fact = 'reply' AND meaning ` + byPerson + `) AS told_replied, minIf(number, fact = 'reply' AND meaning = 'interested') AS told_interested, minIf(number, fact = 'meeting') AS told_meeting
			FROM (SELECT fact, lead, campaign, min(engagement.at) AS at, min(oseq) AS number, argMax(reply_class, oseq) AS meaning FROM engagement
				WHERE org = @org AND fact IN ('sent', 'reply', 'meeting')` + campaigns + ` GROUP BY fact, about, hit, lead, campaign) GROUP BY lead, campaign) AS m
		ON e.lead = m.lead AND e.campaign = m.campaign)`
}

const never = `toDateTime64(0, 6, 'UTC')`

func (f Enrolled) args(org uuid.UUID, more ...any) []any {
	ids := []string{uuid.Nil.String()}
	for _, id := range f.Campaigns {
		ids = append(ids, id.String())
	}
	return append([]any{clickhouse.Named("org", org), clickhouse.Named("first", f.From), clickhouse.Named("last", f.To), clickhouse.Named("zone", f.Zone), clickhouse.Named("campaigns", ids)}, more...)
}

// Funnel counts distinct people by stage. Times are of a person in a campaign.
func Funnel(ctx context.Context, conn driver.Conn, org uuid.UUID, f Enrolled) ([]Stage, error) {
	var parts []string
	for _, s := range Stages() {
		reached := s + ` > ` + never
		parts = append(parts, `uniqExactIf(lead, `+reached+`)`)
		if since := sinceStage(s); since != "" {
			took := `dateDiff('microsecond', ` + since + `, ` + s + `)`
			both := reached + ` AND ` + since + ` > ` + never + ` AND ` + s + ` >= ` + since
			parts = append(parts, `toInt64(quantileExactIf(0.5)(`+took+`, `+both+`))`, `toInt64(quantileExactIf(0.9)(`+took+`, `+both+`))`)
		}
	}
	out := make([]Stage, len(Stages()))
	var to []any
	lags := make([][2]int64, len(out))
	for i, s := range Stages() {
		out[i] = Stage{Name: s, Since: sinceStage(s)}
		to = append(to, &out[i].People)
		if out[i].Since != "" {
			to = append(to, &lags[i][0], &lags[i][1])
		}
	}
	err := conn.QueryRow(columns.ForOrganisation(ctx, org), `SELECT `+strings.Join(parts, ", ")+` FROM `+f.stageRows(), f.args(org)...).Scan(to...)
	if err != nil {
		return nil, fmt.Errorf("count stages of %s: %w", org, err)
	}
	for i, lag := range lags {
		out[i].Median, out[i].P90 = time.Duration(lag[0])*time.Microsecond, time.Duration(lag[1])*time.Microsecond
	}
	return out, nil
}

// Arrived is somebody who has come to a stage.
type Arrived struct {
	Lead, Campaign uuid.UUID
	Enrolled, At   time.Time
	Oseq           int64 // of the event by which they came to it
	Place          int64
}

// FunnelPeople returns exactly those that a stage counts, who were enrolled last first, after a place.
func FunnelPeople(ctx context.Context, conn driver.Conn, org uuid.UUID, f Enrolled, stage string, after int64, limit int) (out []Arrived, err error) {
	if after == 0 {
		after = math.MaxInt64
	}
	sql := `SELECT lead, argMax(campaign, number), argMax(enrolled, number), argMax(` + stage + `, number), argMax(told_` + stage + `, number), max(number) AS place FROM ` + f.stageRows() + ` WHERE ` + stage + ` > ` + never + `
		GROUP BY lead HAVING place < @after ORDER BY place DESC LIMIT @limit`
	err = queryRows(columns.ForOrganisation(ctx, org), conn, sql, func(rows driver.Rows) error {
		var a Arrived
		err := rows.Scan(&a.Lead, &a.Campaign, &a.Enrolled, &a.At, &a.Oseq, &a.Place)
		out = append(out, a)
		return err
	}, f.args(org, clickhouse.Named("after", after), clickhouse.Named("limit", limit))...)
	if err != nil {
		return nil, fmt.Errorf("list people of stage %s: %w", stage, err)
	}
	return out, nil
}
