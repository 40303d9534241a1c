// Package replyreport compares what the rules make of answers with what a person said that they mean.
package replyreport

import (
	"embed"
	"fmt"
	"mime"
	"slices"
	"strings"
	"time"

	"outrider/internal/mail/inbound"
)

//go:embed data
var files embed.FS

// The two parts of the corpus.
const (
	HeldOut = "held_out" // written before the rules, never used to mend them
	Tuned   = "tuned"
)

// Received is when all the mail of the corpus came.
var Received = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC) //nolint:gochecknoglobals // a constant

// Answer is one of the corpus.
type Answer struct {
	Language, Class string
	AskAgain        string // "2006-01-02"; "" = none is meant
	Text            string
	subject         string
	automatic       bool
}

// Read returns the answers of a part.
func Read(part string) (all []Answer, err error) {
	text, err := files.ReadFile("data/" + part + ".txt")
	if err != nil {
		return nil, fmt.Errorf("read answers: %w", err)
	}
	language := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if name, ok := strings.CutPrefix(line, "== "); ok {
			language = name
			continue
		}
		if line == "" || line[0] == '#' {
			continue
		}
		class, said, ok := strings.Cut(line, ": ")
		if !ok || language == "" {
			return nil, fmt.Errorf("%s: %q is no answer", part, line)
		}
		a := Answer{Language: language, subject: "Re: A question"}
		a.Class, a.AskAgain, _ = strings.Cut(class, "@")
		if rest, ok := strings.CutPrefix(said, "{subject "); ok {
			a.subject, said, _ = strings.Cut(rest, "}")
		}
		said, a.automatic = strings.CutPrefix(said, "{auto}")
		a.Text = strings.ReplaceAll(said, `\n`, "\n")
		all = append(all, a)
	}
	return all, nil
}

// Raw returns it as it lies in the mailbox.
func (a Answer) Raw() []byte {
	header := "From: Li Wu <li@example.com>\r\nSubject: " + mime.QEncoding.Encode("utf-8", a.subject) + "\r\nContent-Type: text/plain; charset=utf-8\r\n"
	if a.automatic {
		header += "Auto-Submitted: auto-replied\r\n"
	}
	return []byte(header + "\r\n" + a.Text)
}

// Judge returns what the rules make of it, as one of the classes of the corpus, and the day on which to ask again.
func (a Answer) Judge() (class, day string, v inbound.Classification) {
	v = inbound.Classify(inbound.Read(a.Raw()), inbound.Context{Mailbox: "jane@sender.test", Lead: "li@example.com", OurSubject: "A question", Received: Received})
	if !v.Until.IsZero() {
		day = v.Until.Format(time.DateOnly)
	}
	switch {
	case v.Kind == inbound.Reply:
		return string(v.Class), day, v
	case v.ForGood == inbound.LeftCompany:
		return string(inbound.PersonLeft), day, v
	}
	return string(v.Kind), day, v
}

// Matrix counts answers by what they mean and what they were taken for.
type Matrix map[string]map[string]int

// Missed is an answer that was taken for something else.
type Missed struct {
	Answer
	Taken      string
	Confidence int
	Evidence   string
}

// Compare judges answers.
func Compare(all []Answer) (Matrix, []Missed) {
	m := Matrix{}
	var missed []Missed
	for _, a := range all {
		class, day, v := a.Judge()
		if m[a.Class] == nil {
			m[a.Class] = map[string]int{}
		}
		m[a.Class][class]++
		if class != a.Class || a.AskAgain != "" && day != a.AskAgain {
			missed = append(missed, Missed{a, strings.TrimSuffix(class+"@"+day, "@"), v.Confidence, v.Evidence})
		}
	}
	return m, missed
}

// Add adds the counts of another one.
func (m Matrix) Add(o Matrix) {
	for truth, row := range o {
		for taken, n := range row {
			if m[truth] == nil {
				m[truth] = map[string]int{}
			}
			m[truth][taken] += n
		}
	}
}

// Precision returns how many of those that were taken for a class mean it, and how many were.
func (m Matrix) Precision(class string) (right, taken int) {
	for _, row := range m {
		taken += row[class]
	}
	return m[class][class], taken
}

// Recall returns how many of a class were taken for it, and how many there are.
func (m Matrix) Recall(class string) (right, there int) {
	for _, n := range m[class] {
		there += n
	}
	return m[class][class], there
}

// String writes the matrix as a table: rows are what answers mean, columns what they were taken for.
func (m Matrix) String() string {
	var classes []string
	for truth, row := range m {
		classes = append(classes, truth)
		for taken := range row {
			classes = append(classes, taken)
		}
	}
	slices.Sort(classes)
	classes = slices.Compact(classes)
	var b strings.Builder
	fmt.Fprintf(&b, "%-18s", "means \\ taken for")
	for i := range classes {
		fmt.Fprintf(&b, "%5s", fmt.Sprintf("(%d)", i+1))
	}
	b.WriteString("  recall  precision\n")
	for i, truth := range classes {
		fmt.Fprintf(&b, "%-18s", fmt.Sprintf("(%d) %s", i+1, truth)[:min(18, len(fmt.Sprintf("(%d) %s", i+1, truth)))])
		for _, taken := range classes {
			n := "."
			if m[truth][taken] > 0 {
				n = fmt.Sprint(m[truth][taken])
			}
			fmt.Fprintf(&b, "%5s", n)
		}
		right, there := m.Recall(truth)
		_, taken := m.Precision(truth)
		fmt.Fprintf(&b, "  %5s  %5s\n", share(right, there), share(right, taken))
	}
	return b.String()
}

func share(n, of int) string {
	if of == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f%%", 100*float64(n)/float64(of))
}
