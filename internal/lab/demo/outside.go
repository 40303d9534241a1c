package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/billing"
	"outrider/internal/app/client"
	"outrider/internal/app/webhooks"
	"outrider/internal/lab/hubspotlike"
	"outrider/internal/lab/mailserver/loopback"
	"outrider/internal/lab/stripelike"
	"outrider/projections"
)

// outside is what others do with the demonstration's organisation: an endpoint is told of what happens, and a stand-in of Stripe collects what the plan costs.
type outside struct {
	endpoint endpoint
	payments *stripelike.Server
	provider *billing.Provider
	crm      *hubspotlike.Server // nil = none
	flags    []string            // by which the server finds them
	web      []*http.Server
}

// endpoint is told of what happens. Anything that isn't signed is an error.
type endpoint struct {
	url string

	mu     sync.Mutex
	signed *standardwebhooks.Webhook
	got    map[string]string // type by event
	bad    int
}

// toldOf is what the endpoint asks for: little, as each delivery is a request.
func toldOf() []string { return []string{"message.replied", "meeting.booked"} }

// openOutside opens what is outside of the server at a URL. now is the demonstration's time.
func openOutside(now func() time.Time, server string) (o *outside, err error) {
	o = &outside{endpoint: endpoint{got: map[string]string{}}}
	hooks, err := loopback.Listen("127.0.0.1:0")
	if err != nil {
		return o, err
	}
	o.endpoint.url = o.serve(hooks, &o.endpoint)
	pays, err := loopback.Listen("127.0.0.1:0")
	if err != nil {
		return o, err
	}
	const key, secret = "sk_test_demo", "whsec_demo"
	o.payments = stripelike.New(stripelike.Config{Key: key, BaseURL: "http://" + pays.Addr().String(), Now: now, Endpoint: server + billing.WebhookPath, Secret: secret, Client: &http.Client{Timeout: 10 * time.Second}})
	o.payments.Sell("usd", demoPrices(), nil)
	url := o.serve(pays, o.payments)
	o.provider, err = billing.NewProvider(billing.Config{Key: key, URL: url, Plans: commands.Plans()})
	o.flags = []string{"--webhooks", "loopback", "--stripe-key", key, "--stripe-webhook-secret", secret, "--stripe-url", url, "--stripe-demo"}
	return o, err
}

// serve has a handler answer.
func (o *outside) serve(l net.Listener, h http.Handler) (url string) {
	web := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	o.web = append(o.web, web)
	go func() { _ = web.Serve(l) }() // until close
	return "http://" + l.Addr().String()
}

func (o *outside) close() (err error) {
	for _, web := range o.web {
		err = errors.Join(err, web.Close())
	}
	if o.payments != nil {
		o.payments.Close()
	}
	if err != nil {
		return fmt.Errorf("close what is outside: %w", err)
	}
	return nil
}

// ServeHTTP takes deliveries.
func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	e.mu.Lock()
	defer e.mu.Unlock()
	var p webhooks.Payload
	if err == nil && e.signed != nil {
		err = errors.Join(e.signed.Verify(body, r.Header), jsonInto(body, &p))
	}
	if err != nil || e.signed == nil || p.ID.String() != r.Header.Get(standardwebhooks.HeaderWebhookID) {
		e.bad++
		http.Error(w, "not signed", http.StatusUnauthorized)
		return
	}
	e.got[p.ID.String()] = p.Type
	w.WriteHeader(http.StatusNoContent)
}

// wantOutside has the organisation tell the endpoint, pay for its plan, and be given a feature.
func (s *Setup) wantOutside(ctx context.Context) error {
	o := s.Outside
	if o == nil {
		return nil
	}
	types := toldOf()
	hook, position, err := client.Read[client.Webhook](s.API.AddWebhook(ctx, nil, client.WebhookCreate{URL: o.endpoint.url, Types: &types}, s.Once("webhook")))
	if err != nil {
		return err
	}
	s.remember(position)
	if hook.Secret == nil {
		return errors.New("the webhook's secret isn't told")
	}
	o.endpoint.mu.Lock()
	o.endpoint.signed, err = standardwebhooks.NewWebhook(*hook.Secret)
	o.endpoint.mu.Unlock()
	if err != nil {
		return fmt.Errorf("read the webhook's secret: %w", err)
	}
	if o.crm != nil {
		if err := s.connectCRM(ctx); err != nil {
			return err
		}
	}
	if _, sold := demoPrices()[s.Plan]; !sold {
		return nil
	}
	page, _, err := client.Read[client.ProviderPage](s.API.StartCheckout(ctx, nil, client.PlanChoice{Plan: s.Plan}, s.Once("checkout")))
	if err != nil {
		return err
	}
	return o.payments.Pay(page.URL)
}

