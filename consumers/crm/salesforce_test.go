package crm_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/lab/crmlike"
	"outrider/internal/lab/salesforcelike"
)

// inSalesforce returns a world and its account.
func inSalesforce(t *testing.T, o salesforcelike.Options, change ...func(*events.CRMSettings)) (*world, *salesforcelike.Server) {
	t.Helper()
	var there *salesforcelike.Server
	v := salesForce()
	v.begin = func(now func() time.Time) account {
		o.Now = now
		there = salesforcelike.New(o)
		return there
	}
	return setup(t, v, change...), there
}

func TestALeadThatWasConvertedIsFollowed(t *testing.T) {
	t.Parallel()
	w, there := inSalesforce(t, salesforcelike.Options{}, func(s *events.CRMSettings) {
		s.Stages = []events.CRMStage{{When: "contacted", Stage: "Working - Contacted"}}
	})
	before := there.Put("ann@example.com", map[string]string{"LastName": "Lee"})
	ann := w.lead(person("Ann", "ann@example.com"))
	w.mapFields()
	w.sent(ann, 1)
	w.settle()
	if got := w.at("ann@example.com", "first_name"); got != "Ann" {
		t.Fatalf("before, it has %q", got)
	}
	there.Convert(before)
	w.sent(ann, 2) // before anybody has looked
	w.set(ann, "city", "Rome")
	w.later()
	got := there.State()
	if c := got.Contacts["ann@example.com"]; c["MailingCity"] != "Rome" || c["Account.Name"] != "Acme" {
		t.Errorf("the contact is %v", c)
	}
	for key, a := range got.Activities {
		if !slices.Equal(a.About, []string{"ann@example.com"}) {
			t.Errorf("%s is about %v", key, a.About)
		}
	}
	if len(got.Activities) != 2 || len(got.Contacts) != 1 || w.health().Failed != 0 || w.health().Waiting != 0 {
		t.Errorf("there are %+v, %+v", got, w.health())
	}
	there.Put("ann@example.com", map[string]string{"Title": "CTO", "MailingCity": "Oslo"})
	w.later()
	if p := w.people()[ann]; p.JobTitle != "CTO" || p.City != "Oslo" || p.CompanyName != "Acme" {
		t.Errorf("a change of the contact: %+v", p)
	}
	writes, _ := there.Writes()
	w.later()
	if again, _ := there.Writes(); again != writes {
		t.Errorf("%d writes follow from nothing", again-writes)
	}

	// between the look and the write
	two := w.lead(person("Bob", "bob@example.com"))
	w.later()
	id := ""
	there.Behave(func(b *crmlike.Misbehave) {
		b.OnPage = func() {
			if id == "" {
				id = there.Convert(there.Put("bob@example.com", nil))
			}
		}
	})
	w.set(two, "city", "Bern")
	w.later()
	if c := there.State().Contacts["bob@example.com"]; c["MailingCity"] != "Bern" || id == "" {
		t.Errorf("converted in between: %v", c)
	}
}

func TestALeadThatWasConvertedIsWrittenToAsAContact(t *testing.T) {
	t.Parallel()
	w, there := inSalesforce(t, salesforcelike.Options{})
	id := there.Put("ann@example.com", map[string]string{"LastName": "Lee"})
	became := there.Convert(id)
	service := w.accounts[w.conn]()
	done, err := service.Write(t.Context(), writesOf(id, "Title", "CTO", "City", "Rome", "Website", "https://example.com"))
	check(t, err)
	if got := there.State().Contacts["ann@example.com"]; done[0].ID != became || done[0].Problem != "" || got["Title"] != "CTO" || got["MailingCity"] != "Rome" {
		t.Errorf("it became %+v, %v", done, got)
	}
	there.Delete(became)
	if done, err = service.Write(t.Context(), writesOf(id, "Title", "CEO")); err != nil || !strings.Contains(done[0].Problem, "ENTITY_IS_DELETED") {
		t.Errorf("without a contact: %+v, %v", done, err)
	}
}

func TestSeveralOfOneAddressAreOnePerson(t *testing.T) {
	t.Parallel()
	w, there := inSalesforce(t, salesforcelike.Options{})
	there.PutAnother("Lead", "ann@example.com", map[string]string{"LastName": "Lee", "City": "Oslo"})
	there.PutAnother("Contact", "ann@example.com", map[string]string{"LastName": "Lee", "Title": "CTO"})
	ann := w.lead(person("Ann", "ann@example.com"))
	w.mapFields()
	if p := w.people()[ann]; p.JobTitle != "CTO" || p.City != "" || len(there.State().Contacts) != 2 {
		t.Errorf("it is %+v, there are %v", p, there.State().Contacts)
	}
	w.Do(commands.AddSuppressions{Items: []commands.SuppressionItem{{Kind: events.SuppressAddress, Hash: w.hash("ann@example.com"), Reason: events.SuppressedUnsubscribe, Value: events.Sealed{K: 1, C: []byte{1}}}}})
	w.settle()
	if got := there.State().OptedOut; len(got) != 2 {
		t.Errorf("opted out are %v", got)
	}
}

