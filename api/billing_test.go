package api_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"outrider/api"
	"outrider/commands"
	"outrider/internal/app/billing"
	"outrider/internal/lab/stripelike"
)

const hookSecret = "whsec_test"

// shop is a world in which plans are sold, by a stand-in of Stripe.
type shop struct {
	*world
	stripe *stripelike.Server
	mirror *billing.Mirror
	broken atomic.Bool // what the provider sends gets lost after it was read
}

func openShop(t *testing.T) *shop {
	t.Helper()
	w := build(t)
	s := &shop{world: w}
	hooks := httptest.NewServer(http.HandlerFunc(func(to http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		_, _ = body.ReadFrom(r.Body)
		if s.broken.Load() {
			to.WriteHeader(http.StatusInternalServerError)
			return
		}
		to.WriteHeader(s.hook(body.Bytes(), r.Header.Get("Stripe-Signature")).status)
	}))
	t.Cleanup(hooks.Close)
	var front atomic.Pointer[stripelike.Server]
	pages := httptest.NewServer(http.HandlerFunc(func(to http.ResponseWriter, r *http.Request) { front.Load().ServeHTTP(to, r) }))
	t.Cleanup(pages.Close)
	s.stripe = stripelike.New(stripelike.Config{Key: "sk_test_1", BaseURL: pages.URL, Endpoint: hooks.URL, Secret: hookSecret, Hold: true})
	front.Store(s.stripe)
	t.Cleanup(s.stripe.Close)
	provider, err := billing.NewProvider(billing.Config{Key: "sk_test_1", URL: pages.URL, Plans: commands.Plans(), Wait: time.Millisecond})
	check(t, err)
	check(t, provider.SetUp(t.Context(), "usd", map[string]int64{"starter": 1900, "growth": 9900, "scale": 29900}, map[string]int64{"growth": 5}))
	s.mirror = &billing.Mirror{Provider: provider, Inbox: billing.NewInbox(w.db.Pools.Identity), Commands: w.cfg.Commands, Plans: commands.Plans(), Now: w.clock.now, Log: slog.New(slog.DiscardHandler)}
	w.cfg.Selling = &api.Selling{Mirror: s.mirror, Secrets: []string{"whsec_new", hookSecret}, BaseURL: w.cfg.BaseURL}
	w.serve(nil)
	return s
}

// hook sends a notification as Stripe does.
func (s *shop) hook(body []byte, signature string) answer {
	s.t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, s.url()+billing.WebhookPath, bytes.NewReader(body))
	check(s.t, err)
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	if signature != "" {
		r.Header.Set("Stripe-Signature", signature)
	}
	res, err := http.DefaultClient.Do(r)
	check(s.t, err)
	check(s.t, res.Body.Close())
	return answer{status: res.StatusCode}
}