// demoFlag is a feature that some organisations are given, by their plan and a part of them.
const demoFlag = "demo_half"

func demoRule(plan string) events.FlagRule {
	return events.FlagRule{Enabled: true, Rollout: events.FlagParts / 2, Plans: []string{plan}}
}

func (d *demonstration) setFlag(ctx context.Context, platform *client.Client) error {
	rule := demoRule(d.scene.Plan)
	_, _, err := client.Read[any](platform.SetFlag(ctx, demoFlag, nil, client.FlagSet{Enabled: rule.Enabled, Rollout: rule.Rollout, Plans: &rule.Plans}, client.Once(d.scene.Run+" flag")))
	return err
}

// OutsideFigures are what others have of the organisation, beside what the product says of it.
type OutsideFigures struct {
	Webhooks      Classed  `json:"webhooks"`      // deliveries that arrived, and those that the product has queued
	Subscriptions Classed  `json:"subscriptions"` // at the payment provider, and shown
	Invoices      Classed  `json:"invoices"`      // likewise
	Flags         Classed  `json:"flags"`         // features that the rules give the organisation, and those that its history has
	CRM           *Classed `json:"crm,omitempty"` // contacts and activities that it holds, and must by the log; only where one is connected
}

// outsideWait is how long deliveries may be on their way, in real time: a lease of a process that was killed is over by then.
const outsideWait = 75 * time.Second

// compareOutside compares what others have with what the product says, once that is there.
func (d *demonstration) compareOutside(ctx context.Context, said Figures) (f OutsideFigures, mismatches []string, err error) {
	mismatches, err = awaitEqual(ctx, func() (differs []string, err error) {
		f, differs, err = d.lookOutside(ctx, said)
		return differs, err
	})
	return f, mismatches, err
}

