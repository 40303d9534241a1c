package webhooks

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/webhooks"
	"outrider/internal/es"
	"outrider/internal/lab/reactortest"
)

func verify(t *testing.T, secret string, r received) error {
	t.Helper()
	wh, err := standardwebhooks.NewWebhook(secret)
	check(t, err)
	return wh.Verify([]byte(r.body), r.header)
}

func TestTheReferenceVerifiesDeliveriesOverARotation(t *testing.T) {
	t.Parallel()
	w, org := setup(t), es.NewID()
	x, s := listen(t, nil), w.sender(onLoopback)
	hook, first := w.add(org, x.URL, false)
	lead := es.NewID()
	next := func() received {
		w.happen(org, sent(lead))
		w.drain(s)
		all := x.all()
		return all[len(all)-1]
	}
	r := next()
	check(t, verify(t, first, r))
	until := w.clock().Add(time.Minute)
	second, err := webhooks.RotateSecret(t.Context(), w.vault, org, hook, es.NewID(), until)
	check(t, err)
	if second == first || second == "" {
		t.Fatal("a rotation makes another secret")
	}
	r = next()
	check(t, verify(t, first, r))
	check(t, verify(t, second, r))
	w.pass(time.Minute)
	r = next()
	check(t, verify(t, second, r))
	if verify(t, first, r) == nil {
		t.Error("the old secret signs after its time")
	}
	r.body += " "
	if verify(t, second, r) == nil {
		t.Error("a changed body is verified")
	}
	if shown, err := webhooks.IssueSecret(t.Context(), w.vault, org, hook); err != nil || shown != "" {
		t.Errorf("a secret is shown again: %q %v", shown, err)
	}
}

func TestADeliveryIsThinAndNamesItsEvent(t *testing.T) {
	t.Parallel()
	w, org := setup(t), es.NewID()
	x, s := listen(t, nil), w.sender(onLoopback)
	hook, _ := w.add(org, x.URL, false, "message.sent")
	m := sent(es.NewID())
	m.AddressHash = "0123456789abcdef0123456789abcdef"
	e := w.happen(org, events.LeadErased{LeadRef: events.LeadRef{LeadID: m.LeadID}}, m)[1]
	w.drain(s)
	all := x.all()
	if len(all) != 1 {
		t.Fatalf("%d deliveries, want the chosen type, once: %v", len(all), all)
	}
	var p webhooks.Payload
	check(t, json.Unmarshal([]byte(all[0].body), &p))
	if p.ID != e.ID || all[0].id != e.ID.String() || p.Type != "message.sent" || p.OrganizationID != org || p.Person != nil || webhooks.LeadOf(p.Data) != m.LeadID || !p.Timestamp.Equal(e.Time) {
		t.Errorf("delivered %s", all[0].body)
	}
	if len(all[0].body) > 20_000 || slices.Contains([]string{all[0].body}, m.AddressHash) {
		t.Error("it isn't thin")
	}
	d := w.deliveries(org, hook)
	if len(d) != 1 || d[0].State != webhooks.Delivered || d[0].Tries != 1 {
		t.Errorf("logged %+v", d)
	}
}

func TestASubjectsOrderIsKeptWhileOneFails(t *testing.T) {
	t.Parallel()
	w, org := setup(t), es.NewID()
	x := listen(t, func(n int, rw http.ResponseWriter, _ *http.Request) {
		if n <= 2 { // the first of each lead
			rw.WriteHeader(http.StatusBadGateway)
		}
	})
	s := w.sender(onLoopback)
	hook, _ := w.add(org, x.URL, false)
	ann, bob := es.NewID(), es.NewID()
	ofAnn, ofBob := w.happen(org, sent(ann), sent(ann), sent(ann)), w.happen(org, sent(bob), sent(bob))
	w.drain(s)
	if got := x.ids(); len(got) != 2 || !slices.Contains(got, ofAnn[0].ID.String()) || !slices.Contains(got, ofBob[0].ID.String()) {
		t.Fatalf("tried %v, want the first of each lead alone", got)
	}
	w.pass(7 * time.Second)
	w.drain(s)
	for lead, of := range map[string][]*es.Event{"ann": ofAnn, "bob": ofBob} {
		var order []string
		for _, id := range x.ids()[2:] {
			if slices.Contains(idsOf(of), id) {
				order = append(order, id)
			}
		}
		if !slices.Equal(order, idsOf(of)) {
			t.Errorf("of %s came %v, want %v", lead, order, idsOf(of))
		}
	}
	for _, d := range w.deliveries(org, hook) {
		if d.State != webhooks.Delivered {
			t.Errorf("%s is %s", d.EventID, d.State)
		}
	}
}

