package crm_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"syscall"
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
	w.TellAtOnce(16)
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
	requests := func() int { _, n := w.there.Writes(); return n }
	// what it takes, in this process: the test's world, the stand-in and the work; what Postgres takes isn't in it
	measure := func(what string, work func()) {
		asked, begun, cpu := requests(), time.Now(), cpuTime(t)
		work()
		wall := time.Since(begun).Seconds()
		out[what+"_seconds"], out[what+"_per_second"] = math.Round(wall*10)/10, int(float64(many)/wall)
		t.Logf("%s: %.1f s", what, wall)
		out[what+"_cpu_seconds"], out[what+"_requests"] = math.Round((cpuTime(t)-cpu).Seconds()*10)/10, requests()-asked
	}
	c := commands.RequestConnectionImport{ConnectionRef: w.ref(), ImportID: es.NewID(), OnDuplicate: events.DuplicateSkip, LawfulBasis: "legitimate interest"}
	measure("import", func() {
		w.Do(c)
		w.settle()
	})
	people := w.people()
	if len(people) < many {
		t.Fatalf("%d came in", len(people))
	}
	out["changed_meanwhile"] = changed
	w.there.Behave(func(b *crmlike.Misbehave) { b.OnPage = nil })
	measure("compare", func() {
		w.mapFields()
		w.later()
	})
	var sent []events.Event
	for lead := range people {
		if len(sent) == many/5 {
			break
		}
		sent = append(sent, w.messageTo(lead, 1))
	}
	for some := range slices.Chunk(sent, 500) {
		w.HappenTogether(some)
	}
	out["activities"] = len(sent)
	measure("activities", w.settle)
	w.connectTo(v.begin(w.Clock))
	measure("resync", func() {
		w.Do(commands.ResyncConnection{ConnectionRef: w.ref(), ResyncID: es.NewID()})
		w.settle()
		w.later()
	})
	if d := w.diff(); len(d) > 0 {
		t.Errorf("%d differences, the first: %s", len(d), d[0])
	}
	if h := w.health(); h.Failed > 0 || h.Waiting > 0 {
		t.Errorf("health is %+v", h)
	}
	out["peak_mb"] = peakMemory(t) >> 20
	line, err := json.Marshal(out)
	check(t, err)
	fmt.Println(string(line)) //nolint:forbidigo // it is what the target is for
}

func usage(t *testing.T) (u syscall.Rusage) {
	t.Helper()
	check(t, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return u
}

func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	u := usage(t)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func peakMemory(t *testing.T) int64 {
	t.Helper()
	return usage(t).Maxrss << 10 // Linux counts in kB
}
