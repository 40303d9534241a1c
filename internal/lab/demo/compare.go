package demo

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"outrider/internal/lab/prospects"
)

// examples is how many people a mismatch names.
const examples = 10

// Doubt is what became of messages of which the product knows only that they may have left.
type Doubt struct {
	All     int
	Arrived int // taken after DATA
	Refused int // with 5xx
}

// Compare finds where the product and the journals differ, person by person, so that two mistakes don't make up for each other. A message in
// doubt may have arrived, or have been refused, without the product counting it; nothing else may differ.
func Compare(truth, said map[string]PersonMessages, doubtful []prospects.Line) (d Doubt, mismatches []string) {
	unsure := map[string]bool{} // whose requests got no answer: the product may know of them or not
	for _, l := range doubtful {
		unsure[strings.ToLower(l.Person)] = true
	}
	differ := map[string][]string{}
	total := map[string][2]int{}
	for _, who := range slices.Sorted(maps.Keys(allKeys(truth, said))) {
		t, s := truth[who], said[who]
		d.All += s.InDoubt
		excess := func(more, spare int) int { return max(min(more, spare), 0) }
		arrived := excess(t.Sent-s.Sent, s.InDoubt)
		refused := excess(t.Failed-s.Failed, s.InDoubt-arrived)
		d.Arrived, d.Refused = d.Arrived+arrived, d.Refused+refused
		tf, sf := figureRows(t.Figures), figureRows(s.Figures)
		for i := range tf {
			name, allowed := tf[i].name, 0
			switch name {
			case "sent":
				allowed = arrived
			case "failed":
				allowed = refused
			case "bounced":
				allowed = excess(tf[i].n-sf[i].n, refused)
			case "opened", "machine_opened", "clicked", "unsubscribed", "meetings", "scanner_clicks":
				if unsure[who] {
					allowed = tf[i].n - sf[i].n
				}
			}
			total[name] = [2]int{total[name][0] + tf[i].n, total[name][1] + sf[i].n}
			if tf[i].n-allowed != sf[i].n {
				differ[name] = append(differ[name], fmt.Sprintf("%s (%d and %d%s)", who, tf[i].n, sf[i].n, nameFew(t.IDs)))
			}
		}
	}
	for _, f := range figureRows(Figures{}) {
		if whom := differ[f.name]; len(whom) > 0 {
			mismatches = append(mismatches, fmt.Sprintf("%s: %d in truth, %d in postgres; %d people differ: %s", f.name, total[f.name][0], total[f.name][1],
				len(whom), strings.Join(whom[:min(examples, len(whom))], ", ")))
		}
	}
	return d, mismatches
}

// CompareDoubts finds whose messages are in doubt without a connection having been lost.
func CompareDoubts(lost map[string]int, said map[string]PersonMessages) (mismatches []string) {
	for _, who := range slices.Sorted(maps.Keys(said)) {
		if n := said[who].InDoubt; n > lost[who] {
			mismatches = append(mismatches, fmt.Sprintf("%s: %d messages are in doubt, of %d whose connection was lost", who, n, lost[who]))
		}
	}
	return mismatches
}

// CompareStores finds where the two stores differ: in nothing.
func CompareStores(postgres, clickhouse Figures) (mismatches []string) {
	c := figureRows(clickhouse)
	for i, p := range figureRows(postgres) {
		if p.n != c[i].n {
			mismatches = append(mismatches, fmt.Sprintf("%s: %d in postgres, %d in clickhouse", p.name, p.n, c[i].n))
		}
	}
	return mismatches
}

// CompareLeads finds where the import and the file differ.
func CompareLeads(file, imported Count) (mismatches []string) {
	for _, c := range []struct {
		what       string
		file, said int
	}{{"rows", file.Rows, imported.Rows}, {"imported", file.Imported, imported.Imported}, {"duplicates", file.Duplicates, imported.Duplicates}, {"rejected", file.Rejected, imported.Rejected}} {
		if c.file != c.said {
			mismatches = append(mismatches, fmt.Sprintf("leads %s: %d by the file, %d by the import", c.what, c.file, c.said))
		}
	}
	return mismatches
}

func nameFew(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	return "; Message-IDs " + strings.Join(ids, " ")
}

func allKeys(a, b map[string]PersonMessages) map[string]bool {
	out := map[string]bool{}
	for k := range a {
		out[k] = true
	}
	for k := range b {
		out[k] = true
	}
	return out
}
