package analytics_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"outrider/events"
	"outrider/projections/analytics"
)

// modelMessage is what a test knows of a message by its events alone.
type modelMessage struct {
	ref                  events.MessageRef
	step                 int
	stepID, variant, box uuid.UUID
	experiment, arm      uuid.UUID
	left                 bool // anything is known of it
	sent, failed, doubt  bool
	at                   time.Time
	opens, clicks        map[uuid.UUID]string
	mails                map[uuid.UUID]*modelMail
	delayed, meeting     bool
	bounces, drops       map[string]bool
	returned, complained bool
	unsubscribed         bool
}

// modelMail is a mail that came, as it is understood now.
type modelMail struct {
	at    time.Time
	means string
}

func (x *modelMessage) mail(is func(means string) bool) bool {
	for _, m := range x.mails {
		if is(m.means) {
			return true
		}
	}
	return false
}

func byMachine(means string) bool {
	return means == events.MeansAutomatic || means == events.MeansOutOfOffice
}

// replies are when people answered.
func (x *modelMessage) replies() (out []time.Time) {
	for _, m := range x.mails {
		if !byMachine(m.means) {
			out = append(out, m.at)
		}
	}
	return out
}

// figureModel folds a history in the plainest way that there is.
type figureModel struct {
	messages map[uuid.UUID]*modelMessage
	people   map[uuid.UUID]analytics.PersonFacts
	domains  map[uuid.UUID]string
	zone     string // of all campaigns
}

func (m *figureModel) in(metric string, x *modelMessage) bool {
	has := func(classes map[uuid.UUID]string, human bool) bool {
		for _, c := range classes {
			if (c == events.ClassHuman) == human {
				return true
			}
		}
		return false
	}
	if !x.left {
		return false
	}
	switch metric {
	case "sent":
		return x.sent
	case "failed":
		return x.failed
	case "in_doubt":
		return x.doubt
	case "attempted":
		return x.sent || x.failed
	case "tried":
		return x.sent || x.failed || x.doubt
	case "delivered":
		return x.sent && !x.returned
	case "opened":
		return has(x.opens, true)
	case "machine_opened":
		return has(x.opens, false)
	case "clicked":
		return has(x.clicks, true)
	case "scanner_clicked":
		return has(x.clicks, false)
	case "replied":
		return len(x.replies()) > 0
	case "interested":
		return x.mail(func(means string) bool { return means == events.MeansInterested })
	case "auto_replied":
		return x.mail(byMachine)
	case "out_of_office":
		return x.mail(func(means string) bool { return means == events.MeansOutOfOffice })
	case "meeting":
		return x.meeting
	case "bounced":
		return len(x.bounces) > 0
	case "bounced_hard":
		return x.bounces[events.BounceHard]
	case "bounced_soft":
		return x.bounces[events.BounceSoft]
	case "bounced_block":
		return x.bounces[events.BounceBlock]
	case "bounced_other":
		return x.bounces[events.BounceOther]
	case "dropped":
		return len(x.drops) > 0
	case "delayed":
		return x.delayed
	case "complained":
		return x.complained
	case "unsubscribed":
		return x.unsubscribed
	}
	if reason, ok := strings.CutPrefix(metric, "dropped_"); ok {
		return x.drops[reason]
	}
	panic(metric)
}

