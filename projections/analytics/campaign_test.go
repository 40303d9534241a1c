package analytics_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/logtest"
	"outrider/internal/es/project"
	"outrider/internal/es/project/chtest"
	"outrider/internal/es/reader"
	"outrider/internal/postgres/postgrestest"
	"outrider/projections/analytics"
)

// story is a log of facts, written as their owner would.
type story struct {
	t testing.TB
	*logtest.LogWriter
	org, campaign uuid.UUID
}

// facts writes the facts of one command.
func (s *story) facts(facts ...es.Payload) {
	s.t.Helper()
	var subjects []string
	for _, f := range facts {
		subjects = append(subjects, f.AggregateID())
	}
	made := s.Next(s.org, subjects...)
	for i, e := range made {
		data, err := es.Marshal(facts[i])
		if err != nil {
			s.t.Fatal(err)
		}
		e.Type, e.Data, e.Payload = facts[i].EventType(), data, facts[i]
	}
	s.Append(s.Records(made)...)
	s.Events = append(s.Events, made...)
}

func newStory(t testing.TB, w *logtest.LogWriter) *story {
	s := &story{t, w, uuid.New(), uuid.New()}
	s.facts(events.OrganizationCreated{OrganizationRef: events.OrganizationRef{OrganizationID: s.org}, TimeZone: "America/New_York", BillingAnchor: start})
	s.facts(events.CampaignCreated{CampaignRef: events.CampaignRef{CampaignID: s.campaign}, Name: "c", TimeZone: "Asia/Tokyo"})
	return s
}

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func name(parts ...any) uuid.UUID { return es.DeriveID(es.SystemOrg, fmt.Sprint(parts...)) }

// ref returns message n of the campaign: its step, variant and mailbox follow from n.
func (s *story) ref(n int) events.MessageRef {
	return events.MessageRef{MessageID: name(s.org, "message", n), EnrollmentID: name(s.org, "enrollment", n/3), LeadID: name(s.org, "lead", n/3), CampaignID: s.campaign}
}

func (s *story) answered(n int) events.SentMessageRef {
	r := s.ref(n)
	return events.SentMessageRef{MessageID: r.MessageID, LeadID: r.LeadID, CampaignID: s.campaign, MailboxID: name(s.org, "mailbox", n%2)}
}

func (s *story) sent(n int, at time.Time) events.MessageSent {
	return events.MessageSent{MessageRef: s.ref(n), StepsVersion: 1, StepID: name("step", n%3+1), Step: n%3 + 1, VariantID: name("variant", n%3+1, n%2), MailboxID: name(s.org, "mailbox", n%2), AcceptedAt: at}
}

func (s *story) doubt(n int, at time.Time) events.MessageInDoubt {
	x := s.sent(n, at)
	return events.MessageInDoubt{MessageRef: x.MessageRef, StepsVersion: 1, StepID: x.StepID, Step: x.Step, VariantID: x.VariantID, MailboxID: x.MailboxID, ClaimedAt: at}
}

func (s *story) failed(n int, at time.Time) events.MessageFailed {
	x := s.sent(n, at)
	return events.MessageFailed{MessageRef: x.MessageRef, StepsVersion: 1, StepID: x.StepID, Step: x.Step, VariantID: x.VariantID, MailboxID: x.MailboxID, Permanent: true, FailedAt: at}
}

func (s *story) opened(n, hit int, class string, at time.Time) events.MessageOpened {
	return events.MessageOpened{SentMessageRef: s.answered(n), HitID: name(s.org, "hit", hit), Class: class, At: at}
}

func (s *story) clicked(n, hit int, class string, at time.Time) events.MessageClicked {
	return events.MessageClicked{SentMessageRef: s.answered(n), HitID: name(s.org, "hit", hit), Class: class, At: at}
}

func (s *story) corrected(n, hit int, class string) events.HitReclassified {
	return events.HitReclassified{SentMessageRef: s.answered(n), HitID: name(s.org, "hit", hit), Class: class, Reason: "test"}
}

// engagement is a projection of a log that a test can wait for.
type engagement struct {
	conn      driver.Conn
	positions *project.Positions
}

func (g engagement) wait(t testing.TB, w *logtest.LogWriter) { g.waitFor(t, w, "analytics_engagement") }

