package api_test

import (
	"slices"
	"strings"
	"testing"
)

// TestWhatLaunchAsksStaysSo plays what is taken from a campaign before and after its launch.
func TestWhatLaunchAsksStaysSo(t *testing.T) {
	t.Parallel()
	c := setup(t).tenant("growth")
	o := c.launched("none")
	organization := "/v1/organizations/" + c.org.String()
	lacks := func(method, path string, body obj, want ...string) answer {
		t.Helper()
		a := c.refused(409, "not_ready", method, path, body)
		if got := missing(a); !slices.Equal(got, want) {
			t.Errorf("%s %s %v lacks %v, want %v", method, path, body, got, want)
		}
		return a
	}
	if a := lacks("PATCH", organization, obj{"postal_address": " \u00a0 "}, "postal_address"); a.text("id") != o.campaign {
		t.Errorf("it doesn't name the campaign: %s", a.body)
	}
	lacks("PUT", o.path+"/settings", obj{"unsubscribe_footer": false}, "unsubscribe", "postal_address", "unsubscribe", "postal_address")
	lacks("PUT", o.path+"/settings", obj{"max_follow_ups": 0}, "follow_ups: 0")
	lacks("PUT", o.path+"/mailboxes", obj{"mailbox_ids": []string{}}, "mailbox")
	lacks("PATCH", o.path, obj{"end_date": "2025-02-01"}, "end_date: 2025-02-01")
	lacks("PATCH", o.path, obj{"steps": []obj{{"variants": []obj{{"subject": "s", "body": "b", "weight": 0}, {"subject": "s", "body": "b", "weight": 0}}}}}, "weight")

	// What else keeps a draft from being launched.
	over := c.ok("POST", "/v1/campaigns", obj{"name": "Over", "end_date": "2025-02-01", "steps": sequence()}).header.Get("Location")
	c.ok("PUT", over+"/mailboxes", obj{"mailbox_ids": []string{o.mailbox}})
	lacks("POST", over+"/launch", nil, "end_date: 2025-02-01")
	if got := c.ok("GET", over, nil).text("status"); got != "draft" {
		t.Errorf("it is %s", got)
	}
	bare := c.ok("POST", "/v1/campaigns", obj{"name": "Bare", "steps": []obj{
		{"variants": []obj{{"subject": "s", "body": "b {{ unsubscribe_link }}"}}}, {"delay_days": 2, "variants": []obj{{"subject": "s", "body": "b"}}}}}).header.Get("Location")
	c.ok("PUT", bare+"/mailboxes", obj{"mailbox_ids": []string{o.mailbox}})
	c.ok("PUT", bare+"/settings", obj{"unsubscribe_footer": false})
	lacks("POST", bare+"/launch", nil, "postal_address", "unsubscribe", "postal_address")
	zero := c.ok("POST", "/v1/campaigns", obj{"name": "Zero", "steps": []obj{{"variants": []obj{{"subject": "s", "body": "b", "weight": 0}, {"subject": "s", "body": "b", "weight": 0}}}}})
	c.ok("PUT", zero.header.Get("Location")+"/mailboxes", obj{"mailbox_ids": []string{o.mailbox}})
	step := zero.list("steps")[0].(map[string]any)["step_id"]
	a := lacks("POST", zero.header.Get("Location")+"/launch", nil, "weight")
	if got := a.list("missing")[0].(map[string]any)["id"]; got != step {
		t.Errorf("it names %v, not step %v", got, step)
	}
}

// TestACampaignSaysThatItsMailboxIsGone removes and suspends mailboxes while a campaign is live.
func TestACampaignSaysThatItsMailboxIsGone(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serveColumns()
	c := w.tenant("growth")
	o := c.launched("all")
	says := func(want ...string) {
		t.Helper()
		c.until(o.path, func(a answer) bool { return slices.Equal(missing(a), want) })
	}
	c.ok("POST", "/v1/mailboxes/"+o.mailbox+"/pause", nil)
	says("mailbox")
	c.ok("POST", o.path+"/pause", nil)
	c.refused(409, "not_ready", "POST", o.path+"/resume", nil)
	c.ok("POST", "/v1/mailboxes/"+o.mailbox+"/resume", nil)
	says()
	c.ok("POST", o.path+"/resume", nil)
	gone := c.ok("DELETE", "/v1/mailboxes/"+o.mailbox, nil).header.Get("Outrider-Position")
	says("mailbox")
	if got := c.ok("GET", o.path, nil).list("mailbox_ids"); len(got) != 0 {
		t.Errorf("its mailboxes are %v", got)
	}
	why := c.ok("GET", "/v1/enrollments/"+o.enrollment+"/why", nil, "Outrider-Position", gone)
	if why.text("bound") != "mailbox" {
		t.Errorf("bound by %s", why.body)
	}
	other := c.verified("other@ours.test")
	c.ok("PUT", o.path+"/mailboxes", obj{"mailbox_ids": []string{other}})
	says()
}

