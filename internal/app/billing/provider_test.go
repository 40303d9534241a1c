package billing_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stripe/stripe-mock/embedded"
	"github.com/stripe/stripe-mock/server"

	"outrider/commands"
	"outrider/internal/app/billing"
)

// stripeMock is Stripe's own mock (v0.162, the API of 2022-11-15), in this process. It has no state, and refuses parameters that the API doesn't have.
func stripeMock(t *testing.T) *httptest.Server {
	t.Helper()
	spec, err := server.LoadSpec(embedded.OpenAPISpec, "")
	if err != nil {
		t.Fatal(err)
	}
	fixtures, err := server.LoadFixtures(embedded.OpenAPIFixtures, "")
	if err != nil {
		t.Fatal(err)
	}
	stub, err := server.NewStubServer(fixtures, spec, false, false)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/", stub.HandleRequest)
	s := httptest.NewServer(&server.DoubleSlashFixHandler{Mux: mux})
	t.Cleanup(s.Close)
	return s
}

// priced answers the list of prices as an account does that SetUp has made: the mock's own price has no lookup key.
func priced(next http.RoundTripper) http.RoundTripper {
	return tripper(func(r *http.Request) (*http.Response, error) {
		res, err := next.RoundTrip(r)
		if err != nil || res.StatusCode != http.StatusOK || !strings.HasPrefix(r.URL.Path, "/v1/prices") && !strings.HasPrefix(r.URL.Path, "/v1/subscriptions") {
			return res, err
		}
		b, err := io.ReadAll(res.Body)
		if err != nil {
			return nil, err
		}
		res.Body = io.NopCloser(bytes.NewReader(noLookupKey.ReplaceAll(b, []byte(`"lookup_key":"outrider_growth"`))))
		return res, nil
	})
}

var noLookupKey = regexp.MustCompile(`"lookup_key":\s*null`)

type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestEveryCallPassesStripesMock makes each call that there is; the mock refuses a path, a parameter or a value that the API doesn't have.
func TestEveryCallPassesStripesMock(t *testing.T) { // not parallel: the mock prints each request
	out := os.Stdout
	os.Stdout = nil
	defer func() { os.Stdout = out }()
	mock := stripeMock(t)
	var called []string
	p, err := billing.NewProvider(billing.Config{Key: "sk_test_123", URL: mock.URL, Plans: commands.Plans(), AutomaticTax: true, Wait: time.Millisecond, Transport: priced(tripper(func(r *http.Request) (*http.Response, error) {
		called = append(called, r.Method+" "+r.URL.Path)
		if r.URL.Path == "/v1/webhook_endpoints" && r.Method == http.MethodPost { // the mock's list of versions ends before ours
			b, err := io.ReadAll(r.Body)
			if err != nil || !bytes.Contains(b, []byte("api_version="+billing.APIVersion)) {
				t.Errorf("the endpoint is made with %s, %v", b, err)
			}
			b = bytes.Replace(b, []byte("api_version="+billing.APIVersion), []byte("api_version=2022-11-15"), 1)
			r = r.Clone(r.Context())
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(b)), int64(len(b))
		}
		return http.DefaultTransport.RoundTrip(r)
	}))})
	if err != nil {
		t.Fatal(err)
	}
	org := uuid.New()
	for what, do := range map[string]func(context.Context) error{
		"prices": func(ctx context.Context) error { _, err := p.Prices(ctx); return err },
		"set up": func(ctx context.Context) error {
			return p.SetUp(ctx, "usd", map[string]int64{"scale": 100}, map[string]int64{"scale": 1})
		},
		"customer": func(ctx context.Context) error { _, err := p.MakeCustomer(ctx, org, "Acme"); return err },
		"checkout": func(ctx context.Context) error {
			_, err := p.StartCheckout(ctx, org, "cus_1", "growth", "https://app.example.com/paid", "https://app.example.com/left", "k1")
			return err
		},
		"portal": func(ctx context.Context) error {
			_, err := p.OpenPortal(ctx, "cus_1", "https://app.example.com")
			return err
		},
		"read subscription": func(ctx context.Context) error { _, err := p.ReadSubscription(ctx, "sub_1"); return err },
		"list subscriptions": func(ctx context.Context) error {
			_, err := p.ListSubscriptions(ctx, "cus_1")
			return err
		},
		"preview": func(ctx context.Context) error { _, err := p.PreviewPlan(ctx, "sub_1", "growth"); return err },
		"change": func(ctx context.Context) error {
			_, err := p.ChangePlan(ctx, "sub_1", "growth", time.Now(), "k2")
			return err
		},
		"end":          func(ctx context.Context) error { _, err := p.EndWithPeriod(ctx, "sub_1", true, "k3"); return err },
		"resume":       func(ctx context.Context) error { _, err := p.EndWithPeriod(ctx, "sub_1", false, "k4"); return err },
		"end now":      func(ctx context.Context) error { return p.EndNow(ctx, "sub_1") },
		"read invoice": func(ctx context.Context) error { _, _, err := p.ReadInvoice(ctx, "in_1"); return err },
		"list invoices": func(ctx context.Context) error {
			_, err := p.ListInvoices(ctx, "cus_1")
			return err
		},
		"pages": func(ctx context.Context) error { _, err := p.InvoicePages(ctx, "in_1"); return err },
		"make endpoint": func(ctx context.Context) error {
			_, err := p.MakeEndpoint(ctx, "https://app.example.com/hooks/stripe")
			return err
		},
	} {
		if err := do(t.Context()); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := p.CheckEndpoint(t.Context(), "https://app.example.com/hooks/stripe"); err == nil || !strings.Contains(err.Error(), "no webhook endpoint") {
		t.Errorf("check endpoint: %v", err) // the mock has another one
	}
	if err := p.BillUsage(t.Context(), org, "cus_1", "growth", billing.Usage{From: time.Now().AddDate(0, -1, 0), To: time.Now(), Included: 2500, Extra: 3}); err != nil {
		t.Errorf("bill usage: %v", err)
	}
	if len(called) < 20 {
		t.Errorf("only %d calls were made", len(called))
	}
}
