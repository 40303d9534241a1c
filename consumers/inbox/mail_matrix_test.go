package inbox

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// mailReport counts what came of labelled mail: rows are what is right, columns what was recorded.
type mailReport struct {
	counts map[[2]string]int
	names  map[[2]string][]string
	dates  map[string]int // of returns
}

func newMailReport() *mailReport {
	return &mailReport{counts: map[[2]string]int{}, names: map[[2]string][]string{}, dates: map[string]int{}}
}

func (r *mailReport) add(want, told, name string) {
	want, got := outcomeOf(want), outcomeOf(told)
	if want == "bounce" && strings.HasPrefix(got, "bounce ") { // of any kind
		want = got
	}
	key := [2]string{want, got}
	r.counts[key]++
	r.names[key] = append(r.names[key], name)
}

// sum counts the mail for which both hold.
func (r *mailReport) sum(want, got func(string) bool) (n int) {
	for key, count := range r.counts {
		if want(key[0]) && got(key[1]) {
			n += count
		}
	}
	return n
}

func begins(words ...string) func(string) bool {
	return func(s string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(s, w) })
	}
}

func anything(string) bool { return true }

// goal is a share that has to be reached, in percent; "at most" ones count against it.
type goal struct {
	text        string
	of, counted func(string) bool
	least, most float64
}

func mailGoals() []goal {
	bounce, automatic := begins("bounce"), begins("automatic", "out of office", "gone", "nothing")
	return []goal{
		{"bounces recorded", bounce, bounce, 98, 100},
		{"bounces taken for a reply", bounce, begins("reply"), 0, 0},
		{"unknown users suppressed", begins("bounce hard"), begins("bounce hard"), 95, 100},
		{"other bounces that suppress", begins("bounce soft", "bounce block", "bounce other"), begins("bounce hard"), 0, 2},
		{"complaints recorded", begins("complaint"), begins("complaint"), 98, 100},
		{"automatic mail taken for a reply", automatic, begins("reply"), 0, 0},
		{"absences recognised", begins("out of office"), begins("out of office"), 98, 100},
		{"gone for good recognised", begins("gone"), begins("gone"), 95, 100},
		{"replies recorded", begins("reply"), begins("reply"), 100, 100},
		{"who wants no more mail", begins("reply, unsubscribed", "unsubscribed"), begins("reply, unsubscribed", "unsubscribed"), 98, 100},
		{"unsubscribed without a word", func(s string) bool { return !strings.Contains(s, "unsubscribed") && s != "complaint" }, func(s string) bool { return strings.Contains(s, "unsubscribed") }, 0, 0},
	}
}

const leastDates = 98 // percent of the dates of returns that are right to the day

func (r *mailReport) missedGoals() (missed []string) {
	for _, g := range mailGoals() {
		of := r.sum(g.of, anything)
		if share := 100 * float64(r.sum(g.of, g.counted)) / float64(max(of, 1)); of > 0 && (share < g.least || share > g.most) {
			missed = append(missed, fmt.Sprintf("%s: %.1f %% of %d, want %.0f to %.0f %%", g.text, share, of, g.least, g.most))
		}
	}
	total := 0
	for _, n := range r.dates {
		total += n
	}
	if share := 100 * float64(r.dates["right"]) / float64(max(total, 1)); total > 0 && share < leastDates {
		missed = append(missed, fmt.Sprintf("dates of returns: %.1f %% of %d are right, want %d %%", share, total, leastDates))
	}
	return missed
}

// String prints the matrix, the shares, and what was taken for something else.
func (r *mailReport) String() string {
	rows, columns := map[string]bool{}, map[string]bool{}
	for key := range r.counts {
		rows[key[0]], columns[key[1]] = true, true
	}
	var out strings.Builder
	names := slices.Sorted(maps.Keys(columns))
	fmt.Fprintf(&out, "%-22s", "right \\ recorded")
	for i := range names {
		fmt.Fprintf(&out, " %4s", fmt.Sprintf("(%d)", i+1))
	}
	for _, want := range slices.Sorted(maps.Keys(rows)) {
		fmt.Fprintf(&out, "\n%-22s", want)
		for _, got := range names {
			if n := r.counts[[2]string{want, got}]; n > 0 {
				fmt.Fprintf(&out, " %4d", n)
			} else {
				fmt.Fprintf(&out, " %4s", ".")
			}
		}
	}
	out.WriteString("\n\n")
	for i, name := range names {
		fmt.Fprintf(&out, "(%d) %s  ", i+1, name)
	}
	out.WriteString("\n\n")
	for _, g := range mailGoals() {
		of, n := r.sum(g.of, anything), r.sum(g.of, g.counted)
		fmt.Fprintf(&out, "%-34s %4d of %4d  %5.1f %%\n", g.text, n, of, 100*float64(n)/float64(max(of, 1)))
	}
	for _, how := range slices.Sorted(maps.Keys(r.dates)) {
		fmt.Fprintf(&out, "date of the return %-16s %4d\n", how, r.dates[how])
	}
	for _, key := range slices.SortedFunc(maps.Keys(r.names), func(a, b [2]string) int { return strings.Compare(a[0]+a[1], b[0]+b[1]) }) {
		if key[0] != key[1] {
			fmt.Fprintf(&out, "%s, recorded %s: %s\n", key[0], key[1], strings.Join(r.names[key], "; "))
		}
	}
	return out.String()
}
