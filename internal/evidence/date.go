package evidence

import (
	"fmt"
	"strconv"
	"strings"
)

const (
	monthNames = "january february march april may june july august september october november december"
	monthShort = "jan feb mar apr may jun jul aug sep oct nov dec"
)

// monthOf returns the month that a word names, 0 if none. Names of people and verbs are written like some: they are a month only beside a number, or after a word like "in".
func monthOf(in []token, i int) int {
	t := in[i]
	if t.class != wordClass || !t.capital {
		return 0
	}
	near := i > 0 && isPlainNumber(in[i-1]) || i+1 < len(in) && isPlainNumber(in[i+1]) ||
		i > 0 && among(" in of since until by from last next during ", in[i-1].is)
	if !near {
		return 0
	}
	if m := indexOf(monthNames, t.is) + 1; m > 0 {
		return m
	}
	if t.is == "sept" {
		return 9
	}
	return indexOf(monthShort, t.is) + 1
}

func isPlainNumber(t token) bool {
	_, err := strconv.Atoi(strings.TrimPrefix(t.is, "o:"))
	return t.class == numberClass && err == nil
}

func yearOf(in []token, i int) int {
	if i >= len(in) || in[i].class != numberClass || len(in[i].text) != 4 {
		return 0
	}
	y, err := strconv.Atoi(in[i].is)
	if err != nil || y < 1900 || y > 2099 {
		return 0
	}
	return y
}

func dayOf(in []token, i int) int {
	if i < 0 || i >= len(in) || !isPlainNumber(in[i]) {
		return 0
	}
	d, _ := strconv.Atoi(strings.TrimPrefix(in[i].is, "o:"))
	if d > 31 {
		return 0
	}
	return d
}

// dates makes values of days, months, quarters and years. Numbers that are none get their mark.
func dates(in []token) (out []token) {
	for i := 0; i < len(in); {
		is, n := readDate(in, i)
		if n == 0 {
			t := in[i]
			if t.class == numberClass && !strings.Contains(t.is, ":") {
				t.is = "n:" + t.is
			}
			out = append(out, t)
			i++
			continue
		}
		t := in[i]
		for _, more := range in[i+1 : i+n] {
			t.spans += more.spans
			if more.text != "" {
				t.text += " " + more.text
			}
		}
		t.is, t.class = is, dateClass
		out = append(out, t)
		i += n
	}
	return out
}

func readDate(in []token, i int) (is string, n int) {
	if t := in[i]; len(t.text) == 10 && t.text[4] == '-' && t.text[7] == '-' {
		return "d:" + t.text, 1
	}
	if q := in[i].is; len(q) == 2 && q[0] == 'q' && q[1] >= '1' && q[1] <= '4' {
		if y := yearOf(in, i+1); y > 0 {
			return fmt.Sprintf("d:%d-q%c", y, q[1]), 2
		}
	}
	if d := dayOf(in, i); d > 0 { // 12 March 2024, 12th of March
		at := i + 1
		if at < len(in) && in[at].is == "of" {
			at++
		}
		if at < len(in) {
			if m := monthOf(in, at); m > 0 {
				if y := yearOf(in, at+1); y > 0 {
					return fmt.Sprintf("d:%d-%02d-%02d", y, m, d), at + 2 - i
				}
				return fmt.Sprintf("d:%02d-%02d", m, d), at + 1 - i
			}
		}
	}
	if m := monthOf(in, i); m > 0 { // March 12, 2024; March 2024; March
		if y := yearOf(in, i+1); y > 0 {
			return fmt.Sprintf("d:%d-%02d", y, m), 2
		}
		if d := dayOf(in, i+1); d > 0 {
			if y := yearOf(in, i+2); y > 0 {
				return fmt.Sprintf("d:%d-%02d-%02d", y, m, d), 3
			}
			return fmt.Sprintf("d:%02d-%02d", m, d), 2
		}
		return fmt.Sprintf("d:%02d", m), 1
	}
	if y := yearOf(in, i); y > 0 {
		return fmt.Sprintf("d:%d", y), 1
	}
	return "", 0
}
