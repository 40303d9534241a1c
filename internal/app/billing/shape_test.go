package billing_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"
	"github.com/stripe/stripe-mock/embedded"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/billing"
	"outrider/internal/lab/stripelike"
)

// schemas of Stripe's objects, as it publishes them.
var schemas = sync.OnceValues(func() (*openapi3.T, error) { return openapi3.NewLoader().LoadFromData(embedded.OpenAPISpec) }) //nolint:gochecknoglobals // it takes a second to load

// judge answers as the stand-in does, and says where an answer isn't shaped as Stripe's.
func judge(t *testing.T, next http.Handler) http.Handler {
	t.Helper()
	doc, err := schemas()
	if err != nil {
		t.Fatal(err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		next.ServeHTTP(rec, r)
		if strings.HasPrefix(r.URL.Path, "/v1/") {
			var v any
			if err := json.Unmarshal(rec.Body.Bytes(), &v); err != nil {
				t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
			}
			judgeObject(t, doc, r.Method+" "+r.URL.Path, v)
		}
		for name, values := range rec.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(rec.Code)
		_, _ = w.Write(rec.Body.Bytes())
	})
}

// judgeObject compares an object with the schema of its kind, and each of a list.
func judgeObject(t *testing.T, doc *openapi3.T, where string, v any) {
	t.Helper()
	o, ok := v.(map[string]any)
	if !ok {
		t.Errorf("%s: no object", where)
		return
	}
	kind, _ := o["object"].(string)
	if e, ok := o["error"].(map[string]any); ok {
		if err := doc.Components.Schemas["api_errors"].Value.VisitJSON(e); err != nil {
			t.Errorf("%s: %v", where, err)
		}
		return
	}
	if kind == "list" {
		for i, x := range o["data"].([]any) {
			judgeObject(t, doc, fmt.Sprintf("%s [%d]", where, i), x)
		}
		return
	}
	schema := doc.Components.Schemas[kind]
	if schema == nil {
		t.Errorf("%s: there is no %q", where, kind)
		return
	}
	if err := schema.Value.VisitJSON(v, openapi3.MultiErrors()); err != nil {
		t.Errorf("%s: %s is not as Stripe's: %.2000v", where, kind, err)
	}
}

type standIn struct {
	*stripelike.Server
	url      string
	provider *billing.Provider
	org      uuid.UUID
	customer string
}