func (m *figureModel) keys(dimension string, x *modelMessage, q analytics.Query) []string {
	days := m.zone
	if q.Zone != "" {
		days = q.Zone
	}
	local := x.at.In(must(time.LoadLocation(days)))
	monday := func(t time.Time) string {
		return t.AddDate(0, 0, -(int(t.Weekday())+6)%7).Format(time.DateOnly)
	}
	f := m.people[x.ref.LeadID]
	theirs := f.Zone
	if theirs == "" {
		theirs = q.Hours
	}
	there := x.at.In(must(time.LoadLocation(theirs)))
	switch dimension {
	case "campaign":
		return []string{x.ref.CampaignID.String()}
	case "step":
		return []string{x.stepID.String()}
	case "variant":
		return []string{x.variant.String()}
	case "mailbox":
		return []string{x.box.String()}
	case "experiment":
		return []string{x.experiment.String()}
	case "experiment_arm":
		return []string{x.arm.String()}
	case "version":
		return []string{"1"}
	case "sending_domain":
		return []string{m.domains[x.box]}
	case "recipient_provider":
		return []string{f.Provider}
	case "country":
		return []string{f.Country}
	case "tag":
		if len(f.Tags) == 0 {
			return []string{""}
		}
		return f.Tags
	case "day":
		return []string{local.Format(time.DateOnly)}
	case "week":
		return []string{monday(local)}
	case "hour":
		return []string{x.at.In(must(time.LoadLocation(q.Hours))).Format("2006-01-02T15:00")}
	case "weekday":
		return []string{strconv.Itoa((int(there.Weekday())+6)%7 + 1)}
	case "hour_of_day":
		return []string{strconv.Itoa(there.Hour())}
	case "cohort_week":
		first := time.Time{}
		for _, y := range m.messages {
			if y.sent && y.ref.LeadID == x.ref.LeadID && y.ref.CampaignID == x.ref.CampaignID && (first.IsZero() || y.at.Before(first)) {
				first = y.at
			}
		}
		if first.IsZero() {
			return []string{"1970-01-01"}
		}
		return []string{monday(first.In(must(time.LoadLocation(m.zone))))}
	case "reply_time":
		if len(x.replies()) == 0 {
			return []string{""}
		}
		took := slices.MinFunc(x.replies(), time.Time.Compare).Sub(x.at)
		for i, limit := range []time.Duration{time.Hour, 4 * time.Hour, 24 * time.Hour, 72 * time.Hour, 168 * time.Hour} {
			if took < limit {
				return []string{analytics.ReplyTimes()[i]}
			}
		}
		return []string{"later"}
	}
	panic(dimension)
}

func (m *figureModel) lets(q analytics.Query, x *modelMessage) bool {
	day := m.keys("day", x, q)[0]
	if !x.left || day < q.From || day > q.To {
		return false
	}
	for name, keys := range q.Where {
		if !slices.ContainsFunc(m.keys(name, x, q), func(k string) bool { return slices.Contains(keys, k) }) {
			return false
		}
	}
	return true
}

// unitOf returns what is counted: a message, or its person.
func unitOf(q analytics.Query, x *modelMessage) uuid.UUID {
	if q.Person {
		return x.ref.LeadID
	}
	return x.ref.MessageID
}

// count gives the sizes of a set by row; "" is the total.
func (m *figureModel) count(q analytics.Query, set string) map[string]map[uuid.UUID]bool {
	out := map[string]map[uuid.UUID]bool{"": {}}
	for _, x := range m.messages {
		if !m.lets(q, x) {
			continue
		}
		rows := []string{""}
		if len(q.By) > 0 {
			rows = append(rows, "|")
		}
		for _, d := range q.By {
			var next []string
			for _, r := range rows[1:] {
				for _, k := range m.keys(d, x, q) {
					next = append(next, r+k+"|")
				}
			}
			rows = append([]string{""}, next...)
		}
		for _, r := range rows {
			if out[r] == nil {
				out[r] = map[uuid.UUID]bool{}
			}
			if m.in(set, x) {
				out[r][unitOf(q, x)] = true
			}
		}
	}
	return out
}

