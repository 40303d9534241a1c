package api_test

import (
	"context"
	"strings"
	"testing"

	"outrider/api"
	"outrider/internal/peopledata"
)

// partner knows one person, and then can't be asked.
type partner struct{ asked []peopledata.Subject }

func (*partner) Name() string { return "Partner" }

func (p *partner) Look(_ context.Context, s peopledata.Subject) ([]peopledata.Found, error) {
	p.asked = append(p.asked, s)
	if s.Email != "ann@acme.example" {
		return nil, peopledata.ErrUnavailable
	}
	return []peopledata.Found{{About: "lead", Predicate: "role", Object: "Head of Data", SourceURL: "https://network.example/in/ann"}, {About: "company", Predicate: "uses", Object: "Kafka"}, {About: "lead", Predicate: "role", Object: "hid\u202eden"}}, nil
}

// TestAProviderIsAskedAboutALead records what it says once, and asks nobody without permission to tell names.
func TestAProviderIsAskedAboutALead(t *testing.T) {
	t.Parallel()
	w := build(t)
	p := &partner{}
	w.serve(func(cfg *api.Config) { cfg.PeopleData = p })
	c := w.tenant("growth")
	ann := c.ok("POST", "/v1/leads", obj{"email": "ann@acme.example", "first_name": "Ann", "linkedin_url": "https://network.example/in/ann"})
	at, path := ann.header.Get("Outrider-Position"), "/v1/leads/"+ann.text("id")+"/facts"
	if known := c.ok("GET", path, nil, "Outrider-Position", at); known.text("provider") != "Partner" || len(known.list("data")) != 0 {
		t.Errorf("at first: %s", known.body)
	}
	for range 2 {
		known := c.ok("POST", path+"/lookup", nil, "Outrider-Position", at)
		if all := known.list("data"); len(all) != 2 || !strings.Contains(string(known.body), "Head of Data") || all[0].(map[string]any)["method"] != "provider" {
			t.Errorf("looked up: %s", known.body)
		}
	}
	if s := p.asked[0]; s.FirstName != "Ann" || s.LinkedInURL != "https://network.example/in/ann" {
		t.Errorf("asked for %+v", s)
	}
	c.with("leads:write").refused(403, "forbidden", "POST", path+"/lookup", nil)
	eve := c.ok("POST", "/v1/leads", obj{"email": "eve@other.example"})
	c.ok("GET", "/v1/leads/"+eve.text("id"), nil, "Outrider-Position", eve.header.Get("Outrider-Position"))
	c.refused(503, "unavailable", "POST", "/v1/leads/"+eve.text("id")+"/facts/lookup", nil)
}