func openStandIn(t *testing.T, change func(*stripelike.Config)) *standIn {
	t.Helper()
	s := &standIn{org: uuid.New()}
	var handler http.Handler
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(front.Close)
	cfg := stripelike.Config{Key: "sk_test_1", BaseURL: front.URL, Endpoint: "http://127.0.0.1:1/hooks/stripe", Secret: "whsec_1", Hold: true}
	if change != nil {
		change(&cfg)
	}
	s.Server, s.url = stripelike.New(cfg), front.URL
	t.Cleanup(s.Close)
	handler = judge(t, s.Server)
	var err error
	if s.provider, err = billing.NewProvider(billing.Config{Key: "sk_test_1", URL: front.URL, Plans: commands.Plans(), Wait: time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	if err := s.provider.SetUp(t.Context(), "usd", map[string]int64{"starter": 1900, "growth": 9900, "scale": 29900}, map[string]int64{"growth": 5}); err != nil {
		t.Fatal(err)
	}
	if s.customer, err = s.provider.MakeCustomer(t.Context(), s.org, "Acme"); err != nil {
		t.Fatal(err)
	}
	return s
}

// buy pays for a plan, and returns the subscription.
func (s *standIn) buy(t *testing.T, plan string) events.Subscription {
	t.Helper()
	url, err := s.provider.StartCheckout(t.Context(), s.org, s.customer, plan, "https://app.example.com/paid", "https://app.example.com/left", uuid.NewString())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Pay(url); err != nil {
		t.Fatal(err)
	}
	return s.only(t)
}

func (s *standIn) only(t *testing.T) events.Subscription {
	t.Helper()
	all, err := s.provider.ListSubscriptions(t.Context(), s.customer)
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	return all[0]
}

// A third of the period is over at the provider, whatever the clock of this machine says: what a change costs is for the rest.
func TestAPreviewGoesByTheProvidersClock(t *testing.T) {
	t.Parallel()
	s := openStandIn(t, nil)
	sub := s.buy(t, "growth")
	s.Advance(sub.PeriodTo.Sub(sub.PeriodFrom) / 3)
	preview, err := s.provider.PreviewPlan(t.Context(), sub.SubscriptionID, "scale")
	if err != nil || preview.At.Before(sub.PeriodFrom.Add(9*24*time.Hour)) || preview.DueNow < 13000 || preview.DueNow > 13400 {
		t.Fatalf("%+v %v", preview, err)
	}
	if _, err := s.provider.ChangePlan(t.Context(), sub.SubscriptionID, "scale", preview.At, "change"); err != nil {
		t.Fatal(err)
	}
	if again, err := s.provider.PreviewPlan(t.Context(), sub.SubscriptionID, "growth"); err != nil || again.DueNow > 10 { // what is to be paid and what comes back
		t.Errorf("%+v %v", again, err)
	}
}

// TestTheStandInIsShapedAsStripe lets it answer everything, judged by Stripe's own description; notifications too.
func TestTheStandInIsShapedAsStripe(t *testing.T) {
	t.Parallel()
	s := openStandIn(t, nil)
	ctx := t.Context()
	sub := s.buy(t, "growth")
	if sub.Status != events.SubscriptionActive || sub.Plan != "growth" || sub.PeriodTo.Sub(sub.PeriodFrom) < 27*24*time.Hour {
		t.Fatalf("%+v", sub)
	}
	preview, err := s.provider.PreviewPlan(ctx, sub.SubscriptionID, "scale")
	if err != nil || preview.DueNow < 19900 || preview.DueNow > 20000 || len(preview.Lines) != 3 {
		t.Fatalf("%+v %v", preview, err)
	}
	if changed, err := s.provider.ChangePlan(ctx, sub.SubscriptionID, "scale", preview.At, "change"); err != nil || changed.Plan != "scale" {
		t.Fatalf("%+v %v", changed, err)
	}
	if again, err := s.provider.ChangePlan(ctx, sub.SubscriptionID, "scale", preview.At, "change"); err != nil || again.Plan != "scale" {
		t.Fatalf("the same key: %+v %v", again, err)
	}
	usage := billing.Usage{From: sub.PeriodFrom, To: sub.PeriodTo, Included: 2500, Extra: 7}
	for range 2 { // once, however often it is asked
		if err := s.provider.BillUsage(ctx, s.org, s.customer, "growth", usage); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.provider.OpenPortal(ctx, s.customer, "https://app.example.com"); err != nil {
		t.Fatal(err)
	}
	s.Advance(32 * 24 * time.Hour)
	invoices, err := s.provider.ListInvoices(ctx, s.customer)
	if err != nil || len(invoices) != 2 {
		t.Fatal(invoices, err)
	}
	kinds := map[string]int64{}
	for _, l := range invoices[0].Lines {
		kinds[l.Kind] += l.Quantity
		if l.Kind == events.LineUsage && (!l.From.Equal(usage.From) || l.Included != 2500 || l.Amount != 35) {
			t.Errorf("%+v", l)
		}
	}
	if kinds[events.LineUsage] != 7 || kinds[events.LineProration] != 2 || kinds[events.LinePlan] != 1 {
		t.Errorf("%v", kinds)
	}
	s.SetCard(s.customer, stripelike.CardDeclines)
	s.Advance(31 * 24 * time.Hour)
	if got := s.only(t).Status; got != events.SubscriptionPastDue {
		t.Errorf("after a decline: %s", got)
	}
	s.Advance(16 * 24 * time.Hour)
	if got := s.only(t).Status; got != events.SubscriptionUnpaid {
		t.Errorf("after all tries: %s", got)
	}
	s.SetCard(s.customer, stripelike.CardWorks)
	s.PayOpen(s.customer)
	if got := s.only(t).Status; got != events.SubscriptionActive {
		t.Errorf("paid: %s", got)
	}
	if _, err := s.provider.EndWithPeriod(ctx, sub.SubscriptionID, true, "end"); err != nil {
		t.Fatal(err)
	}
	s.Advance(62 * 24 * time.Hour)
	if got := s.only(t); got.Status != events.SubscriptionCanceled || got.EndedAt.IsZero() {
		t.Errorf("ended: %+v", got)
	}
	doc, err := schemas()
	if err != nil {
		t.Fatal(err)
	}
	bodies, sent := s.Held()
	for i, b := range bodies {
		var v any
		if err := json.NewDecoder(bytes.NewReader(b)).Decode(&v); err != nil {
			t.Fatal(err)
		}
		judgeObject(t, doc, sent[i], v)
		judgeObject(t, doc, "object of "+sent[i], v.(map[string]any)["data"].(map[string]any)["object"])
	}
	for _, want := range []string{"customer.subscription.created", "customer.subscription.updated", "customer.subscription.deleted", "invoice.paid", "invoice.payment_failed", "checkout.session.completed"} {
		if !strings.Contains(strings.Join(sent, " "), want) {
			t.Errorf("%s was not sent: %v", want, sent)
		}
	}
	if secret, err := s.provider.MakeEndpoint(ctx, "https://app.example.com/hooks/stripe"); err != nil || !strings.HasPrefix(secret, "whsec_") {
		t.Errorf("%q %v", secret, err)
	}
	if err := s.provider.CheckEndpoint(ctx, "https://app.example.com/hooks/stripe"); err != nil {
		t.Error(err)
	}
	if err := s.provider.CheckEndpoint(ctx, "https://other.example.com/hooks/stripe"); err == nil {
		t.Error("an endpoint that there isn't is well")
	}
	for endpoint, want := range map[string]url.Values{
		"has the API version": {"api_version": {"2022-11-15"}, "enabled_events[0]": {"*"}},
		"doesn't send":        {"api_version": {billing.APIVersion}, "enabled_events[0]": {"invoice.paid"}},
	} {
		at := "https://" + uuid.NewString() + ".example.com/hooks/stripe"
		want.Set("url", at)
		s.ask(t, "/v1/webhook_endpoints", want)
		if err := s.provider.CheckEndpoint(ctx, at); err == nil || !strings.Contains(err.Error(), endpoint) {
			t.Errorf("one that %s: %v", endpoint, err)
		}
	}
}

// ask makes something at the stand-in that this program doesn't.
func (s *standIn) ask(t *testing.T, path string, form url.Values) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "Bearer sk_test_1")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if _ = res.Body.Close(); res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", path, res.Status)
	}
}

