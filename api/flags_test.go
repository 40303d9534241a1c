package api_test

import (
	"testing"

	"outrider/commands"
	"outrider/events"
)

// TestFlagsOfAnInstallation follows a flag from its creation to an organisation that it takes a feature from.
func TestFlagsOfAnInstallation(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serve(nil)
	op, c := w.operator(), w.tenant("growth")
	flag := func(name string) map[string]any {
		t.Helper()
		for _, f := range op.ok("GET", "/v1/platform/flags", nil).list("data") {
			if f := f.(map[string]any); f["name"] == name {
				return f
			}
		}
		t.Fatalf("there is no flag %s", name)
		return nil
	}
	if f := flag("tracking"); f["version"] != 0.0 || f["guards"] == "" {
		t.Errorf("a feature without a flag is %v", f)
	}
	path := "/v1/platform/flags/tracking"
	rule := obj{"description": "Pixel and links", "enabled": true, "rollout": 10000, "plans": []string{"growth", "scale"}, "note": "begin"}
	set := op.ok("PUT", path, rule, "If-Match", `"0"`)
	if set.json["version"] != 1.0 || set.header.Get("ETag") != `"1"` {
		t.Errorf("it is set as %s", set.body)
	}
	op.refused(412, "version_conflict", "PUT", path, obj{"enabled": false, "rollout": 0}, "If-Match", `"0"`)
	op.refused(422, "invalid", "PUT", "/v1/platform/flags/Not-a-word", obj{"enabled": true, "rollout": 0})
	op.refused(404, "not_found", "POST", "/v1/platform/flags/none/kill", obj{"reason": "x"})
	killed := op.ok("POST", path+"/kill", obj{"reason": "spam traps"})
	if killed.json["killed"] != true {
		t.Errorf("killed, it is %s", killed.body)
	}
	history := op.ok("GET", path+"/history", nil, "Outrider-Position", killed.header.Get("Outrider-Position")).list("data")
	if len(history) != 2 || history[0].(map[string]any)["reason"] != "spam traps" || history[0].(map[string]any)["by"] == "" || history[1].(map[string]any)["change"] != "flag.created.v1" {
		t.Errorf("its history is %v", history)
	}
	for _, path := range []string{"/v1/platform/flags", "/v1/platform/flags/tracking/history"} {
		c.refused(403, "forbidden", "GET", path, nil)
	}
	c.refused(403, "forbidden", "PUT", path, rule)
	c.refused(403, "forbidden", "POST", path+"/kill", obj{"reason": "x"})

	features := func(headers ...string) map[string]any {
		t.Helper()
		for _, f := range c.ok("GET", "/v1/features", nil, headers...).list("data") {
			if f := f.(map[string]any); f["name"] == "tracking" {
				return f
			}
		}
		return nil
	}
	if f := features(); f["on"] != true {
		t.Errorf("before it is switched it is %v", f)
	}
	_, at := c.submit(commands.SwitchFlag{FlagRef: events.FlagRef{Flag: "tracking"}, Killed: true, Phase: events.FlagPhaseOpen, Version: 2}) // as the reactor does
	if f := features("Outrider-Position", at); f["on"] != false || f["why"] != "killed" {
		t.Errorf("switched, it is %v", f)
	}
	campaign := c.ok("POST", "/v1/campaigns", obj{"name": "Spring"}).header.Get("Location")
	c.refused(409, "feature_off", "PUT", campaign+"/settings", obj{"track_opens": true})
}