// A process that dies with deliveries under way leaves them to another: each arrives at least once, in its order.
func TestWhatWasUnderWayWhenAProcessEndedGoesAgain(t *testing.T) {
	t.Parallel()
	w, org := setup(t), es.NewID()
	reached, ended := make(chan struct{}, 1), make(chan struct{})
	x := listen(t, func(n int, rw http.ResponseWriter, r *http.Request) {
		if n == 1 {
			reached <- struct{}{}
			select {
			case <-ended:
			case <-r.Context().Done():
			}
		}
	})
	hook, _ := w.add(org, x.URL, false)
	all := w.happen(org, sent(hook), sent(hook), sent(hook))
	dying, kill := context.WithCancel(t.Context())
	first := w.sender(onLoopback)
	if n, err := first.Round(dying); n != 1 || err != nil {
		t.Fatalf("%d taken: %v", n, err)
	}
	<-reached
	kill()
	first.Wait()
	close(ended)
	second := w.sender(onLoopback)
	w.drain(second)
	if got := x.ids(); len(got) != 1 {
		t.Fatalf("%v came while the lease of the dead process held", got)
	}
	w.pass(lease)
	w.drain(second)
	if got := x.ids(); !slices.Equal(got[1:], idsOf(all)) {
		t.Errorf("came %v, want %v after the first try", got, idsOf(all))
	}
}

func TestASlowEndpointDelaysNobodyElse(t *testing.T) {
	t.Parallel()
	w, slow, quick := setup(t), es.NewID(), es.NewID()
	release := make(chan struct{})
	hanging := listen(t, func(_ int, _ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	x := listen(t, nil)
	for range perOrg { // far more than the organisation has places
		w.add(slow, hanging.URL, false)
	}
	hook, _ := w.add(quick, x.URL, false)
	for range 5 {
		w.happen(slow, sent(es.NewID()))
	}
	s := w.sender(onLoopback)
	for range 3 {
		_, err := s.Round(t.Context())
		check(t, err)
	}
	w.happen(quick, sent(es.NewID()), sent(es.NewID()))
	for delivered := 0; delivered < 2; { // while all of the slow one's places are taken
		_, err := s.Round(t.Context())
		check(t, err)
		delivered = 0
		for _, d := range w.deliveries(quick, hook) {
			if d.State == webhooks.Delivered {
				delivered++
			}
		}
	}
	if under, _ := s.snapshot(); under.orgs[slow] != perOrg {
		t.Errorf("%d deliveries of the slow one are under way, want %d", under.orgs[slow], perOrg)
	}
	for id, n := range s.under.webhooks {
		if n > perWebhook {
			t.Errorf("%d deliveries to %s are under way, want %d at most", n, id, perWebhook)
		}
	}
	close(release)
	w.drain(s)
	if got := len(hanging.all()); got != 5*perOrg {
		t.Errorf("the slow one got %d deliveries, want %d", got, 5*perOrg)
	}
}

func TestAnEndpointThatIsGoneIsSwitchedOff(t *testing.T) {
	t.Parallel()
	w, org := setup(t), es.NewID()
	x := listen(t, func(_ int, rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusGone) })
	s := w.sender(onLoopback)
	hook, _ := w.add(org, x.URL, false)
	w.happen(org, sent(es.NewID()))
	w.drain(s)
	off := reactortest.Of[commands.DisableWebhook](t, &w.Boundary)
	if len(off) != 1 || off[0].Reason != events.WebhookOffGone || off[0].WebhookID != hook || off[0].Status != 410 {
		t.Fatalf("asked for %+v", off)
	}
	w.happen(org, events.WebhookDisabled{WebhookRef: ref(hook), Reason: events.WebhookOffGone}, sent(es.NewID()))
	w.pass(200 * time.Hour)
	w.drain(s)
	if got := len(x.all()); got != 1 {
		t.Fatalf("an endpoint that is off got %d deliveries, want 1", got)
	}
	x.answer = nil
	w.happen(org, events.WebhookEnabled{WebhookRef: ref(hook)})
	w.drain(s)
	if got := x.ids(); len(got) != 2 || got[0] != got[1] {
		t.Errorf("once it is on again came %v, want what had waited, and nothing of what happened in between", got)
	}
}

func TestADeliveryIsTriedForThreeDaysAndThenTheEndpointIsSwitchedOff(t *testing.T) {
	t.Parallel()
	w, org := setup(t), es.NewID()
	x := listen(t, func(_ int, rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusInternalServerError) })
	s := w.sender(onLoopback)
	hook, _ := w.add(org, x.URL, false)
	w.happen(org, sent(es.NewID()))
	began := w.clock()
	w.drain(s)
	for try := 2; try <= 10; try++ {
		d := w.deliveries(org, hook)[0]
		if d.Tries != try-1 || d.State != webhooks.Waiting || d.NextAt == nil {
			t.Fatalf("before try %d: %+v", try, d)
		}
		wait, table := d.NextAt.Sub(w.clock()), waits()[try-2]
		if wait < table || wait > table*6/5+time.Second {
			t.Errorf("try %d comes after %s, want %s and up to a fifth more", try, wait, table)
		}
		if off := reactortest.Of[commands.DisableWebhook](t, &w.Boundary); len(off) != 0 {
			t.Fatalf("switched off before try %d", try)
		}
		w.pass(wait)
		w.drain(s)
	}
	d := w.deliveries(org, hook)[0]
	if took := w.clock().Sub(began); d.State != webhooks.Failed || d.Tries != 10 || took < 75*time.Hour || took > 92*time.Hour {
		t.Errorf("after %s: %+v", took, d)
	}
	off := reactortest.Of[commands.DisableWebhook](t, &w.Boundary)
	if len(off) != 1 || off[0].Reason != events.WebhookOffFailing || !off[0].Since.Equal(began) {
		t.Errorf("asked for %+v", off)
	}
}

