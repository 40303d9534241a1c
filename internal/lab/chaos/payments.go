package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/billing"
	"outrider/internal/es"
	"outrider/internal/lab/mailserver/loopback"
	"outrider/internal/lab/stripelike"
)

// payments are organisations that buy, are declined and recover, at a stand-in of Stripe whose notifications come late and twice. The stand-in isn't
// harmed: it has the truth that the log is compared with.
type payments struct {
	stand  *stripelike.Server
	url    string
	flags  []string // of processes that sell or follow
	payers []*tenant
}

// What the notifications of a run wait at most, and the pause between two deeds.
const (
	paymentsLate = 3 * time.Second
	payPause     = 300 * time.Millisecond
)

func (s *system) startPayments() error {
	l, err := loopback.Listen("127.0.0.1:0")
	if err != nil {
		return err
	}
	url := "http://" + l.Addr().String()
	p := &s.payments
	p.url, p.flags = url, []string{"--stripe-key", "sk_test_chaos", "--stripe-webhook-secret", "whsec_chaos", "--stripe-url", url, "--stripe-demo"}
	p.stand = stripelike.New(stripelike.Config{Key: "sk_test_chaos", BaseURL: url, Endpoint: s.url + billing.WebhookPath, Secret: "whsec_chaos", Client: &http.Client{Timeout: 5 * time.Second},
		Misbehave: stripelike.Misbehaviour{Late: paymentsLate, Twice: true}})
	p.stand.Sell("usd", map[string]int64{"starter": 1900, "growth": 9900, "scale": 29900}, nil)
	web := &http.Server{Handler: p.stand, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = web.Serve(l) }() // until it is closed
	s.closers = append(s.closers, func() {
		_ = web.Close()
		p.stand.Close()
	})
	return nil
}

// mostUnfollowed is how many notifications may wait to be followed: then payers wait too, as each month brings several more for each subscription.
const mostUnfollowed = 100

// payAndDecline plays payers until the load ends.
func (l *load) payAndDecline(ctx context.Context) {
	chance := rand.New(rand.NewPCG(l.s.cfg.Seed, 77))
	asker := newAsker(l.s.url, l.elapsed, &l.counts)
	payers := l.s.payments.payers
	if len(payers) == 0 {
		return
	}
	n := -1
	l.untilEnd(ctx, payPause, func() {
		n++
		if waiting, err := l.s.countUnfollowed(ctx); err != nil || waiting > mostUnfollowed { // or Postgres is away
			return
		}
		l.payOnce(ctx, asker, payers[n%len(payers)], chance)
	})
}

// payOnce does one thing that a payer may do. What is refused, as there is no subscription or there is one, is as good.
func (l *load) payOnce(ctx context.Context, asker *asker, t *tenant, chance *rand.Rand) {
	stand := l.s.payments.stand
	customer := stand.CustomerOf(t.id.String())
	ask := func(method, path string, body any) response {
		r := t.writeAsTenant("pay", method, path, body)
		r.once, r.contentType = l.nextName("pay"), "application/json"
		if body == nil {
			r.contentType = ""
		}
		_, res, _ := asker.askUntilAnswered(ctx, r) // no command of the key's own: it isn't in the audit of answers
		return res
	}
	plan := []string{"starter", "growth", "scale"}[chance.IntN(3)]
	switch chance.IntN(7) {
	case 0, 1, 2:
		var page struct{ URL string }
		if res := ask(http.MethodPost, "/v1/billing/checkout", map[string]any{"plan": plan}); res.status == http.StatusCreated && json.Unmarshal(res.body, &page) == nil {
			_ = stand.Pay(page.URL) // a page that was used is as good
			return
		}
		ask(http.MethodPut, "/v1/billing/subscription", map[string]any{"plan": plan})
	case 3:
		stand.SetCard(customer, stripelike.CardDeclines)
		stand.Advance(31 * 24 * time.Hour)
	case 4:
		stand.SetCard(customer, stripelike.CardWorks)
		stand.PayOpen(customer)
	case 5:
		if res := ask(http.MethodDelete, "/v1/billing/subscription", nil); res.status == http.StatusOK && chance.IntN(2) == 0 {
			ask(http.MethodPost, "/v1/billing/subscription/resume", nil)
		}
	case 6:
		stand.Advance(31 * 24 * time.Hour)
	}
}