func (g engagement) waitFor(t testing.TB, w *logtest.LogWriter, table string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	if err := g.positions.Wait(ctx, project.ProjectionKey{Name: table, Version: 1}, w.Partition, w.Pseq); err != nil {
		t.Fatal(err)
	}
}

func runEngagement(t testing.TB, maxEvents int) (engagement, *logtest.LogWriter) {
	t.Helper()
	return runTables(t, maxEvents, analytics.Engagement())
}

// runTables fills tables from a log. Blocks have at most so many events; 0 = the usual bound.
func runTables(t testing.TB, maxEvents int, tables ...project.Table) (engagement, *logtest.LogWriter) {
	t.Helper()
	db, engine := postgrestest.New(t), chtest.Share(t)
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	if err := analytics.Migrate(t.Context(), engine.Conn); err != nil {
		t.Fatal(err)
	}
	g := engagement{engine.Conn, &project.Positions{Pool: db.Pools.Projector}}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	var running sync.WaitGroup
	for _, table := range tables {
		r := &project.ClickHouse{Log: log, Pool: db.Pools.Projector, Conn: engine.Conn, Table: table, Decode: events.Decode, Linger: -1, MaxEvents: maxEvents, Positions: g.positions,
			Report: func(what string, attrs ...any) { t.Log(append([]any{what}, attrs...)...) }}
		rd, err := reader.Open(log)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(rd.Close)
		running.Go(func() { r.Run(ctx, rd, 0) })
		t.Cleanup(func() { cancel(); running.Wait() })
	}
	return g, w
}

// short tells a report's figures in a line.
func short(f analytics.Figures) string {
	return fmt.Sprintf("sent %d failed %d doubt %d delivered %d/%d opened %d machine %d clicked %d scanner %d replied %d auto %d bounced %d/%d complained %d unsubscribed %d meetings %d", f.EmailsSent, f.Failed, f.InDoubt,
		f.Delivered.Count, f.Delivered.Of, f.Opens.Count, f.MachineOpens.Count, f.Clicks.Count, f.ScannerClicks.Count, f.Replies.Count, f.AutoReplies.Count, f.Bounces.Count, f.Bounces.Of,
		f.Complaints.Count, f.Unsubscribes.Count, f.Meetings.Count)
}

