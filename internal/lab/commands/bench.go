package commands

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"text/tabwriter"

	"outrider/internal/lab/bench"
)

// Bench is `outrider bench`.
type Bench struct {
	Replay    benchReplayCmd    `cmd:"" help:"Read a log back: every chain checked, every event decoded."`
	Restart   benchRestartCmd   `cmd:"" help:"Seconds from the start of a process that decides to its first answer, with and without snapshots."`
	State     benchStateCmd     `cmd:"" help:"Bytes in memory of a lead, an enrollment and a remembered command id."`
	Decisions benchDecisionsCmd `cmd:"" help:"Milliseconds of the slowest decision of every command, in an organisation with many leads."`
	Commands  benchCommandsCmd  `cmd:"" help:"Commands a second over HTTP, from request to answer."`
	Fairness  benchFairnessCmd  `cmd:"" help:"How long the answers of a calm organisation take beside one that floods, on the same partition."`
	Tenants   benchTenantsCmd   `cmd:"" help:"How long answers take, and what the server costs at rest, with more and more organisations."`
	SignIn    benchSignInCmd    `cmd:"" help:"Sign-ins a second, and how long wrong passwords take with and without an account."`
	Import    benchImportCmd    `cmd:"" help:"Rows a second of a CSV file, until all of them can be queried."`
	Send      benchSendCmd      `cmd:"" help:"Messages a second: claimed, sent by SMTP into a sink, their results recorded and shown."`
	Mailboxes benchMailboxesCmd `cmd:"" help:"Memory of one process that reads and sends for many mailboxes."`
	Track     benchTrackCmd     `cmd:"" help:"Opens and clicks a second, each answered once the log has it."`
	Rebuild   benchRebuildCmd   `cmd:"" help:"Events a second of each projection when it is built anew beside the live one, compared and swapped."`
	Pages     benchPagesCmd     `cmd:"" help:"Milliseconds of the calls behind each page of the dashboard, in an organisation with many leads and a long history."`
	Stats     benchStatsCmd     `cmd:"" help:"Reports on a campaign from a loaded ClickHouse, and how long each takes."`
	Analytics benchAnalyticsCmd `cmd:"" help:"Pages of figures and lists of what they count, from a loaded ClickHouse, and how long each takes."`
	Table     benchTableCmd     `cmd:"" help:"Make a table in Markdown of what benches printed with --json."`
}

// benchConditions are what every figure depends on.
type benchConditions struct {
	Bench  string               `json:"bench"`
	CPUs   int                  `json:"cpus"`
	Broker string               `json:"broker"` // and whether it syncs every batch to disk
	Use    map[string]bench.Use `json:"use"`    // by process
	Disk   map[string]float64   `json:"disk_bytes_per_event,omitempty"`
}

// printBench prints a result: its numbers as a table, or all of it as one line of JSON.
func printBench(w io.Writer, asJSON bool, result any) error {
	if asJSON {
		return json.NewEncoder(w).Encode(result)
	}
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	printFields(t, reflect.ValueOf(result))
	return t.Flush()
}

// printFields prints the fields of a struct by their names in JSON.
func printFields(t io.Writer, v reflect.Value) {
	for i := range v.NumField() {
		f, x := v.Type().Field(i), v.Field(i)
		name := strings.ReplaceAll(strings.Split(f.Tag.Get("json"), ",")[0], "_", " ")
		switch {
		case f.Anonymous:
			printFields(t, x)
		case x.Kind() == reflect.Map:
			switch m := x.Interface().(type) {
			case map[string]bench.Use:
				for _, part := range sortedKeys(m) {
					fmt.Fprintf(t, "%s\t%.0f MB at most, %.1f s CPU\n", part, m[part].PeakRSSMB, m[part].CPUSeconds)
				}
			case map[string]float64:
				for _, part := range sortedKeys(m) {
					fmt.Fprintf(t, "%s in %s\t%.5g\n", name, part, m[part])
				}
			}
		case x.Kind() == reflect.Slice:
			for _, one := range x.Seq2() {
				fmt.Fprintf(t, "%s\t%v\n", name, one.Interface())
			}
		case x.Kind() == reflect.Float64:
			fmt.Fprintf(t, "%s\t%.5g\n", name, x.Float())
		default:
			fmt.Fprintf(t, "%s\t%v\n", name, x.Interface())
		}
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// scratchFolder is a data folder for one run: a new one under the system's temporary folder that goes when the run ends, or
// the one that was named.
func scratchFolder(named string) (dir string, gone func(), err error) {
	if named != "" {
		return named, func() {}, nil
	}
	if dir, err = os.MkdirTemp("", "outrider-bench-"); err != nil {
		return "", nil, fmt.Errorf("make a data folder: %w", err)
	}
	if err = os.Chmod(dir, 0o755); err != nil { // Postgres runs as another user when we are root
		return "", nil, fmt.Errorf("open the data folder to Postgres: %w", err)
	}
	return dir, func() { _ = os.RemoveAll(dir) }, nil
}

type benchStateCmd struct {
	Number int  `default:"100000" help:"How many of each."`
	JSON   bool `help:"Print one line of JSON."`
}

// Run measures this process' heap.
func (c benchStateCmd) Run(context.Context) error {
	watch := bench.StartWatch()
	s, err := bench.MeasureState(c.Number)
	if err != nil {
		return err
	}
	return printBench(os.Stdout, c.JSON, stateResult{"state", s, watch.End()})
}

type stateResult struct {
	Bench string `json:"bench"`
	bench.Sizes
	Use map[string]bench.Use `json:"use"` // by process: only this one
}
