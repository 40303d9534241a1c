package rebuild_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/reader"
	"outrider/internal/postgres"
	"outrider/projections"
	"outrider/projections/reconcile"
)

func (w *world) comparison() reconcile.Job {
	return reconcile.Job{Partitions: partitions, Postgres: w.db.Pools.Projector, Columns: w.engine.Conn, Decode: projections.Decode, Now: time.Date(2026, 3, 9, 3, 0, 0, 0, time.UTC),
		Scan: func(ctx context.Context, cfg reader.Config, to int64, fn func(context.Context, reader.Batch) error) error {
			_, _, err := reader.Scan(ctx, w.in.Log, cfg, to, fn)
			return err
		}}
}

func TestAComparisonWithTheLogFindsWhatIsDamaged(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.tell(12)
	w.tellOutside(1, org(1, 1))
	w.settle()
	job := w.comparison()
	differ := func() (out []string) {
		t.Helper()
		results, err := job.Run(t.Context())
		check(t, err)
		if len(results) != partitions {
			t.Fatalf("%d organisations were compared", len(results))
		}
		for _, r := range results {
			for _, c := range r.Checks {
				if len(c.Log) == 0 && slices.Contains([]string{"leads", "messages", "outcomes", "hits", "events", "engagement", "figures"}, c.Name) ||
					r.OrgID == org(1, 1) && len(c.Log) == 0 && slices.Contains(outside(), c.Name) {
					t.Errorf("%s compared nothing", c.Name)
				}
				if !c.Agrees {
					if r.OrgID != org(1, 1) {
						t.Errorf("%+v of %s", c, r.OrgID)
					}
					out = append(out, c.Name)
				}
			}
		}
		return out
	}
	if d := differ(); len(d) != 0 {
		t.Fatalf("before anything was damaged: %v", d)
	}
	o := org(1, 1)
	for _, sql := range []string{
		`update read.leads set erased_at = null where org_id = $1 and lead_id = $2`,
		`delete from read.message_hits where org_id = $1 and hit_id = $3`,
		`update read.webhooks set types = '["lead.created"]' where org_id = $1`,
		`update read.connections set paused = true where org_id = $1`,
		`update read.billing set subscription = jsonb_set(subscription, '{status}', '"active"') where org_id = $1`,
		`update read.invoices set amount_paid = total where org_id = $1`,
		`update read.flag_switches set is_on = not is_on where org_id = $1 and flag = 'second'`,
	} {
		_, err := w.db.Pools.Projector.Exec(t.Context(), sql+` and $2::uuid is not null and $3::uuid is not null`, o, id(o, "lead", 2), id(o, "hit", 1))
		check(t, err)
	}
	if d := differ(); !slices.Equal(d, append(outside(), "leads", "hits")) {
		t.Errorf("in Postgres: %v", d)
	}
	w.engine.Exec(`ALTER TABLE events UPDATE data = 'x' WHERE org = '`+o.String()+`' AND oseq = 7 SETTINGS mutations_sync = 2`,
		`ALTER TABLE engagement DELETE WHERE org = '`+o.String()+`' AND fact = 'reply' SETTINGS mutations_sync = 2`)
	if d := differ(); !slices.Equal(d, append(outside(), "leads", "hits", "events", "engagement", "figures", "rollups")) {
		t.Errorf("in ClickHouse: %v", d)
	}
	if again, err := job.RunAfter(t.Context(), time.Hour); err != nil || len(again) != 0 {
		t.Errorf("the newest results are young, but it ran again: %v, %v", again, err)
	}
	job.Now = job.Now.Add(2 * time.Hour)
	one := job
	one.Only = o // which doesn't put the comparison of all off
	if alone, err := one.Run(t.Context()); err != nil || len(alone) != 1 || alone[0].OrgID != o || alone[0].Agrees {
		t.Errorf("%+v, %v", alone, err)
	}
	if again, err := job.RunAfter(t.Context(), time.Hour); err != nil || len(again) != partitions {
		t.Errorf("%v, %v", again, err)
	}
}

// outside are the comparisons of what others act on.
func outside() []string {
	return []string{"webhooks", "connections", "subscriptions", "invoices", "features"}
}

