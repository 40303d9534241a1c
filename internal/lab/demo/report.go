package demo

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"outrider/internal/lab/prospects"
)

// Figures are counts of distinct messages, from whichever source.
type Figures = prospects.Truth

// Classed is a count in truth, and as the product has it.
type Classed struct {
	Truth int `json:"truth"`
	Ours  int `json:"ours"`
}

func classedBy(truth, ours map[string]int) map[string]Classed {
	out := map[string]Classed{}
	for class, n := range truth {
		out[class] = Classed{Truth: n}
	}
	for class, n := range ours {
		out[class] = Classed{out[class].Truth, n}
	}
	return out
}

// Report is what a demonstration found.
type Report struct {
	Leads          Count                `json:"leads"`
	Truth          Figures              `json:"truth"`      // from the journals of the mail server and of the people
	Postgres       Figures              `json:"postgres"`   // what the product says
	ClickHouse     Figures              `json:"clickhouse"` // likewise
	Eligible       int                  `json:"eligible"`   // first messages that plan, caps and windows allow in the time
	Unsent         map[string]int       `json:"unsent"`     // leads that got no first message, by reason
	Violations     prospects.Violations `json:"violations"`
	Classified     map[string]Classed   `json:"classified"` // answers by what they mean
	Events         int64                `json:"events"`
	Commands       int64                `json:"commands"`
	SimulatedDays  float64              `json:"simulated_days"`
	ElapsedSeconds float64              `json:"elapsed_seconds"`
	Complaints     Classed              `json:"complaints"`
	Deferred       Classed              `json:"deferred"`        // refusals for now
	ScannerClicks  Classed              `json:"scanner_clicks"`  // messages
	Kills          *int                 `json:"kills,omitempty"` // only where the server was killed on purpose
	InDoubt        int                  `json:"in_doubt"`        // messages of which the product knows only that they may have left
	InDoubtArrived int                  `json:"in_doubt_arrived"`
	FactFigures
	OutsideFigures
	Calendar   *CalendarFigures  `json:"calendar,omitempty"` // only where one is connected
	SendGrid   *GridFigures      `json:"sendgrid"`
	Experiment ExperimentFigures `json:"experiment"`
	AI         *AIFigures        `json:"ai,omitempty"` // only with a language model
	Mismatches []string          `json:"mismatches"`

	// Written are the people who were written to, whether their server took it or not.
	Written int `json:"-"`
}

// enough is the share of the eligible who must have been written to.
const enough = 0.95

// Faults says what a demonstration must not end with, in sentences; none: it went well.
func (r Report) Faults() (out []string) {
	if r.Leads.Imported == 0 {
		out = append(out, "no lead was imported")
	}
	if n := len(r.Mismatches); n > 0 {
		out = append(out, fmt.Sprintf("%d mismatches, the first: %s", n, r.Mismatches[0]))
	}
	out = append(out, r.AI.faults()...)
	for _, v := range violationRows(r.Violations) {
		if v.n > 0 {
			out = append(out, fmt.Sprintf("violation %s: %d messages", v.name, v.n))
		}
	}
	if float64(r.Written) < enough*float64(r.Eligible) {
		out = append(out, fmt.Sprintf("only %d people were written to, of %d who could have been", r.Written, r.Eligible))
	}
	return out
}

// dollars writes an amount to its last millionth.
func dollars(micros int64) string { return fmt.Sprintf("$%d.%06d", micros/1_000_000, micros%1_000_000) }

type figure struct {
	name string
	n    int
}

func figureRows(f Figures) []figure {
	return []figure{{"sent", f.Sent}, {"failed", f.Failed}, {"opened", f.Opened}, {"machine_opened", f.MachineOpened}, {"clicked", f.Clicked},
		{"replied", f.Replied}, {"auto_replied", f.AutoReplied}, {"bounced", f.Bounced}, {"unsubscribed", f.Unsubscribed}, {"meetings", f.Meetings},
		{"complaints", f.Complaints}, {"scanner_clicks", f.ScannerClicks}}
}

func violationRows(v prospects.Violations) []figure {
	return []figure{{"sent_twice", v.SentTwice}, {"sent_after_stop", v.SentAfterStop}, {"over_mailbox_cap", v.OverMailboxCap}, {"under_gap", v.UnderGap},
		{"outside_window", v.OutsideWindow}, {"over_quota", v.OverQuota}}
}