// awaitEqual looks until nothing differs, or nothing can be on its way any more.
func awaitEqual(ctx context.Context, look func() (differs []string, err error)) (differs []string, err error) {
	for began := time.Now(); ; {
		if differs, err = look(); err != nil || len(differs) == 0 || time.Since(began) > outsideWait {
			return differs, err
		}
		select {
		case <-ctx.Done():
			return differs, ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
}

func (d *demonstration) lookOutside(ctx context.Context, said Figures) (f OutsideFigures, mismatches []string, err error) {
	customer := d.outside.payments.CustomerOf(d.shown.ID.String())
	var subscriptions []events.Subscription
	var invoices []events.Invoice
	if customer != "" {
		if subscriptions, err = d.outside.provider.ListSubscriptions(ctx, customer); err == nil {
			invoices, err = d.outside.provider.ListInvoices(ctx, customer)
		}
		if err != nil {
			return f, nil, err
		}
	}
	var mine ours
	if err := d.queryAsAPI(ctx, d.server.runningNow(), func(tx pgx.Tx) (err error) {
		mine, err = readOurs(ctx, tx, d.shown.ID)
		return err
	}); err != nil {
		return f, nil, err
	}
	arrived := d.outside.endpoint.all()
	f.Webhooks, f.Subscriptions, f.Invoices = Classed{len(arrived), len(mine.deliveries)}, Classed{len(subscriptions), len(mine.subscriptions)}, Classed{len(invoices), len(mine.invoices)}
	truth := events.FlagState{Rule: demoRule(d.scene.Plan), Seed: events.FlagSeed(demoFlag), Phase: events.FlagPhaseOpen}
	has := map[string]bool{}
	if on, _ := truth.Reaches(d.shown.ID, d.scene.Plan); on {
		has[demoFlag] = true
	}
	f.Flags = Classed{len(has), len(mine.features)}
	differ := func(what string, theirs, ours map[string]bool) {
		for _, x := range slices.Sorted(maps.Keys(theirs)) {
			if !ours[x] {
				mismatches = append(mismatches, fmt.Sprintf("%s: %s is there, and the product doesn't say so", what, x))
			}
		}
		for _, x := range slices.Sorted(maps.Keys(ours)) {
			if !theirs[x] {
				mismatches = append(mismatches, fmt.Sprintf("%s: the product has %s, and it isn't there", what, x))
			}
		}
	}
	differ("webhooks", arrived, mine.deliveries)
	differ("subscriptions", namesOf(subscriptions, nameSubscription), mine.subscriptions)
	differ("invoices", namesOf(invoices, nameInvoice), mine.invoices)
	differ("flags", has, mine.features)
	if n := d.outside.endpoint.count("meeting.booked"); n != said.Meetings {
		mismatches = append(mismatches, fmt.Sprintf("webhooks: told of %d meetings, %d were booked", n, said.Meetings))
	}
	if n := d.outside.endpoint.refused(); n > 0 {
		mismatches = append(mismatches, fmt.Sprintf("webhooks: %d deliveries were not signed", n))
	}
	if d.outside.crm != nil {
		held, differs, err := d.compareCRM(ctx)
		if err != nil {
			return f, mismatches, err
		}
		f.CRM, mismatches = &held, append(mismatches, differs...)
	}
	return f, mismatches, nil
}

// ours is what the product says of what is outside.
type ours struct{ deliveries, subscriptions, invoices, features map[string]bool }

func readOurs(ctx context.Context, tx pgx.Tx, org uuid.UUID) (o ours, err error) {
	o = ours{map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}}
	hooks, err := projections.ListWebhooks(ctx, tx, org)
	if err != nil {
		return o, err
	}
	for _, w := range hooks {
		const many = 1 << 20
		list, err := webhooks.List(ctx, tx, org, webhooks.Filter{Webhook: w.WebhookID}, 0, many)
		if err != nil {
			return o, err
		}
		for _, x := range list {
			o.deliveries[x.EventID.String()] = true
		}
	}
	row, err := projections.GetBilling(ctx, tx, org)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return o, err
	}
	if err == nil && row.Subscription != nil {
		var s events.Subscription
		if err := jsonInto(row.Subscription, &s); err != nil {
			return o, err
		}
		o.subscriptions[nameSubscription(s)] = true
	}
	invoices, err := projections.ListInvoices(ctx, tx, org, 0, 1000)
	if err != nil {
		return o, err
	}
	for _, i := range invoices {
		o.invoices[nameInvoice(events.Invoice{InvoiceID: i.ProviderID, Status: i.Status, Total: i.Total, AmountPaid: i.AmountPaid})] = true
	}
	switches, err := projections.ListFlagSwitches(ctx, tx, org)
	for _, s := range switches {
		if s.On && s.Flag == demoFlag {
			o.features[s.Flag] = true
		}
	}
	return o, err
}

func namesOf[T any](all []T, name func(T) string) map[string]bool {
	out := map[string]bool{}
	for _, x := range all {
		out[name(x)] = true
	}
	return out
}

func nameSubscription(s events.Subscription) string {
	return fmt.Sprintf("%s (%s, %s, until %s)", s.SubscriptionID, s.Plan, s.Status, s.PeriodTo.UTC().Format(time.DateOnly))
}

func nameInvoice(i events.Invoice) string {
	return fmt.Sprintf("%s (%s, %d of %d paid)", i.InvoiceID, i.Status, i.AmountPaid, i.Total)
}

func (e *endpoint) all() map[string]bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := map[string]bool{}
	for id := range e.got {
		out[id] = true
	}
	return out
}

func (e *endpoint) count(kind string) (n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, k := range e.got {
		if k == kind {
			n++
		}
	}
	return n
}

func (e *endpoint) refused() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.bad
}

func jsonInto(b []byte, out any) error {
	if err := json.Unmarshal(b, out); err != nil {
		return fmt.Errorf("read what is outside: %w", err)
	}
	return nil
}