// randomHistory writes facts in any order, late, twice, corrected, of people who go, and folds them.
func randomHistory(t *testing.T, s *story, random *rand.Rand, n int) *figureModel {
	m := &figureModel{messages: map[uuid.UUID]*modelMessage{}, people: map[uuid.UUID]analytics.PersonFacts{}, domains: map[uuid.UUID]string{}, zone: "Asia/Tokyo"}
	campaigns := []uuid.UUID{s.campaign, uuid.New()}
	s.facts(events.CampaignCreated{CampaignRef: events.CampaignRef{CampaignID: campaigns[1]}, Name: "d", TimeZone: "Asia/Tokyo"})
	for i := range 3 {
		m.domains[name(s.org, "mailbox", i)] = []string{"one.test", "two.test", "one.test"}[i]
	}
	var all []*modelMessage
	for i := range 30 {
		lead := name(s.org, "lead", i%17)
		c := i % 2
		x := &modelMessage{ref: events.MessageRef{MessageID: name(s.org, "message", i), EnrollmentID: name(s.org, "e", i%17, c), LeadID: lead, CampaignID: campaigns[c]}, step: i%3 + 1, stepID: name("step", c, i%3),
			variant: name("variant", c, i%3, random.IntN(2)), box: name(s.org, "mailbox", random.IntN(3)), opens: map[uuid.UUID]string{}, clicks: map[uuid.UUID]string{}, mails: map[uuid.UUID]*modelMail{}, bounces: map[string]bool{}, drops: map[string]bool{}}
		if i%3 > 0 { // what is sent by two arms; the others are of no experiment
			x.experiment, x.arm = name("experiment"), name("arm", i%3)
			s.facts(events.MessageRequested{MessageRef: x.ref, StepsVersion: 1, StepID: x.stepID, Step: x.step, Steps: 3, VariantID: x.variant, MailboxID: x.box, Earliest: start, ExperimentID: x.experiment, ArmID: x.arm})
		}
		all = append(all, x)
		m.messages[x.ref.MessageID] = x
		m.people[lead] = analytics.PersonFacts{Country: []string{"Germany", "Peru", ""}[i%17%3], Provider: []string{"google", "own_domain"}[i%17%2], Tags: [][]string{nil, {"a"}, {"a", "b"}}[i%17%3],
			Zone: []string{"", "America/Lima", "Asia/Kolkata"}[i%17%3]}
	}
	for i := range 17 {
		if i%4 > 0 { // some are known as leads, and of the others nothing is
			s.facts(events.LeadCreated{LeadRef: events.LeadRef{LeadID: name(s.org, "lead", i)}, AddressHash: "a", DomainHash: "d"})
		}
	}
	at := start
	for range n {
		at = at.Add(time.Duration(random.IntN(5*3600)) * time.Second)
		x := all[random.IntN(len(all))]
		a := events.SentMessageRef{MessageID: x.ref.MessageID, LeadID: x.ref.LeadID, CampaignID: x.ref.CampaignID, MailboxID: x.box}
		left := func() bool {
			first := !x.left
			if x.left = true; first {
				x.at = at
			}
			return first
		}
		class := []string{events.ClassHuman, events.ClassProxy, events.ClassScanner}[random.IntN(3)]
		hit := uuid.New()
		if random.IntN(4) == 0 { // an old one again
			for h, c := range x.opens {
				hit, class = h, c
			}
		}
		switch k := random.IntN(16); {
		case k < 4 && !x.left:
			left()
			x.sent = true
			s.facts(events.MessageSent{MessageRef: x.ref, StepsVersion: 1, StepID: x.stepID, Step: x.step, VariantID: x.variant, MailboxID: x.box, AcceptedAt: at})
		case k == 4 && !x.left:
			left()
			x.failed, x.bounces[events.BounceHard] = true, true // the bounce comes before what it is of, in one command
			s.facts(events.MessageBounced{SentMessageRef: a, Kind: events.BounceHard, AtRCPT: true, ReportedAt: at},
				events.MessageFailed{MessageRef: x.ref, StepsVersion: 1, StepID: x.stepID, Step: x.step, VariantID: x.variant, MailboxID: x.box, Permanent: true, FailedAt: at})
		case k == 5 && !x.left:
			left()
			x.doubt = true
			s.facts(events.MessageInDoubt{MessageRef: x.ref, StepsVersion: 1, StepID: x.stepID, Step: x.step, VariantID: x.variant, MailboxID: x.box, ClaimedAt: at})
		case k == 5 && x.doubt && !x.sent: // it has left after all; its day is that of the claim
			x.sent = true
			s.facts(events.MessageResolved{MessageRef: x.ref, Sent: true, By: events.ResolvedByReply}, events.MessageSent{MessageRef: x.ref, StepsVersion: 1, StepID: x.stepID, Step: x.step, VariantID: x.variant, MailboxID: x.box, AcceptedAt: at})
		case k == 6:
			s.facts(events.MessageOpened{SentMessageRef: a, HitID: hit, Class: class, At: at})
			x.opens[hit] = class // also where nothing is known of the message yet
		case k == 7:
			hit = uuid.New()
			s.facts(events.MessageClicked{SentMessageRef: a, HitID: hit, Class: class, At: at}, events.LeadUnsubscribed{SentMessageRef: a, How: events.UnsubscribePage, At: at})
			x.clicks[hit], x.unsubscribed = class, x.unsubscribed || x.left
		case k == 8: // a correction, of something that is there or not
			for h := range x.opens {
				x.opens[h] = class
				hit = h
				break
			}
			s.facts(events.HitReclassified{SentMessageRef: a, HitID: hit, Class: class, Reason: "test"})
		case k == 9:
			mail := &modelMail{at, []string{events.MeansInterested, events.MeansOther, ""}[random.IntN(3)]}
			id := uuid.New()
			s.facts(events.MessageReplied{SentMessageRef: a, Mail: events.Mail{MailID: id, ReceivedAt: at}, From: events.FromLead, Meaning: mail.means})
			if x.left {
				x.mails[id] = mail
			}
		case k == 10:
			mail, id := &modelMail{at, events.MeansAutomatic}, uuid.New()
			away := random.IntN(2) == 0
			if away {
				mail.means = events.MeansOutOfOffice
			}
			s.facts(events.MessageAutoReplied{SentMessageRef: a, Mail: events.Mail{MailID: id, ReceivedAt: at}, OutOfOffice: away})
			if x.left {
				x.mails[id] = mail
			}
		case k == 14: // somebody knows better what an answer means, one or two times
			for id, mail := range x.mails {
				mail.means = []string{events.MeansInterested, events.MeansNotNow, events.MeansOutOfOffice, events.MeansAutomatic}[random.IntN(4)]
				s.facts(events.ReplyReclassified{SentMessageRef: a, MailID: id, From: events.FromLead, ReceivedAt: mail.at, Meaning: mail.means})
				if random.IntN(2) == 0 {
					break
				}
			}
		case k == 15:
			reason := []string{events.DroppedBounced, events.DroppedInvalid, events.DroppedUnsubscribed, events.DroppedComplained, events.DroppedContent, events.DroppedQuota, events.DroppedOther}[random.IntN(7)]
			s.facts(events.MessageDelayed{SentMessageRef: a, ReportID: uuid.New(), DelayedAt: at, ToldAt: at})
			s.facts(events.MessageDropped{SentMessageRef: a, ReportID: uuid.New(), Reason: reason, DroppedAt: at, ToldAt: at},
				events.MessageBounced{SentMessageRef: a, Kind: events.BounceOther, Detail: events.DroppedDetail + "as it seems", ReportedAt: at})
			if x.left {
				x.delayed, x.drops[reason] = true, true
				x.returned = x.returned || x.sent && !at.After(x.at.Add(analytics.ReturnedWithin))
			}
		case k == 11:
			kind := []string{events.BounceHard, events.BounceSoft, events.BounceBlock, events.BounceOther}[random.IntN(4)]
			s.facts(events.MessageBounced{SentMessageRef: a, Kind: kind, ReportedAt: at})
			if x.left {
				x.bounces[kind] = true
				x.returned = x.returned || x.sent && !at.After(x.at.Add(analytics.ReturnedWithin))
			}
		case k == 12:
			s.facts(events.MeetingBooked{SentMessageRef: a, MeetingID: uuid.New(), BookedAt: at}, events.MessageComplained{SentMessageRef: a, Kind: "abuse", ReportedAt: at})
			if x.left {
				x.meeting, x.complained = true, true
			}
		case k == 13 && random.IntN(6) == 0: // somebody goes; what was sent to them was sent
			s.facts(events.LeadErased{LeadRef: events.LeadRef{LeadID: x.ref.LeadID}})
			delete(m.people, x.ref.LeadID)
		}
	}
	return m
}

