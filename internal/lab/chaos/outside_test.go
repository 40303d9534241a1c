package chaos

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/lab/websites"
	"outrider/projections"
)

func TestADeliveryIsLostUntilItHasArrivedInItsOrder(t *testing.T) {
	t.Parallel()
	one, two, other := toldEvent{"a", "lead.created", "ann", 2}, toldEvent{"b", "lead.updated", "ann", 3}, toldEvent{"c", "lead.created", "bob", 4}
	for name, c := range map[string]struct {
		taken     []string
		unsigned  int
		lost, all int
	}{
		"all in order":               {[]string{"a", "b", "c"}, 0, 0, 3},
		"subjects in another order":  {[]string{"c", "a", "b"}, 0, 0, 3},
		"what nobody asked for, too": {[]string{"a", "x", "b", "c"}, 0, 0, 3},
		"one is missing":             {[]string{"a", "c"}, 0, 1, 2},
		"a later one came first":     {[]string{"b", "a", "c"}, 0, 1, 3},
		"one wasn't signed":          {[]string{"a", "b", "c"}, 1, 1, 3},
		"nothing":                    {nil, 0, 3, 0},
	} {
		h := &hook{taken: c.taken, took: map[string]bool{}, tried: map[string]int{}, unsigned: c.unsigned}
		for _, id := range c.taken {
			h.took[id] = true
		}
		var res Result
		h.audit([]toldEvent{one, two, other}, &res)
		if res.DeliveriesLost != c.lost || res.Deliveries != c.all {
			t.Errorf("%s: %d lost, %d arrived: %v", name, res.DeliveriesLost, res.Deliveries, res.Examples)
		}
	}
}