// settlePayments waits until all that was told has been followed, and counts what stays.
func (s *system) settlePayments(ctx context.Context, res *Result) error {
	var open, sending int
	err := s.awaitEmpty(ctx, func() (n int, err error) {
		if err := s.hurry(ctx, "billing.hints"); err != nil {
			return 0, err
		}
		open, err = s.countUnfollowed(ctx)
		sending = s.payments.stand.Pending()
		return open + sending, err
	})
	if err == nil && open+sending > 0 {
		res.addFinding(&res.BillingDiff, "%d notifications of payments wait to be taken, %d to be followed", sending, open)
	}
	return err
}

// countUnfollowed counts the notifications that were taken and not followed yet.
func (s *system) countUnfollowed(ctx context.Context) (n int, err error) {
	conn, err := pgx.Connect(ctx, s.engines.Postgres)
	if err != nil {
		return 0, fmt.Errorf("look for notifications: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if err := conn.QueryRow(ctx, `select count(*) from billing.hints where done_at is null`).Scan(&n); err != nil {
		return 0, fmt.Errorf("count notifications: %w", err)
	}
	return n, nil
}

// billed is what the log says of an organisation's bill.
type billed struct {
	subscription json.RawMessage
	invoices     map[string]json.RawMessage
}

// seeBill takes what was recorded last.
func (x *logContent) seeBill(e *es.Event) {
	b := x.bills[e.Org]
	if b == nil {
		b = &billed{invoices: map[string]json.RawMessage{}}
		x.bills[e.Org] = b
	}
	var i struct {
		InvoiceID string `json:"invoice_id"`
	}
	if e.Type == "billing.subscription_recorded.v1" {
		b.subscription = e.Data
	} else if es.Unmarshal(e.Data, &i) == nil {
		b.invoices[i.InvoiceID] = e.Data
	}
}

// comparePayments asks the stand-in what it has, and compares it with the log.
func (s *system) comparePayments(ctx context.Context, x *logContent, res *Result) error {
	provider, err := billing.NewProvider(billing.Config{Key: "sk_test_chaos", URL: s.payments.url, Plans: commands.Plans()})
	if err != nil {
		return err
	}
	for _, t := range s.payments.payers {
		customer := s.payments.stand.CustomerOf(t.id.String())
		if customer == "" {
			continue
		}
		bill := x.bills[t.id]
		if bill == nil {
			bill = &billed{}
		}
		subscriptions, err := provider.ListSubscriptions(ctx, customer)
		if err != nil {
			return err
		}
		if len(subscriptions) > 0 { // the newest first
			s.compareBill(res, t.id, subscriptions[0].SubscriptionID, events.SubscriptionRecorded{BillingRef: events.BillingRef{OrganizationID: t.id}, Subscription: subscriptions[0]}, bill.subscription)
		}
		invoices, err := provider.ListInvoices(ctx, customer)
		if err != nil {
			return err
		}
		for _, i := range invoices {
			res.Invoices++
			s.compareBill(res, t.id, i.InvoiceID, events.InvoiceRecorded{BillingRef: events.BillingRef{OrganizationID: t.id}, Invoice: i}, bill.invoices[i.InvoiceID])
		}
	}
	return nil
}

// compareBill compares an object as it would be recorded now with what was, but for the number of the reading.
func (s *system) compareBill(res *Result, org uuid.UUID, id string, theirs events.Event, ours json.RawMessage) {
	want, err := es.Marshal(theirs)
	if err == nil {
		want, err = withoutReading(want)
	}
	got, gotErr := withoutReading(ours)
	if err != nil || gotErr != nil || string(want) != string(got) {
		res.addFinding(&res.BillingDiff, "%s of organisation %s is %s at the payment provider, and %s in the log", id, org, want, got)
	}
}

func withoutReading(data []byte) ([]byte, error) {
	var of map[string]any
	if err := json.Unmarshal(data, &of); err != nil {
		return nil, err
	}
	delete(of, "reading")
	return json.Marshal(of)
}
