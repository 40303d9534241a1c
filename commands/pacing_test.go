package commands_test

import (
	"testing"
	"time"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

func TestPacingIsSet(t *testing.T) {
	t.Parallel()
	ref := events.OrganizationRef{OrganizationID: org}
	limits := events.OrganizationPacing{Organization: events.Caps{PerDay: 100}, Providers: []events.ProviderPacing{{Provider: "google", DomainHashes: []string{h("gmail")}, Caps: events.Caps{PerHour: 2}}}, HandOverDays: 3}
	set := events.OrganizationPacingSet{OrganizationRef: ref, OrganizationPacing: limits}
	with := func(change func(*events.OrganizationPacing)) commands.SetPacing {
		p := limits
		change(&p)
		return commands.SetPacing{OrganizationPacing: p}
	}
	christmas := []events.Holiday{{Date: "2026-12-25", Name: "Weihnachten"}}
	germany := commands.CountryHolidays{Country: "DE", Zones: []string{"Europe/Berlin"}, Days: christmas}
	heeded := events.OrganizationHolidaysSet{OrganizationRef: ref, Country: "DE", Zones: germany.Zones, Days: christmas}
	abroad := func(change func(*commands.CountryHolidays)) commands.SetPublicHolidays {
		x := germany
		change(&x)
		return commands.SetPublicHolidays{Countries: []commands.CountryHolidays{x}}
	}
	ten := events.CampaignPacing{NewPeoplePerDay: 10}
	evening := []events.Window{{Days: []int{1}, From: "18:00", To: "20:00"}}
	hours := commands.SetMailboxHours{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Windows: evening}
	kit().Run(t, map[string]estest.Case{
		"limits are set":              {Given: given(), When: commands.SetPacing{OrganizationPacing: limits}, Then: facts{set}, Again: estest.NothingToDo()},
		"a cap below none is refused": {Given: given(), When: with(func(p *events.OrganizationPacing) { p.SendingDomain.Per24h = -1 }), Refused: "invalid"},
		"a provider has a name":       {Given: given(), When: with(func(p *events.OrganizationPacing) { p.Providers = []events.ProviderPacing{{}} }), Refused: "invalid"},
		"a provider is named once":    {Given: given(), When: with(func(p *events.OrganizationPacing) { p.Providers = append(p.Providers, p.Providers[0]) }), Refused: "invalid"},
		"a provider's domains are hashes": {Given: given(), When: with(func(p *events.OrganizationPacing) {
			p.Providers = []events.ProviderPacing{{Provider: "x", DomainHashes: []string{"gmail.com"}}}
		}), Refused: "invalid"},
		"nobody waits for years":               {Given: given(), When: with(func(p *events.OrganizationPacing) { p.HandOverDays = 400 }), Refused: "invalid"},
		"holidays are heeded":                  {Given: given(), When: commands.SetPublicHolidays{Countries: []commands.CountryHolidays{germany}}, Then: facts{heeded}, Again: estest.NothingToDo()},
		"and no longer":                        {Given: given(heeded), When: commands.SetPublicHolidays{}, Then: facts{events.OrganizationHolidaysSet{OrganizationRef: ref, Country: "DE", Zones: []string{}, Days: []events.Holiday{}}}, Again: estest.NothingToDo()},
		"a country has two letters":            {Given: given(), When: abroad(func(x *commands.CountryHolidays) { x.Country = "Germany" }), Refused: "invalid"},
		"a holiday has a date":                 {Given: given(), When: abroad(func(x *commands.CountryHolidays) { x.Days = []events.Holiday{{Date: "Christmas", Name: "x"}} }), Refused: "invalid"},
		"a country lies in zones":              {Given: given(), When: abroad(func(x *commands.CountryHolidays) { x.Zones = []string{"Europe/Atlantis"} }), Refused: "invalid"},
		"a campaign's pacing is set":           {Given: given(campaignCreated()), When: commands.SetCampaignPacing{CampaignID: campaign, CampaignPacing: ten}, Then: facts{events.CampaignPacingSet{CampaignRef: events.CampaignRef{CampaignID: campaign}, CampaignPacing: ten}}, Again: estest.NothingToDo()},
		"an unknown campaign's isn't":          {Given: given(), When: commands.SetCampaignPacing{CampaignID: campaign, CampaignPacing: ten}, Refused: "not_found"},
		"nor to less than nobody":              {Given: given(campaignCreated()), When: commands.SetCampaignPacing{CampaignID: campaign, CampaignPacing: events.CampaignPacing{NewPeoplePerDay: -1}}, Refused: "invalid"},
		"nor with a window that never opens":   {Given: given(campaignCreated()), When: commands.SetCampaignPacing{CampaignID: campaign, CampaignPacing: events.CampaignPacing{MoreWindows: []events.Window{{From: "09:00", To: "10:00"}}}}, Refused: "invalid"},
		"a newer campaign's pacing stays":      {Given: given(campaignCreated()), When: commands.SetCampaignPacing{CampaignID: campaign, CampaignPacing: ten, IfVersion: ptr(7)}, Refused: "version_conflict"},
		"a mailbox's hours are set":            {Given: given(boxAdded()), When: hours, Then: facts{events.MailboxHoursSet{MailboxRef: hours.MailboxRef, Windows: evening}}, Again: estest.NothingToDo()},
		"an unknown mailbox's aren't":          {Given: given(), When: hours, Refused: "not_found"},
		"nor to a time that isn't one":         {Given: given(boxAdded()), When: commands.SetMailboxHours{MailboxRef: hours.MailboxRef, Windows: []events.Window{{Days: []int{1}, From: "9", To: "10"}}}, Refused: "invalid"},
		"a mailbox without hours has none yet": {Given: given(boxAdded()), When: commands.SetMailboxHours{MailboxRef: hours.MailboxRef, Windows: []events.Window{}}, Noop: true},
	})
}

// TestSharedLimitsHold plays two weeks of a busy house, and asks the log afterwards whether any limit was passed at any time.
func TestSharedLimitsHold(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, anchor)
	settings := aggregates.DefaultSettings()
	settings.CompanyCap, settings.CompanyGapMinutes = 0, 0
	w.setUp(3, 120, events.MailboxPace{CapPerDay: 60, CapPerHour: 30}, sequence(0, 2), func(int) string { return "" }, &settings)
	w.must(commands.SetPacing{OrganizationPacing: events.OrganizationPacing{Organization: events.Caps{PerDay: 40, PerHour: 12}, RecipientDomain: events.Caps{Per24h: 25}}})
	w.must(commands.SetCampaignPacing{CampaignID: campaign, CampaignPacing: events.CampaignPacing{NewPeoplePerDay: 15}})
	w.until(w.now.Add(14 * 24 * time.Hour))
	if len(w.sent) < 100 {
		t.Fatalf("%d were sent", len(w.sent))
	}
	perDay, fresh := map[string]int{}, map[string]int{}
	for i, s := range w.sent {
		day := s.AcceptedAt.In(zone).Format(time.DateOnly)
		if perDay[day]++; perDay[day] > 40 {
			t.Fatalf("%d on %s", perDay[day], day)
		}
		if s.Step == 1 {
			if fresh[day]++; fresh[day] > 15 {
				t.Fatalf("%d new people on %s", fresh[day], day)
			}
		}
		hour := 0
		for _, x := range w.sent[:i+1] {
			if s.AcceptedAt.Sub(x.AcceptedAt) < time.Hour {
				hour++
			}
		}
		if hour > 12 {
			t.Fatalf("%d within an hour at %s", hour, s.AcceptedAt)
		}
	}
	t.Logf("%d sent: %v", len(w.sent), perDay)
}