func TestAWebhookIsDueWhatItsTypesNameSinceItWasAdded(t *testing.T) {
	t.Parallel()
	org, all, some, removed := es.NewID(), &hook{id: es.NewID()}, &hook{id: es.NewID(), types: []string{"lead.created"}}, &hook{id: es.NewID()}
	x := &logContent{told: map[uuid.UUID][]toldEvent{org: nil}, hooked: map[string]int64{}}
	lead := events.LeadRef{LeadID: es.NewID()}
	for i, p := range []events.Event{events.LeadCreated{LeadRef: lead}, events.WebhookAdded{WebhookRef: events.WebhookRef{WebhookID: all.id}}, events.WebhookAdded{WebhookRef: events.WebhookRef{WebhookID: some.id}},
		events.LeadCreated{LeadRef: lead}, events.LeadUpdated{LeadRef: lead}, events.LeadRetagged{LeadRef: lead}} {
		for _, of := range []uuid.UUID{org, es.NewID()} {
			data, err := es.Marshal(p)
			if err == nil {
				err = x.seeTold(&es.Event{ID: es.NewID(), Org: of, Type: p.EventType(), Subject: p.AggregateID(), Oseq: int64(i + 1), Data: data})
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	for h, want := range map[*hook][]int64{all: {4, 5}, some: {4}, removed: nil} {
		h.org = org
		var is []int64
		for _, due := range x.due(h) {
			is = append(is, due.oseq)
		}
		if !slices.Equal(is, want) {
			t.Errorf("due is %v, not %v", is, want)
		}
	}
}

// Only an answer of success counts, and only of what is signed; how the first try goes follows from the event.
func TestAnEndpointFailsOnceAndThenTakes(t *testing.T) {
	t.Parallel()
	secret := "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
	signed, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	h := &hook{path: "/hook", signed: signed, tried: map[string]int{}, took: map[string]bool{}}
	e := &endpoints{hooks: []*hook{h}}
	post := func(id uuid.UUID, body string) int {
		at := time.Now()
		signature, err := signed.Sign(id.String(), at, []byte("{}"))
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodPost, "/hook", strings.NewReader(body))
		for name, v := range map[string]string{standardwebhooks.HeaderWebhookID: id.String(), standardwebhooks.HeaderWebhookTimestamp: fmt.Sprint(at.Unix()), standardwebhooks.HeaderWebhookSignature: signature} {
			r.Header.Set(name, v)
		}
		w := httptest.NewRecorder()
		func() {
			defer func() { _ = recover() }() // it breaks the connection off
			e.ServeHTTP(w, r)
		}()
		return w.Code
	}
	for kind := range 32 {
		id := es.NewID()
		id[15] = byte(kind)
		first := post(id, "{}")
		failed := kind < hookMoves
		if took := h.took[id.String()]; took == failed || failed && kind < hookRests && first < 500 {
			t.Errorf("kind %d is answered with %d, and taken: %t", kind, first, took)
		}
		if second := post(id, "{}"); second != http.StatusNoContent || !h.took[id.String()] {
			t.Errorf("kind %d is answered with %d then", kind, second)
		}
	}
	if len(h.taken) != 32 {
		t.Errorf("%d were taken", len(h.taken))
	}
	if id := es.NewID(); post(id, "{} ") != http.StatusUnauthorized || h.unsigned != 1 || h.took[id.String()] {
		t.Error("what isn't signed is taken")
	}
}

func TestFeaturesAreHeldAgainstTheirNewestRule(t *testing.T) {
	t.Parallel()
	small, large := es.NewID(), es.NewID()
	f := newFlags()
	see := func(org uuid.UUID, kind, data string) { f.see(&es.Event{Org: org, Type: kind, Data: []byte(data)}) }
	wrong := func(n int, what string) {
		t.Helper()
		if d := f.differences(); len(d) != n {
			t.Errorf("%s: %v", what, d)
		}
	}
	see(small, "organization.created.v2", `{"plan":"chaos"}`)
	see(large, "organization.created.v1", `{"plan":"enterprise"}`)
	see(es.SystemOrg, "flag.created.v1", `{"flag":"f","enabled":true,"rollout":10000,"plans":["enterprise"],"phase":"open"}`)
	wrong(1, "a feature is given and nobody has it")
	see(large, "flag.switched.v1", `{"flag":"f","on":true}`)
	wrong(0, "it has arrived")
	see(small, "organization.plan_changed.v2", `{"plan":"enterprise"}`)
	wrong(1, "somebody else has come to the plan")
	see(es.SystemOrg, "flag.killed.v1", `{"flag":"f"}`)
	wrong(1, "it was taken away from who has it")
	see(large, "flag.switched.v1", `{"flag":"f","on":false}`)
	wrong(0, "nobody has it")
	see(es.SystemOrg, "flag.changed.v1", `{"flag":"f","enabled":true,"rollout":10000,"phase":"open"}`)
	wrong(0, "a killed one stays away")
	see(es.SystemOrg, "flag.revived.v1", `{"flag":"f"}`)
	wrong(2, "it comes back to all")
}

func TestAnOrganisationKeepsAnOwner(t *testing.T) {
	t.Parallel()
	org, ann, bob := es.NewID(), es.NewID(), es.NewID()
	m, res := members{}, &Result{}
	see := func(kind string, person uuid.UUID, role string) {
		m.see(&es.Event{Org: org, Type: kind, Data: fmt.Appendf(nil, `{"person_id":%q,"role":%q,"from":%q}`, person, role, ann)}, res)
	}
	see("member.joined.v1", bob, "member") // an operator has made the organisation: it has no owner yet
	see("member.joined.v1", ann, "owner")
	see("ownership.transferred.v1", bob, "")
	see("member.removed.v1", ann, "")
	if res.MemberDiff != 0 || countOwners(m[org]) != 1 || len(m[org]) != 1 {
		t.Errorf("%d findings, members %v", res.MemberDiff, m[org])
	}
	see("member.role_changed.v1", bob, "admin")
	see("member.removed.v1", bob, "")
	if res.MemberDiff != 1 {
		t.Errorf("the last owner went, and there are %d findings: %v", res.MemberDiff, res.Examples)
	}
}

func TestWhatSendGridTookIsHeldAgainstTheLog(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		taken, sent, delivered int
		told                   bool
		wrong                  int
	}{
		"taken, told and sent":             {1, 1, 1, true, 0},
		"taken, and not told yet":          {1, 0, 0, false, 0},
		"taken twice":                      {2, 1, 1, true, 1},
		"told, and the log knows nothing":  {1, 0, 0, true, 1},
		"told twice, and counted twice":    {1, 1, 2, true, 1},
		"sent, and nobody took it":         {0, 1, 0, false, 1},
		"sent twice, and taken once":       {1, 2, 1, true, 1},
		"sent by a mail server, elsewhere": {0, 0, 0, false, 0},
	} {
		box, other, id := es.NewID(), es.NewID(), es.NewID()
		x, g := newSentByGrid(), &grid{taken: map[string]int{}, told: map[string]bool{id.String(): c.told}}
		see := func(p events.Event) {
			data, err := es.Marshal(p)
			if err != nil {
				t.Fatal(err)
			}
			x.see(&es.Event{Type: p.EventType(), Data: data})
		}
		see(events.MailboxAdded{MailboxRef: events.MailboxRef{MailboxID: box}, Transport: events.TransportSendGrid})
		see(events.MailboxAdded{MailboxRef: events.MailboxRef{MailboxID: other}, Transport: events.TransportSMTP})
		see(events.MessageSent{MessageRef: events.MessageRef{MessageID: es.NewID()}, MailboxID: other})
		for range c.sent {
			see(events.MessageSent{MessageRef: events.MessageRef{MessageID: id}, MailboxID: box})
		}
		for range c.delivered {
			see(events.MessageDelivered{SentMessageRef: events.SentMessageRef{MessageID: id, MailboxID: box}})
		}
		if c.taken > 0 {
			g.taken[id.String()] = c.taken
		}
		var res Result
		g.audit(x, &res)
		if res.SendGridDiff != c.wrong {
			t.Errorf("%s: %d, %v", name, res.SendGridDiff, res.Examples)
		}
	}
}

func TestReservationsStayWithinTheLimit(t *testing.T) {
	t.Parallel()
	org, a, res := es.NewID(), aiBudgets{}, Result{}
	see := func(p events.Event, want int) {
		t.Helper()
		data, err := es.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if a.see(&es.Event{Org: org, Type: p.EventType(), Data: data}, &res); res.AICostDiff != want {
			t.Errorf("%s: %d, %v", p.EventType(), res.AICostDiff, res.Examples)
		}
	}
	reserve := func(n byte) events.Event {
		return events.AICallReserved{AICallRef: events.AICallRef{CallID: uuid.UUID{n}}, AtMostMicros: 60}
	}
	see(reserve(9), 0) // before there is a limit
	see(events.AISettingsChanged{AISettings: events.AISettings{LimitMicros: 130}}, 0)
	see(reserve(1), 0)
	see(events.AICallSettled{AICallRef: events.AICallRef{CallID: uuid.UUID{1}}, CostMicros: 10}, 0)
	see(reserve(2), 0)
	see(reserve(3), 1)
}

func TestAFactStandsOnItsPageOrIsFound(t *testing.T) {
	t.Parallel()
	s := &system{sites: sites{world: websites.New(1, time.Now(), []websites.Company{{Domain: "company-0.example", Name: "Company 0"}})}}
	page, object := "http://company-0.example/about", s.sites.world.Site("company-0.example").StatementOf("founded").Object
	text := func(v string) *string { return &v }
	for name, c := range map[string]struct {
		predicate, object, quote string
		wrong                    int
	}{
		"true, in words of the page":     {"founded", object, object, 0},
		"true, in words of nobody":       {"founded", object, "We began in " + object + ", on a Tuesday.", 1},
		"made up, in words of the page":  {"founded", "1723", object, 1},
		"made up, in words that nobody ": {"founded", "1723", "Founded in 1723.", 2},
	} {
		var res Result
		s.auditFact(t.Context(), "company-0.example", &projections.Fact{Predicate: c.predicate, Object: text(c.object), Quote: text(c.quote), SourceURL: &page, Method: events.FactByModel}, &res)
		if res.FactDiff != c.wrong || res.ModelFacts != 1 {
			t.Errorf("%s: %d, %v", name, res.FactDiff, res.Examples)
		}
	}
}
