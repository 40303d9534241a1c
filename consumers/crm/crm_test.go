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
)

func TestLeadsAndContactsLearnOfEachOther(t *testing.T) {
	t.Parallel()
	both(t, checkLeadsAndContactsLearnOfEachOther)
}

func checkLeadsAndContactsLearnOfEachOther(t *testing.T, v vendor) {
	w := setup(t, v)
	known := w.put("bob@example.com", map[string]string{"first_name": "Bob", "job_title": "CEO", "phone": "1"})
	ann, bob := w.lead(person("Ann", "ann@example.com")), w.lead(person("Robert", "bob@example.com"))
	w.mapFields()
	if w.at("ann@example.com", "first_name") != "Ann" || w.at("ann@example.com", "company_name") != "Acme" {
		t.Errorf("a lead that wasn't there is %v", w.there.State().Contacts)
	}
	if got := w.people()[bob]; got.JobTitle != "CEO" || got.Phone != "1" || w.at("bob@example.com", "company_name") != "Acme" {
		t.Errorf("what only one side has: %+v, %v", got, w.there.State().Contacts)
	}
	if n := len(w.there.State().Contacts); n != 2 {
		t.Errorf("%d contacts", n)
	}

	w.Pass(time.Hour)
	w.put("ann@example.com", map[string]string{"job_title": "CTO", "company_name": ""})
	w.later()
	if got := w.people()[ann]; got.JobTitle != "CTO" || got.CompanyName != "Acme" {
		t.Errorf("a change there, and a blank: %+v", got)
	}
	w.set(ann, "city", "Rome")
	w.set(ann, "phone", "")
	w.later()
	if w.at("ann@example.com", "city") != "Rome" || w.at("ann@example.com", "company_name") != "Acme" || w.at("ann@example.com", "phone") != "" {
		t.Errorf("a change here: %v", w.there.State().Contacts)
	}

	// what is alike stays so, and what we write comes back as no change of theirs
	writes, _ := w.there.Writes()
	events := len(w.Log())
	w.later()
	w.later()
	if again, _ := w.there.Writes(); again != writes || len(w.Log()) != events {
		t.Errorf("%d writes and %d events follow from nothing", again-writes, len(w.Log())-events)
	}
	if d := w.diff(); len(d) > 0 {
		t.Errorf("differs from the log: %s", strings.Join(d, "\n"))
	}
	w.there.Delete(known)
	w.set(bob, "city", "Oslo")
	w.later()
	if w.at("bob@example.com", "city") != "Oslo" || w.at("bob@example.com", "first_name") == "" {
		t.Errorf("a contact that was deleted there: %v", w.there.State().Contacts)
	}
}

func TestWhatBothHaveChangedIsDecidedAndKept(t *testing.T) {
	t.Parallel()
	both(t, checkWhatBothHaveChangedIsDecidedAndKept)
}

func checkWhatBothHaveChangedIsDecidedAndKept(t *testing.T, v vendor) {
	for name, skew := range map[string]time.Duration{"its clock is ahead": 3 * time.Hour, "its clock is behind": -3 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkConflicts(t, v, skew)
		})
	}
}

func checkConflicts(t *testing.T, v vendor, skew time.Duration) {
	w := setup(t, v)
	w.there.Behave(func(b *crmlike.Misbehave) { b.Skew = skew }) // that makes nothing newer
	ann, bob := w.lead(person("Ann", "ann@example.com")), w.lead(person("Bob", "bob@example.com"))
	w.mapFields()
	w.Pass(time.Hour)
	w.put("ann@example.com", map[string]string{"first_name": "Theirs"})
	w.Pass(time.Hour)
	w.set(ann, "first_name", "Ours")
	w.set(bob, "first_name", "Ours")
	w.Pass(time.Hour)
	w.put("bob@example.com", map[string]string{"first_name": "Theirs"})
	w.later()
	if got, there := w.people()[ann].FirstName, w.at("ann@example.com", "first_name"); got != "Ours" || there != "Ours" {
		t.Errorf("ours is newer: %s and %s", got, there)
	}
	if got, there := w.people()[bob].FirstName, w.at("bob@example.com", "first_name"); got != "Theirs" || there != "Theirs" {
		t.Errorf("theirs is newer: %s and %s", got, there)
	}
	if got := w.entries("conflict"); len(got) != 2 || w.health().Conflicts != 2 {
		t.Errorf("conflicts are %v, %+v", got, w.health())
	}
}