// Whatever the history and the question: the figures are those of a plain fold of the events, and a list has exactly the rows that its figure counts.
func TestFiguresAreThoseOfTheEventsAndListsHaveAsManyRows(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 1))
	g, w := runEngagement(t, 25)
	s := newStory(t, w)
	m := randomHistory(t, s, random, 400)
	g.wait(t, w)
	differences(t, g.conn, s, 0)
	queries := 10
	if os.Getenv("OUTRIDER_STATS_LONG") != "" { // make test-stats
		queries = 100
	}
	for i := range queries {
		q := randomQuery(random, m)
		text := fmt.Sprintf("seed %d, query %d: %v by %v where %v, %s to %s, zone %q, person %v", seed, i, q.Metrics, q.By, q.Where, q.From, q.To, q.Zone, q.Person)
		got, err := q.Run(t.Context(), g.conn, s.org)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		rows := map[string]analytics.Row{"": got.Total}
		for _, r := range got.Rows {
			key := "|"
			for _, k := range r.Keys {
				key += k + "|"
			}
			rows[key] = r
		}
		for n, metric := range q.Metrics {
			want := m.count(q, metric)
			of := m.count(q, denominatorSet(metric, q.Person))
			for key, units := range want {
				r, ok := rows[key]
				if !ok && len(units) == 0 && len(of[key]) == 0 {
					continue // of those of which nothing is asked for
				}
				if !ok || r.Rates[n].Count != uint64(len(units)) || r.Rates[n].Of != uint64(len(of[key])) {
					t.Fatalf("%s\nrow %q of %s: got %+v, want %d of %d", text, key, metric, r, len(units), len(of[key]))
				}
			}
			for key, r := range rows {
				if want[key] == nil && (r.Rates[n].Count > 0 || r.Rates[n].Of > 0) {
					t.Fatalf("%s\nrow %q of %s shouldn't be there: %+v", text, key, metric, r)
				}
				listed := drillAll(t, g.conn, s.org, q, metric, r.Keys, 10+random.IntN(60))
				if !maps.Equal(listed, want[key]) && len(listed)+len(want[key]) > 0 {
					t.Fatalf("%s\nrow %q of %s: %d are listed, %d are counted", text, key, metric, len(listed), len(want[key]))
				}
			}
		}
	}
	fillOlderRows(t, g, s)
}