// follow delivers what the provider has to say, and brings it in.
func (s *shop) follow() {
	s.t.Helper()
	s.stripe.Deliver()
	if _, err := s.mirror.WorkOff(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) customer(c *client) string {
	s.t.Helper()
	id, err := s.mirror.Inbox.CustomerOf(s.t.Context(), c.org)
	check(s.t, err)
	return id
}

// page reads a page of the provider.
func (s *shop) page(url string) string {
	s.t.Helper()
	r, err := http.Get(url) //nolint:noctx,gosec // on loopback
	check(s.t, err)
	defer func() { _ = r.Body.Close() }()
	text, err := io.ReadAll(r.Body)
	check(s.t, err)
	return string(text)
}

// buy pays for a plan.
func (s *shop) buy(c *client, plan string) {
	s.t.Helper()
	page := c.ok("POST", "/v1/billing/checkout", obj{"plan": plan})
	check(s.t, s.stripe.Pay(page.text("url")))
	s.follow()
	c.until("/v1/billing", func(a answer) bool { return a.text("plan") == plan })
}

func status(c *client) string {
	return c.ok("GET", "/v1/organizations/"+c.org.String(), nil).text("status")
}

func TestAPlanIsBoughtChangedAndEnded(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	c := s.tenant("starter")
	before := c.ok("GET", "/v1/billing", nil)
	if before.text("provider") != "stripe" || len(before.list("offers")) != 3 || before.json["upgrades"] != true {
		t.Fatalf("%s", before.body)
	}
	for _, p := range c.ok("GET", "/v1/plans", nil).list("data") {
		plan := p.(map[string]any)
		offer, sold := plan["offer"].(map[string]any)
		if sold != (plan["name"] != "enterprise") || plan["name"] == "growth" && (offer["amount"] != 9900.0 || offer["extra_lead_amount"] != 5.0) {
			t.Errorf("%v", plan)
		}
	}
	c.refused(404, "not_found", "POST", "/v1/billing/portal", nil)
	c.refused(404, "not_found", "PUT", "/v1/billing/subscription", obj{"plan": "scale"})
	c.refused(422, "invalid", "POST", "/v1/billing/checkout", obj{"plan": "enterprise"}) // is not sold
	s.buy(c, "growth")
	c.refused(409, "already_exists", "POST", "/v1/billing/checkout", obj{"plan": "scale"})
	if back := s.page(c.ok("POST", "/v1/billing/portal", nil).text("url")); !strings.Contains(back, base+"/o/") {
		t.Errorf("the portal leads back: %s", back)
	}
	if back := s.page(c.ok("POST", "/v1/billing/portal", nil, "Origin", c.url()).text("url")); !strings.Contains(back, c.url()+"/o/") { // where the person looks from
		t.Errorf("the portal leads back: %s", back)
	}
	if back := s.page(c.ok("POST", "/v1/billing/portal", nil, "Origin", "https://elsewhere.example").text("url")); strings.Contains(back, "elsewhere") {
		t.Errorf("the portal leads elsewhere: %s", back)
	}
	invoice := c.until("/v1/invoices", func(a answer) bool { return len(a.list("data")) == 1 }).list("data")[0].(map[string]any)
	if invoice["status"] != "paid" || invoice["total"] != 9900.0 {
		t.Errorf("%v", invoice)
	}
	shown := c.ok("GET", "/v1/invoices/"+invoice["id"].(string), nil)
	if !strings.HasSuffix(shown.text("pdf_url"), "/pdf") || shown.list("lines")[0].(map[string]any)["kind"] != "plan" {
		t.Errorf("%s", shown.body)
	}
	preview := c.ok("POST", "/v1/billing/preview", obj{"plan": "scale"})
	if due := preview.json["due_now"].(float64); due <= 19000 || due > 20000 { // a whole month of the difference, a moment after its begin
		t.Errorf("%s", preview.body)
	}
	if c.ok("GET", "/v1/billing", nil).text("plan") != "growth" {
		t.Error("a preview has changed the plan")
	}
	changed := c.ok("PUT", "/v1/billing/subscription", obj{"plan": "scale", "at": preview.text("at")})
	if changed.text("plan") != "scale" {
		t.Errorf("%s", changed.body)
	}
	s.follow() // says the same once more
	if got := c.ok("DELETE", "/v1/billing/subscription", nil).json["subscription"].(map[string]any); got["cancel_at_period_end"] != true {
		t.Errorf("%v", got)
	}
	if got := c.ok("POST", "/v1/billing/subscription/resume", nil).json["subscription"].(map[string]any); got["cancel_at_period_end"] != false {
		t.Errorf("%v", got)
	}
	c.ok("DELETE", "/v1/billing/subscription", nil)
	s.stripe.Advance(32 * 24 * time.Hour)
	s.follow()
	c.until("/v1/organizations/"+c.org.String(), func(a answer) bool {
		return a.text("status") == "suspended" && a.text("status_cause") == "payment"
	})
	s.buy(c, "starter") // by who is suspended
	c.until("/v1/organizations/"+c.org.String(), func(a answer) bool { return a.text("status") == "active" && a.text("plan") == "starter" })
}

func TestAPaymentThatFailsAndRecovers(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	c := s.tenant("starter")
	s.buy(c, "growth")
	s.stripe.SetCard(s.customer(c), stripelike.CardDeclines)
	s.stripe.Advance(32 * 24 * time.Hour)
	s.follow()
	c.until("/v1/billing", func(a answer) bool {
		failed, _ := a.json["failed"].(map[string]any)
		return failed["attempt"] == 1.0 && a.json["subscription"].(map[string]any)["status"] == "past_due"
	})
	c.until("/v1/organizations/"+c.org.String(), func(a answer) bool { return a.text("status") == "past_due" && a.text("next_status") == "suspended" })
	s.stripe.SetCard(s.customer(c), stripelike.CardWorks)
	s.stripe.PayOpen(s.customer(c))
	s.follow()
	c.until("/v1/billing", func(a answer) bool { return a.json["failed"] == nil })
	c.until("/v1/organizations/"+c.org.String(), func(a answer) bool { return a.text("status") == "active" })
	told := 0
	for _, e := range s.eventsOf(c.org) {
		if e.Type == "billing.payment_failed.v1" {
			told++
		}
	}
	if told != 1 {
		t.Errorf("a failed payment was told %d times", told)
	}
}

// TestNotificationsThatAreNot: whoever isn't Stripe costs nothing, and changes nothing.
func TestNotificationsThatAreNot(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	now := time.Now()
	body := []byte(`{"id": "evt_1",  "type":"invoice.paid","created":1,"api_version":"2023-10-16","data":{"object":{"id":"in_1","customer":"cus_1"}}}` + "\r\n")
	before := s.stripe.Calls()
	for what, header := range map[string]string{
		"nothing":      "",
		"garbage":      "t=1,v1=00",
		"no time":      "v1=00",
		"another's":    stripelike.Sign(body, "whsec_other", now),
		"old":          stripelike.Sign(body, hookSecret, now.Add(-301*time.Second)),
		"ahead":        stripelike.Sign(body, hookSecret, now.Add(310*time.Second)),
		"another body": stripelike.Sign(bytes.TrimSpace(body), hookSecret, now),
	} {
		if got := s.hook(body, header); got.status != http.StatusForbidden {
			t.Errorf("%s: %d", what, got.status)
		}
	}
	for range 200 {
		if got := s.hook(body, "t=1,v1=00"); got.status != http.StatusForbidden {
			t.Fatal(got.status)
		}
	}
	if got := s.hook(append([]byte(`{"x":"`), append(bytes.Repeat([]byte("a"), 2<<20), `"}`...)...), stripelike.Sign(body, hookSecret, now)); got.status != http.StatusRequestEntityTooLarge {
		t.Errorf("a large body: %d", got.status)
	}
	if open, err := s.mirror.Inbox.Open(t.Context()); err != nil || open != 0 || len(s.stripe.Calls()) != len(before) {
		t.Errorf("%d are kept, %v, calls %v", open, err, s.stripe.Calls())
	}
	for range 2 { // by the secret that goes, once each; and byte for byte
		if got := s.hook(body, stripelike.Sign(body, hookSecret, now)); got.status != http.StatusNoContent {
			t.Errorf("a true one: %d", got.status)
		}
	}
	other := bytes.Replace(body, []byte("evt_1"), []byte("evt_2"), 1)
	both := stripelike.Sign(other, "whsec_new", now) + "," + strings.SplitN(stripelike.Sign(other, hookSecret, now), ",", 2)[1]
	if got := s.hook(other, both); got.status != http.StatusNoContent {
		t.Errorf("one with two signatures: %d", got.status)
	}
	if open, err := s.mirror.Inbox.Open(t.Context()); err != nil || open != 2 {
		t.Errorf("%d are kept, %v", open, err)
	}
}

// TestAProcessEndsBetweenTheSteps of a notification; nothing is lost, and nothing happens twice.
func TestAProcessEndsBetweenTheSteps(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	c := s.tenant("starter")
	check(t, s.stripe.Pay(c.ok("POST", "/v1/billing/checkout", obj{"plan": "growth"}).text("url")))
	s.broken.Store(true) // it was read, and not kept
	if n := s.stripe.Deliver(); n != 0 {
		t.Fatalf("%d were taken", n)
	}
	s.broken.Store(false)
	s.stripe.Deliver()
	for _, step := range []string{billing.StepTaken, billing.StepRead, billing.StepSent} {
		s.mirror.Between = func(at string) {
			if at == step {
				runtime.Goexit()
			}
		}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_, _ = s.mirror.WorkOff(context.Background())
		}()
		<-ended
	}
	s.mirror.Between = nil
	s.follow()
	c.until("/v1/billing", func(a answer) bool { return a.text("plan") == "growth" })
	kinds := map[string]int{}
	for _, e := range s.eventsOf(c.org) {
		kinds[e.Type]++
	}
	if kinds["organization.plan_changed.v2"] != 1 || kinds["billing.customer_linked.v1"] != 1 {
		t.Errorf("%v", kinds)
	}
	if open, err := s.mirror.Inbox.Open(t.Context()); err != nil || open != 0 {
		t.Errorf("%d are open, %v", open, err)
	}
}

