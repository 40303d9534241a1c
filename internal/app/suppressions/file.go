package suppressions

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"outrider/events"
	"outrider/internal/csvfile"
)

// MaxRows bounds a file.
const MaxRows = 50_000

// FileOptions say what isn't found out.
type FileOptions struct {
	csvfile.Options
	Kind       string // "" = whatever each row looks like
	Reason     string // of rows that name none
	Subdomains *bool
}

// Row is what a row of a file says. Problem is why it can't be suppressed; empty = it can.
type Row struct {
	Entry
	Number  int
	Typed   string
	Reason  string
	Problem string
}

// ReadFile reads the addresses and domains of a file, one a row, in whichever column they stand: CSV, a text of lines, a workbook.
// An error says to the person who sent it what is wrong with the whole file.
func ReadFile(r io.Reader, o FileOptions) ([]Row, error) {
	o.List = true
	header := o.HeaderRow
	o.HeaderRow = nil
	f, err := csvfile.Open(r, o.Options)
	if err != nil {
		return nil, err
	}
	var rows []csvfile.Row
	for {
		row, err := f.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if one := (*csvfile.RowError)(nil); errors.As(err, &one) {
			rows = append(rows, csvfile.Row{Number: one.Number, Warning: one.Reason})
			continue
		}
		if err != nil {
			return nil, err
		}
		if len(rows) == MaxRows+csvfile.HeadRows {
			break
		}
		row.Values = slices.Clone(row.Values)
		for i, v := range row.Values {
			row.Values[i] = csvfile.CleanCell(v)
		}
		rows = append(rows, row)
	}
	t := newTable(rows, o, header)
	if len(t.rows) > MaxRows {
		return nil, fmt.Errorf("the file has more than %d rows; send it in parts", MaxRows)
	}
	return t.readRows(o), nil
}

// table is a file whose columns are known.
type table struct {
	rows   []csvfile.Row
	values []int // columns that hold addresses and domains, the likeliest first
	reason int   // column; -1 = none
}

// newTable takes for the header what stands above the first row that holds something to suppress.
func newTable(rows []csvfile.Row, o FileOptions, header *int) table {
	first := slices.IndexFunc(rows[:min(len(rows), csvfile.HeadRows+1)], func(r csvfile.Row) bool {
		return slices.ContainsFunc(r.Values, func(v string) bool { return fits(v, o) })
	})
	if header != nil {
		if first = slices.IndexFunc(rows, func(r csvfile.Row) bool { return r.Number > *header }); first < 0 {
			first = len(rows)
		}
	}
	var names []string
	if first > 0 {
		names = rows[first-1].Values
	}
	t := table{rows: rows[max(first, 0):], reason: -1}
	score := map[int]int{}
	for _, r := range t.rows[:min(len(t.rows), 50)] {
		for i, v := range r.Values {
			if fits(v, o) {
				score[i]++
			}
		}
	}
	for i, name := range names {
		switch name = strings.ToLower(strings.Trim(name, " *:")); {
		case slices.Contains([]string{"reason", "status", "type", "grund", "motif", "cause"}, name):
			t.reason = i
		case score[i] > 0 && (strings.Contains(name, "mail") || strings.Contains(name, "address") || name == "domain" || name == "value" || name == "suppression"):
			score[i] += 1000
		}
	}
	for i := range score {
		t.values = append(t.values, i)
	}
	slices.SortFunc(t.values, func(a, b int) int { return (score[b]-score[a])*1000 + a - b })
	if len(t.values) == 0 {
		t.values = []int{0}
	}
	return t
}

func fits(v string, o FileOptions) bool {
	if v == "" {
		return false
	}
	_, err := Clean(o.Kind, v, o.Subdomains)
	return err == nil
}

func (t table) readRows(o FileOptions) []Row {
	out := make([]Row, 0, len(t.rows))
	for _, r := range t.rows {
		row := Row{Number: r.Number, Reason: o.Reason}
		for _, i := range t.values {
			if i < len(r.Values) && r.Values[i] != "" {
				row.Typed = r.Values[i]
				break
			}
		}
		if t.reason >= 0 && t.reason < len(r.Values) {
			row.Reason = reasonOf(r.Values[t.reason], o.Reason)
		}
		subdomains := o.Subdomains
		if subdomains != nil && strings.Contains(strings.TrimLeft(row.Typed, "*@"), "@") {
			subdomains = nil // of domains only
		}
		var err error
		if row.Entry, err = Clean(o.Kind, row.Typed, subdomains); err != nil {
			row.Problem = err.Error()
		}
		out = append(out, row)
	}
	return out
}

// reasonOf reads what other programs call why.
func reasonOf(text, fallback string) string {
	text = strings.ToLower(text)
	for _, known := range []struct{ word, reason string }{{"unsub", events.SuppressedUnsubscribe}, {"opt", events.SuppressedUnsubscribe}, {"abmeld", events.SuppressedUnsubscribe},
		{"bounce", events.SuppressedBounce}, {"invalid", events.SuppressedBounce}, {"spam", events.SuppressedComplaint}, {"complain", events.SuppressedComplaint}, {"abuse", events.SuppressedComplaint},
		{"manual", events.SuppressedManual}} {
		if strings.Contains(text, known.word) {
			return known.reason
		}
	}
	return fallback
}

// Shown is a row's value as a report shows it: not longer than a line.
func (r Row) Shown() string {
	if len(r.Typed) > 200 {
		return strconv.Quote(strings.ToValidUTF8(r.Typed[:200], ""))
	}
	return r.Typed
}
