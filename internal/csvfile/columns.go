package csvfile

import (
	"regexp"
	"sort"
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"outrider/internal/profile"
)

// FieldEmail is the one field that a file must have.
const FieldEmail = "email"

// fieldSynonyms are what people call the fields of a lead, letters and digits only, lower case.
func fieldSynonyms() map[string][]string {
	all := map[string][]string{
		"full_name":    {"name", "fullname", "contactname", "contact", "nomcomplet", "nombrecompleto"},
		"time_zone":    {"timezone", "tz", "zeitzone"},
		"tags":         {"tags", "tag", "labels"},
		"crm_id":       {"crmid", "hubspotid", "salesforceid", "recordid", "contactid", "externalid"},
		"lawful_basis": {"lawfulbasis", "legalbasis", "gdprbasis", "rechtsgrundlage"},
	}
	for _, f := range profile.Fields() {
		all[f.Name] = f.Synonyms
	}
	return all
}

var (
	notAlnum   = regexp.MustCompile(`[^a-z0-9]+`)
	customName = regexp.MustCompile(`^custom\.[a-z0-9_]{1,40}$`)
	address    = regexp.MustCompile(`^[^\s@<>]+@[^\s@<>]+\.[^\s@<>.]+$`)
)

// Fields are the names that a column may be mapped to, besides custom.NAME.
func Fields() []string {
	var out []string
	for f := range fieldSynonyms() {
		out = append(out, f)
	}
	sort.Strings(out)
	return out
}

// KnownField reports whether a column may be mapped to a name.
func KnownField(name string) bool {
	_, ok := fieldSynonyms()[name]
	return ok || customName.MatchString(name)
}

// foldName leaves of a column's name the letters and digits that it is compared by, without accents.
func foldName(s string) string {
	accents := transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)))
	if folded, _, err := transform.String(accents, s); err == nil {
		s = folded
	}
	return notAlnum.ReplaceAllString(strings.ToLower(s), "")
}

// guessMapping goes by the header's words; without a header only the column with an address is known. What no synonym
// fits becomes a custom field under its own name.
func guessMapping(columns, first []string) map[string]string {
	m, taken := map[string]string{}, map[string]bool{}
	if first != nil {
		for i, v := range first {
			if looksLikeAddress(v) && !taken[FieldEmail] {
				m[columns[i]], taken[FieldEmail] = FieldEmail, true
			} else {
				m[columns[i]] = "custom." + columns[i]
			}
		}
		return m
	}
	words := map[string]string{}
	for field, names := range fieldSynonyms() {
		for _, n := range names {
			words[foldName(n)] = field
		}
	}
	for _, c := range columns {
		if f := words[foldName(c)]; f != "" && !taken[f] {
			m[c], taken[f] = f, true
		}
	}
	for _, c := range columns {
		if _, ok := m[c]; ok {
			continue
		}
		name := strings.Trim(notAlnum.ReplaceAllString(strings.ToLower(c), "_"), "_")
		if len(name) > 40 {
			name = name[:40]
		}
		if name != "" && !taken["custom."+name] {
			m[c], taken["custom."+name] = "custom."+name, true
		}
	}
	return m
}

func looksLikeAddress(v string) bool { return address.MatchString(strings.TrimSpace(v)) }

// guessDelimiter takes what splits the first lines into the most columns, evenly: quoted text doesn't count.
func guessDelimiter(sample string) rune {
	best, score := ',', 0
	for _, d := range []rune{',', ';', '\t', '|'} {
		counts, n, quoted := []int{}, 0, false
		for _, r := range sample {
			switch {
			case r == '"':
				quoted = !quoted
			case r == d && !quoted:
				n++
			case r == '\n' && !quoted:
				counts, n = append(counts, n), 0
			}
			if len(counts) == 20 {
				break
			}
		}
		if len(counts) == 0 {
			counts = append(counts, n)
		}
		even := 0
		for _, c := range counts {
			if c == counts[0] {
				even++
			}
		}
		if s := counts[0] * even; s > score {
			best, score = d, s
		}
	}
	return best
}