// TestCallsAreTriedAgain when they failed for now, and do nothing twice.
func TestCallsAreTriedAgain(t *testing.T) {
	t.Parallel()
	s := openStandIn(t, nil)
	s.FailNext(503, 429)
	if _, err := s.provider.OpenPortal(t.Context(), s.customer, "https://app.example.com"); err != nil {
		t.Error(err)
	}
	s.FailNext(-500) // it was done, and not answered
	usage := billing.Usage{From: time.Unix(0, 0), To: time.Unix(86400, 0), Included: 1, Extra: 2}
	if err := s.provider.BillUsage(t.Context(), s.org, s.customer, "growth", usage); err != nil {
		t.Error(err)
	}
	s.buy(t, "growth")
	invoices, err := s.provider.ListInvoices(t.Context(), s.customer)
	if err != nil || len(invoices) != 1 || len(invoices[0].Lines) != 2 {
		t.Errorf("%+v %v", invoices, err)
	}
	s.FailNext(500, 500, 500, 500)
	if _, err := s.provider.ListInvoices(t.Context(), s.customer); err == nil {
		t.Error("what fails again and again is well")
	}
	if _, err := s.provider.ReadSubscription(t.Context(), "sub_404"); err == nil || !strings.Contains(err.Error(), billing.ErrGone.Error()) {
		t.Error(err)
	}
}
