package commands

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"outrider/internal/lab/bench"
)

type benchTableCmd struct {
	File string `arg:"" optional:"" type:"existingfile" help:"Lines of JSON that benches printed; default: standard input."`
	Out  string `help:"Markdown file of which everything behind the line that says so is replaced; default: standard output." placeholder:"FILE"`
}

// benchLine is what the results of all benches have in common, and what some of them have.
type benchLine struct {
	Bench       string               `json:"bench"`
	Broker      string               `json:"broker"`
	CPUs        int                  `json:"cpus"`
	Command     string               `json:"command"`
	Concurrency int                  `json:"concurrency"`
	Rate        float64              `json:"rate"`
	P50         float64              `json:"p50_ms"`
	P99         float64              `json:"p99_ms"`
	Answers     int64                `json:"answers"`
	Rows        int64                `json:"rows"`
	Messages    int64                `json:"messages"`
	Hits        int64                `json:"hits"`
	Events      int64                `json:"events"`
	Use         map[string]bench.Use `json:"use"`
	With        float64              `json:"with_snapshot_s"`
	Without     float64              `json:"without_snapshot_s"`
	Disk        map[string]float64   `json:"disk_bytes_per_event"`
}

// tableBegins stands in the file before the tables.
const tableBegins = "<!-- what follows is written by `outrider bench table` -->"

// Run makes a table of results, one row for each.
func (c benchTableCmd) Run() error {
	in := io.Reader(os.Stdin)
	if c.File != "" {
		f, err := os.Open(c.File)
		if err != nil {
			return fmt.Errorf("read results: %w", err)
		}
		defer f.Close()
		in = f
	}
	lines, err := readBenchLines(in)
	if err != nil {
		return err
	}
	table := benchTable(lines)
	if c.Out == "" {
		fmt.Print(table)
		return nil
	}
	text, err := os.ReadFile(c.Out)
	if err != nil {
		return fmt.Errorf("read %s: %w", c.Out, err)
	}
	head, _, ok := strings.Cut(string(text), tableBegins)
	if !ok {
		return fmt.Errorf("%s doesn't say where the tables begin: it needs the line %s", c.Out, tableBegins)
	}
	if err := os.WriteFile(c.Out, []byte(head+tableBegins+"\n\n"+table), 0o644); err != nil {
		return fmt.Errorf("write %s: %w", c.Out, err)
	}
	return nil
}

func readBenchLines(r io.Reader) (out []benchLine, err error) {
	s := bufio.NewScanner(r)
	s.Buffer(nil, 1<<20)
	for n := 1; s.Scan(); n++ {
		if strings.TrimSpace(s.Text()) == "" {
			continue
		}
		var l benchLine
		if err := json.Unmarshal(s.Bytes(), &l); err != nil {
			return nil, fmt.Errorf("line %d is not what a bench prints with --json: %w", n, err)
		}
		if l.Bench == "" {
			return nil, fmt.Errorf("line %d doesn't say which bench printed it", n)
		}
		out = append(out, l)
	}
	if err := s.Err(); err != nil {
		return out, fmt.Errorf("read results: %w", err)
	}
	return out, nil
}

func benchTable(lines []benchLine) string {
	var b strings.Builder
	b.WriteString("| bench | what | a second | p50 ms | p99 ms | CPU seconds | bytes on disk an event | broker |\n|---|---|---|---|---|---|---|---|\n")
	for _, l := range lines {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s | %s |\n", l.Bench, l.countedText(), formatFigure(l.Rate), formatFigure(l.P50), formatFigure(l.P99), l.cpuText(), l.diskText(), orDash(strings.Split(l.Broker, ",")[0]))
	}
	return b.String()
}

// countedText says what was counted, and how it was asked for.
func (l benchLine) countedText() string {
	var out []string
	for _, n := range []struct {
		n    int64
		what string
	}{{l.Answers, "answers (" + l.Command + ")"}, {l.Hits, "hits"}, {l.Rows, "rows"}, {l.Messages, "messages"}, {l.Events, "events"}} {
		if n.n > 0 {
			out = append(out, fmt.Sprintf("%d %s", n.n, n.what))
			break
		}
	}
	if l.Concurrency > 0 {
		out = append(out, fmt.Sprintf("%d at once", l.Concurrency))
	}
	if l.With > 0 {
		out = append(out, fmt.Sprintf("first answer after %.1f s, without a snapshot %.1f s", l.With, l.Without))
	}
	return orDash(strings.Join(out, ", "))
}

func (l benchLine) cpuText() string {
	var out []string
	for _, p := range sortedKeys(l.Use) {
		out = append(out, fmt.Sprintf("%s %.1f", p, l.Use[p].CPUSeconds))
	}
	return orDash(strings.Join(out, ", "))
}

func (l benchLine) diskText() string {
	var names, out []string
	for name := range l.Disk {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(l.Disk[b], l.Disk[a]) })
	for _, name := range names {
		out = append(out, fmt.Sprintf("%s %.0f", name, l.Disk[name]))
	}
	return orDash(strings.Join(out, ", "))
}

func formatFigure(f float64) string {
	switch {
	case f == 0:
		return "-"
	case f >= 100:
		return fmt.Sprintf("%.0f", f)
	}
	return fmt.Sprintf("%.1f", f)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
