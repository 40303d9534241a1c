package aggregates_test

import (
	"encoding/json"
	"testing"
	"time"

	"outrider/aggregates"
	"outrider/events"
)

// TestRules asks of each rule for whom it binds, until when, and what it looked at.
func TestRules(t *testing.T) {
	t.Parallel()
	ann := person("ann")
	free := lead("ann", "provider")
	free.FreeMail = true
	inTokyo := lead("ann", "at ann")
	inTokyo.TimeZone = "Asia/Tokyo"
	pace := events.MailboxPace{CapPerDay: 2}
	hourly := events.MailboxPace{CapPerDay: 9, CapPerHour: 2}
	gap := events.MailboxPace{CapPerDay: 9, GapSeconds: 600}
	paused := func(until time.Time) events.EnrollmentPaused {
		return events.EnrollmentPaused{EnrollmentRef: enrollment("ann"), Until: until}
	}
	others := func(n int, when time.Time) (out []events.Event) { // messages that left, an hour apart
		for i := range n {
			who := string(rune('p' + i))
			out = append(out, person(who)...)
			out = append(out, sent(who, when.Add(time.Duration(i)*time.Hour))...)
		}
		return out
	}
	colleague := func(when time.Time) []events.Event {
		return all(one(lead("bob", "at ann"), enroll("bob")), sent("bob", when))
	}
	capped := func(n int) events.CampaignSettingsChanged {
		return settingsOf(func(s *events.CampaignSettings) { s.CompanyCap = n })
	}
	status := func(s string) events.OrganizationStatusChanged { return events.OrganizationStatusChanged{Status: s} }
	begins := func(day string) events.Event {
		c := campaignOf(spring, twoDays)
		c.StartDate = day
		return c
	}
	yesterday := at.Add(-24 * time.Hour)
	midnight := time.Date(2026, 3, 31, 22, 0, 0, 0, time.UTC)
	below := one(events.SubdomainKnown{Hash: hash("at ann"), Parents: []string{hash("mid"), hash("top")}})
	type m = map[string]any
	for sentence, c := range map[string]struct {
		given  []events.Event
		now    time.Time // zero = at
		rule   string
		inputs m
		binds  bool
		until  time.Time
	}{
		"a person whom no other campaign wrote to":    {all(ann, sent("ann", at.Add(-time.Hour))), at, "person_gap", m{}, false, time.Time{}},
		"one whom another has just written to":        {all(ann, inAutumn("ann", at.Add(-time.Hour))), at, "person_gap", m{"last_sent": at.Add(-time.Hour), "campaign_id": autumn.CampaignID, "gap_minutes": 1440}, true, at.Add(23 * time.Hour)},
		"a day ago":                                   {all(ann, inAutumn("ann", at.Add(-24*time.Hour))), at, "person_gap", m{"last_sent": at.Add(-24 * time.Hour), "campaign_id": autumn.CampaignID, "gap_minutes": 1440}, false, time.Time{}},
		"by the organisation's gap":                   {all(ann, inAutumn("ann", at.Add(-time.Hour)), one(events.OrganizationPersonGapSet{Minutes: 90})), at, "person_gap", m{"last_sent": at.Add(-time.Hour), "campaign_id": autumn.CampaignID, "gap_minutes": 90}, true, at.Add(30 * time.Minute)},
		"which may be none":                           {all(ann, inAutumn("ann", at), one(events.OrganizationPersonGapSet{})), at, "person_gap", m{}, false, time.Time{}},
		"who came back is the same person":            {all(ann, inAutumn("ann", at), one(events.LeadRemoved{LeadRef: events.LeadRef{LeadID: name("ann")}}), ann), at, "person_gap", m{"last_sent": at, "campaign_id": autumn.CampaignID, "gap_minutes": 1440}, true, at.Add(24 * time.Hour)},
		"a campaign without a mailbox waits for one":  {all(ann, one(events.MailboxRemoved{MailboxRef: box})), at, "mailbox", m{"status": "none"}, true, time.Time{}},
		"one whose mailboxes are suspended, for them": {all(ann, one(events.MailboxPaused{MailboxRef: box, Reason: "manual"})), at, "mailbox", m{"status": "suspended"}, true, time.Time{}},
		"a gap that is made longer holds at once":     {all(ann, one(paceOf(gap)), others(1, at.Add(-time.Minute)), one(paceOf(events.MailboxPace{CapPerDay: 9, GapSeconds: 1200})), ready("ann")), at, "gap", m{"gap_seconds": 1200, "until": at.Add(19 * time.Minute)}, true, at.Add(19 * time.Minute)},
		"and one that is made shorter ends sooner":    {all(ann, one(paceOf(gap)), others(1, at.Add(-2*time.Minute)), one(paceOf(events.MailboxPace{CapPerDay: 9, GapSeconds: 60})), ready("ann")), at, "gap", m{"gap_seconds": 60, "until": at.Add(-time.Minute)}, false, time.Time{}},
		"an organisation that is active may send":     {ann, at, "organization", m{"status": "active"}, false, time.Time{}},
		"one that is past due may":                    {all(ann, one(status("past_due"))), at, "organization", m{"status": "past_due"}, false, time.Time{}},
		"one that is suspended may not":               {all(ann, one(status("suspended"))), at, "organization", m{"status": "suspended"}, true, time.Time{}},
		"nor one that is cancelled":                   {all(ann, one(status("cancelled"))), at, "organization", m{"status": "cancelled"}, true, time.Time{}},
		"a campaign that is active sends":             {ann, at, "campaign", m{"status": "active"}, false, time.Time{}},
		"one that is paused doesn't":                  {all(ann, one(events.CampaignPaused{CampaignRef: spring})), at, "campaign", m{"status": "paused"}, true, time.Time{}},
		"a campaign begins with its first day":        {all(one(begins("2026-04-02")), ann), at, "campaign_date", m{"start_date": "2026-04-02"}, true, time.Date(2026, 4, 1, 22, 0, 0, 0, time.UTC)},
		"and has begun then":                          {all(one(begins("2026-03-31")), ann), at, "campaign_date", m{"start_date": "2026-03-31"}, false, time.Time{}},
		"who goes on is not held":                     {ann, at, "enrollment", m{"paused": false, "until": time.Time{}, "ended": false}, false, time.Time{}},
		"who is paused by hand waits for a hand":      {all(ann, one(paused(time.Time{}))), at, "enrollment", m{"paused": true, "until": time.Time{}, "ended": false}, true, time.Time{}},
		"who is paused until then waits until then":   {all(ann, one(paused(at.Add(time.Hour)))), at, "enrollment", m{"paused": true, "until": at.Add(time.Hour), "ended": false}, true, at.Add(time.Hour)},
		"who is suppressed is never written to":       {all(ann, one(events.SuppressionAdded{SuppressionRef: events.SuppressionRef{SuppressionID: name("s")}, Kind: "address", Hash: hash("ann")})), at, "suppressed", m{"suppressed": true, "kind": "address", "suppression_id": aggregates.SuppressionID(name("house"), "address", hash("ann")).String()}, true, time.Time{}},
		"nor anybody at a suppressed domain":          {all(ann, one(events.SuppressionAdded{SuppressionRef: events.SuppressionRef{SuppressionID: name("s")}, Kind: "domain", Hash: hash("at ann")})), at, "suppressed", m{"suppressed": true, "kind": "domain", "suppression_id": aggregates.SuppressionID(name("house"), "domain", hash("at ann")).String()}, true, time.Time{}},
		"nor below one with its subdomains":           {all(ann, below, one(events.SuppressionAdded{SuppressionRef: events.SuppressionRef{SuppressionID: name("s")}, Kind: "domain", Hash: hash("top"), Subdomains: true})), at, "suppressed", m{"suppressed": true, "kind": "domain", "suppression_id": aggregates.SuppressionID(name("house"), "domain", hash("top")).String()}, true, time.Time{}},
		"below one without them they are":             {all(ann, below, one(events.SuppressionAdded{SuppressionRef: events.SuppressionRef{SuppressionID: name("s")}, Kind: "domain", Hash: hash("top")})), at, "suppressed", m{"suppressed": false}, false, time.Time{}},
		"and once it is lifted":                       {all(ann, below, one(events.SuppressionAdded{SuppressionRef: events.SuppressionRef{SuppressionID: name("s")}, Kind: "domain", Hash: hash("top"), Subdomains: true}, events.SuppressionRemoved{SuppressionRef: events.SuppressionRef{SuppressionID: name("s")}})), at, "suppressed", m{"suppressed": false}, false, time.Time{}},
		"an address is no domain":                     {all(ann, one(events.SuppressionAdded{SuppressionRef: events.SuppressionRef{SuppressionID: name("s")}, Kind: "domain", Hash: hash("ann")})), at, "suppressed", m{"suppressed": false}, false, time.Time{}},
		"a campaign takes anybody":                    {ann, at, "score", m{}, false, time.Time{}},
		"who has the score that it demands":           {all(ann, one(demands, scored("ann", 60))), at, "score", scoreInputs(60), false, time.Time{}},
		"and not who has less":                        {all(ann, one(demands, scored("ann", 59))), at, "score", scoreInputs(59), true, time.Time{}},
		"nor who has none":                            {all(ann, one(demands)), at, "score", m{"lead_score": 0, "intent_score": 0, "qualification": "", "min_lead_score": 60, "min_intent_score": 0, "qualifications": []string(nil)}, true, time.Time{}},
		"the first step is due at once":               {ann, at, "retry", m{"earliest": time.Time{}}, false, time.Time{}},
		"the next is due two business days later":     {all(ann, sent("ann", at)), at, "retry", m{"earliest": time.Date(2026, 4, 2, 7, 0, 0, 0, time.UTC)}, true, time.Date(2026, 4, 2, 7, 0, 0, 0, time.UTC)},
		"a message has its earliest time":             {all(ann, ready("ann"), one(events.MessagePostponed{MessageRef: mail("ann"), Until: at.Add(time.Hour)})), at, "retry", m{"earliest": at.Add(time.Hour)}, true, at.Add(time.Hour)},
		"in the window":                               {ann, at, "window", m{"zone": "Europe/Berlin", "window": aggregates.DefaultSettings().Window}, false, time.Time{}},
		"behind it one waits for the morning":         {ann, midnight, "window", m{"zone": "Europe/Berlin", "window": aggregates.DefaultSettings().Window}, true, time.Date(2026, 4, 1, 7, 0, 0, 0, time.UTC)},
		"a lead's own clock counts":                   {one(inTokyo, enroll("ann")), at, "window", m{"zone": "Asia/Tokyo", "window": aggregates.DefaultSettings().Window}, true, time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)},
		"a company that had none":                     {ann, at, "company_gap", m{}, false, time.Time{}},
		"a company's gap":                             {all(ann, colleague(at.Add(-10*time.Minute))), at, "company_gap", m{"last_sent": at.Add(-10 * time.Minute), "gap_minutes": 30}, true, at.Add(20 * time.Minute)},
		"is over at its end":                          {all(ann, colleague(at.Add(-30*time.Minute))), at, "company_gap", m{"last_sent": at.Add(-30 * time.Minute), "gap_minutes": 30}, false, time.Time{}},
		"a provider is no company":                    {all(one(free, enroll("ann"), func() events.Event { l := lead("bob", "provider"); l.FreeMail = true; return l }(), enroll("bob")), sent("bob", at)), at, "company_gap", m{}, false, time.Time{}},
		"a claim may have arrived":                    {all(ann, one(lead("bob", "at ann"), enroll("bob")), claimed("bob", at)), at, "company_gap", m{"last_sent": at, "gap_minutes": 30}, true, at.Add(30 * time.Minute)},
		"a doubt at the end of its lease":             {all(ann, one(lead("bob", "at ann"), enroll("bob")), claimed("bob", at), one(doubt("bob"))), at, "company_gap", m{"last_sent": at.Add(aggregates.Lease), "gap_minutes": 30}, true, at.Add(30*time.Minute + aggregates.Lease)},
		"a company has room":                          {all(ann, one(capped(2)), colleague(at)), at, "company_cap", m{"deferred": false, "active": 1, "cap": 2}, false, time.Time{}},
		"a company is full":                           {all(ann, one(capped(1)), colleague(at)), at, "company_cap", m{"deferred": false, "active": 1, "cap": 1}, true, time.Time{}},
		"who waits for a place is named so":           {all(ann, one(capped(1)), colleague(at), one(events.EnrollmentDeferred{EnrollmentRef: enrollment("ann")})), at, "company_cap", m{"deferred": true, "active": 1, "cap": 1}, true, time.Time{}},
		"without a cap nobody waits":                  {all(ann, one(capped(0)), colleague(at)), at, "company_cap", m{"deferred": false, "active": 1, "cap": 0}, false, time.Time{}},
		"a draft must be written":                     {all(ann, one(requested("ann"))), at, "draft", m{"state": "requested", "drafts": 0, "needs_approval": false}, true, time.Time{}},
		"and approved":                                {all(ann, ready("ann")), at, "draft", m{"state": "approved", "drafts": 1, "needs_approval": false}, false, time.Time{}},
		"a mailbox sends":                             {all(ann, ready("ann")), at, "mailbox", m{"status": "active"}, false, time.Time{}},
		"a paused one doesn't":                        {all(ann, ready("ann"), one(events.MailboxPaused{MailboxRef: box, Reason: "manual"})), at, "mailbox", m{"status": "suspended"}, true, time.Time{}},
		"one result at a time where there is a gap":   {all(ann, one(paceOf(gap)), person("bob"), scheduled("bob"), ready("ann")), at, "in_flight", m{"in_flight": 1}, true, time.Time{}},
		"several where there is none":                 {all(ann, person("bob"), scheduled("bob"), ready("ann")), at, "in_flight", m{"in_flight": 1}, false, time.Time{}},
		"its own slot is not in its way":              {all(ann, one(paceOf(gap)), scheduled("ann")), at, "in_flight", m{"in_flight": 1}, false, time.Time{}},
		"a gap follows each message":                  {all(ann, one(paceOf(gap)), others(1, at.Add(-time.Minute)), ready("ann")), at, "gap", m{"gap_seconds": 600, "until": at.Add(9 * time.Minute)}, true, at.Add(9 * time.Minute)},
		"and is over":                                 {all(ann, one(paceOf(gap)), others(1, at.Add(-10*time.Minute)), ready("ann")), at, "gap", m{"gap_seconds": 600, "until": at}, false, time.Time{}},
		"a cap of 24 hours":                           {all(ann, one(paceOf(pace)), others(2, yesterday.Add(time.Hour)), ready("ann")), at, "cap_24h", m{"cap": 2, "sent_24h": 2}, true, at.Add(time.Hour)},
		"has room":                                    {all(ann, one(paceOf(pace)), others(1, yesterday.Add(time.Hour)), ready("ann")), at, "cap_24h", m{"cap": 2, "sent_24h": 1}, false, time.Time{}},
		"has room at the end of them":                 {all(ann, one(paceOf(pace)), others(2, yesterday), ready("ann")), at, "cap_24h", m{"cap": 2, "sent_24h": 1}, false, time.Time{}},
		"what is claimed counts":                      {all(ann, one(paceOf(pace)), others(1, yesterday.Add(time.Hour)), person("bob"), claimed("bob", at), ready("ann")), at, "cap_24h", m{"cap": 2, "sent_24h": 2}, true, at.Add(time.Hour)},
		"a cap of nothing but claims":                 {all(ann, one(paceOf(events.MailboxPace{CapPerDay: 1})), person("bob"), claimed("bob", at), ready("ann")), at, "cap_24h", m{"cap": 1, "sent_24h": 1}, true, at.Add(24 * time.Hour)},
		"a cap of the day ends with it":               {all(ann, one(paceOf(pace)), others(2, at.Add(-2*time.Hour)), ready("ann")), at, "cap_day", m{"cap": 2, "sent_day": 2}, true, midnight},
		"what left yesterday is another day's":        {all(ann, one(paceOf(pace)), others(2, yesterday.Add(time.Hour)), ready("ann")), at, "cap_day", m{"cap": 2, "sent_day": 0}, false, time.Time{}},
		"a day begins at midnight":                    {all(ann, one(paceOf(pace)), others(2, midnight.Add(-24*time.Hour)), ready("ann")), at, "cap_day", m{"cap": 2, "sent_day": 2}, true, midnight},
		"a cap of an hour":                            {all(ann, one(paceOf(hourly)), others(1, at.Add(-50*time.Minute)), person("bob"), sent("bob", at.Add(-10*time.Minute)), ready("ann")), at, "cap_hour", m{"cap": 2, "sent_hour": 2}, true, at.Add(10 * time.Minute)},
		"it has room":                                 {all(ann, one(paceOf(hourly)), others(1, at.Add(-time.Hour)), person("bob"), sent("bob", at.Add(-10*time.Minute)), ready("ann")), at, "cap_hour", m{"cap": 2, "sent_hour": 1}, false, time.Time{}},
		"there may be no cap of an hour":              {all(ann, ready("ann")), at, "cap_hour", m{}, false, time.Time{}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			got := newHouse(c.given...).ruleOf(t, "ann", c.rule, c.now)
			want := aggregates.ExplainedRule{Rule: c.rule, Inputs: c.inputs, Binds: c.binds, Until: c.until}
			if a, b := asJSON(t, want), asJSON(t, got); a != b {
				t.Errorf("want %s\n got %s", a, b)
			}
		})
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
