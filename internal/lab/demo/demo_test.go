package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"outrider/commands"
	"outrider/internal/lab/simclock"
	"outrider/internal/template"
)

func plansOf(t *testing.T) (out []Plan) {
	t.Helper()
	for name, l := range commands.Plans() {
		p := Plan{Name: name}
		p.Limits.Leads, p.Limits.Mailboxes = int(l.LeadsPerMonth), int(l.Mailboxes)
		out = append(out, p)
	}
	return out
}

func TestThePlanAndTheMailboxesAreChosenToFit(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	window := Window{Days: []time.Weekday{1, 2, 3, 4, 5}, From: 9 * time.Hour, To: 17 * time.Hour}
	p := Promise{Start: start, End: start.AddDate(0, 0, 21), Zone: "UTC", Window: window, Delays: []int{0, 2, 3}, Pace: PaceFor(0, 8*time.Hour)}
	for name, c := range map[string]struct {
		people    int
		asked     demoOptions
		plan      string
		mailboxes [2]int // at least, at most
	}{
		"ten people":                      {people: 10, plan: "starter", mailboxes: [2]int{1, 1}},
		"more people than a plan has":     {people: 501, asked: demoOptions{mailboxes: 1}, plan: "growth", mailboxes: [2]int{1, 1}},
		"more mailboxes than a plan has":  {people: 1000, plan: "scale", mailboxes: [2]int{11, 13}},
		"more than all plans with limits": {people: 20_000, plan: "enterprise", mailboxes: [2]int{200, 250}},
		"a plan was named":                {people: 1000, asked: demoOptions{plan: "growth"}, plan: "growth", mailboxes: [2]int{5, 5}},
		"people beyond the plan":          {people: 700, asked: demoOptions{plan: "starter"}, plan: "starter", mailboxes: [2]int{1, 1}},
		"all was named":                   {people: 100, asked: demoOptions{plan: "enterprise", mailboxes: 30}, plan: "enterprise", mailboxes: [2]int{30, 30}},
	} {
		var people []Lead
		for i := range c.people {
			people = append(people, Lead{Address: fmt.Sprintf("p%d@c%d.example", i, i), Domain: fmt.Sprintf("c%d.example", i)})
		}
		plan, n, err := choosePlanFor(plansOf(t), c.asked, people, p)
		if err != nil || plan.Name != c.plan || n < c.mailboxes[0] || n > c.mailboxes[1] {
			t.Errorf("%s: got %s with %d mailboxes, %v", name, plan.Name, n, err)
		}
	}
	if _, _, err := choosePlanFor(plansOf(t), demoOptions{plan: "starter", mailboxes: 2}, nil, p); err == nil || !strings.Contains(err.Error(), "only 1") {
		t.Errorf("more mailboxes than the named plan allows: got %v", err)
	}
	if _, _, err := choosePlanFor(plansOf(t), demoOptions{plan: "gold"}, nil, p); err == nil {
		t.Error("a plan that isn't there must be refused")
	}
}

func TestWhatIsRememberedComesBack(t *testing.T) {
	t.Parallel()
	dir, now := t.TempDir(), time.Date(2026, 11, 24, 20, 31, 5, 0, time.UTC)
	m, err := loadSaved(dir, now)
	if err != nil || !m.Start.Equal(time.Date(2026, 11, 3, 20, 0, 0, 0, time.UTC)) || !m.Now.Equal(m.Start) || m.Run == "" || m.Secret == "" {
		t.Fatalf("a beginning: got %+v, %v", m, err)
	}
	m.Ready, m.Now, m.Plan.Name, m.Plan.Limits.Leads, m.Key, m.Imported.Rows = true, now, "scale", 7, "ork_1", 3
	if err := m.saveTo(dir); err != nil {
		t.Fatal(err)
	}
	again, err := loadSaved(dir, now.AddDate(0, 0, 1))
	if err != nil || !again.Ready || !again.Now.Equal(now) || again.Plan != m.Plan || again.Key != m.Key || again.Imported != m.Imported || again.Run != m.Run {
		t.Errorf("got %+v, %v", again, err)
	}
	info, err := os.Stat(memoryFile(dir))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("it holds a key, so it is for its owner only: %v, %v", info.Mode(), err)
	}
	journal := filepath.Join(dir, "journal")
	if err := os.WriteFile(journal, []byte(`{"at":"2026-11-03T20:00:00Z"}`+"\n"+`{"at":"2026-11-04T09:00:00Z"}`+"\n"+`{"at":"2026-`), 0o600); err != nil {
		t.Fatal(err)
	}
	if at := lastInstant(journal); !at.Equal(time.Date(2026, 11, 4, 9, 0, 0, 0, time.UTC)) {
		t.Errorf("the last whole line: got %s", at)
	}
}

func TestTheDriverLetsTimePassAndHoldsIt(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	clock, err := simclock.Listen("127.0.0.1:0", simclock.Options{Start: start, Expect: []string{DriverName}})
	if err != nil {
		t.Fatal(err)
	}
	defer clock.Close()
	driver, err := simclock.Dial(t.Context(), clock.Addr(), DriverName)
	if err != nil {
		t.Fatal(err)
	}
	other, err := simclock.Dial(t.Context(), clock.Addr(), "other")
	if err != nil {
		t.Fatal(err)
	}
	other.Ready()
	var ticks []time.Duration
	other.At(start.Add(30*time.Minute), func() { ticks = append(ticks, other.Now().Sub(start)) })
	other.At(start.Add(90*time.Minute), func() { ticks = append(ticks, other.Now().Sub(start)) })

	d := newTimeDriver(&World{Clock: clock, Driver: driver}, false)
	for i := range 2 {
		if err := d.passTime(t.Context(), time.Hour); err != nil {
			t.Fatal(err)
		}
		if now := clock.Now().Sub(start); now != time.Duration(i+1)*time.Hour || len(ticks) != i+1 {
			t.Fatalf("after hour %d it is %s, and %v happened", i+1, now, ticks)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	other.Busy()
	cancel()
	if err := d.passTime(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("who is told to stop stops: got %v", err)
	}
}

// The campaign's texts are valid, fall back where a lead is bare, and offer a meeting before anything else.
func TestTheCampaignsTextsNeedNothingOfALead(t *testing.T) {
	t.Parallel()
	links := map[string]any{"booking_link": "https://app.acme.example/b/1", "sender_name": "Jane Doe"}
	for i, step := range withQuestion(Steps([]int{0, 2, 3})) {
		for _, v := range step.Variants {
			for part, text := range map[string]string{"subject": v.Subject, "body": v.Body} {
				one, err := template.Parse(text, template.Options{})
				if err != nil {
					t.Fatal(err)
				}
				out, err := one.Render(links)
				if err != nil {
					t.Errorf("step %d %s, %s: %v", i+1, *v.Name, part, err)
				}
				if part == "body" && (!strings.Contains(out, "/b/1") || strings.Index(out, "/b/1") > strings.Index(out, "https://example.com/")) {
					t.Errorf("step %d: a meeting must be offered first:\n%s", i+1, out)
				}
			}
		}
	}
}
