package aggregates_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
	"outrider/internal/es"
)

func TestSlots(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	hours := events.BookingHours{Windows: []events.Window{{Days: []int{1, 2, 3, 4, 5}, From: "10:00", To: "12:00"}}, SlotMinutes: 30, Zone: "Europe/Berlin"}
	three, none, closed := hours, hours, hours
	three.SlotMinutes, none.SlotMinutes, closed.Windows = 45, 0, []events.Window{{From: "10:00", To: "12:00"}}
	for sentence, c := range map[string]struct {
		hours    events.BookingHours
		from, to time.Time
		want     []string // in Berlin
	}{
		"from the first that begins then":  {hours, at, at.Add(12 * time.Hour), []string{"31 11:30"}},
		"not the one before":               {hours, at.Add(time.Second), at.Add(12 * time.Hour), nil},
		"to the last that begins then":     {hours, at, at.Add(23*time.Hour + 30*time.Minute), []string{"31 11:30", "01 10:00", "01 10:30", "01 11:00"}},
		"and not a second later":           {hours, at, at.Add(23*time.Hour + 30*time.Minute - time.Second), []string{"31 11:30", "01 10:00", "01 10:30"}},
		"only what ends within the window": {three, at, at.Add(25 * time.Hour), []string{"01 10:00", "01 10:45"}},
		"not on a Saturday":                {hours, at.AddDate(0, 0, 4).Add(-4 * time.Hour), at.AddDate(0, 0, 4).Add(12 * time.Hour), nil},
		"none of no length":                {none, at, at.AddDate(0, 0, 7), nil},
		"none on no day":                   {closed, at, at.AddDate(0, 0, 7), nil},
	} {
		var got []string
		for _, s := range aggregates.Slots(c.hours, berlin, c.from, c.to) {
			got = append(got, s.In(berlin).Format("02 15:04"))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", sentence, got, c.want)
		}
	}
	h := newHouse(events.BookingHoursSet{BookingHours: hours})
	slot := func(d time.Duration) bool { return h.InHours(at.Add(d), at.Add(d+30*time.Minute)) }
	if !slot(0) || slot(time.Second) || slot(1) || slot(time.Minute) || slot(30*time.Minute) || slot(-2*time.Hour) {
		t.Error("a slot isn't where slots begin")
	}
	if newHouse().InHours(at, at.Add(time.Minute)) {
		t.Error("there are hours that nobody has set")
	}
}

func TestVersionsOfAnOrganization(t *testing.T) {
	t.Parallel()
	home := "10 Main St"
	h := newHouse()
	for i, e := range []events.Event{events.OrganizationUpdated{PostalAddress: &home}, events.OrganizationPlanChanged{Plan: "scale"}, events.OrganizationTrialEnded{}, events.OrganizationPersonGapSet{Minutes: 60}, events.OrganizationStatusChanged{Status: "past_due"}, events.OrganizationDeleted{}} {
		h.apply(e)
		if h.Version != i+2 {
			t.Errorf("%s makes version %d", e.EventType(), h.Version)
		}
		if i == 0 && h.PostalAddress != home {
			t.Errorf("it lives at %s", h.PostalAddress)
		}
	}
}

// TestWhatIsTheSame tells what was said already from what is new.
func TestWhatIsTheSame(t *testing.T) {
	t.Parallel()
	h := newHouse(events.APIKeyIssued{APIKeyRef: events.APIKeyRef{KeyID: name("key")}, Name: "key", Scopes: []string{"a"}, ExpiresAt: at})
	key := h.Keys[name("key")]
	none := uuid.Nil
	if !key.Same(none, "key", []string{"a"}, at, 0) || key.Same(none, "other", []string{"a"}, at, 0) || key.Same(none, "key", []string{"b"}, at, 0) || key.Same(none, "key", []string{"a"}, at.Add(1), 0) ||
		key.Same(name("somebody"), "key", []string{"a"}, at, 0) || key.Same(none, "key", []string{"a"}, at, 1) {
		t.Error("a key is another one")
	}
	c := h.Campaigns[spring.CampaignID]
	if c.HasSettings(aggregates.DefaultSettings()) {
		t.Error("a campaign has the usual settings before it was given any")
	}
	h.apply(settingsOf(func(*events.CampaignSettings) {}))
	if !c.HasSettings(aggregates.DefaultSettings()) || c.HasSettings(settingsOf(func(s *events.CampaignSettings) { s.KeepOpen = true }).CampaignSettings) {
		t.Error("a campaign hasn't the settings that it was given")
	}
	found := []events.TemplateAnalysis{{StepID: name("one"), VariantID: name("one a")}}
	draft := campaignOf(spring, twoDays)
	for _, known := range [][]events.TemplateAnalysis{nil, found} {
		draft.Templates = known
		c := emptyHouse(draft).Campaigns[spring.CampaignID]
		if c.HasTemplates(found) != (known != nil) || c.HasTemplates(nil) != (known == nil) || c.HasTemplates([]events.TemplateAnalysis{}) != (known == nil) {
			t.Errorf("of %v something else is known", known)
		}
	}
	if _, ok := aggregates.WhyLead(at, h.Organization, name("nowhere"), name("a")); ok {
		t.Error("a campaign that nobody knows explains something")
	}
	if _, ok := aggregates.WhyLead(at, h.Organization, spring.CampaignID, name("a")); ok {
		t.Error("somebody who isn't on a campaign waits for something")
	}
}

