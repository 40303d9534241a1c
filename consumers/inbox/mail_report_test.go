package inbox

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"outrider/internal/lab/mailcases"
	"outrider/internal/lab/reactortest"
)

// TestMailReport reads all labelled mail of the project, prints what came of it, and fails below the goals: make mail-report.
func TestMailReport(t *testing.T) {
	t.Parallel()
	r := newMailReport()
	post := reactortest.NewPost(t)
	read := func(c mailcases.Case) string {
		got, _ := hearCase(t, post, c, c.Raw)
		r.add(c.Want[0], got, c.File)
		return got
	}
	cases, err := mailcases.Incoming()
	check := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	check(err)
	for _, c := range cases {
		got, _ := hearCase(t, post, c, c.Raw)
		want := c.Want[0]
		for _, other := range c.Want { // of several the one that came
			if other == got {
				want = other
			}
		}
		r.add(want, got, c.File)
	}
	bounces, err := mailcases.Bounces()
	check(err)
	automatic, err := mailcases.Automatic()
	check(err)
	for _, c := range append(bounces, automatic...) {
		read(c)
	}
	replies, err := mailcases.Replies()
	check(err)
	for _, a := range replies {
		read(a.Case)
	}
	absences, err := mailcases.Absences()
	check(err)
	for _, a := range absences {
		r.addDate(a.Return, read(a.Case))
	}
	t.Log("\n" + r.String())
	for _, missed := range r.missedGoals() {
		t.Error(missed)
	}
}

// addDate counts by how many days the date of a return is wrong; "" is none.
func (r *mailReport) addDate(want, told string) {
	got := strings.TrimPrefix(told, "out of office until ")
	switch {
	case want == "" && got == told:
		return // neither has one
	case got == told:
		r.dates["not found"]++
	case want == "":
		r.dates["made up"]++
	default:
		a, _ := time.Parse(time.DateOnly, want)
		b, _ := time.Parse(time.DateOnly, got)
		days := int(b.Sub(a).Hours() / 24)
		if days != 0 {
			r.dates[fmt.Sprintf("%+d days", days)]++
		} else {
			r.dates["right"]++
		}
	}
}
