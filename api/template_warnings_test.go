package api_test

import (
	"strings"
	"testing"
)

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

func TestAlternativesAreShownAsTheyAreSent(t *testing.T) {
	t.Parallel()
	c := setup(t).tenant("growth")
	made := c.ok("POST", "/v1/campaigns", obj{"name": "Spring", "steps": sequence()})
	path := made.header.Get("Location")
	at := []string{"Outrider-Position", made.header.Get("Outrider-Position")}
	const body = "{Hi|Hello|Good morning|Dear} {{ first_name }}, {one|two|three|four|five}."
	seen := map[string]bool{}
	for range 3 {
		seen[c.ok("POST", path+"/preview", obj{"subject": "{A|B|C} question", "body": body}, at...).text("body")] = true
	}
	if len(seen) != 1 {
		t.Errorf("one person sees %v", seen)
	}
	for text := range seen {
		if text == body || strings.ContainsAny(text, "{|}") {
			t.Errorf("nothing was chosen: %q", text)
		}
	}
	c.refused(422, "invalid", "POST", path+"/preview", obj{"subject": "x", "body": "{a|{% if first_name %}b{% endif %}}"}, at...)
}

func TestLinksThatDoNotAnswerAreNamed(t *testing.T) {
	t.Parallel()
	c := setup(t).tenant("growth")
	steps := sequence()
	steps[0]["variants"] = []obj{{"subject": "Hello", "body": "See http://127.0.0.1:9/x and http://127.0.0.1:9/x, or https://example.test/{{ custom.page }}. This is for free, see the attached file."}}
	made := c.ok("POST", "/v1/campaigns", obj{"name": "Spring", "steps": steps})
	at := []string{"Outrider-Position", made.header.Get("Outrider-Position")}
	links := c.ok("GET", made.header.Get("Location")+"/links", nil, at...).list("data")
	if len(links) != 1 || links[0].(map[string]any)["answers"] != false || links[0].(map[string]any)["url"] != "http://127.0.0.1:9/x" {
		t.Errorf("links: %v", links)
	}
	var codes []string
	for _, w := range c.ok("GET", made.header.Get("Location"), nil, at...).list("warnings") {
		codes = append(codes, w.(map[string]any)["code"].(string))
	}
	if strings.Join(codes, " ") != "spam_word mentions_attachment" {
		t.Errorf("warnings: %v", codes)
	}
}