func TestWhoWantsNoMoreIsToldBothWays(t *testing.T) {
	t.Parallel()
	both(t, checkWhoWantsNoMoreIsToldBothWays)
}

func checkWhoWantsNoMoreIsToldBothWays(t *testing.T, v vendor) {
	w := setup(t, v)
	ann, bob := w.lead(person("Ann", "ann@example.com")), w.lead(person("Bob", "bob@example.com"))
	w.there.Put("stranger@example.com", nil)
	w.mapFields()
	w.Do(commands.AddSuppressions{Items: []commands.SuppressionItem{{Kind: events.SuppressAddress, Hash: w.hash("ann@example.com"), Reason: events.SuppressedUnsubscribe, Value: events.Sealed{K: 1, C: []byte{1}}}}})
	w.settle()
	if got := w.there.State().OptedOut; !slices.Equal(got, []string{"ann@example.com"}) {
		t.Errorf("there %v have opted out", got)
	}
	w.Pass(time.Minute)
	w.there.OptOut("bob@example.com")
	w.there.OptOut("stranger@example.com")
	w.later()
	suppressed := map[string]bool{}
	for _, e := range w.Log() {
		if s, ok := e.Payload.(events.SuppressionAdded); ok {
			suppressed[s.Hash] = true
		}
	}
	if len(suppressed) != 3 || !suppressed[w.hash("bob@example.com")] || !suppressed[w.hash("stranger@example.com")] {
		t.Errorf("here %d are suppressed", len(suppressed))
	}
	writes, _ := w.there.Writes()
	n := len(w.Log())
	w.later()
	if again, _ := w.there.Writes(); again != writes || len(w.Log()) != n {
		t.Errorf("told again: %d, %d", again-writes, len(w.Log())-n)
	}
	_, _ = ann, bob
}

func TestWhatACRMDoesNotTakeIsNamedLeadByLead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		vendor
		whole bool
	}{"hubspot, one by one": {hubSpot(), false}, "hubspot, the whole batch": {hubSpot(), true}, "salesforce": {salesForce(), false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t, c.vendor)
			var bad uuid.UUID
			for i := range 7 {
				id := w.lead(person("Ann", fmt.Sprintf("ann%d@example.com", i)))
				if i == 3 {
					bad = id
				}
			}
			w.there.Behave(func(b *crmlike.Misbehave) {
				b.BatchFails, b.Refuse = c.whole, func(email string) string { return map[string]string{"ann3@example.com": c.refuses}[email] }
			})
			w.mapFields()
			failed := w.entries("failed")
			if len(failed) != 1 || failed[0].LeadID == nil || *failed[0].LeadID != bad || len(w.there.State().Contacts) != 6 {
				t.Fatalf("failed are %+v, there are %d", failed, len(w.there.State().Contacts))
			}
			w.there.Behave(func(b *crmlike.Misbehave) { b.Refuse = nil })
			for range 4 {
				w.later()
			}
			if n := len(w.there.State().Contacts); n != 7 || w.health().Failed != 0 || w.health().Waiting != 0 {
				t.Errorf("later there are %d, %+v", n, w.health())
			}
		})
	}
}

func TestAnEndedPermissionDropsNothing(t *testing.T) {
	t.Parallel()
	both(t, checkAnEndedPermissionDropsNothing)
}

func checkAnEndedPermissionDropsNothing(t *testing.T, v vendor) {
	w := setup(t, v)
	ann := w.lead(person("Ann", "ann@example.com"))
	w.mapFields()
	w.there.Revoke()
	w.sent(ann, 1)
	w.lead(person("Bob", "bob@example.com"))
	w.later()
	if c := w.connection(); c.Interrupted != events.ConnectionEnded || len(w.there.State().Contacts) != 1 {
		t.Fatalf("the connection is %+v", c)
	}
	_, before := w.there.Writes()
	w.sent(ann, 2)
	w.later()
	if _, after := w.there.Writes(); after != before {
		t.Errorf("%d requests without a permission", after-before)
	}
	w.there.Allow(v.key)
	w.Do(commands.RestoreConnection{ConnectionRef: w.ref()})
	w.settle()
	w.later()
	if d := w.diff(); len(d) > 0 || len(w.there.State().Activities) != 2 {
		t.Errorf("afterwards: %s", strings.Join(d, "\n"))
	}
}

