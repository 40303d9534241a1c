package projections

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// AICostQuery asks what calls of language models cost. A call counts for the day on which it was asked, for the campaign that it is for, and for the step, variant, mailbox and arm of its message.
type AICostQuery struct {
	From, To  string // days, "2006-01-02", both included
	Zone      string // of days and weeks
	By        []string
	ByLead    bool // also apart by lead
	Where     map[string][]string
	Leads     []uuid.UUID // of these, or of all others; nil = of all
	OthersToo bool
}

// AICost is what a group of calls cost.
type AICost struct {
	Keys   []string // in the order of By; the zero id = none
	Lead   uuid.UUID
	Micros int64
	Calls  int64
}

// aiCostKeys are the columns that calls are told apart by.
func aiCostKeys() map[string]string {
	of := func(column string) string {
		return `coalesce(` + column + `, '00000000-0000-0000-0000-000000000000'::uuid)::text`
	}
	return map[string]string{"campaign": "u.campaign_id::text", "step": of("m.step_id"), "variant": of("m.variant_id"), "mailbox": of("m.mailbox_id"), "experiment": of("m.experiment_id"), "experiment_arm": of("m.arm_id"),
		"day": `to_char(u.reserved_at at time zone $2, 'YYYY-MM-DD')`, "week": `to_char(date_trunc('week', u.reserved_at at time zone $2), 'YYYY-MM-DD')`}
}

// AICostsBy reports whether costs can be told apart by a dimension.
func AICostsBy(dimension string) bool {
	_, ok := aiCostKeys()[dimension]
	return ok
}

func (q AICostQuery) from(org uuid.UUID) (sql string, args []any) {
	keys := aiCostKeys()
	var b strings.Builder
	b.WriteString(` from read.ai_usage u left join read.messages m on m.org_id = u.org_id and m.message_id = u.message_id
		where u.org_id = $1 and u.reserved_at >= ($3::date)::timestamp at time zone $2 and u.reserved_at < ($4::date + 1)::timestamp at time zone $2`)
	args = []any{org, q.Zone, q.From, q.To}
	for _, name := range slices.Sorted(maps.Keys(q.Where)) {
		args = append(args, q.Where[name])
		b.WriteString(` and ` + keys[name] + ` = any($` + strconv.Itoa(len(args)) + `)`)
	}
	if q.Leads != nil {
		args = append(args, q.Leads, q.OthersToo)
		b.WriteString(fmt.Sprintf(` and (u.lead_id = any($%d)) <> $%d`, len(args)-1, len(args)))
	}
	return b.String(), args
}

// SumAICosts adds calls up by what is asked for.
func SumAICosts(ctx context.Context, tx pgx.Tx, org uuid.UUID, q AICostQuery) (out []AICost, err error) {
	from, args := q.from(org)
	var keys []string
	for _, name := range q.By {
		keys = append(keys, aiCostKeys()[name])
	}
	lead := `'00000000-0000-0000-0000-000000000000'::uuid`
	if q.ByLead {
		lead = `u.lead_id`
	}
	rows, err := tx.Query(ctx, `select array[`+strings.Join(keys, ", ")+`]::text[] as keys, `+lead+` as lead, coalesce(sum(u.cost_micros), 0)::bigint, count(*)`+from+` group by 1, 2`, args...)
	if err != nil {
		return nil, fmt.Errorf("add up what models cost: %w", err)
	}
	var c AICost
	if _, err := pgx.ForEachRow(rows, []any{&c.Keys, &c.Lead, &c.Micros, &c.Calls}, func() error {
		out = append(out, AICost{slices.Clone(c.Keys), c.Lead, c.Micros, c.Calls})
		return nil
	}); err != nil {
		return nil, fmt.Errorf("add up what models cost: %w", err)
	}
	return out, nil
}

// AICostLine is a call that a cost adds up.
type AICostLine struct {
	Oseq       int64      `db:"oseq"`
	Task       string     `db:"task"`
	CampaignID uuid.UUID  `db:"campaign_id"`
	LeadID     uuid.UUID  `db:"lead_id"`
	MessageID  uuid.UUID  `db:"message_id"`
	StepID     *uuid.UUID `db:"step_id"`
	Step       *int       `db:"step"`
	VariantID  *uuid.UUID `db:"variant_id"`
	MailboxID  *uuid.UUID `db:"mailbox_id"`
	SentAt     *time.Time `db:"sent_at"`
	At         time.Time  `db:"reserved_at"`
	CostMicros int64      `db:"cost_micros"`
}

// ListAICosts returns the calls that a cost adds up, the newest first; before is the number of the last one of the page before, 0 at first.
func ListAICosts(ctx context.Context, tx pgx.Tx, org uuid.UUID, q AICostQuery, before int64, limit int) ([]*AICostLine, error) {
	from, args := q.from(org)
	args = append(args, before, limit)
	rows, err := tx.Query(ctx, `select u.oseq, u.task, u.campaign_id, u.lead_id, u.message_id, m.step_id, m.step, m.variant_id, m.mailbox_id, m.sent_at, u.reserved_at, u.cost_micros`+from+
		fmt.Sprintf(` and ($%[1]d::bigint = 0 or u.oseq < $%[1]d) order by u.oseq desc limit $%[2]d`, len(args)-1, len(args)), args...)
	return collectAll[AICostLine](rows, err, "list calls that cost something")
}
