package csvfile

import (
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/mozillazg/go-unidecode"

	"outrider/internal/leadfields"
	"outrider/internal/profile"
)

// FieldEmail is the one field that a file must have.
const FieldEmail = "email"

const maxOwnName = 40 // characters of an own field's name

var (
	notAlnum   = regexp.MustCompile(`[^a-z0-9]+`)
	customName = regexp.MustCompile(`^custom\.[a-z0-9_]{1,40}$`)
)

// Fields are the names that a column may be mapped to, besides custom.NAME.
func Fields() []string {
	out := slices.Concat(leadfields.Names(), []string{"full_name", "time_zone", "tags", "crm_id", "lawful_basis"})
	sort.Strings(out)
	return out
}

// KnownField reports whether a column may be mapped to a name.
func KnownField(name string) bool {
	return slices.Contains(Fields(), name) || customName.MatchString(name)
}

// guesser finds out what columns hold, by their names and by the values of the first rows.
type guesser struct {
	columns []string
	named   bool // there is a header
	samples [][]string
	mapping map[string]string
	taken   map[string]bool // fields
}

func newGuesser(columns, names []string, rows []aheadRow) *guesser {
	g := &guesser{columns: columns, named: names != nil, samples: make([][]string, len(columns)), mapping: map[string]string{}, taken: map[string]bool{}}
	for _, r := range rows {
		for i, v := range r.values[:min(len(r.values), len(columns))] {
			if v = CleanCell(v); v != "" {
				g.samples[i] = append(g.samples[i], v)
			}
		}
	}
	return g
}

// guessMapping goes by the words of the names, then by values. What fits nothing becomes a field of the organisation's own
// under its own name.
func (g *guesser) guessMapping() map[string]string {
	g.findByValue(FieldEmail, looksLikeAddress, true)
	if g.named {
		g.findByValue("linkedin_url", isLinkedInPerson, false)
		for _, filled := range []bool{true, false} { // of two columns for one field the one with values
			for i, c := range g.columns {
				if filled == (len(g.samples[i]) > 0) {
					g.mapColumn(i, fieldOfName(c))
				}
			}
		}
	}
	g.nameOwn()
	return g.mapping
}

func (g *guesser) mapColumn(i int, field string) {
	c := g.columns[i]
	if _, mapped := g.mapping[c]; field != "" && !mapped && !g.taken[field] {
		g.mapping[c], g.taken[field] = field, true
	}
}

// findByValue gives a field to the column whose values are of its kind, if there is one; to the one that is called so where
// several are.
func (g *guesser) findByValue(field string, fits func(string) bool, preferFull bool) {
	best, highest := -1, 0
	for i, values := range g.samples {
		fitting := 0
		for _, v := range values {
			if fits(v) {
				fitting++
			}
		}
		score := 2 * fitting
		if called := fieldOfName(g.columns[i]); called == field && g.named {
			score += 1000
		} else if preferFull && g.named && isAboutOthers(g.columns[i]) {
			score = min(score, 1)
		}
		if fitting > 0 && 2*fitting >= len(values) && score > highest {
			best, highest = i, score
		}
	}
	if best >= 0 {
		g.mapColumn(best, field)
	}
}

func isLinkedInPerson(v string) bool {
	v = strings.ToLower(v)
	return strings.Contains(v, "linkedin.com/in/") || strings.Contains(v, "linkedin.com/pub/") || strings.Contains(v, "linkedin.com/sales/lead")
}

// nameOwn gives the columns that are left names as own fields: in the letters that templates take, and no two the same.
func (g *guesser) nameOwn() {
	names, taken := make([]string, len(g.columns)), map[string]bool{}
	var again []int
	for i, c := range g.columns {
		if _, mapped := g.mapping[c]; mapped {
			continue
		}
		if names[i] = ownName(c); names[i] == "" {
			names[i] = "column_" + strconv.Itoa(i+1)
		}
		if taken[names[i]] {
			again = append(again, i)
		}
		taken[names[i]] = true
	}
	for _, i := range again {
		names[i] = freeName(names[i], taken, maxOwnName)
	}
	for i, name := range names {
		if name != "" {
			g.mapping[g.columns[i]] = profile.CustomPrefix + name
		}
	}
}

// ownName writes a name in a to z, whatever script it has.
func ownName(column string) string {
	name := notAlnum.ReplaceAllString(strings.ToLower(unidecode.Unidecode(column)), "_")
	return strings.Trim(cutText(strings.Trim(name, "_"), maxOwnName), "_")
}

// limitOwn leaves out own fields that are too many, those without values first, and never what the user has asked for.
func (g *guesser) limitOwn(mapping, asked map[string]string) (leftOut []string) {
	own := 0
	for _, field := range mapping {
		if strings.HasPrefix(field, profile.CustomPrefix) {
			own++
		}
	}
	for _, blank := range []bool{true, false} {
		for i := len(g.columns) - 1; i >= 0 && own > MaxOwn; i-- {
			c := g.columns[i]
			if field := mapping[c]; !strings.HasPrefix(field, profile.CustomPrefix) || asked[c] != "" || blank && len(g.samples[i]) > 0 {
				continue
			}
			delete(mapping, c)
			leftOut = append(leftOut, c)
			own--
		}
	}
	slices.SortFunc(leftOut, func(a, b string) int { return slices.Index(g.columns, a) - slices.Index(g.columns, b) })
	return leftOut
}

// applyMapping puts what the user says of columns in the place of what was guessed.
func (f *Reader) applyMapping(overrides map[string]string) error {
	wanted := map[string]string{}
	for column, field := range overrides {
		if other, twice := wanted[field]; twice && field != "" {
			return fmt.Errorf("the mapping gives field %q to two columns, %q and %q", field, min(column, other), max(column, other))
		}
		wanted[field] = column
		if !slices.Contains(f.head.Columns, column) {
			return fmt.Errorf("the mapping names column %q, but the file has only: %s", column, strings.Join(f.head.Columns, ", "))
		}
		if field != "" && !KnownField(field) {
			return fmt.Errorf("the mapping names field %q; use one of %s, or custom.NAME (a-z, 0-9 and _)", field, strings.Join(Fields(), ", "))
		}
		for other, taken := range f.head.Mapping {
			if taken == field && other != column {
				delete(f.head.Mapping, other)
			}
		}
		if delete(f.head.Mapping, column); field != "" {
			f.head.Mapping[column] = field
		}
	}
	return nil
}
