package aggregates_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

func pacingOf(change func(*events.OrganizationPacing)) events.OrganizationPacingSet {
	var p events.OrganizationPacing
	change(&p)
	return events.OrganizationPacingSet{OrganizationPacing: p}
}

func sharingOf(p events.CampaignPacing) events.CampaignPacingSet {
	return events.CampaignPacingSet{CampaignRef: spring, CampaignPacing: p}
}

// TestSharedRules asks each rule that not everybody has for somebody's next message.
func TestSharedRules(t *testing.T) {
	t.Parallel()
	everyDay := []int{1, 2, 3, 4, 5, 6, 7}
	midnight := time.Date(2026, 3, 31, 22, 0, 0, 0, time.UTC) // in Berlin
	inBerlin := func(who string) []events.Event {
		l := lead(who, "at "+who)
		l.TimeZone = "Europe/Berlin"
		return one(l, enroll(who))
	}
	easter := events.OrganizationHolidaysSet{Country: "DE", Zones: []string{"Europe/Berlin"}, Days: []events.Holiday{{Date: "2026-03-31", Name: "A day off"}}}
	toGoogle := func(change func(*events.Caps)) events.Event {
		return pacingOf(func(p *events.OrganizationPacing) {
			p.Providers = []events.ProviderPacing{{Provider: "google", DomainHashes: []string{hash("at a"), hash("at b")}}}
			change(&p.Providers[0].Caps)
		})
	}
	other := events.MailboxRef{MailboxID: name("other")}
	for sentence, c := range map[string]struct {
		given []events.Event
		rule  string
		until time.Time // zero = it doesn't bind
	}{
		"the organisation has room":                {all(person("a"), one(pacingOf(func(p *events.OrganizationPacing) { p.Organization.PerDay = 1 }))), aggregates.RuleOrganizationCap, time.Time{}},
		"the organisation's day is full":           {all(person("a"), person("b"), sent("b", at.Add(-time.Minute)), one(pacingOf(func(p *events.OrganizationPacing) { p.Organization.PerDay = 1 }))), aggregates.RuleOrganizationCap, midnight},
		"what was sent before counts, too":         {all(person("a"), person("b"), one(pacingOf(func(p *events.OrganizationPacing) { p.Organization.PerHour = 1 })), sent("b", at.Add(-time.Minute))), aggregates.RuleOrganizationCap, at.Add(59 * time.Minute)},
		"what is being sent counts as sent now":    {all(person("a"), person("b"), one(pacingOf(func(p *events.OrganizationPacing) { p.Organization.PerHour = 1 })), claimed("b", at)), aggregates.RuleOrganizationCap, at.Add(time.Hour)},
		"24 hours of a sending domain":             {all(person("a"), person("b"), sent("b", at.Add(-time.Hour)), one(pacingOf(func(p *events.OrganizationPacing) { p.SendingDomain.Per24h = 1 }))), aggregates.RuleDomainCap, at.Add(23 * time.Hour)},
		"another sending domain":                   {all(person("a"), mailboxOf(other, events.MailboxPace{CapPerDay: 9}), one(events.CampaignMailboxesAssigned{CampaignRef: spring, MailboxIDs: []uuid.UUID{box.MailboxID, other.MailboxID}}, pacingOf(func(p *events.OrganizationPacing) { p.SendingDomain.PerDay = 1 }))), aggregates.RuleDomainCap, time.Time{}},
		"enough to a company's domain":             {all(one(lead("a", "acme"), enroll("a"), lead("b", "acme"), enroll("b"), pacingOf(func(p *events.OrganizationPacing) { p.RecipientDomain.PerDay = 1 })), sent("b", at.Add(-time.Hour))), aggregates.RuleRecipientCap, midnight},
		"enough to a provider":                     {all(one(toGoogle(func(c *events.Caps) { c.PerHour = 1 })), person("a"), person("b"), sent("b", at.Add(-time.Minute))), aggregates.RuleProviderCap, at.Add(59 * time.Minute)},
		"somebody of another provider":             {all(one(toGoogle(func(c *events.Caps) { c.PerHour = 1 })), person("a"), person("c"), sent("c", at.Add(-time.Minute))), aggregates.RuleProviderCap, time.Time{}},
		"a public holiday where they live":         {all(one(easter), inBerlin("a")), aggregates.RuleHoliday, midnight},
		"one that is ignored":                      {all(one(easter, sharingOf(events.CampaignPacing{IgnorePublicHolidays: true})), inBerlin("a")), aggregates.RuleHoliday, time.Time{}},
		"one of another country":                   {all(one(easter), one(func() events.LeadCreated { l := lead("a", "x"); l.TimeZone = "Europe/Paris"; return l }(), enroll("a"))), aggregates.RuleHoliday, time.Time{}},
		"one that is no longer heeded":             {all(one(easter, events.OrganizationHolidaysSet{Country: "DE"}), inBerlin("a")), aggregates.RuleHoliday, time.Time{}},
		"the campaign's own hours":                 {all(one(sharingOf(events.CampaignPacing{CampaignWindows: []events.Window{{Days: everyDay, From: "13:00", To: "15:00"}}})), person("a")), aggregates.RuleOwnWindow, at.Add(90 * time.Minute)},
		"one of several windows is open":           {all(one(sharingOf(events.CampaignPacing{CampaignWindows: []events.Window{{Days: everyDay, From: "13:00", To: "15:00"}, {Days: everyDay, From: "11:00", To: "12:00"}}})), person("a")), aggregates.RuleOwnWindow, time.Time{}},
		"the mailbox's hours":                      {all(one(events.MailboxHoursSet{MailboxRef: box, Windows: []events.Window{{Days: everyDay, From: "06:00", To: "08:00"}}}), person("a")), aggregates.RuleHours, time.Date(2026, 4, 1, 4, 0, 0, 0, time.UTC)},
		"a second window of the recipient":         {all(one(settingsOf(func(s *events.CampaignSettings) { s.Window = events.Window{Days: everyDay, From: "14:00", To: "16:00"} }), sharingOf(events.CampaignPacing{MoreWindows: []events.Window{{Days: everyDay, From: "11:00", To: "12:00"}}})), person("a")), aggregates.RuleWindow, time.Time{}},
		"enough new people":                        {all(one(sharingOf(events.CampaignPacing{NewPeoplePerDay: 1})), person("a"), person("b"), sent("b", at.Add(-time.Minute))), aggregates.RuleNewPeople, midnight},
		"a follow-up is to nobody new":             {all(one(sharingOf(events.CampaignPacing{NewPeoplePerDay: 1})), person("a"), sent("a", at.Add(-time.Minute))), aggregates.RuleNewPeople, time.Time{}},
		"a new person who was asked for is nobody": {all(one(sharingOf(events.CampaignPacing{NewPeoplePerDay: 1})), person("a"), person("b"), ready("b")), aggregates.RuleNewPeople, time.Time{}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			r := newHouse(c.given...).ruleOf(t, "a", c.rule, at)
			if r.Binds != !c.until.IsZero() || !r.Until.Equal(c.until) {
				t.Errorf("%s binds: %v, until %s, want %s: %v", c.rule, r.Binds, r.Until, c.until, r.Inputs)
			}
		})
	}
}