// One event that an endpoint never takes is no reason to keep all others from it.
func TestAnEndpointThatTakesOthersStaysOn(t *testing.T) {
	t.Parallel()
	w, org := setup(t), es.NewID()
	bad := es.NewID()
	x := listen(t, nil)
	s := w.sender(onLoopback)
	w.add(org, x.URL, false)
	e := w.happen(org, sent(bad))[0]
	x.answer = func(n int, rw http.ResponseWriter, r *http.Request) {
		if r.Header.Get(standardwebhooks.HeaderWebhookID) == e.ID.String() {
			rw.WriteHeader(http.StatusInternalServerError)
		}
	}
	for range 10 {
		w.happen(org, sent(es.NewID()))
		w.drain(s)
		w.pass(30 * time.Hour)
	}
	w.drain(s)
	if off := reactortest.Of[commands.DisableWebhook](t, &w.Boundary); len(off) != 0 {
		t.Errorf("switched off: %+v", off)
	}
}

func TestRetryAfterIsHeeded(t *testing.T) {
	t.Parallel()
	w, org := setup(t), es.NewID()
	x := listen(t, func(n int, rw http.ResponseWriter, _ *http.Request) {
		if n == 1 {
			rw.Header().Set("Retry-After", strconv.Itoa(600))
			rw.WriteHeader(http.StatusTooManyRequests)
		}
	})
	s := w.sender(onLoopback)
	w.add(org, x.URL, false)
	w.happen(org, sent(es.NewID()))
	w.drain(s)
	w.happen(org, sent(es.NewID())) // the endpoint wants nothing at all
	w.pass(599 * time.Second)
	w.drain(s)
	if got := len(x.all()); got != 1 {
		t.Fatalf("%d deliveries before the endpoint wants one", got)
	}
	w.pass(time.Second)
	w.drain(s)
	if got := len(x.all()); got != 3 {
		t.Errorf("%d deliveries in all, want 3", got)
	}
}

