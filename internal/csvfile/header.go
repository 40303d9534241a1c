package csvfile

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"

	"outrider/internal/pii"
	"outrider/internal/profile"
)

// findHeader returns which of the first rows names the columns; -1 = none does. The names may stand below notes and titles.
func findHeader(ahead []aheadRow, o Options) (int, error) {
	if o.HeaderRow != nil {
		return findRow(ahead, *o.HeaderRow)
	}
	first := ahead[:min(len(ahead), HeadRows)]
	if len(o.Mapping) > 0 {
		for i, r := range first {
			if namesAll(r.values, o.Mapping) {
				return i, nil
			}
		}
	}
	data := slices.IndexFunc(ahead, func(r aheadRow) bool { return slices.ContainsFunc(r.values, looksLikeAddress) })
	best, most := -1, 0
	for i, r := range first {
		if slices.ContainsFunc(r.values, looksLikeAddress) {
			continue // is data
		}
		known, email := countKnownNames(r.values)
		if email >= 0 && (data < 0 || holdsAddresses(ahead[i+1:], email)) {
			return i, nil
		}
		if data < 0 || i < data {
			if score := 100*known + countFilled(r.values); score > most {
				best, most = i, score
			}
		}
	}
	return best, nil
}

// findRow finds a row by its number.
func findRow(ahead []aheadRow, number int) (int, error) {
	if number == 0 {
		return -1, nil
	}
	for i, r := range ahead[:min(len(ahead), HeadRows)] {
		if r.number == number {
			return i, nil
		}
	}
	return 0, fmt.Errorf("header_row %d is blank, or not among the first %d rows that aren't", number, HeadRows)
}

func namesAll(values []string, mapping map[string]string) bool {
	names := nameColumns(values, len(values))
	for column := range mapping {
		if !slices.Contains(names, column) {
			return false
		}
	}
	return true
}

// countKnownNames counts the names that say a field, and returns the column that says e-mail; -1 = none.
func countKnownNames(values []string) (known, email int) {
	email = -1
	for i, v := range values {
		if utf8.RuneCountInString(v) > maxName {
			continue
		}
		switch field := fieldOfName(profile.CleanLine(v)); {
		case field == FieldEmail && email < 0:
			known, email = known+1, i
		case field != "":
			known++
		}
	}
	return known, email
}

func countFilled(values []string) (n int) {
	for _, v := range values {
		if profile.CleanLine(v) != "" {
			n++
		}
	}
	return n
}

// holdsAddresses says whether a column has an address in any of the rows, or nothing at all.
func holdsAddresses(rows []aheadRow, column int) bool {
	filled := false
	for _, r := range rows {
		if column < len(r.values) && r.values[column] != "" {
			if filled = true; looksLikeAddress(r.values[column]) {
				return true
			}
		}
	}
	return !filled
}

// looksLikeAddress says of a cell that it holds one address and nothing else.
func looksLikeAddress(v string) bool {
	_, err := pii.NormalizeAddress(CleanCell(v))
	return err == nil
}

// addressWithin finds what may be somebody's address in a text.
var addressWithin = regexp.MustCompile(`[^\s@]+@[^\s@]+\.[^\s@.]+`)

// nameColumns gives each column a name of its own. They are kept in clear, people's data never: what holds an address is no
// name.
func nameColumns(names []string, width int) []string {
	columns, again := make([]string, width), make([]bool, width)
	taken := map[string]bool{}
	for i := range columns {
		if i < len(names) && !addressWithin.MatchString(names[i]) {
			columns[i] = cutText(profile.CleanLine(withoutInvisible(names[i])), maxName)
		}
		if columns[i] == "" {
			columns[i] = "column_" + strconv.Itoa(i+1)
		}
		again[i] = taken[columns[i]]
		taken[columns[i]] = true
	}
	for i, name := range columns { // now that all that are written are known
		if again[i] {
			columns[i] = freeName(name, taken, maxName)
		}
	}
	return columns
}

// freeName adds a number to a name that is taken.
func freeName(name string, taken map[string]bool, most int) string {
	free := name
	for n := 2; taken[free]; n++ {
		suffix := "_" + strconv.Itoa(n)
		free = cutText(name, most-len(suffix)) + suffix
	}
	taken[free] = true
	return free
}