// TestNotificationsOfOneObjectCostOneReading, and one object doesn't wait for another.
func TestNotificationsOfOneObjectCostOneReading(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	c := s.tenant("starter")
	check(t, s.stripe.Pay(c.ok("POST", "/v1/billing/checkout", obj{"plan": "growth"}).text("url")))
	_, kinds := s.stripe.Held() // of a subscription and its invoice
	s.stripe.Deliver()
	before := s.stripe.Calls()
	var taken atomic.Int32
	together := make(chan struct{})
	s.mirror.Between = func(at string) {
		if at != billing.StepTaken {
			return
		}
		if taken.Add(1) == 2 {
			close(together)
		}
		select {
		case <-together:
		case <-time.After(time.Minute):
			t.Error("the invoice waits for the subscription, or the other way round")
		}
	}
	n, err := s.mirror.WorkOff(t.Context())
	if err != nil || n != len(kinds) || n < 5 || taken.Load() != 2 {
		t.Errorf("of %v %d were followed, in %d pieces, %v", kinds, n, taken.Load(), err)
	}
	read := 0
	for call, n := range s.stripe.Calls() {
		if strings.HasPrefix(call, "GET /v1/subscriptions/") || strings.HasPrefix(call, "GET /v1/invoices/") {
			read += n - before[call]
		}
	}
	if read != 2 {
		t.Errorf("%d notifications cost %d readings, %v", n, read, s.stripe.Calls())
	}
	c.until("/v1/billing", func(a answer) bool { return a.text("plan") == "growth" })
	c.until("/v1/invoices", func(a answer) bool { return len(a.list("data")) == 1 })
}