func TestReplayAndRedeliveryKeepTheIDs(t *testing.T) {
	t.Parallel()
	w, org := setup(t), es.NewID()
	early := w.happen(org, sent(es.NewID()))[0] // before there is a webhook
	w.pass(time.Minute)
	x, s := listen(t, nil), w.sender(onLoopback)
	hook, _ := w.add(org, x.URL, false, "message.sent")
	lead := es.NewID()
	all := w.happen(org, sent(lead), sent(lead))
	w.drain(s)
	if got := x.ids(); !slices.Equal(got, idsOf(all)) {
		t.Fatalf("came %v, want %v", got, idsOf(all))
	}
	w.pass(time.Minute)
	w.happen(org, events.WebhookReplayRequested{WebhookRef: ref(hook), ReplayID: es.NewID(), From: w.clock().Add(-time.Hour), To: w.clock()})
	w.drain(s)
	got := x.ids()[2:]
	if want := append([]string{early.ID.String()}, idsOf(all)...); len(got) != 3 || !sameSet(got, want) || slices.Index(got, want[1]) > slices.Index(got, want[2]) {
		t.Fatalf("replayed %v, want %v", got, want)
	}
	w.happen(org, events.WebhookRedeliveryRequested{WebhookRef: ref(hook), RedeliveryID: es.NewID(), DeliveryID: w.deliveries(org, hook)[0].DeliveryID})
	w.drain(s)
	if got := x.ids()[5:]; !slices.Equal(got, idsOf(all)[:1]) {
		t.Errorf("redelivered %v, want %v", got, idsOf(all)[:1])
	}
	test := w.happen(org, events.WebhookTested{WebhookRef: ref(hook), TestID: es.NewID()})[0]
	w.drain(s)
	if got := x.ids()[6:]; !slices.Equal(got, []string{test.ID.String()}) {
		t.Errorf("tested with %v, want %v", got, test.ID)
	}
}

func sameSet(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}

func TestARemovedWebhookLeavesNothing(t *testing.T) {
	t.Parallel()
	w, org := setup(t), es.NewID()
	x, s := listen(t, nil), w.sender(onLoopback)
	hook, _ := w.add(org, x.URL, false)
	w.happen(org, sent(es.NewID()), events.WebhookRemoved{WebhookRef: ref(hook)}, sent(es.NewID()))
	w.drain(s)
	if got := len(x.all()); got != 0 {
		t.Errorf("%d deliveries to a webhook that is gone", got)
	}
	var left int
	check(t, w.db.Pools.Projector.QueryRow(t.Context(), `select (select count(*) from webhooks.deliveries) + (select count(*) from webhooks.lanes)`).Scan(&left))
	if left != 0 {
		t.Errorf("%d rows are left", left)
	}
	if _, err := w.vault.Secret(t.Context(), org, "webhook "+hook.String()); err == nil {
		t.Error("its secret is left")
	}
}

func TestWhoALeadIsIsToldWhereItWasAskedForAndWhileItIsKnown(t *testing.T) {
	t.Parallel()
	w, org := setup(t), es.NewID()
	x, s := listen(t, nil), w.sender(onLoopback)
	w.add(org, x.URL, true, "message.sent")
	lead := es.NewID()
	keys, err := w.vault.Keys(t.Context(), org, []uuid.UUID{lead})
	check(t, err)
	profile, err := keys[0].Seal("profile", []byte(`{"email":"ann@example.com","first_name":"Ann"}`))
	check(t, err)
	w.happen(org, events.LeadCreated{LeadRef: events.LeadRef{LeadID: lead}, Profile: events.Sealed(profile), Source: "api"}, sent(lead))
	w.drain(s)
	w.happen(org, events.LeadErased{LeadRef: events.LeadRef{LeadID: lead}}, sent(lead))
	w.drain(s)
	var people []*webhooks.Person
	for _, r := range x.all() {
		var p webhooks.Payload
		check(t, json.Unmarshal([]byte(r.body), &p))
		people = append(people, p.Person)
	}
	if len(people) != 2 || people[0] == nil || people[0].Email != "ann@example.com" || people[0].FirstName != "Ann" || people[1] != nil {
		t.Errorf("told of %+v, want Ann, and nobody once she is erased", people)
	}
	var kept int
	check(t, w.db.Pools.Projector.QueryRow(t.Context(), `select count(*) from webhooks.deliveries where data::text like '%ann@%'`).Scan(&kept))
	if kept != 0 {
		t.Error("the queue holds an address")
	}
}