// TestSharedTicks asks for what a tick decides with them.
func TestSharedTicks(t *testing.T) {
	t.Parallel()
	a, b, c := person("a"), person("b"), person("c")
	second := events.MailboxRef{MailboxID: name("second")}
	two := all(mailboxOf(second, events.MailboxPace{CapPerDay: 100}), one(events.CampaignMailboxesAssigned{CampaignRef: spring, MailboxIDs: []uuid.UUID{box.MailboxID, second.MailboxID}}))
	handOver := one(pacingOf(func(p *events.OrganizationPacing) { p.HandOverDays = 3 }))
	stopped := events.MailboxPaused{MailboxRef: box, Reason: "blocked"}
	for sentence, c := range map[string]struct {
		given []events.Event
		now   time.Time
		then  []string
	}{
		"as many new people as fit are asked for":    {all(one(sharingOf(events.CampaignPacing{NewPeoplePerDay: 2})), a, b, c), at, []string{"ask a 1", "ask b 1", "wait campaign_new_people 12h30m0s"}},
		"nobody is looked for again before midnight": {all(one(sharingOf(events.CampaignPacing{NewPeoplePerDay: 1}), settingsOf(func(s *events.CampaignSettings) { s.Window.From, s.Window.To = "00:00", "24:00" })), a, ready("a"), b), at.Add(12 * time.Hour), []string{"slot a", "wait campaign_new_people 30m0s"}},
		"less those that were asked for":             {all(one(sharingOf(events.CampaignPacing{NewPeoplePerDay: 2})), a, ready("a"), b, c), at, []string{"slot a", "ask b 1", "wait campaign_new_people 12h30m0s"}},
		"one slot of two that the limit allows":      {all(one(pacingOf(func(p *events.OrganizationPacing) { p.Organization.PerDay = 1 })), a, ready("a"), b, ready("b")), at, []string{"slot a", "wait organization_cap 12h30m0s"}},
		"new people go first where it is so":         {all(one(sharingOf(events.CampaignPacing{NewPeopleFirst: true}), paceOf(events.MailboxPace{CapPerDay: 2})), a, sent("a", at.AddDate(0, 0, -5)), b, c), at, []string{"ask b 1", "ask c 1", "wait in_flight"}},
		"and follow-ups otherwise":                   {all(one(paceOf(events.MailboxPace{CapPerDay: 2})), a, sent("a", at.AddDate(0, 0, -5)), b, c), at, []string{"ask a 2", "ask b 1", "wait in_flight"}},
		"two mailboxes that take turns share":        {all(two, one(pacingOf(func(p *events.OrganizationPacing) { p.Rotate = true })), a, b), at, []string{"ask a 1", "wait rotation 1m0s", "ask b 1", "wait nobody"}},
		"a stopped mailbox waits to hand over":       {all(two, handOver, a, sent("a", at), one(stopped)), at, []string{"wait hand_over 72h0m0s", "wait nobody"}},
		"it hands over when it is time":              {all(two, handOver, a, sent("a", at), one(stopped, events.MailboxWaited{MailboxRef: box, Rule: "hand_over", Until: at})), at, []string{"wait nobody", "enrollment.handed_over.v1", "wait hand_over 24h0m0s"}},
		"but to nobody when there is nobody":         {all(handOver, a, sent("a", at), one(stopped, events.MailboxWaited{MailboxRef: box, Rule: "hand_over", Until: at})), at, []string{"campaign.readiness_changed.v1", "wait hand_over 24h0m0s"}},
		"what is written is written anew by theirs":  {all(two, handOver, a, ready("a"), one(stopped, events.MailboxWaited{MailboxRef: box, Rule: "hand_over", Until: at})), at, []string{"wait nobody", "message.cancelled.v1", "wait hand_over 24h0m0s"}},
		"without a setting it waits for ever":        {all(two, a, sent("a", at), one(stopped)), at, []string{"wait nobody"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			got := story(c.now, newHouse(c.given...).Pace(c.now))
			if fmt.Sprint(got) != fmt.Sprint(c.then) {
				t.Errorf("got  %q\nwant %q", got, c.then)
			}
		})
	}
}

