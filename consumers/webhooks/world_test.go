package webhooks

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"outrider/events"
	"outrider/internal/app/webhooks"
	"outrider/internal/dial"
	"outrider/internal/engines/enginestest"
	"outrider/internal/es"
	"outrider/internal/lab/reactortest"
	"outrider/internal/pii"
	"outrider/internal/postgres"
	"outrider/internal/postgres/postgrestest"
	"outrider/projections"
)

func TestMain(m *testing.M) { enginestest.Main(m) }

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// world is a queue with its reactor, on Postgres, and a clock that stands still until it is moved.
type world struct {
	reactortest.Boundary
	t        *testing.T
	db       *postgrestest.Database
	vault    *pii.Vault
	queue    Queue
	enqueuer *Enqueuer

	mu   sync.Mutex
	now  time.Time
	log  []*es.Event
	oseq map[uuid.UUID]int64
}

func setup(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, db: postgrestest.New(t, projections.Migrations()), now: time.Now().UTC().Truncate(time.Second), oseq: map[uuid.UUID]int64{}}
	master, err := pii.CreateMaster(filepath.Join(t.TempDir(), "master.key"))
	check(t, err)
	w.vault, err = pii.NewVault(w.db.Pools.Vault, master, pii.Options{})
	check(t, err)
	w.queue = Queue{Pool: w.db.Pools.Projector, Now: w.clock}
	w.enqueuer, err = NewEnqueuer(EnqueueConfig{Queue: w.queue, Vault: w.vault, History: w, Wake: func() {}, Shown: func(context.Context, *es.Event) error { return nil }})
	check(t, err)
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// ByTime is the history of what happened.
func (w *world) ByTime(_ context.Context, org uuid.UUID, from, to time.Time, after int64, limit int) (out []*es.Event, _ error) {
	for _, e := range w.log {
		if e.Org == org && e.Oseq > after && !e.Time.Before(from) && e.Time.Before(to) && len(out) < limit {
			out = append(out, e)
		}
	}
	return out, nil
}

// happen tells the read models and the reactor, the latter twice, as it may hear of an event again.
func (w *world) happen(org uuid.UUID, facts ...events.Event) (out []*es.Event) {
	w.t.Helper()
	for _, f := range facts {
		data, err := es.Marshal(f)
		check(w.t, err)
		w.oseq[org]++
		e := &es.Event{ID: es.NewID(), Org: org, Type: f.EventType(), Subject: f.AggregateID(), Oseq: w.oseq[org], Pseq: w.oseq[org], Time: w.clock(), Data: data}
		e.Payload, err = projections.Decode(e.Type, data)
		check(w.t, err)
		w.log = append(w.log, e)
		check(w.t, pgx.BeginFunc(w.t.Context(), w.db.Pools.Projector, func(tx pgx.Tx) error {
			for _, p := range projections.All(w.vault) {
				if slices.Contains([]string{"webhooks", "leads"}, p.Name) {
					if err := p.Handle(w.t.Context(), tx, []*es.Event{e}); err != nil {
						return err
					}
				}
			}
			return nil
		}))
		for range 2 {
			if w.enqueuer.Reactor().Wants(e.Type) {
				_, err := w.enqueuer.Reactor().Handle(w.t.Context(), e)
				check(w.t, err)
			}
		}
		out = append(out, e)
	}
	return out
}

// add makes a webhook, and returns it with its secret.
func (w *world) add(org uuid.UUID, url string, personal bool, types ...string) (uuid.UUID, string) {
	w.t.Helper()
	id := es.NewID()
	sealed, err := webhooks.SealURL(w.t.Context(), w.vault, org, id, url)
	check(w.t, err)
	secret, err := webhooks.IssueSecret(w.t.Context(), w.vault, org, id)
	check(w.t, err)
	w.happen(org, events.WebhookAdded{WebhookRef: ref(id), Kind: events.WebhookEndpoint, WebhookSettings: events.WebhookSettings{URL: sealed, Types: types, Version: 1, Personal: personal}})
	return id, secret
}

func ref(id uuid.UUID) events.WebhookRef { return events.WebhookRef{WebhookID: id} }

func (w *world) sender(d dial.Dialer) *Sender {
	w.t.Helper()
	s, err := NewSender(SenderConfig{Queue: w.queue, Vault: w.vault, Reads: w.db.Pools.API, Commands: w, Dialer: d, Now: w.clock, Log: slog.New(slog.DiscardHandler)})
	check(w.t, err)
	return s
}

var onLoopback = dial.Dialer{Reach: dial.Loopback}

// drain delivers until nothing is due.
func (w *world) drain(s *Sender) {
	w.t.Helper()
	for {
		s.Wait()
		n, err := s.Round(w.t.Context())
		check(w.t, err)
		if n == 0 {
			return
		}
	}
}

func (w *world) deliveries(org, webhook uuid.UUID) (out []*webhooks.Delivery) {
	w.t.Helper()
	check(w.t, postgres.InOrg(w.t.Context(), w.db.Pools.API, org, func(tx pgx.Tx) (err error) {
		out, err = webhooks.List(w.t.Context(), tx, org, webhooks.Filter{Webhook: webhook}, 0, 1000)
		return err
	}))
	slices.Reverse(out)
	return out
}

// receiver is an endpoint: it remembers what came, and answers as it is told.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	got    []received
	answer func(n int, w http.ResponseWriter, r *http.Request) // nil: 204
}

type received struct {
	id, body string
	header   http.Header
}

func listen(t *testing.T, answer func(n int, w http.ResponseWriter, r *http.Request)) *receiver {
	t.Helper()
	x := &receiver{answer: answer}
	x.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		x.mu.Lock()
		x.got = append(x.got, received{r.Header.Get(standardwebhooks.HeaderWebhookID), string(body), r.Header.Clone()})
		n := len(x.got)
		x.mu.Unlock()
		if x.answer != nil {
			x.answer(n, w, r)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(x.Close)
	return x
}

func (x *receiver) all() []received {
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.Clone(x.got)
}

func (x *receiver) ids() (out []string) {
	for _, r := range x.all() {
		out = append(out, r.id)
	}
	return out
}

func idsOf(all []*es.Event) (out []string) {
	for _, e := range all {
		out = append(out, e.ID.String())
	}
	return out
}

// sent is that a message left to a lead.
func sent(lead uuid.UUID) events.MessageSent {
	return events.MessageSent{MessageRef: events.MessageRef{MessageID: es.NewID(), EnrollmentID: es.NewID(), LeadID: lead, CampaignID: es.NewID()}, MailboxID: es.NewID(), Step: 1}
}