func TestAFreshCRMEndsAsTheOneThatFollowed(t *testing.T) {
	t.Parallel()
	both(t, checkAFreshCRMEndsAsTheOneThatFollowed)
}

func checkAFreshCRMEndsAsTheOneThatFollowed(t *testing.T, v vendor) {
	w := setup(t, v)
	var all []uuid.UUID
	for i := range 12 {
		all = append(all, w.lead(person("Ann", fmt.Sprintf("ann%d@example.com", i))))
	}
	w.mapFields()
	for i, id := range all {
		w.there.Behave(func(b *crmlike.Misbehave) {
			switch i % 5 {
			case 0:
				b.CutAfter = 1
			case 1:
				b.FailAfter = 2
			case 2:
				b.TooMany = 2
			case 3:
				b.Unavailable = 2
			}
		})
		w.sent(id, 1)
		w.sent(id, 2)
		w.settle()
		switch i % 4 {
		case 0:
			w.Happen(events.MessageReplied{SentMessageRef: w.about(id), Mail: events.Mail{MailID: es.NewID(), ReceivedAt: w.Clock()}, From: events.FromLead, Meaning: events.MeansInterested})
		case 1:
			meeting := events.MeetingRef{MeetingID: es.NewID(), LeadID: id}
			w.Happen(events.MeetingRescheduled{MeetingRef: meeting, Move: 1, StartsAt: w.Clock().Add(time.Hour), EndsAt: w.Clock().Add(2 * time.Hour)})
			w.settle()
			w.Happen(events.MeetingOutcomeSet{MeetingRef: meeting, Outcome: events.MeetingHeld})
		case 2:
			w.Happen(events.MessageBounced{SentMessageRef: w.about(id), ReportedAt: w.Clock(), Kind: "hard"})
		case 3:
			w.set(id, "city", "Rome")
		}
		w.later()
	}
	w.Pass(v.limit)
	w.later()
	w.Pass(v.limit)
	w.later()
	if d := w.diff(); len(d) > 0 {
		t.Fatalf("the one that followed differs from the log:\n%s", strings.Join(d, "\n"))
	}
	live := w.there.State()
	if len(live.Contacts) != 12 || len(live.Activities) != 24+9 {
		t.Errorf("it holds %d contacts and %d activities", len(live.Contacts), len(live.Activities))
	}

	same := func(what string) {
		t.Helper()
		w.Do(commands.ResyncConnection{ConnectionRef: w.ref(), ResyncID: es.NewID()})
		w.settle()
		w.later()
		if d := crmlike.Diff(live, w.there.State()); len(d) > 0 {
			t.Errorf("%s:\n%s", what, strings.Join(d, "\n"))
		}
	}
	same("the same one, told everything once more")
	w.connectTo(v.begin(w.Clock))
	same("a fresh one")
}

func TestContactsComeAsAnImport(t *testing.T) {
	t.Parallel()
	both(t, checkContactsComeAsAnImport)
}

