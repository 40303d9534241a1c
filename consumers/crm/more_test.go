package crm_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/crmapi"
	"outrider/internal/es"
)

// writesOf is a change of one contact.
func writesOf(id string, values ...string) []crmapi.Write {
	w := crmapi.Write{ID: id, Key: es.NewID().String(), Values: map[string]string{}}
	for i := 0; i < len(values); i += 2 {
		w.Values[values[i]] = values[i+1]
	}
	return []crmapi.Write{w}
}

func TestWhoWantedNoMoreBeforeIsToldOfOnce(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, v vendor) {
		w := setup(t, v)
		w.put("bob@example.com", nil)
		w.lead(person("Ann", "ann@example.com"))
		w.lead(person("Bob", "bob@example.com"))
		for _, a := range []string{"ann@example.com", "bob@example.com"} {
			w.Do(commands.AddSuppressions{Items: []commands.SuppressionItem{{Kind: events.SuppressAddress, Hash: w.hash(a), Reason: events.SuppressedManual, Value: events.Sealed{K: 1, C: []byte{1}}}}})
		}
		w.Tell(w.enqueuer.Reactor(), w.imports.Reactor())
		w.mapFields()
		if got := w.there.State().OptedOut; !slices.Equal(got, []string{"ann@example.com", "bob@example.com"}) {
			t.Errorf("opted out are %v", got)
		}
		writes, _ := w.there.Writes()
		w.later()
		if again, _ := w.there.Writes(); again != writes {
			t.Errorf("told again: %d", again-writes)
		}
	})
}

func TestWhoIsErasedNeverComesBack(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, v vendor) {
		w := setup(t, v) // contacts are kept
		ann := w.lead(person("Ann", "ann@example.com"))
		w.mapFields()
		w.Do(commands.EraseLead{LeadID: ann})
		w.settle()
		if len(w.there.State().Contacts) != 1 {
			t.Fatalf("there is %v", w.there.State().Contacts)
		}
		c := commands.RequestConnectionImport{ConnectionRef: w.ref(), ImportID: es.NewID(), OnDuplicate: events.DuplicateSkip, LawfulBasis: "legitimate interest"}
		w.Do(c)
		w.settle()
		w.later()
		w.put("ann@example.com", map[string]string{"job_title": "CTO"})
		w.later()
		for id, p := range w.people() {
			if p.Email != "" {
				t.Errorf("%s is back as %+v", id, p)
			}
		}
	})
}

func TestAConflictIsResolvedByHand(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, v vendor) {
		w := setup(t, v)
		ann := w.lead(person("Ann", "ann@example.com"))
		w.mapFields()
		w.put("ann@example.com", map[string]string{"first_name": "Theirs"})
		w.Pass(time.Hour)
		w.set(ann, "first_name", "Ours")
		w.later()
		if w.at("ann@example.com", "first_name") != "Ours" || w.health().Conflicts != 1 {
			t.Fatalf("by the rule: %v, %+v", w.there.State().Contacts, w.health())
		}
		w.set(ann, "first_name", "Theirs") // as the API does with the value that is kept
		w.Do(commands.ResolveConnectionConflict{ConnectionRef: w.ref(), ResolutionID: es.NewID(), LeadID: ann, Field: "first_name", Keep: events.CRMTheirs})
		w.later()
		if w.at("ann@example.com", "first_name") != "Theirs" || w.people()[ann].FirstName != "Theirs" || w.health().Conflicts != 0 {
			t.Errorf("by hand: %v, %+v", w.there.State().Contacts, w.health())
		}
	})
}

func TestTwoLeadsAreNotOneContact(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, v vendor) {
		w := setup(t, v)
		ann, bob := w.lead(person("Ann", "ann@example.com")), w.lead(person("Bob", "bob@example.com"))
		w.mapFields()
		id := w.put("ann@example.com", nil)
		if _, err := w.DB.Pools.Projector.Exec(t.Context(), `update integrations.links set remote_id = null where lead_id = $1`, ann); err != nil {
			t.Fatal(err)
		}
		if _, err := w.DB.Pools.Projector.Exec(t.Context(), `update integrations.links set remote_id = $2 where lead_id = $1`, bob, id); err != nil { // as after they were merged there
			t.Fatal(err)
		}
		w.set(ann, "city", "Rome")
		w.settle()
		got := w.entries("failed")
		for _, e := range got {
			if e.LeadID == nil || *e.LeadID != ann || !strings.Contains(e.Detail, "another lead") {
				t.Errorf("failed is %+v", e)
			}
		}
		if len(got) == 0 || w.at("ann@example.com", "city") == "Rome" {
			t.Errorf("%d failed, there is %v", len(got), w.there.State().Contacts)
		}
	})
}
