package api_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/internal/es"
	"outrider/internal/es/react"
)

// react submits a command as a reactor to an event does.
func (c *client) react(correlation uuid.UUID, event string, cmd commands.Command) string {
	c.t.Helper()
	kind, data, err := commands.Encode(cmd)
	check(c.t, err)
	e := &es.Event{ID: parsed(event), Org: c.org, CorrelationID: correlation}
	a, err := c.cfg.Commands.Submit(context.Background(), react.Command(e, "test", kind, es.Actor{Kind: es.ActorProvider, ID: "test"}, c.clock.now(), kind, data))
	check(c.t, err)
	return c.tokenOf(es.Position{Generation: c.cfg.Generation, Partition: a.Partition, Pseq: a.Pseq})
}

func only(t *testing.T, of any) map[string]any {
	t.Helper()
	list, _ := of.([]any)
	if len(list) != 1 {
		t.Fatalf("want one thing, got %v", of)
	}
	one, _ := list[0].(map[string]any)
	return one
}

func TestATraceShowsWhatFollowedFromWhat(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serveColumns()
	c := w.tenant("growth")
	request := uuid.New()
	path := "/v1/trace/" + request.String()
	made := c.ok("POST", "/v1/campaigns", obj{"name": "Traced"}, "X-Request-Id", request.String())
	campaign := parsed(made.text("id"))
	at := made.header.Get("Outrider-Position")
	trace := c.ok("GET", path, nil, "Outrider-Position", at)
	root := only(t, trace.json["commands"])
	created := only(t, root["events"])
	if root["type"] != "campaign.create.v2" || root["outcome"] != "accepted" || root["actor"].(map[string]any)["kind"] != "api_key" || created["type"] != "campaign.created.v2" ||
		created["subject"] != campaign.String() || len(created["commands"].([]any)) != 0 {
		t.Errorf("got %s", trace.body)
	}

	// A reactor does one thing to it, and another one to that; then one is refused and one has nothing to do.
	c.react(request, created["id"].(string), commands.RenameCampaign{CampaignID: campaign, Name: "Once"})
	at = c.react(request, created["id"].(string), commands.LaunchCampaign{CampaignID: campaign})
	trace = c.ok("GET", path, nil, "Outrider-Position", at)
	created = only(t, only(t, trace.json["commands"])["events"])
	caused := created["commands"].([]any)
	if len(caused) != 2 || trace.json["events"] != 3.0 || trace.json["truncated"] != false {
		t.Fatalf("got %s", trace.body)
	}
	renaming, launching := caused[0].(map[string]any), caused[1].(map[string]any)
	if renaming["type"] != "campaign.rename.v1" || renaming["outcome"] != "accepted" || launching["type"] != "campaign.launch.v2" || launching["outcome"] != "refused" {
		t.Errorf("got %s", trace.body)
	}
	renamed := only(t, renaming["events"])
	at = c.react(request, renamed["id"].(string), commands.RenameCampaign{CampaignID: campaign, Name: "Once"})
	trace = c.ok("GET", path, nil, "Outrider-Position", at)
	renamed = only(t, only(t, only(t, trace.json["commands"])["events"])["commands"].([]any)[0].(map[string]any)["events"])
	if last := only(t, renamed["commands"]); last["outcome"] != "nothing_to_do" || last["type"] != "campaign.rename.v1" || only(t, last["events"])["type"] != "command.noop.v1" {
		t.Errorf("got %s", trace.body)
	}

	c.refused(404, "not_found", "GET", "/v1/trace/"+anID, nil)
	w.tenant("growth").refused(404, "not_found", "GET", path, nil)
	c.with("leads:read").refused(403, "forbidden", "GET", path, nil)
}