// tellOutside has an organisation tell webhooks, be connected, pay, and be given features.
func (w *world) tellOutside(partition int, o uuid.UUID) {
	hook := func(what string) events.WebhookRef { return events.WebhookRef{WebhookID: id(o, what)} }
	crm := func(what string) events.ConnectionRef { return events.ConnectionRef{ConnectionID: id(o, what)} }
	added := func(what string, types ...string) events.WebhookAdded {
		return events.WebhookAdded{WebhookRef: hook(what), Kind: events.WebhookEndpoint, WebhookSettings: events.WebhookSettings{Types: types, Version: 1}}
	}
	pays := events.BillingRef{OrganizationID: o}
	flag := func(name string, on bool, version int) events.FlagSwitched {
		return events.FlagSwitched{FlagRef: events.FlagRef{Flag: name}, On: on, Version: version, Why: events.FlagWhyRollout}
	}
	for _, f := range []es.Payload{
		added("hook", "message.sent"), events.WebhookChanged{WebhookRef: hook("hook"), WebhookSettings: events.WebhookSettings{Types: []string{"message.sent", "lead.created"}}}, events.WebhookDisabled{WebhookRef: hook("hook"), Reason: events.WebhookOffGone},
		added("other"), added("gone"), events.WebhookDisabled{WebhookRef: hook("other"), Reason: events.WebhookOffGone}, events.WebhookEnabled{WebhookRef: hook("other")}, events.WebhookRemoved{WebhookRef: hook("gone")},
		events.ConnectionMade{ConnectionRef: crm("crm"), Provider: "hubspot"}, events.ConnectionMapped{ConnectionRef: crm("crm")}, events.ConnectionInterrupted{ConnectionRef: crm("crm"), Reason: "revoked"},
		events.ConnectionMade{ConnectionRef: crm("old"), Provider: "hubspot"}, events.ConnectionRemoved{ConnectionRef: crm("old")},
		events.SubscriptionRecorded{BillingRef: pays, Subscription: events.Subscription{SubscriptionID: "sub_1", Status: "active", Plan: "growth"}, Reading: 1},
		events.SubscriptionRecorded{BillingRef: pays, Subscription: events.Subscription{SubscriptionID: "sub_1", Status: "past_due", Plan: "growth", CancelAtPeriodEnd: true}, Reading: 2},
		events.InvoiceRecorded{BillingRef: pays, Invoice: events.Invoice{InvoiceID: "in_1", Status: events.InvoiceOpen, Total: 9900, AmountDue: 9900, Attempts: 1}, Reading: 3},
		flag("second", false, 1), flag("first", true, 1), flag("second", true, 2),
	} {
		w.facts(partition, o, f)
	}
}