func checkContactsComeAsAnImport(t *testing.T, v vendor) {
	w := setup(t, v, func(s *events.CRMSettings) {
		s.CreateAll = false
		s.Fields = append(s.Fields, events.CRMField{Field: "custom.owner", Remote: v.owner, Direction: events.CRMIn, Wins: events.CRMTheirs})
	})
	v.putOwner(w.there, "9", "Olga Owner")
	var ids []string
	for i := range 450 {
		ids = append(ids, w.put(fmt.Sprintf("p%03d@example.com", i), map[string]string{"first_name": "P", v.ownerID: "9"}))
	}
	w.put("", map[string]string{"first_name": "nobody"})
	w.there.OptOut("p007@example.com")
	known := w.lead(person("Known", "p001@example.com"))
	w.mapFields()
	ask := func(change func(*commands.RequestConnectionImport)) events.ImportCompleted {
		t.Helper()
		c := commands.RequestConnectionImport{ConnectionRef: w.ref(), ImportID: es.NewID(), OnDuplicate: events.DuplicateSkip, LawfulBasis: "legitimate interest"}
		change(&c)
		w.Do(c)
		w.settle()
		w.later()
		for _, e := range w.Log() {
			if done, ok := e.Payload.(events.ImportCompleted); ok && done.ImportID == c.ImportID {
				return done
			}
		}
		t.Fatalf("the import isn't done: %+v", w.entries(""))
		return events.ImportCompleted{}
	}
	if got := ask(func(c *commands.RequestConnectionImport) { c.DryRun = true }); got.Rows != 450 || got.Created != 449 || got.Duplicates != 1 {
		t.Errorf("a dry run says %+v", got)
	}
	if n := len(w.people()); n != 1 {
		t.Errorf("a dry run brings %d", n-1)
	}
	page := 0
	w.there.Behave(func(b *crmlike.Misbehave) { // boundaries move: some go, some come, between the pages
		b.OnPage = func() {
			page++
			if page == 2 {
				w.there.Delete(ids[0])
				w.there.Put("late@example.com", nil)
			}
		}
	})
	got := ask(func(*commands.RequestConnectionImport) {})
	if got.Created != got.Rows-1 || got.Rows < 450 || got.Rows > 451 || got.Duplicates != 1 { // who came between the pages may be among them
		t.Errorf("the import says %+v", got)
	}
	people := w.people()
	for id, p := range people {
		if id != known && p.Email != "late@example.com" && (p.FirstName != "P" || p.Custom["owner"] != "Olga Owner") {
			t.Fatalf("brought in: %+v", p)
		}
	}
	if people[known].FirstName != "Known" {
		t.Errorf("a duplicate is changed: %+v", people[known])
	}
	if !slices.ContainsFunc(w.Log(), func(e *es.Event) bool {
		s, ok := e.Payload.(events.SuppressionAdded)
		return ok && s.Hash == w.hash("p007@example.com")
	}) {
		t.Error("who has opted out there may be written to")
	}
	list := v.putList(w.there, ids[10], ids[11], ids[10])
	if got := ask(func(c *commands.RequestConnectionImport) { c.ListID = list }); got.Rows != 2 || got.Duplicates != 2 {
		t.Errorf("a list says %+v", got)
	}
	w.Do(commands.RequestConnectionImport{ConnectionRef: w.ref(), ImportID: es.NewID(), OnDuplicate: events.DuplicateSkip, ListID: "404"})
	w.settle()
	if got := w.entries("failed"); len(got) != 1 || !strings.Contains(got[0].Detail, "no such list") {
		t.Errorf("an unknown list: %+v", got)
	}
}

func TestWhatHubSpotTellsOfIsReadAtOnce(t *testing.T) {
	t.Parallel()
	w := setup(t, hubSpot())
	ann := w.lead(person("Ann", "ann@example.com"))
	w.mapFields()
	w.there.Behave(func(b *crmlike.Misbehave) { b.Lag = 24 * time.Hour }) // its search doesn't show it
	w.Pass(time.Second)
	id := w.there.Put("ann@example.com", map[string]string{"jobtitle": "CTO"})
	w.hear(id, id)
	w.settle()
	if got := w.people()[ann].JobTitle; got != "CTO" {
		t.Errorf("the job is %q", got)
	}
}

func TestWhoIsErasedIsForgotten(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, v vendor) {
		w := setup(t, v, func(s *events.CRMSettings) { s.OnErase = events.CRMDelete })
		ann := w.lead(person("Ann", "ann@example.com"))
		w.mapFields()
		w.Do(commands.EraseLead{LeadID: ann})
		w.settle()
		if got := w.there.State().Contacts; len(got) != 0 {
			t.Errorf("there is %v", got)
		}
		if h := w.health(); h.Linked != 0 {
			t.Errorf("it is still linked: %+v", h)
		}
	})
}