// TestAStaleAnswer is from before what the provider told of: it is asked again, and changes nothing back.
func TestAStaleAnswer(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	c := s.tenant("starter")
	s.buy(c, "growth")
	id := c.ok("GET", "/v1/billing", nil).json["subscription"].(map[string]any)["id"].(string)
	s.stripe.AnswerStale(id)
	c.ok("DELETE", "/v1/billing/subscription", nil) // reads the stale one first
	s.stripe.Advance(32 * 24 * time.Hour)
	s.stripe.AnswerStale(id)
	s.follow()
	c.until("/v1/organizations/"+c.org.String(), func(a answer) bool { return a.text("status") == "suspended" })
	_, err := s.mirror.Refresh(t.Context(), id)
	check(t, err)
	if got := status(c); got != "suspended" {
		t.Errorf("it is %s", got)
	}
}

// TestTheComparisonNamesAndMends what no notification told.
func TestTheComparisonNamesAndMends(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	op, c := s.operator(), s.tenant("starter")
	op.refused(404, "not_found", "GET", "/v1/admin/billing", nil)
	check(t, s.stripe.Pay(c.ok("POST", "/v1/billing/checkout", obj{"plan": "growth"}).text("url"))) // and nobody tells us
	compare := func() answer {
		op.do("POST", "/v1/admin/billing", nil)
		ran, err := billing.Comparer{Mirror: s.mirror, Reads: s.db.Pools.API}.RunAsked(t.Context(), time.Time{})
		if err != nil || !ran {
			t.Fatal(ran, err)
		}
		return op.ok("GET", "/v1/admin/billing", nil)
	}
	found := compare()
	if got := found.list("differences"); len(got) != 2 || got[0].(map[string]any)["mended"] != true || got[0].(map[string]any)["organization_id"] != c.org.String() || got[0].(map[string]any)["organization_name"] == "" {
		t.Fatalf("%s", found.body)
	}
	c.until("/v1/billing", func(a answer) bool { return a.text("plan") == "growth" })
	c.until("/v1/invoices", func(a answer) bool { return len(a.list("data")) == 1 })
	if got := compare(); len(got.list("differences")) != 0 || got.text("error") != "" || got.json["customers"] != 1.0 {
		t.Errorf("%s", got.body)
	}
}

func TestLimitsOfOneOrganisation(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	op, c := s.operator(), s.tenant("starter")
	path := "/v1/admin/organizations/" + c.org.String() + "/limits"
	op.ok("PUT", path, obj{"overrides": obj{"mailboxes": 7}, "reason": "contract of March"})
	if got := c.ok("GET", "/v1/billing", nil).json["overrides"].(map[string]any); got["mailboxes"] != 7.0 {
		t.Errorf("%v", got)
	}
	if got := op.ok("GET", "/v1/admin/organizations/"+c.org.String(), nil).json["overrides"].(map[string]any); len(got) != 1 || got["mailboxes"] != 7.0 {
		t.Errorf("the operator sees %v", got)
	}
	s.buy(c, "growth")
	c.until("/v1/usage", func(a answer) bool {
		l := a.json["limits"].(map[string]any)
		return l["mailboxes"] == 7.0 && l["seats"] == 5.0
	})
	op.refused(422, "invalid", "PUT", path, obj{"overrides": obj{"cars": 1}})
	c.refused(403, "forbidden", "PUT", path, obj{"overrides": obj{}})
}

func TestNothingIsSoldWithoutAKey(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serve(nil)
	c := w.tenant("starter")
	if got := c.ok("GET", "/v1/billing", nil); got.text("provider") != "none" || len(got.list("offers")) != 0 || got.json["upgrades"] != false {
		t.Errorf("%s", got.body)
	}
	c.refused(404, "not_found", "POST", "/v1/billing/checkout", obj{"plan": "growth"})
}