// Whatever comes late, twice, corrected or of people who go: figures, rows, Postgres and a fold of the log say the same.
func TestFiguresOfAnyHistoryAgreeInAllStores(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 2))
	w := setup(t)
	w.tell(8)
	o, at := org(0, w.n), time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	classes := []string{events.ClassHuman, events.ClassProxy, events.ClassScanner}
	corrected := func(mail uuid.UUID, a events.SentMessageRef, when time.Time) {
		meaning := []string{events.MeansInterested, events.MeansNotNow, events.MeansOutOfOffice, events.MeansAutomatic}[random.IntN(4)]
		w.facts(0, o, events.ReplyReclassified{SentMessageRef: a, MailID: mail, From: events.FromLead, ReceivedAt: when, Meaning: meaning, Was: events.MeansOther})
	}
	for range 140 {
		n := random.IntN(8)
		a := events.SentMessageRef{MessageID: id(o, "message", n), LeadID: id(o, "lead", n), CampaignID: id(o, "campaign"), MailboxID: id(o, "mailbox")}
		hit := id(o, "random hit", n, random.IntN(4))
		when := at.Add(time.Duration(random.IntN(200)) * time.Hour)
		switch random.IntN(14) {
		case 0, 1:
			w.facts(0, o, events.MessageOpened{SentMessageRef: a, HitID: hit, Class: classes[n%3], At: when})
		case 2:
			w.facts(0, o, events.MessageClicked{SentMessageRef: a, HitID: id(hit, "click"), Class: classes[(n+1)%3], At: when})
		case 3:
			w.facts(0, o, events.HitReclassified{SentMessageRef: a, HitID: id(o, "hit", n), Class: classes[random.IntN(3)], Reason: "test"})
		case 4:
			w.facts(0, o, events.MessageBounced{SentMessageRef: a, Kind: events.BounceSoft, ReportedAt: when})
		case 5:
			w.facts(0, o, events.MessageReplied{SentMessageRef: a, Mail: events.Mail{MailID: id(o, "mail", n, random.IntN(3)), ReceivedAt: when}}, events.MessageComplained{SentMessageRef: a, ReportedAt: when})
		case 6:
			w.facts(0, o, events.MessageAutoReplied{SentMessageRef: a, Mail: events.Mail{MailID: id(o, "auto", n), ReceivedAt: when}})
		case 7:
			w.facts(0, o, events.LeadUnsubscribed{SentMessageRef: a, How: events.UnsubscribePage, At: when})
		case 8: // somebody knows better what an answer means, also one that was taken for an automatic one
			corrected(id(o, "mail", n, random.IntN(3)), a, when)
		case 12: // and changes their mind
			mail := id(o, "auto", n)
			w.facts(0, o, events.MessageAutoReplied{SentMessageRef: a, Mail: events.Mail{MailID: mail, ReceivedAt: when}, OutOfOffice: random.IntN(2) == 0})
			corrected(mail, a, when)
			corrected(mail, a, when)
		case 13: // what a provider didn't try, and what a receiver put off
			w.facts(0, o, events.MessageDelayed{SentMessageRef: a, ReportID: id(hit, "delay"), DelayedAt: when, ToldAt: when})
			w.facts(0, o, events.MessageDropped{SentMessageRef: a, ReportID: id(hit, "drop"), Reason: events.DroppedInvalid, DroppedAt: when, ToldAt: when},
				events.MessageBounced{SentMessageRef: a, Kind: events.BounceHard, Detail: events.DroppedDetail + "no such address", ReportedAt: when})
		case 9:
			w.facts(0, o, events.MeetingBooked{SentMessageRef: a, MeetingID: id(o, "meeting", n), BookedAt: when, StartsAt: when.Add(48 * time.Hour), EndsAt: when.Add(49 * time.Hour)})
		case 10: // late, of what was said already
			w.facts(0, o, events.MessageOpened{SentMessageRef: a, HitID: hit, Class: classes[n%3], At: when.Add(-time.Hour)}, events.MessageBounced{SentMessageRef: a, Kind: events.BounceHard, ReportedAt: when})
		case 11:
			w.facts(0, o, events.LeadErased{LeadRef: events.LeadRef{LeadID: a.LeadID}})
		}
	}
	w.settle()
	results, err := w.comparison().Run(t.Context())
	check(t, err)
	compared := 0
	families := []string{"outcomes", "figures", "engagement", "rollups", "outreach"}
	for _, r := range results {
		for _, c := range r.Checks {
			if slices.Contains(families, c.Name) {
				compared++
			}
			if !c.Agrees {
				t.Errorf("seed %d: %+v", seed, c)
			}
		}
	}
	if compared != len(families)*partitions {
		t.Errorf("%d were compared", compared)
	}
}

// asked is what a process that answers wishes said.
type asked struct {
	results []reconcile.Result
	err     error
}

// ask notes a wish as the api does.
func (w *world) ask(org uuid.UUID) (at time.Time) {
	w.t.Helper()
	check(w.t, postgres.WriteInOrg(w.t.Context(), w.db.Pools.API, org, func(tx pgx.Tx) error {
		wish, err := reconcile.Ask(w.t.Context(), tx, org, uuid.New())
		if err == nil && wish.Wait != 0 {
			err = fmt.Errorf("it has to wait for %s", wish.Wait)
		}
		at = wish.RequestedAt
		return err
	}))
	return at
}

func (w *world) sql(statement string, args ...any) {
	w.t.Helper()
	_, err := w.db.Pools.Projector.Exec(w.t.Context(), statement, args...)
	check(w.t, err)
}