func TestWithoutAKeyOfOursNothingIsMapped(t *testing.T) {
	t.Parallel()
	w, _ := inSalesforce(t, salesforcelike.Options{Keyless: true})
	has, err := w.accounts[w.conn]().Schema(t.Context())
	check(t, err)
	if len(has.Lacks) != 3 || !strings.Contains(has.Lacks[0], "Outrider_ID__c") {
		t.Errorf("it lacks %v", has.Lacks)
	}
	w.lead(person("Ann", "ann@example.com"))
	w.mapFields() // as if it had been there
	if c := w.connection(); c.Interrupted != events.ConnectionMapping || !strings.Contains(c.Detail, "External ID") {
		t.Errorf("the connection is %+v", c)
	}
}

func TestTheDayOfAnAccountIsNotUsedUp(t *testing.T) {
	t.Parallel()
	w, there := inSalesforce(t, salesforcelike.Options{Daily: 1000})
	ann := w.lead(person("Ann", "ann@example.com"))
	bob := w.lead(person("Bob", "bob@example.com"))
	w.mapFields()
	there.Use(950)
	_, before := there.Writes()
	for i := range 10 {
		w.sent(ann, i+1)
		w.settle()
	}
	if _, after := there.Writes(); after-before > 2 {
		t.Errorf("%d requests where little is left", after-before)
	}
	w.Do(commands.AddSuppressions{Items: []commands.SuppressionItem{{Kind: events.SuppressAddress, Hash: w.hash("bob@example.com"), Reason: events.SuppressedUnsubscribe, Value: events.Sealed{K: 1, C: []byte{1}}}}})
	w.Pass(15 * time.Minute)
	w.settle()
	if got := there.State(); !slices.Equal(got.OptedOut, []string{"bob@example.com"}) || len(got.Activities) != 0 {
		t.Errorf("an opt-out goes nevertheless: %+v", got)
	}
	there.Use(1000)
	w.Pass(15 * time.Minute)
	w.settle()
	_, before = there.Writes()
	w.sent(bob, 1)
	w.settle()
	if _, after := there.Writes(); after != before {
		t.Errorf("%d requests to who wants none", after-before)
	}
	there.Use(0)
	w.Pass(15 * time.Minute)
	w.later()
	if d := w.diff(); len(d) > 0 || len(there.State().Activities) != 11 {
		t.Errorf("on the next day: %s", strings.Join(d, "\n"))
	}
}

func TestWhoIsAlikeIsNoDuplicate(t *testing.T) {
	t.Parallel()
	for rule, failed := range map[string]int{"alert": 0, "block": 1} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			w, there := inSalesforce(t, salesforcelike.Options{Rule: rule})
			w.lead(person("Ann", "ann1@example.com"))
			w.lead(person("Ann", "ann2@example.com"))
			w.mapFields()
			got := w.entries("failed")
			if len(got) != failed || len(there.State().Contacts) != 2-failed || failed == 1 && !strings.Contains(got[0].Detail, "DUPLICATES_DETECTED") {
				t.Errorf("failed are %v, there are %v", got, there.State().Contacts)
			}
		})
	}
}

func TestOneCRMInAStormKeepsNobodyElse(t *testing.T) {
	t.Parallel()
	w := setup(t, hubSpot())
	other := es.NewID()
	v := salesForce()
	calm := v.begin(w.Clock)
	w.connect(other, v)
	w.accounts[other] = w.serve(v, calm)
	var all []uuid.UUID
	for i := range 5 {
		all = append(all, w.lead(person("Ann", fmt.Sprintf("ann%d@example.com", i))))
	}
	w.mapFields()
	s := w.settings
	s.Fields = nil
	for _, pair := range w.accounts[other]().Usual() {
		s.Fields = append(s.Fields, events.CRMField{Field: pair[0], Remote: pair[1], Direction: events.CRMBoth, Wins: events.CRMNewest})
	}
	w.Do(commands.MapConnection{ConnectionRef: events.ConnectionRef{ConnectionID: other}, CRMSettings: s})
	w.settle()
	w.there.Behave(func(b *crmlike.Misbehave) { b.TooMany = 1_000_000 })
	for step := range 3 {
		for _, id := range all {
			w.sent(id, step+1)
		}
		w.later()
	}
	if n := len(calm.State().Activities); n != 15 || len(w.there.State().Activities) != 0 {
		t.Errorf("the calm one has %d activities, the other %d", n, len(w.there.State().Activities))
	}
	w.there.Behave(func(b *crmlike.Misbehave) { b.TooMany = 0 })
	w.later()
	if d := w.diff(); len(d) > 0 {
		t.Errorf("after the storm: %s", strings.Join(d, "\n"))
	}
	// a value goes from one to the other, once
	w.put("ann1@example.com", map[string]string{"job_title": "CTO"})
	w.later()
	if got := calm.State().Contacts["ann1@example.com"]["Title"]; got != "CTO" {
		t.Errorf("the other one has %q", got)
	}
	a, _ := w.there.Writes()
	b, _ := calm.Writes()
	w.later()
	if a2, _ := w.there.Writes(); a2 != a {
		t.Errorf("%d writes follow from nothing", a2-a)
	}
	if b2, _ := calm.Writes(); b2 != b {
		t.Errorf("%d writes follow from nothing", b2-b)
	}
}