// Table writes it for people.
func (r Report) Table(w io.Writer) {
	fmt.Fprintf(w, "%d rows: %d imported, %d duplicates, %d rejected. %.0f days in %.0f s; %d commands, %d events.\n\n", r.Leads.Rows, r.Leads.Imported,
		r.Leads.Duplicates, r.Leads.Rejected, r.SimulatedDays, r.ElapsedSeconds, r.Commands, r.Events)
	fmt.Fprintf(w, "%-16s %10s %10s %10s\n", "messages", "truth", "postgres", "clickhouse")
	pg, ch := figureRows(r.Postgres), figureRows(r.ClickHouse)
	for i, f := range figureRows(r.Truth) {
		fmt.Fprintf(w, "%-16s %10d %10d %10d\n", f.name, f.n, pg[i].n, ch[i].n)
	}
	fmt.Fprintf(w, "\n%d people were written to; %d could have been.\n", r.Written, r.Eligible)
	for _, why := range slices.Sorted(maps.Keys(r.Unsent)) {
		fmt.Fprintf(w, "  without a first message: %d %s\n", r.Unsent[why], why)
	}
	for _, class := range slices.Sorted(maps.Keys(r.Classified)) {
		fmt.Fprintf(w, "  answers that mean %-18s %d in truth, %d by the product\n", class, r.Classified[class].Truth, r.Classified[class].Ours)
	}
	for _, v := range violationRows(r.Violations) {
		fmt.Fprintf(w, "  violations of %-18s %d\n", v.name, v.n)
	}
	fmt.Fprintf(w, "%d refusals for now; the product says %d.\n", r.Deferred.Truth, r.Deferred.Ours)
	if r.Kills != nil {
		fmt.Fprintf(w, "The server was killed %d times.\n", *r.Kills)
	}
	if r.InDoubt > 0 {
		fmt.Fprintf(w, "%d messages are in doubt, %d of them arrived.\n", r.InDoubt, r.InDoubtArrived)
	}
	fmt.Fprintf(w, "\n%d web sites of companies gave %d facts; %d of them are wrong. %d sites were found by search.\n", r.Sites, r.Found, r.Wrong, r.FoundBySearch)
	if a := r.AI; a != nil {
		fmt.Fprintf(w, "A language model was asked %d times, for %s; its bill says %s.\n", a.Calls, dollars(a.CostMicros), dollars(a.BillMicros))
		fmt.Fprintf(w, "%d messages of it were sent: of %d sentences %d say a fact; %d that nothing carries were left out, and %d replaced by the fact's own words.\n", a.ByModel, a.Judged, a.Facts, a.Dropped, a.Replaced)
		fmt.Fprintf(w, "It made up %d facts and %d sentences; %d of these were sent.\n", a.LiesOfPages, a.Lies, a.LiesSent)
		fmt.Fprintf(w, "%d leads were scored, %d qualify; a person approved %d messages. %d timelines have each step, from research to the end: %s\n", a.Scored, a.Qualified, a.Approved, a.WholeStories, a.Story)
	}
	fmt.Fprintln(w, r.Experiment)
	if r.OutsideFigures != (OutsideFigures{}) {
		fmt.Fprintf(w, "%d deliveries arrived at the webhook, of %d; the payment provider has %d subscriptions and %d invoices, the product %d and %d; %d features are given, %d are on.\n", r.Webhooks.Truth, r.Webhooks.Ours,
			r.Subscriptions.Truth, r.Invoices.Truth, r.Subscriptions.Ours, r.Invoices.Ours, r.Flags.Truth, r.Flags.Ours)
	}
	if c := r.Calendar; c != nil {
		fmt.Fprintf(w, "%d meetings stand in the calendar, of %d; %d are at a time that was taken already.\n", c.Meetings.Truth, c.Meetings.Ours, c.DoubleBooked)
	}
	if g := r.SendGrid; g != nil && g.Mailboxes > 0 {
		fmt.Fprintf(w, "%d mailboxes send through SendGrid: it took %d messages (the product says %d), delivered %d (%d), and %d came back (%d); %d posts told of it, %d reports twice.\n", g.Mailboxes, g.Sent.Truth, g.Sent.Ours,
			g.Delivered.Truth, g.Delivered.Ours, g.Bounced.Truth, g.Bounced.Ours, g.Posts, g.Doubled)
	}
	for _, m := range r.Mismatches {
		fmt.Fprintln(w, "  mismatch:", m)
	}
}