// TestReplacingLeavesNothing sets settings twice, the second time without what is optional.
func TestReplacingLeavesNothing(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serveColumns()
	c := w.tenant("growth")
	o := c.launched("none")
	set := c.ok("PUT", o.path+"/settings", obj{"time_zone": "Pacific/Auckland", "holidays": []string{"2026-12-25"}, "track_opens": true, "company_cap": 7})
	zone := func(after answer) string {
		t.Helper()
		for _, r := range c.ok("GET", "/v1/enrollments/"+o.enrollment+"/why", nil, "Outrider-Position", after.header.Get("Outrider-Position")).list("rules") {
			if rule := r.(map[string]any); rule["rule"] == "window" {
				return rule["inputs"].(map[string]any)["zone"].(string)
			}
		}
		return ""
	}
	if got := zone(set); got != "Pacific/Auckland" {
		t.Errorf("its zone is %s", got)
	}
	set = c.ok("PUT", o.path+"/settings", obj{})
	s := set.json["settings"].(map[string]any)
	if s["time_zone"] != nil || s["holidays"] != nil || s["track_opens"] != false || s["company_cap"] != 5.0 {
		t.Errorf("what is left is %v", s)
	}
	if got := zone(set); got != "UTC" {
		t.Errorf("its zone is %s still", got)
	}
}

// TestDoneIsntForGood lets a campaign run dry, enrolls somebody else, and edits what it was created with.
func TestDoneIsntForGood(t *testing.T) {
	t.Parallel()
	c := setup(t).tenant("growth")
	o := c.launched("none")
	c.ok("PUT", o.path+"/settings", obj{})
	c.ok("POST", o.path+"/enrollments/stop", obj{"lead_ids": []string{o.lead}})
	c.until(o.path, func(a answer) bool { return a.text("status") == "idle" })
	bob := c.ok("POST", "/v1/leads", obj{"email": "bob@victim.test", "first_name": "Bob"}).text("id")
	c.ok("POST", o.path+"/enrollments", obj{"lead_ids": []string{bob}})
	c.until(o.path, func(a answer) bool { return a.text("status") == "active" })

	edited := c.ok("PATCH", o.path, obj{"name": "Nurture", "campaign_type": "nurture", "approval": "all", "time_zone": "Asia/Tokyo", "start_date": "2099-01-01", "end_date": "2099-12-31"})
	for name, want := range map[string]string{"name": "Nurture", "campaign_type": "nurture", "approval": "all", "time_zone": "Asia/Tokyo", "start_date": "2099-01-01", "end_date": "2099-12-31", "status": "active"} {
		if got := edited.text(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	taken := c.ok("PATCH", o.path, obj{"time_zone": nil, "start_date": nil, "end_date": nil})
	for _, name := range []string{"time_zone", "start_date", "end_date"} {
		if got, ok := taken.json[name]; ok {
			t.Errorf("%s is %v", name, got)
		}
	}
	if taken.text("approval") != "all" {
		t.Errorf("what isn't named doesn't stay: %s", taken.body)
	}
	c.refused(422, "invalid", "PATCH", o.path, obj{"time_zone": "Mars"})
	c.refused(422, "invalid", "PATCH", o.path, obj{"approval": "maybe"})
	c.refused(412, "version_conflict", "PATCH", o.path, obj{"approval": "first"}, "If-Match", `"1"`)
	c.ok("POST", o.path+"/complete", nil)
	c.refused(409, "wrong_status", "PATCH", o.path, obj{"approval": "first"})
}

// TestOnePersonSeveralCampaigns enrolls somebody who is on another campaign, asked to leave them out and not.
func TestOnePersonSeveralCampaigns(t *testing.T) {
	t.Parallel()
	c := setup(t).tenant("growth")
	o := c.launched("none")
	second := c.ok("POST", "/v1/campaigns", obj{"name": "Second", "steps": sequence()}).header.Get("Location") + "/enrollments"
	free := c.ok("POST", "/v1/leads", obj{"email": "free@other.test", "first_name": "Eve"}).text("id")
	c.until("/v1/leads", func(a answer) bool { return len(a.list("data")) == 2 })
	c.refused(409, "active_elsewhere", "POST", second, obj{"lead_ids": []string{o.lead}, "skip_active_elsewhere": true})
	a := c.ok("POST", second, obj{"lead_ids": []string{o.lead, free}, "skip_active_elsewhere": true})
	by, _ := a.json["refused_by_code"].(map[string]any)
	if a.json["enrolled"] != 1.0 || a.json["refused_count"] != 1.0 || by["active_elsewhere"] != 1.0 || !strings.Contains(string(a.body), o.lead) {
		t.Errorf("got %s", a.body)
	}
	a = c.ok("POST", second, obj{"filter": obj{"all": true}, "skip_active_elsewhere": true})
	by, _ = a.json["refused_by_code"].(map[string]any)
	if a.json["already"] != 1.0 || by["active_elsewhere"] != 1.0 || len(by) != 1 {
		t.Errorf("by filter: %s", a.body)
	}
	if a = c.ok("POST", second, obj{"lead_ids": []string{o.lead}}); a.json["enrolled"] != 1.0 {
		t.Errorf("who isn't to be left out: %s", a.body)
	}

	organization := "/v1/organizations/" + c.org.String()
	if got := c.ok("GET", organization, nil).json["person_gap_minutes"]; got != 1440.0 {
		t.Errorf("the gap is %v", got)
	}
	if got := c.ok("PATCH", organization, obj{"person_gap_minutes": 90}).json["person_gap_minutes"]; got != 90.0 {
		t.Errorf("the gap is %v then", got)
	}
	c.refused(422, "invalid", "PATCH", organization, obj{"person_gap_minutes": 43201})
}
