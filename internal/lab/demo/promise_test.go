package demo_test

import (
	"fmt"
	"testing"
	"time"

	"outrider/internal/lab/demo"
)

var monday = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// promise is of one mailbox in UTC that sends 30 a day at 14.25 minutes each, for a number of days from a Monday on.
func promise(days int) demo.Promise {
	return demo.Promise{Start: monday, End: monday.AddDate(0, 0, days), Zone: "UTC", Delays: []int{0, 2, 3}, Mailboxes: 1, People: -1, CompanyCap: 5, CompanyGap: 30 * time.Minute,
		Window: demo.Window{Days: []time.Weekday{1, 2, 3, 4, 5}, From: 9 * time.Hour, To: 17 * time.Hour}, Pace: demo.PaceFor(0, 8*time.Hour)}
}

// people are n, so many to a company.
func people(n, each int, zone string) (out []demo.Lead) {
	for i := range n {
		domain := fmt.Sprintf("company%d.example", i/each)
		out = append(out, demo.Lead{Address: fmt.Sprintf("p%d@%s", i, domain), Domain: domain, Zone: zone})
	}
	return out
}

// Each number is worked out by hand.
func TestHowManyCanBeWrittenTo(t *testing.T) {
	t.Parallel()
	with := func(p demo.Promise, change func(*demo.Promise)) demo.Promise {
		change(&p)
		return p
	}
	public := people(1000, 1, "")
	for i := range public {
		public[i].Public, public[i].Domain = true, "gmail.com"
	}
	for name, c := range map[string]struct {
		p      demo.Promise
		people []demo.Lead
		want   int
	}{
		"a day of one mailbox is its cap":                                                  {promise(1), people(1000, 1, ""), 30},
		"two mailboxes send twice as much":                                                 {with(promise(1), func(p *demo.Promise) { p.Mailboxes = 2 }), people(1000, 1, ""), 60},
		"nothing is sent at weekends":                                                      {with(promise(2), func(p *demo.Promise) { p.Start = monday.AddDate(0, 0, -2); p.End = monday }), people(1000, 1, ""), 0},
		"two days of first messages, then two days of their second ones":                   {promise(4), people(1000, 1, ""), 60},
		"the plan's people are all there are":                                              {with(promise(1), func(p *demo.Promise) { p.People = 12 }), people(1000, 1, ""), 12},
		"half a day is what its hours have room for: 4 h at 14.4 minutes":                  {with(promise(1), func(p *demo.Promise) { p.Start = monday.Add(13 * time.Hour) }), people(1000, 1, ""), 16},
		"six an hour, where that is less than the gap":                                     {with(promise(1), func(p *demo.Promise) { p.Pace = demo.Pace{PerDay: 100, PerHour: 6} }), people(1000, 1, ""), 48},
		"a window that has closed before the start is over":                                {with(promise(1), func(p *demo.Promise) { p.Start = monday.Add(9 * time.Hour) }), people(1000, 1, "Asia/Tokyo"), 0},
		"a window in another zone is open at its own time":                                 {promise(1), people(1000, 1, "America/New_York"), 30},
		"of one company five people at once, the next five a week later":                   {with(promise(8), func(p *demo.Promise) { p.Mailboxes = 10 }), people(1000, 1000, ""), 10},
		"nobody leaves the sequence before its third message":                              {with(promise(5), func(p *demo.Promise) { p.Mailboxes = 10 }), people(1000, 1000, ""), 5},
		"a public provider is no company":                                                  {with(promise(1), func(p *demo.Promise) { p.Mailboxes = 10 }), public, 300},
		"one message to a company in half an hour: 8 h of window have 16":                  {with(promise(1), func(p *demo.Promise) { p.Mailboxes, p.CompanyCap = 10, 0 }), people(1000, 1000, ""), 16},
		"in Auckland a Monday and four hours of Tuesday lie before Tuesday's start in UTC": {with(promise(1), func(p *demo.Promise) { p.Start = monday.Add(-12 * time.Hour); p.Mailboxes = 2 }), people(1000, 1, "Pacific/Auckland"), 93},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := c.p.Firsts(c.people); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

func TestMailboxesAreChosenSoThatEverybodyIsWrittenTo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ people, each, days, least, most int }{
		{10, 1, 21, 1, 1}, {1000, 4, 21, 11, 13}, {20_000, 4, 21, 220, 260}, {1000, 4, 5, 30, 60}, {1000, 1000, 21, 10, 13},
	} {
		p := promise(c.days)
		all := people(c.people, c.each, "")
		p.Mailboxes = p.MailboxesFor(all, -1)
		got := p.Firsts(all)
		if p.Mailboxes < c.least || p.Mailboxes > c.most || c.each < 10 && got != c.people {
			t.Errorf("%d people in %d days: %d mailboxes write to %d", c.people, c.days, p.Mailboxes, got)
		}
	}
	p := promise(21)
	if n := p.MailboxesFor(people(1000, 4, ""), 5); n != 5 {
		t.Errorf("got %d mailboxes, want the plan's 5", n)
	}
}

func TestAHigherCapHasAGapThatFits(t *testing.T) {
	t.Parallel()
	for perDay, want := range map[int]demo.Pace{
		0:   {PerDay: 30, PerHour: 6, Gap: 10 * time.Minute, JitterFrom: 90 * time.Second, JitterTo: 7 * time.Minute},
		10:  {PerDay: 10, PerHour: 6, Gap: 10 * time.Minute, JitterFrom: 90 * time.Second, JitterTo: 7 * time.Minute},
		100: {PerDay: 100, Gap: 171 * time.Second, JitterFrom: 36 * time.Second, JitterTo: 110 * time.Second},
	} {
		if got := demo.PaceFor(perDay, 8*time.Hour); got != want {
			t.Errorf("cap %d: got %+v, want %+v", perDay, got, want)
		}
	}
	p := promise(1)
	p.Pace = demo.PaceFor(100, 8*time.Hour)
	if got := p.Firsts(people(1000, 1, "")); got != 100 {
		t.Errorf("got %d in a day, want 100", got)
	}
}

func BenchmarkFirsts(b *testing.B) {
	all := people(50_000, 4, "")
	p := promise(21)
	p.Mailboxes = 500
	for b.Loop() {
		if p.Firsts(all) != len(all) {
			b.Fatal("not everybody")
		}
	}
}