// TestWhoIsHandedOverIsWrittenToByAnother follows somebody from a mailbox that is stopped to the next message.
func TestWhoIsHandedOverIsWrittenToByAnother(t *testing.T) {
	t.Parallel()
	second := events.MailboxRef{MailboxID: name("second")}
	h := newHouse(all(mailboxOf(second, events.MailboxPace{CapPerDay: 100}), one(events.CampaignMailboxesAssigned{CampaignRef: spring, MailboxIDs: []uuid.UUID{box.MailboxID, second.MailboxID}}),
		person("a"), sent("a", at), one(events.MailboxPaused{MailboxRef: box, Reason: "blocked"}, events.EnrollmentHandedOver{EnrollmentRef: enrollment("a"), FromID: box.MailboxID}))...)
	if _, faults := aggregates.WalkIndexes(h.Organization); len(faults) > 0 {
		t.Fatal(faults)
	}
	later := at.AddDate(0, 0, 2)
	for _, e := range h.Pace(later) {
		if r, ok := e.(events.MessageRequested); ok {
			if r.MailboxID != second.MailboxID || r.Step != 2 {
				t.Errorf("asked for %+v", r)
			}
			return
		}
	}
	t.Error("nothing was asked for")
}

// TestAPublicHolidayIsNoBusinessDay waits two business days over one.
func TestAPublicHolidayIsNoBusinessDay(t *testing.T) {
	t.Parallel()
	off := events.OrganizationHolidaysSet{Country: "DE", Zones: []string{"Europe/Berlin"}, Days: []events.Holiday{{Date: "2026-04-02", Name: "A day off"}}}
	due := func(given ...events.Event) time.Time {
		why, _ := aggregates.WhyLead(at, newHouse(all(given, person("a"), sent("a", at))...).Organization, spring.CampaignID, name("a"))
		return why.NotBefore
	}
	if is, was := due(off), due(); !is.Equal(was.AddDate(0, 0, 1)) {
		t.Errorf("due %s, without the holiday %s", is, was)
	}
}
