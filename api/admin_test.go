package api_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/internal/es"
	"outrider/internal/es/reader"
	"outrider/internal/identity"
)

func TestAnOperatorFindsOrganisationsAndPeople(t *testing.T) {
	t.Parallel()
	w := setup(t)
	op := w.operator()
	ann := w.signUp("ann@example.com")
	ann.join("bob@example.org", "member")
	ann.with("leads:read")
	for _, a := range []*client{op, w.tenant("scale")} { // as the reactor does
		if a.org == uuid.Nil {
			a = ann.client
		}
		shown := op.until("/v1/organizations/"+a.org.String(), func(x answer) bool { return x.status == 200 })
		check(t, w.cfg.Directory.Set(t.Context(), identity.Listed{Org: a.org, Name: shown.text("name"), Plan: shown.text("plan"), Status: "active", Created: time.Now()}, 1))
	}
	check(t, w.cfg.Directory.Set(t.Context(), identity.Listed{Org: ann.org, Status: "suspended"}, 9))
	check(t, w.cfg.Directory.Set(t.Context(), identity.Listed{Org: ann.org, Status: "active"}, 8)) // earlier
	for query, want := range map[string]int{"": 2, "q=EXAMPLE+%26+Sons": 1, "q=nobody": 0, "status=suspended": 1, "plan=scale": 1, "plan=scale&status=suspended": 0} {
		if got := op.ok("GET", "/v1/admin/organizations?"+query, nil); len(got.list("data")) != want {
			t.Errorf("%q finds %d organisations, not %d: %s", query, len(got.list("data")), want, got.body)
		}
	}
	first := op.ok("GET", "/v1/admin/organizations?limit=1", nil)
	if next := op.ok("GET", "/v1/admin/organizations?limit=1&cursor="+first.text("next_cursor"), nil); len(next.list("data")) != 1 || next.json["next_cursor"] != nil {
		t.Errorf("the second page is %s", next.body)
	}
	ann.until("/v1/members", func(a answer) bool { return len(a.list("data")) == 2 })
	one := op.ok("GET", "/v1/admin/organizations/"+ann.org.String(), nil)
	if usage := one.json["usage"].(map[string]any); usage["seats"] != 2.0 || one.json["keys"] != 1.0 || one.json["sessions"] != 2.0 || len(one.list("members")) != 2 {
		t.Errorf("it is %s", one.body)
	}
	for query, want := range map[string]int{"": 2, "q=BOB": 1, "q=example.": 2, "q=ann%40example.com": 1, "q=%25": 0} {
		if got := op.ok("GET", "/v1/admin/people?"+query, nil); len(got.list("data")) != want {
			t.Errorf("%q finds %s", query, got.body)
		}
	}
	person := "/v1/admin/people/" + ann.person.String()
	if got := op.ok("GET", person, nil); got.text("email") != "ann@example.com" || got.json["sessions"] != 1.0 || len(got.list("memberships")) != 1 {
		t.Errorf("she is %s", got.body)
	}
	op.ok("DELETE", person+"/sessions", nil)
	ann.refused(401, "unauthenticated", "GET", "/v1/me", nil)
}

func TestAnOperatorReadsAsAMemberAndTheOrganisationSeesIt(t *testing.T) {
	t.Parallel()
	w := setup(t)
	op := w.operator()
	ann := w.signUp("ann@example.com")
	bob := ann.join("bob@example.com", "admin")
	made := ann.ok("POST", "/v1/leads", obj{"email": "lead@example.com"})
	const reason = "Ticket 4711: the list of leads stays empty"
	ask := obj{"organization_id": ann.org, "person_id": bob.person, "reason": reason, "minutes": 5}
	op.refused(422, "invalid", "POST", "/v1/admin/impersonations", obj{"organization_id": ann.org, "person_id": bob.person, "reason": "why not"})
	op.refused(422, "invalid", "POST", "/v1/admin/impersonations", obj{"organization_id": ann.org, "person_id": bob.person, "reason": strings.Repeat(" ", 20)})
	op.refused(404, "not_found", "POST", "/v1/admin/impersonations", obj{"organization_id": w.tenant("starter").org, "person_id": bob.person, "reason": reason})
	given := op.ok("POST", "/v1/admin/impersonations", ask)
	as := &client{world: w, org: ann.org, key: given.text("access_token")}
	if me := as.ok("GET", "/v1/me", nil); me.text("id") != bob.person.String() || me.json["operator"] != true || len(me.list("permissions")) == 0 || strings.Contains(string(me.body), "leads:write") || strings.Contains(string(me.body), "leads:export") {
		t.Errorf("it is %s", me.body)
	}
	as.ok("GET", made.header.Get("Location"), nil, "Outrider-Position", made.header.Get("Outrider-Position"))
	as.ok("GET", "/v1/leads", nil)
	as.ok("GET", "/v1/leads", nil)
	for what, body := range map[string]any{"POST /v1/leads": obj{"email": "x@example.com"}, "POST /v1/campaigns": obj{"name": "x"}, "GET /v1/api-keys": nil, "GET /v1/auth/sessions": nil, "POST /v1/auth/sign-out-everywhere": nil,
		"POST /v1/auth/switch-organization": obj{"organization_id": ann.org}, "POST /v1/exports": obj{"kind": "leads"}} {
		method, path, _ := strings.Cut(what, " ")
		as.refused(403, "forbidden", method, path, body)
	}
	seen := map[string]int{}
	for _, e := range w.eventsOf(ann.org) {
		switch e.Type {
		case "member.impersonated.v1":
			if !strings.Contains(string(e.Data), reason) || e.Actor.Kind != "operator" {
				t.Errorf("it says %s by %v", e.Data, e.Actor)
			}
			seen["reason"]++
		case "member.impersonation_used.v1":
			if e.Actor.Kind != "operator" {
				t.Errorf("used by %v", e.Actor)
			}
			for _, operation := range []string{"GET /v1/me", "GET /v1/leads", "GET /v1/leads/{id}"} {
				if strings.Contains(string(e.Data), `"`+operation+`"`) {
					seen[operation]++
				}
			}
		}
	}
	for _, what := range []string{"reason", "GET /v1/me", "GET /v1/leads", "GET /v1/leads/{id}"} {
		if seen[what] != 1 {
			t.Errorf("the history has %s %d times", what, seen[what])
		}
	}
	var session string
	for _, s := range bob.ok("GET", "/v1/auth/sessions", nil).list("data") {
		if s := s.(map[string]any); s["operator"] == true {
			session = s["id"].(string)
		}
	}
	bob.ok("DELETE", "/v1/auth/sessions/"+session, nil)
	as.refused(401, "unauthenticated", "GET", "/v1/me", nil)
	again := &client{world: w, org: ann.org, key: op.ok("POST", "/v1/admin/impersonations", ask).text("access_token")}
	ann.ok("DELETE", "/v1/members/"+bob.person.String(), nil)
	again.refused(401, "unauthenticated", "GET", "/v1/leads", nil)
}

// eventsOf is the history of an organisation so far, from the log itself.
func (w *world) eventsOf(org uuid.UUID) (list []*es.Event) {
	w.t.Helper()
	for p := range w.kafka.Partitions {
		_, _, err := reader.Scan(w.t.Context(), w.kafka, reader.Config{Partition: p, From: es.StartCheckpoint()}, 0, func(_ context.Context, b reader.Batch) error {
			for _, e := range b.Events {
				if e.Org == org {
					list = append(list, e)
				}
			}
			return nil
		})
		check(w.t, err)
	}
	return list
}
