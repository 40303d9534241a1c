package projections

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// CampaignFigures are the figures of a campaign in a list. People are counted, not messages: who has answered twice counts once.
type CampaignFigures struct {
	CampaignID  uuid.UUID  `db:"campaign_id"`
	Active      int        `db:"active"`
	Waiting     int        `db:"waiting"` // deferred or paused
	Done        int        `db:"done"`    // stopped or completed
	SentWeek    int        `db:"sent_week"`
	WrittenTo   int        `db:"written_to"`
	Replied     int        `db:"replied"`
	Meetings    int        `db:"meetings"`
	NextSendAt  *time.Time `db:"next_send_at"`
	ToApprove   int        `db:"to_approve"`
	InDoubt     int        `db:"in_doubt"`
	MessagesYet int        `db:"messages_yet"`
}

// FiguresOfCampaigns returns the figures of campaigns by their ids; week is since when sends are counted.
func FiguresOfCampaigns(ctx context.Context, tx pgx.Tx, org uuid.UUID, ids []uuid.UUID, week time.Time) (Set[CampaignFigures], error) {
	rows, err := tx.Query(ctx, `select k.campaign_id, coalesce(e.active, 0)::int as active, coalesce(e.waiting, 0)::int as waiting, coalesce(e.done, 0)::int as done, coalesce(m.sent_week, 0)::int as sent_week,
			coalesce(m.written_to, 0)::int as written_to, coalesce(m.replied, 0)::int as replied, coalesce(b.meetings, 0)::int as meetings, m.next_send_at, coalesce(m.to_approve, 0)::int as to_approve,
			coalesce(m.in_doubt, 0)::int as in_doubt, coalesce(m.messages_yet, 0)::int as messages_yet
		from unnest($2::uuid[]) k (campaign_id)
		left join lateral (select count(*) filter (where state = 'active') as active, count(*) filter (where state in ('deferred', 'paused')) as waiting, count(*) filter (where state in ('stopped', 'completed')) as done
			from read.enrollments where org_id = $1 and campaign_id = k.campaign_id) e on true
		left join lateral (select count(*) filter (where sent_at >= $3) as sent_week, count(distinct lead_id) filter (where sent_at is not null) as written_to, count(distinct lead_id) filter (where replied_at is not null) as replied,
			min(scheduled_at) filter (where state in ('scheduled', 'claimed')) as next_send_at, count(*) filter (where approval and state = 'drafted') as to_approve, count(*) filter (where state = 'in_doubt') as in_doubt,
			count(*) as messages_yet from read.messages where org_id = $1 and campaign_id = k.campaign_id) m on true
		left join lateral (select count(*) as meetings from read.meetings where org_id = $1 and campaign_id = k.campaign_id and status <> 'cancelled') b on true`, org, ids, week)
	all, err := collectAll[CampaignFigures](rows, err, "read figures of campaigns")
	out := Set[CampaignFigures]{}
	for _, f := range all {
		out[f.CampaignID] = f
	}
	return out, err
}

// CampaignVersions returns all versions of a campaign's steps, the newest first.
func CampaignVersions(ctx context.Context, tx pgx.Tx, org, campaign uuid.UUID) ([]*CampaignSteps, error) {
	rows, err := tx.Query(ctx, selectFrom[CampaignSteps]("campaign_steps")+`where org_id = $1 and campaign_id = $2 order by version desc`, org, campaign)
	return collectAll[CampaignSteps](rows, err, "list versions")
}

// PeopleOfVersions returns how many people keep each version of a campaign's steps, of those who haven't come to their end.
func PeopleOfVersions(ctx context.Context, tx pgx.Tx, org, campaign uuid.UUID) (map[int]int, error) {
	rows, err := tx.Query(ctx, `select steps_version as version, count(*)::int as people from read.enrollments where org_id = $1 and campaign_id = $2 and state in ('active', 'deferred', 'paused') group by 1`, org, campaign)
	type line struct {
		Version int `db:"version"`
		People  int `db:"people"`
	}
	all, err := collectAll[line](rows, err, "count people of versions")
	out := map[int]int{}
	for _, l := range all {
		out[l.Version] = l.People
	}
	return out, err
}

// filledFields are the bits of leads.filled, the lowest first. A field that comes later is counted from its own column.
var filledFields = []string{"email", "first_name", "last_name", "phone", "company_name", "job_title", "linkedin_url", "website", "city", "country"} //nolint:gochecknoglobals // a constant table

// FieldCoverage returns how many of a campaign's people there are, and how many of them have each typed field or own field.
func FieldCoverage(ctx context.Context, tx pgx.Tx, org, campaign uuid.UUID, typed, own []string) (people int, have map[string]int, err error) {
	have = map[string]int{}
	const from = ` from read.enrollments e join read.leads l on l.org_id = e.org_id and l.lead_id = e.lead_id where e.org_id = $1 and e.campaign_id = $2 and l.erased_at is null`
	rows, err := tx.Query(ctx, `select l.filled, count(*)::int`+from+` group by l.filled`, org, campaign) // an index has all of the leads that this reads
	if err != nil {
		return 0, nil, fmt.Errorf("count who has typed fields: %w", err)
	}
	var filled, n int
	if _, err := pgx.ForEachRow(rows, []any{&filled, &n}, func() error {
		people += n
		for bit, name := range filledFields {
			have[name] += n * (filled >> bit & 1)
		}
		return nil
	}); err != nil {
		return 0, nil, fmt.Errorf("count who has typed fields: %w", err)
	}
	var columns, names []string
	args := []any{org, campaign}
	for _, name := range typed {
		if !slices.Contains(filledFields, name) {
			names, columns = append(names, name), append(columns, `count(nullif(l.`+pgx.Identifier{name}.Sanitize()+`, ''))::int`)
		}
	}
	for _, name := range own {
		args = append(args, name)
		names, columns = append(names, name), append(columns, `count(nullif(l.custom ->> $`+strconv.Itoa(len(args))+`, ''))::int`)
	}
	if len(names) == 0 {
		return people, have, nil
	}
	counts := make([]int, len(names))
	to := make([]any, len(names))
	for i := range counts {
		to[i] = &counts[i]
	}
	if err := tx.QueryRow(ctx, `select `+strings.Join(columns, ", ")+from, args...).Scan(to...); err != nil {
		return 0, nil, fmt.Errorf("count who has own fields: %w", err)
	}
	for i, name := range names {
		have[name] = counts[i]
	}
	return people, have, nil
}