func TestACampaignsReportCountsByTheCohortOfTheSentMessage(t *testing.T) {
	t.Parallel()
	g, w := runEngagement(t, 3) // ranges of a command or two: most facts know their message from the table alone
	s := newStory(t, w)
	at := func(h float64) time.Time { return start.Add(time.Duration(h * float64(time.Hour))) }
	for n := range 6 {
		s.facts(s.sent(n, at(0)))
	}
	s.facts(s.sent(6, at(15.5)))                                                                                                                // the next day in Tokyo
	s.facts(events.MessageBounced{SentMessageRef: s.answered(7), Kind: events.BounceHard, AtRCPT: true, ReportedAt: at(1)}, s.failed(7, at(1))) // the bounce first
	s.facts(s.opened(0, 1, events.ClassHuman, at(30)), s.opened(0, 2, events.ClassHuman, at(31)), s.opened(0, 3, events.ClassProxy, at(1)))
	s.facts(s.opened(1, 4, events.ClassProxy, at(1)))
	s.facts(s.opened(2, 5, events.ClassHuman, at(1)))
	s.facts(s.clicked(2, 6, events.ClassHuman, at(1)), s.clicked(3, 7, events.ClassScanner, at(1)))
	s.facts(events.MessageReplied{SentMessageRef: s.answered(0), Mail: events.Mail{MailID: name("m1"), ReceivedAt: at(40)}, From: events.FromLead, Meaning: events.MeansOther})
	s.facts(events.MessageReplied{SentMessageRef: s.answered(0), Mail: events.Mail{MailID: name("m2"), ReceivedAt: at(41)}, From: events.FromLead})
	s.facts(events.ReplyReclassified{SentMessageRef: s.answered(0), MailID: name("m1"), From: events.FromLead, ReceivedAt: at(40), Meaning: events.MeansInterested, Was: events.MeansOther})
	s.facts(events.MessageAutoReplied{SentMessageRef: s.answered(1), Mail: events.Mail{MailID: name("m3"), ReceivedAt: at(1)}})
	s.facts(events.MessageBounced{SentMessageRef: s.answered(4), Kind: events.BounceHard, ReportedAt: at(71)})
	s.facts(events.MessageBounced{SentMessageRef: s.answered(5), Kind: events.BounceHard, ReportedAt: at(73)}) // too late to deny the delivery
	s.facts(events.MeetingBooked{SentMessageRef: s.answered(2), MeetingID: name("meeting"), BookedAt: at(2)}, events.LeadUnsubscribed{SentMessageRef: s.answered(3), At: at(2)},
		events.MessageComplained{SentMessageRef: s.answered(3), ReportedAt: at(2)})
	s.facts(s.opened(99, 99, events.ClassHuman, at(1))) // answers to nothing that was sent
	g.wait(t, w)
	var class string
	var corrected bool
	if err := g.conn.QueryRow(t.Context(), `SELECT argMax(reply_class, oseq), max(corrected) FROM engagement WHERE fact = 'reply' AND hit = ?`, name("m1")).Scan(&class, &corrected); err != nil || class != events.MeansInterested || !corrected {
		t.Errorf("the answer means %s, corrected %t, %v", class, corrected, err)
	}
	report := func(f analytics.Filter) analytics.Report {
		t.Helper()
		r, err := analytics.Campaign(t.Context(), g.conn, s.org, s.campaign, f)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	expect := func(what string, got analytics.Figures, want string) {
		t.Helper()
		if short(got) != want {
			t.Errorf("%s:\n got %s\nwant %s", what, short(got), want)
		}
	}
	r := report(analytics.Filter{Mailboxes: true, Now: at(100)})
	expect("the campaign", r.Figures, "sent 7 failed 1 doubt 0 delivered 6/7 opened 2 machine 2 clicked 1 scanner 1 replied 1 auto 1 bounced 3/8 complained 1 unsubscribed 1 meetings 1")
	if len(r.TimelineData) != 2 || r.TimelineData[0].Day != "2026-03-02" || r.TimelineData[1].Day != "2026-03-03" || len(r.Steps) != 3 || len(r.Variants) != 6 || len(r.Mailboxes) != 2 {
		t.Fatalf("%+v", r)
	}
	if r.NotYetFinal != 1 || r.Opens.Denominator != "delivered" || r.Opens.Of != 6 || r.Opens.Rate != 2.0/6 {
		t.Errorf("not yet final %d, opens %+v", r.NotYetFinal, r.Opens)
	}
	expect("the second day", r.TimelineData[1].Figures, "sent 1 failed 0 doubt 0 delivered 1/1 opened 0 machine 0 clicked 0 scanner 0 replied 0 auto 0 bounced 0/1 complained 0 unsubscribed 0 meetings 0")
	expect("step 1", r.Steps[0].Figures, "sent 3 failed 0 doubt 0 delivered 3/3 opened 1 machine 1 clicked 0 scanner 1 replied 1 auto 0 bounced 0/3 complained 1 unsubscribed 1 meetings 0")
	var ofMailboxes analytics.Figures
	for _, m := range r.Mailboxes {
		ofMailboxes.EmailsSent += m.EmailsSent
		ofMailboxes.NotYetFinal += m.NotYetFinal
		ofMailboxes.Opens.Of += m.Opens.Of
	}
	if ofMailboxes.EmailsSent != 7 || ofMailboxes.NotYetFinal != 1 || ofMailboxes.Opens.Of != 6 {
		t.Errorf("all mailboxes together: %+v", ofMailboxes)
	}
	odd := report(analytics.Filter{MailboxID: name(s.org, "mailbox", 1)})
	expect("a mailbox", odd.Figures, "sent 3 failed 1 doubt 0 delivered 3/3 opened 0 machine 1 clicked 0 scanner 1 replied 0 auto 1 bounced 2/4 complained 1 unsubscribed 1 meetings 0")
	expect("a day", report(analytics.Filter{From: "2026-03-03", To: "2026-03-03"}).Figures, short(r.TimelineData[1].Figures))
	expect("a variant", report(analytics.Filter{VariantID: r.Variants[0].VariantID}).Figures, short(r.Variants[0].Figures))
	expect("another organisation", must(analytics.Campaign(t.Context(), g.conn, uuid.New(), s.campaign, analytics.Filter{})).Figures, short(analytics.Figures{}))

	// A correction takes an opening away, and gives it back.
	s.facts(s.corrected(2, 5, events.ClassScanner))
	s.facts(s.corrected(0, 1, events.ClassProxy)) // there is another one
	g.wait(t, w)
	expect("corrected", report(analytics.Filter{}).Figures, "sent 7 failed 1 doubt 0 delivered 6/7 opened 1 machine 3 clicked 1 scanner 1 replied 1 auto 1 bounced 3/8 complained 1 unsubscribed 1 meetings 1")
	s.facts(s.opened(2, 8, events.ClassHuman, at(3)), s.corrected(2, 8, events.ClassScanner), s.corrected(2, 8, events.ClassHuman))
	g.wait(t, w)
	expect("corrected back", report(analytics.Filter{Mailboxes: true}).Figures, "sent 7 failed 1 doubt 0 delivered 6/7 opened 2 machine 3 clicked 1 scanner 1 replied 1 auto 1 bounced 3/8 complained 1 unsubscribed 1 meetings 1")

	// What was in doubt stays in the cohort of its claim, and an answer from between counts once.
	s.facts(s.doubt(8, at(0)))
	s.facts(s.opened(8, 9, events.ClassHuman, at(1)))
	s.facts(events.MessageResolved{MessageRef: s.ref(8), Sent: true, By: events.ResolvedByReply}, s.sent(8, at(50)))
	s.facts(s.opened(8, 10, events.ClassHuman, at(60)))
	g.wait(t, w)
	r = report(analytics.Filter{})
	expect("resolved", r.Figures, "sent 8 failed 1 doubt 1 delivered 7/8 opened 3 machine 3 clicked 1 scanner 1 replied 1 auto 1 bounced 3/9 complained 1 unsubscribed 1 meetings 1")
	if len(r.TimelineData) != 2 {
		t.Errorf("days: %+v", r.TimelineData)
	}
	// What a person says wasn't sent, and comes back all the same: it takes nothing from what was delivered.
	s.facts(s.doubt(9, at(0)))
	s.facts(events.MessageResolved{MessageRef: s.ref(9), By: events.ResolvedByPerson})
	s.facts(events.MessageBounced{SentMessageRef: s.answered(9), Kind: events.BounceHard, ReportedAt: at(2)})
	g.wait(t, w)
	r = report(analytics.Filter{})
	expect("resolved as not sent", r.Figures, "sent 8 failed 1 doubt 2 delivered 7/8 opened 3 machine 3 clicked 1 scanner 1 replied 1 auto 1 bounced 4/9 complained 1 unsubscribed 1 meetings 1")
	// Fetches that came before anything was known of their message count once something is.
	s.facts(s.opened(10, 11, events.ClassProxy, at(0)))
	s.facts(s.clicked(10, 12, events.ClassHuman, at(0)))
	g.wait(t, w)
	s.facts(s.corrected(10, 12, events.ClassScanner))
	g.wait(t, w)
	expect("nothing is known yet", report(analytics.Filter{}).Figures, short(r.Figures))
	s.facts(s.opened(11, 13, events.ClassHuman, at(0)))
	s.facts(s.doubt(10, at(0)))
	s.facts(s.doubt(11, at(0)))
	g.wait(t, w)
	r = report(analytics.Filter{})
	expect("early", r.Figures, "sent 8 failed 1 doubt 4 delivered 7/8 opened 4 machine 4 clicked 1 scanner 2 replied 1 auto 1 bounced 4/9 complained 1 unsubscribed 1 meetings 1")
	differences(t, g.conn, s, 0)
	if err := g.conn.Exec(t.Context(), `DELETE FROM engagement_mailboxes WHERE sent_day = toDate('2026-03-03')`); err != nil {
		t.Fatal(err)
	}
	differences(t, g.conn, s, 1)
	if err := analytics.Rebuild(t.Context(), g.conn, s.org, s.campaign); err != nil {
		t.Fatal(err)
	}
	differences(t, g.conn, s, 0)
	expect("rebuilt", report(analytics.Filter{}).Figures, short(r.Figures))
}

func must[V any](v V, err error) V {
	if err != nil {
		panic(err)
	}
	return v
}

func differences(t *testing.T, conn driver.Conn, s *story, want int) {
	t.Helper()
	d, err := analytics.ReconcileOrganization(t.Context(), conn, s.org)
	if err != nil || len(d) != want {
		t.Errorf("%d differences, want %d: %+v %v", len(d), want, d, err)
	}
}

// However the log is cut into ranges, whatever is sent twice: the same rows and the same report.
func TestEngagementFollowsFromTheLogAlone(t *testing.T) {
	t.Parallel()
	g, w := runEngagement(t, 25)
	s := newStory(t, w)
	left := map[int]int{}
	random := rand.New(rand.NewPCG(7, 7))
	for i := range 300 {
		n := random.IntN(40)
		at := start.Add(time.Duration(i) * time.Hour)
		class := []string{events.ClassHuman, events.ClassProxy, events.ClassScanner}[random.IntN(3)]
		switch random.IntN(8) {
		case 0, 1, 2: // a message leaves, is refused, or is in doubt and left after all
			if left[n]++; left[n] == 1 {
				s.facts([]es.Payload{s.sent(n, at), s.doubt(n, at), s.doubt(n, at), s.failed(n, at)}[n%4])
			} else if left[n] == 2 && n%4 == 1 {
				s.facts(events.MessageResolved{MessageRef: s.ref(n), Sent: true}, s.sent(n, at), events.MessageReplied{SentMessageRef: s.answered(n), Mail: events.Mail{MailID: uuid.New(), ReceivedAt: at}})
			} else if left[n] == 2 && n%4 == 2 {
				s.facts(s.sent(n, at)) // its result came late
			}
		case 3:
			s.facts(s.opened(n, random.IntN(60), class, at), s.clicked(n, 100+random.IntN(60), class, at))
		case 4:
			s.facts(s.corrected(n, random.IntN(160), class), events.ReplyReclassified{SentMessageRef: s.answered(n), MailID: name("again", i), Meaning: events.MeansInterested})
		case 5, 7:
			s.facts(events.MessageBounced{SentMessageRef: s.answered(n), Kind: events.BounceSoft, ReportedAt: at}, s.opened(n, 200+i, class, at))
		case 6:
			s.facts(events.CampaignSettingsChanged{CampaignRef: events.CampaignRef{CampaignID: s.campaign}, CampaignSettings: events.CampaignSettings{TimeZone: []string{"", "Asia/Tokyo", "Pacific/Honolulu"}[random.IntN(3)]}})
		}
	}
	g.wait(t, w)
	differences(t, g.conn, s, 0)
	small := rows(t, g.conn)
	want := must(analytics.Campaign(t.Context(), g.conn, s.org, s.campaign, analytics.Filter{Mailboxes: true}))

	table, other := analytics.Engagement(), chtest.Share(t)
	if err := analytics.Migrate(t.Context(), other.Conn); err != nil {
		t.Fatal(err)
	}
	add := must(table.Prepare(t.Context(), other.Conn, s.Events))
	b := must(other.Conn.PrepareBatch(t.Context(), "INSERT INTO "+table.Into))
	for _, e := range s.Events {
		if err := add(b, e); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Send(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := table.Repair(t.Context(), other.Conn, s.Events); err != nil {
			t.Fatal(err)
		}
	}
	differences(t, other.Conn, s, 0)
	if all := rows(t, other.Conn); all != small {
		t.Errorf("one range:\n%.2000s\nsmall ranges:\n%.2000s", all, small)
	}
	got := must(analytics.Campaign(t.Context(), other.Conn, s.org, s.campaign, analytics.Filter{Mailboxes: true}))
	if !reflect.DeepEqual(got, want) {
		t.Errorf("one range:\n%s\nsmall ranges:\n%s", short(got.Figures), short(want.Figures))
	}
}

func rows(t *testing.T, conn driver.Conn) string {
	t.Helper()
	r, err := conn.Query(t.Context(), `SELECT toString(tuple(* EXCEPT (log_partition))) FROM engagement FINAL ORDER BY oseq, fact`)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var out []string
	for r.Next() {
		var s string
		if err := r.Scan(&s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	if len(out) < 100 {
		t.Fatalf("%d rows: %v", len(out), r.Err())
	}
	return strings.Join(out, "\n")
}