// TestARowBringsItsZone takes the zone of a row, or else that of its file for a lead that has none.
func TestARowBringsItsZone(t *testing.T) {
	t.Parallel()
	lived := lead("a", "acme")
	lived.TimeZone = "Europe/Paris"
	for sentence, c := range map[string]struct {
		lead events.LeadCreated
		row  events.LeadSupplemented
		same bool
	}{
		"neither has one":               {lead("a", "acme"), events.LeadSupplemented{}, true},
		"the row's":                     {lead("a", "acme"), events.LeadSupplemented{TimeZone: "Asia/Tokyo"}, false},
		"the row's for another":         {lived, events.LeadSupplemented{TimeZone: "Asia/Tokyo"}, false},
		"the file's":                    {lead("a", "acme"), events.LeadSupplemented{DefaultTimeZone: "Asia/Tokyo"}, false},
		"the file's doesn't replace it": {lived, events.LeadSupplemented{DefaultTimeZone: "Asia/Tokyo"}, true},
	} {
		h := newHouse(c.lead)
		before := h.Leads.Get(c.lead.LeadID).Zone
		c.row.LeadRef = c.lead.LeadRef
		h.apply(c.row)
		if after := h.Leads.Get(c.lead.LeadID).Zone; (after == before) != c.same {
			t.Errorf("%s: it was %d and is %d", sentence, before, after)
		}
	}
}

func TestCustomFields(t *testing.T) {
	t.Parallel()
	l := lead("a", "acme")
	l.Filled = []string{"email", "custom.size"}
	h := newHouse(l)
	marked := newHouse(lead("b", "acme"))
	marked.apply(events.LeadUpdated{LeadRef: lead("b", "acme").LeadRef, Filled: []string{events.MarkField("custom.size")}})
	if !marked.Leads.Fields.Known("size") || !h.Leads.Fields.Known("size") || h.Leads.Fields.Known("email") || h.Leads.Fields.Known("custom.size") {
		t.Error("custom fields are those that begin so")
	}
	for i := range 1200 {
		l.Filled = []string{fmt.Sprintf("custom.f%d", i)}
		h.apply(events.LeadUpdated{LeadRef: l.LeadRef, Filled: l.Filled})
	}
	if !h.Leads.Fields.Known("f998") || h.Leads.Fields.Known("f999") || !h.Leads.Fields.Known("size") {
		t.Error("not the first thousand are known")
	}
}

// TestWarmupCaps asks for the cap of each day.
func TestWarmupCaps(t *testing.T) {
	t.Parallel()
	warming := events.MailboxVerified{MailboxRef: box, Status: events.MailboxWarming, WarmupFrom: at}
	pace := events.MailboxPace{CapPerDay: 10, WarmupStart: 3, WarmupPerDay: 3}
	h := newHouse(paceOf(pace), warming)
	m := h.Mailboxes.Get(box.MailboxID)
	for days, want := range map[int]int{-1: 3, 0: 3, 1: 6, 2: 9, 3: 10, 30: 10} {
		if got := h.CapAt(m, at.AddDate(0, 0, days)); got != want {
			t.Errorf("day %d has a cap of %d, want %d", days, got, want)
		}
	}
	if got := h.CapAt(m, time.Date(2026, 3, 31, 22, 0, 0, 0, time.UTC)); got != 6 { // midnight in Berlin
		t.Errorf("the next day begins with %d", got)
	}
	h.apply(paceOf(events.MailboxPace{CapPerDay: 10}))
	if got := h.CapAt(m, at); got != 10 {
		t.Errorf("without a warm-up the cap is %d", got)
	}
	h.apply(paceOf(pace), events.MailboxWarmedUp{MailboxRef: box})
	if got := h.CapAt(m, at); got != 10 {
		t.Errorf("behind the warm-up the cap is %d", got)
	}
}

// TestNobodyIsWrittenToBehindTheLastStep holds also between the last step and the word that it was the last.
func TestNobodyIsWrittenToBehindTheLastStep(t *testing.T) {
	t.Parallel()
	r := requested("a")
	r.MessageID, r.StepID, r.Step, r.VariantID = es.DeriveID(name("a"), "second"), name("two"), 2, name("two a")
	h := newHouse(all(person("a"), sent("a", at.AddDate(0, 0, -5)), one(r, events.MessageApproved{MessageRef: r.MessageRef}, events.MessageSent{MessageRef: r.MessageRef, AcceptedAt: at},
		events.EnrollmentPaused{EnrollmentRef: enrollment("a")}, events.EnrollmentResumed{EnrollmentRef: enrollment("a")}))...)
	if got := story(at.AddDate(0, 0, 9), h.Pace(at.AddDate(0, 0, 9))); !slices.Equal(got, []string{"wait nobody"}) {
		t.Errorf("got %q", got)
	}
}