// answering answers wishes until the test ends.
func (w *world) answering(job reconcile.Job) <-chan asked {
	ctx, cancel := context.WithCancel(context.Background())
	said, done := make(chan asked, 100), make(chan struct{})
	go func() {
		defer close(done)
		job.Serve(ctx, func(r []reconcile.Result, err error) { said <- asked{r, err} })
	}()
	w.t.Cleanup(func() { cancel(); <-done })
	return said
}

func (w *world) latest(org uuid.UUID) (r reconcile.Result, err error) {
	w.t.Helper()
	return r, postgres.InOrg(w.t.Context(), w.db.Pools.API, org, func(tx pgx.Tx) (err error) {
		r, err = reconcile.Latest(w.t.Context(), tx, org)
		return err
	})
}

func TestAnOrganisationIsComparedWhenItAsks(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.tell(4)
	w.tell(4)
	w.settle()
	me, neighbour, job := org(1, 1), org(1, 2), w.comparison()
	at := w.ask(me) // nobody hears it
	said := w.answering(job)
	if a := <-said; a.err != nil || len(a.results) != 1 || a.results[0].OrgID != me || !a.results[0].Agrees || len(a.results[0].Checks) < 8 {
		t.Fatalf("%+v", a)
	}
	r, err := w.latest(me)
	if err != nil || !r.CheckedAt.After(at) || !r.Agrees || !r.RequestedAt.IsZero() {
		t.Errorf("asked at %s: %+v, %v", at, r, err)
	}
	if _, err := w.latest(neighbour); !errors.Is(err, pgx.ErrNoRows) {
		t.Errorf("the neighbour, who did not ask: %v", err)
	}
	w.sql(`delete from read.message_hits where org_id = $1 and hit_id = $2`, me, id(me, "hit", 1))
	w.sql(`update kernel.reconciliation_wishes set requested_at = requested_at - interval '1 hour'`)
	w.ask(me) // and it is heard
	a := <-said
	if a.err != nil || len(a.results) != 1 || a.results[0].Agrees {
		t.Fatalf("%+v", a)
	}
	for _, c := range a.results[0].Checks {
		if c.Agrees == (c.Name == "hits") {
			t.Errorf("%+v", c)
		}
	}
}

func TestAWishOutlivesWhoFailsToAnswerIt(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.tell(1)
	w.settle()
	me, job := org(1, 1), w.comparison()
	scan, broken := job.Scan, atomic.Bool{}
	broken.Store(true)
	job.Scan = func(ctx context.Context, cfg reader.Config, to int64, fn func(context.Context, reader.Batch) error) error {
		if broken.Load() {
			return errors.New("the log is away")
		}
		return scan(ctx, cfg, to, fn)
	}
	w.sql(`insert into kernel.reconciliations (org_id, checked_at, agrees, checks) values ($1, '2026-03-09T03:00:00Z', true, '[]')`, me)
	at := w.ask(me)
	said := w.answering(job)
	again := func() asked {
		w.sql(`update kernel.reconciliation_wishes set tried_at = null`)
		w.sql(`select pg_notify('outrider_reconciliation_wishes', '')`)
		return <-said
	}
	for n, a := 1, <-said; n <= 5; n, a = n+1, again() {
		if a.err == nil || !strings.Contains(a.err.Error(), fmt.Sprintf("attempt %d of 5: fold partition 1: the log is away", n)) {
			t.Fatalf("attempt %d: %+v", n, a)
		}
		if r, err := w.latest(me); err != nil || !r.RequestedAt.Equal(at) {
			t.Fatalf("after attempt %d it is not pending: %+v, %v", n, r, err)
		}
		if n == 5 {
			break
		}
	}
	if a := again(); a.err == nil || !strings.Contains(a.err.Error(), "it must ask again") {
		t.Errorf("%+v", a)
	}
	if r, err := w.latest(me); err != nil || !r.RequestedAt.IsZero() || !r.Agrees {
		t.Errorf("given up: %+v, %v", r, err)
	}
	broken.Store(false)
	w.sql(`update kernel.reconciliation_wishes set requested_at = requested_at - interval '1 hour'`)
	w.ask(me)
	if a := <-said; a.err != nil || len(a.results) != 1 {
		t.Errorf("asked again: %+v", a)
	}
}
