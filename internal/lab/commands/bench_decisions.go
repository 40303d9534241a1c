package commands

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"text/tabwriter"

	"outrider/internal/lab/bench"
)

type benchDecisionsCmd struct {
	Leads    int  `default:"200000" help:"Leads of the organisation; 100,000 at the least, more than are enrolled."`
	Enrolled int  `default:"100000" help:"Enrollments of theirs that are active."`
	All      bool `help:"Print every case, not only the slowest of each command."`
	JSON     bool `help:"Print one line of JSON."`
}

type decisionsResult struct {
	Bench string `json:"bench"`
	bench.Decisions
	Use map[string]bench.Use `json:"use"` // by process: only this one
}

// Run measures decisions, in this process and without a log.
func (c benchDecisionsCmd) Run(context.Context) error {
	watch := bench.StartWatch()
	d, err := bench.MeasureDecisions(bench.DecisionsOf{Leads: c.Leads, Enrolled: c.Enrolled})
	if err != nil {
		return err
	}
	if !c.All {
		d.Decisions = d.SlowestOfEach()
	}
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(decisionsResult{"decisions", d, watch.End()})
	}
	t := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintf(t, "%d leads, %d enrollments\t\truns\tevents\tp50 ms\tworst ms\tworst to decide ms\trefused\n", d.Leads, d.Enrolled)
	for _, x := range d.Decisions {
		fmt.Fprintf(t, "%s\t%s\t%d\t%d\t%.3f\t%.3f\t%.3f\t%d\n", x.Command, x.Case, x.Runs, x.Events, x.P50, x.Worst, x.Decide, x.Refused)
	}
	fmt.Fprintf(t, "heap\t\t\t\t\t%.0f MB\n", d.HeapMB)
	return t.Flush()
}
