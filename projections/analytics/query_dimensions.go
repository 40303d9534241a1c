package analytics

import (
	"strconv"
	"time"

	"outrider/internal/zone"
)

// dimension is what messages can be told apart by, and filtered by: the same keys.
type dimension struct {
	sql    func(p *plan) string // of a row; nil = it is of the person
	rollup string               // of a row of the rollups; "" = they don't have it
	column string               // that a filter compares; "" = what sql and rollup say
	boxes  bool                 // only the rollups that tell mailboxes apart have it
	coarse bool                 // also those rollups have it that only tell days apart
	join   string               // what must be joined
	person func(f PersonFacts, sentAt time.Time) []string
}

// Names of dimensions that others need.
const (
	byReplyTime = "reply_time"
	byAnswered  = "answered_within_weeks" // since the person was first written to in the campaign
	byDomain    = "sending_domain"
	byWeekday   = "weekday"
	byHourOfDay = "hour_of_day"
)

// Dimensions lists what figures can be broken down by.
func Dimensions() []string {
	return []string{"campaign", "step", "variant", "mailbox", byDomain, "recipient_provider", "country", "tag", "day", "week", "hour", "cohort_week", byWeekday, byHourOfDay, "experiment", "experiment_arm"}
}

// Filters lists what they can be filtered by.
func Filters() []string { return append(Dimensions(), "version", byReplyTime, byAnswered) }

// OfPeople reports whether a dimension tells something of people, for which a caller must be allowed to see them.
func OfPeople(name string) bool {
	return name == "country" || name == "tag" || name == "recipient_provider"
}

// ReplyTimes are the stretches of time in which answers come, the shortest first.
func ReplyTimes() []string { return []string{"1h", "4h", "1d", "3d", "7d", "later"} }

func dimensions() map[string]dimension {
	column := func(c string) dimension {
		return dimension{sql: func(*plan) string { return `toString(` + c + `)` }, rollup: `toString(` + c + `)`, column: c}
	}
	local := func(key func(time.Time) int) dimension {
		return dimension{person: func(f PersonFacts, sentAt time.Time) []string {
			return []string{strconv.Itoa(key(sentAt.In(zoneOf(f.Zone))))}
		}}
	}
	campaign := column("campaign")
	campaign.coarse = true
	mailbox := column("mailbox")
	mailbox.boxes, mailbox.coarse = true, true
	domain := mailbox
	domain.rollup = `transform(toString(mailbox), @boxes, @box_domains, '')`
	domain.sql = func(*plan) string { return domain.rollup }
	return map[string]dimension{
		"campaign": campaign, "step": column("step_id"), "variant": column("variant"), "version": column("version"), "experiment": column("experiment"), "experiment_arm": column("arm"), "mailbox": mailbox, byDomain: domain,
		"day":         {sql: func(p *plan) string { return `toString(` + p.day() + `)` }, rollup: `toString(sent_day)`, coarse: true},
		"week":        {sql: func(p *plan) string { return `toString(toMonday(` + p.day() + `))` }, rollup: `toString(toMonday(sent_day))`, coarse: true},
		"hour":        {sql: func(*plan) string { return `formatDateTime(sent_at, '%Y-%m-%dT%H:00', @hours)` }},
		"cohort_week": {sql: func(*plan) string { return `toString(cohort)` }, join: joinCohort},
		byReplyTime: {sql: func(*plan) string {
			return `multiIf(first_reply = toDateTime64(0, 6, 'UTC'), '', first_reply < sent_at + INTERVAL 1 HOUR, '1h', first_reply < sent_at + INTERVAL 4 HOUR, '4h', first_reply < sent_at + INTERVAL 1 DAY, '1d',
				first_reply < sent_at + INTERVAL 3 DAY, '3d', first_reply < sent_at + INTERVAL 7 DAY, '7d', 'later')`
		}, join: joinReplies},
		byAnswered: {sql: func(p *plan) string {
			return `if(answered = toDateTime64(0, 6, 'UTC'), '', if(answered < written + INTERVAL ` + p.weeks() + ` WEEK, '` + p.weeks() + `', 'later'))`
		}, join: joinCohort},
		"recipient_provider": {person: func(f PersonFacts, _ time.Time) []string { return []string{f.Provider} }},
		"country":            {person: func(f PersonFacts, _ time.Time) []string { return []string{f.Country} }},
		"tag": {person: func(f PersonFacts, _ time.Time) []string {
			if len(f.Tags) == 0 {
				return []string{""}
			}
			return f.Tags
		}},
		byWeekday:   local(func(t time.Time) int { return (int(t.Weekday())+6)%7 + 1 }),
		byHourOfDay: local(time.Time.Hour),
	}
}

// Tables that rows are joined to, in the order in which a message's attributes come.
const (
	// When the person was first written to in the campaign, and first answered.
	joinCohort = `LEFT JOIN (SELECT campaign AS of_campaign, lead AS of_lead, toMonday(minIf(sent_day, fact = 'sent')) AS cohort, minIf(at, fact = 'sent') AS written, minIf(at, fact = 'reply') AS answered
		FROM ` + sentOrAnswered + ` GROUP BY campaign, lead) AS cohorts ON f.campaign = of_campaign AND f.lead = of_lead`
	joinReplies = `LEFT JOIN (SELECT about AS of_message, min(at) AS first_reply FROM ` + answersByPeople + ` GROUP BY about) AS replies ON f.about = of_message`

	// answersByPeople has a row for each answer that a person has written, as it is understood now.
	answersByPeople = `(SELECT about, lead, campaign, sent_at, sent_day, min(engagement.at) AS at FROM engagement WHERE org = @org AND fact = 'reply'
		GROUP BY about, hit, lead, campaign, sent_at, sent_day HAVING argMax(reply_class, oseq) ` + byPerson + `)`
	// sentOrAnswered has a row for each message that was sent, and for each answer by a person.
	sentOrAnswered = `(SELECT fact, lead, campaign, sent_day, at FROM engagement WHERE org = @org AND fact = 'sent' UNION ALL SELECT 'reply' AS fact, lead, campaign, sent_day, at FROM ` + answersByPeople + `)`
)

// filterBy is the SQL that a filter compares with its keys.
func (d dimension) filterBy(p *plan, rollup bool) string {
	switch {
	case d.column != "":
		return d.column
	case rollup:
		return d.rollup
	}
	return d.sql(p)
}

// weeks is the number in the filter by answers within weeks.
func (p *plan) weeks() string {
	if keys := p.Where[byAnswered]; len(keys) > 0 {
		if n, err := strconv.ParseUint(keys[0], 10, 16); err == nil {
			return strconv.FormatUint(n, 10)
		}
	}
	return "0"
}

func zoneOf(name string) *time.Location {
	l, err := zone.Load(name)
	if err != nil {
		return time.UTC
	}
	return l
}