// drillAll pages through what a figure counts; each is there once, the newest first.
func drillAll(t *testing.T, conn driver.Conn, org uuid.UUID, q analytics.Query, metric string, keys []string, limit int) map[uuid.UUID]bool {
	t.Helper()
	where := maps.Clone(q.Where)
	if where == nil {
		where = map[string][]string{}
	}
	for i, k := range keys {
		where[q.By[i]] = []string{k}
	}
	q.Where, q.Metrics = where, []string{metric}
	out, after := map[uuid.UUID]bool{}, int64(0)
	for range 100 {
		page, err := q.Drill(t.Context(), conn, org, after, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range page {
			id := c.Message
			if q.Person {
				id = c.Lead
			}
			if out[id] || after != 0 && c.Place >= after {
				t.Fatalf("%s is listed twice, or in another order", id)
			}
			out[id], after = true, c.Place
		}
		if len(page) < limit {
			return out
		}
	}
	t.Fatal("the list doesn't end")
	return nil
}

func denominatorSet(metric string, person bool) string {
	switch metric {
	case "sent", "failed", "bounced", "bounced_hard", "bounced_soft", "bounced_block", "bounced_other", "delayed":
		return "attempted"
	case "in_doubt":
		return "tried"
	case "delivered":
		return "sent"
	}
	if strings.HasPrefix(metric, "dropped") {
		return "attempted"
	}
	if person {
		return "sent"
	}
	return "delivered"
}

func randomQuery(random *rand.Rand, m *figureModel) analytics.Query {
	q := analytics.Query{Person: random.IntN(2) == 0, Zone: []string{"", "", "Europe/Berlin"}[random.IntN(3)], Hours: "America/New_York", Where: map[string][]string{},
		From: start.AddDate(0, 0, random.IntN(20)-2).Format(time.DateOnly), To: start.AddDate(0, 0, 18+random.IntN(40)).Format(time.DateOnly),
		People: func(context.Context) (map[uuid.UUID]analytics.PersonFacts, error) { return m.people, nil }, Domains: func(context.Context) (map[uuid.UUID]string, error) { return m.domains, nil }}
	if q.Zone != "" {
		q.Hours = q.Zone
	}
	metrics := analytics.Metrics()
	random.Shuffle(len(metrics), func(i, j int) { metrics[i], metrics[j] = metrics[j], metrics[i] })
	for _, x := range metrics[:1+random.IntN(5)] {
		if !q.Person || !analytics.OnlyOfMessages(x) {
			q.Metrics = append(q.Metrics, x)
		}
	}
	if q.Metrics == nil {
		q.Metrics = []string{"sent"}
	}
	dims := analytics.Dimensions()
	random.Shuffle(len(dims), func(i, j int) { dims[i], dims[j] = dims[j], dims[i] })
	q.By = dims[:random.IntN(3)]
	filters := slices.DeleteFunc(analytics.Filters(), func(name string) bool { return name == "answered_within_weeks" }) // TestCohorts...
	for range random.IntN(3) {                                                                                           // by what some message has
		name := filters[random.IntN(len(filters))]
		for _, x := range m.messages {
			if x.left {
				if key := m.keys(name, x, q)[0]; name != "reply_time" || key != "" {
					q.Where[name] = []string{key}
				}
				break
			}
		}
	}
	return q
}
