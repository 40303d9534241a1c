package api_test

import "testing"

func TestACampaignSaysWhatIsProbablyNotMeant(t *testing.T) {
	t.Parallel()
	c := setup(t).tenant("growth")
	steps := sequence()
	steps[0]["variants"] = []obj{{"subject": "Re: our call", "body": "Hi [Name],"}}
	made := c.ok("POST", "/v1/campaigns", obj{"name": "Spring", "steps": steps})
	shown := c.ok("GET", made.header.Get("Location"), nil, "Outrider-Position", made.header.Get("Outrider-Position"))
	w := shown.list("warnings")
	if len(w) != 2 || w[0].(map[string]any)["code"] != "reply_to_nothing" || w[1].(map[string]any)["code"] != "foreign_placeholder" || w[1].(map[string]any)["text"] != "[Name]" ||
		w[1].(map[string]any)["step_id"] == nil || w[1].(map[string]any)["variant_id"] == nil {
		t.Errorf("got %s", shown.body)
	}
}
