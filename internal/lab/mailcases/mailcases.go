// Package mailcases reads the labelled mail of testdata: messages as they lie in a mailbox, and what must come of each. Its
// README.md is the table of expectations.
package mailcases

import (
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
)

//go:embed testdata
var files embed.FS

const folder = "testdata/in"

// Case is a message with what is expected of it.
type Case struct {
	File       string
	Mailbox    string // that it lies in
	Lead       string // to whom our message went
	OurSubject string
	Want       []string // what may come of it: one of these, as the table words it
	Class      string   // of the reply; "" = not said
	Text       string   // that its writer wrote; "" = not said
	Subject    string   // as it reads; "" = not said
	raw        string
}

// New makes a case that has no file, about the usual message.
func New(name, raw string, want ...string) Case {
	return Case{File: name, Mailbox: "jane@sender.test", Lead: "bob@example.com", OurSubject: "A question", Want: want, raw: raw}
}

// Values are what stands in a message for what is known only once ours has been sent.
type Values struct{ MessageID, ReplyAddress, UnsubscribeAddress, UnsubscribeLink string }

// Raw returns the message with the values filled in.
func (c Case) Raw(v Values) []byte {
	return []byte(strings.NewReplacer("{{MESSAGE_ID}}", v.MessageID, "{{REPLY_ADDRESS}}", v.ReplyAddress, "{{REPLY_ADDRESS_UPPER}}", strings.ToUpper(v.ReplyAddress),
		"{{UNSUBSCRIBE_ADDRESS}}", v.UnsubscribeAddress, "{{UNSUBSCRIBE_LINK}}", v.UnsubscribeLink).Replace(c.raw))
}

// Fits reports whether what was recorded is what is wanted. "a bounce" is one of any kind.
func (c Case) Fits(got string) bool {
	for _, want := range c.Want {
		if got == want || want == "a bounce" && strings.HasPrefix(got, "a bounce, ") {
			return true
		}
	}
	return false
}

// Incoming returns the cases of the table, and an error unless it tells of each file, and of no other.
func Incoming() ([]Case, error) {
	table, err := files.ReadFile("testdata/README.md")
	if err != nil {
		return nil, fmt.Errorf("read cases: %w", err)
	}
	cases, err := readTable(string(table))
	if err != nil {
		return nil, err
	}
	told := map[string]bool{}
	for i, c := range cases {
		raw, err := files.ReadFile(folder + "/" + c.File)
		if err != nil {
			return nil, fmt.Errorf("read case: %w", err)
		}
		cases[i].raw, told[c.File] = string(raw), true
	}
	there, err := fs.ReadDir(files, folder)
	if err != nil {
		return nil, fmt.Errorf("list cases: %w", err)
	}
	for _, f := range there {
		if !told[f.Name()] {
			return nil, fmt.Errorf("%s isn't in the table", f.Name())
		}
	}
	return cases, nil
}

// readTable reads the rows below the heading "in".
func readTable(markdown string) (cases []Case, err error) {
	_, markdown, _ = strings.Cut(markdown, "\n## in\n")
	section, _, _ := strings.Cut(markdown, "\n## ")
	for line := range strings.Lines(section) {
		if !strings.Contains(line, ".eml") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "| \n"), " | ")
		if len(cells) != 3 {
			return nil, fmt.Errorf("read table: %q hasn't three cells", line)
		}
		c, err := readCase(cells[0], cells[1])
		if err != nil {
			return nil, err
		}
		cases = append(cases, c)
	}
	return cases, nil
}

var about = regexp.MustCompile(`^(\S+\.eml)(?: \((mailbox|lead|our subject) (.*)\))?$`)

func readCase(file, expected string) (Case, error) {
	m := about.FindStringSubmatch(file)
	if m == nil {
		return Case{}, fmt.Errorf("read table: %q names no file", file)
	}
	c := New(m[1], "")
	switch value := strings.Trim(m[3], "`"); m[2] {
	case "mailbox":
		c.Mailbox = value
	case "lead":
		c.Lead = value
	case "our subject":
		c.OurSubject = value
	}
	for i, part := range strings.Split(expected, "; ") {
		quoted := func(before string) (string, bool) {
			rest, found := strings.CutPrefix(part, before+" `")
			return strings.TrimSuffix(rest, "`"), found
		}
		if class, found := strings.CutPrefix(part, "class "); found {
			c.Class = class
		} else if text, found := quoted("written text is"); found {
			c.Text = text
		} else if subject, found := quoted("subject reads"); found {
			c.Subject = subject
		} else if other, found := strings.CutPrefix(part, "or "); found || i == 0 {
			c.Want = append(c.Want, other)
		} else {
			return Case{}, fmt.Errorf("read table: %q of %s isn't understood", part, c.File)
		}
	}
	return c, nil
}
