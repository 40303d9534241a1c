package crm_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/lab/crmlike"
)

// TestManyContacts brings contacts in that change while they are paged, and then tells a fresh account everything. make bench-crm says how many, and reads the figures; without it there are none.
func TestManyContacts(t *testing.T) {
	many, _ := strconv.Atoi(os.Getenv("OUTRIDER_CRM_CONTACTS"))
	if many == 0 {
		t.Skip("make bench-crm runs it")
	}
	for _, v := range []vendor{hubSpot(), salesForce()} {
		t.Run(v.name, func(t *testing.T) { importMany(t, v, many) })
	}
}

func importMany(t *testing.T, v vendor, many int) {
	w := setup(t, v)
	for i := range many {
		w.put(fmt.Sprintf("p%06d@example.com", i), map[string]string{"first_name": "P" + strconv.Itoa(i), "last_name": "Lee", "company_name": "Acme"})
	}
	changed := 0
	w.there.Behave(func(b *crmlike.Misbehave) {
		b.OnPage = func() {
			for range 10 {
				w.put(fmt.Sprintf("p%06d@example.com", (changed*7919)%many), map[string]string{"city": "City " + strconv.Itoa(changed)})
				changed++
			}
			if changed <= 1000 { // else there is always another page
				w.put(fmt.Sprintf("late%06d@example.com", changed), nil)
			}
		}
	})
	out := map[string]any{"crm": v.name, "contacts": many}
	took := func(what string, since time.Time) {
		seconds := time.Since(since).Seconds()
		out[what+"_seconds"], out[what+"_per_second"] = int(seconds), int(float64(many)/seconds)
	}
	_, asked := w.there.Writes()
	begun := time.Now()
	c := commands.RequestConnectionImport{ConnectionRef: w.ref(), ImportID: es.NewID(), OnDuplicate: events.DuplicateSkip, LawfulBasis: "legitimate interest"}
	w.Do(c)
	w.settle()
	took("import", begun)
	people := w.people()
	if len(people) < many {
		t.Fatalf("%d came in", len(people))
	}
	_, now := w.there.Writes()
	out["import_requests"], out["changed_meanwhile"] = now-asked, changed
	w.there.Behave(func(b *crmlike.Misbehave) { b.OnPage = nil })
	begun = time.Now()
	w.mapFields()
	w.later()
	took("compare", begun)
	w.connectTo(v.begin(w.Clock))
	begun = time.Now()
	w.Do(commands.ResyncConnection{ConnectionRef: w.ref(), ResyncID: es.NewID()})
	w.settle()
	took("resync", begun)
	w.later()
	out["resync_requests"] = func() int { _, n := w.there.Writes(); return n }()
	if d := w.diff(); len(d) > 0 {
		t.Errorf("%d differences, the first: %s", len(d), d[0])
	}
	if h := w.health(); h.Failed > 0 || h.Waiting > 0 {
		t.Errorf("health is %+v", h)
	}
	line, err := json.Marshal(out)
	check(t, err)
	fmt.Println(string(line)) //nolint:forbidigo // it is what the target is for
}
