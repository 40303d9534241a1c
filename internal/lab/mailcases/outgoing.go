package mailcases

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
)

// Outgoing is what goes into a message of ours, as it is after filling in, with what is expected of the message.
type Outgoing struct {
	File     string `json:"-"`
	FromName string `json:"from_name"`
	FromAddr string `json:"from_addr"`
	To       string `json:"to"`
	Subject  string `json:"subject"`
	Body     string `json:"body"`
	Footer   string `json:"footer"`
	Opens    bool   `json:"opens"`
	Clicks   bool   `json:"clicks"`
	Want     string `json:"-"` // as the table words it
}

// OutgoingCases returns those of the table, and an error unless it tells of each file, and of no other.
func OutgoingCases() (cases []Outgoing, err error) {
	table, err := files.ReadFile("testdata/README.md")
	if err != nil {
		return nil, fmt.Errorf("read cases: %w", err)
	}
	_, section, _ := strings.Cut(string(table), "\n## out\n")
	section, _, _ = strings.Cut(section, "\n## ")
	for line := range strings.Lines(section) {
		if !strings.Contains(line, ".json") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "| \n"), " | ")
		if len(cells) != 3 {
			return nil, fmt.Errorf("read table: %q hasn't three cells", line)
		}
		c := Outgoing{File: cells[0], Want: cells[1]}
		raw, err := files.ReadFile("testdata/out/" + c.File)
		if err != nil {
			return nil, fmt.Errorf("read case: %w", err)
		}
		if err := json.Unmarshal(raw, &c); err != nil {
			return nil, fmt.Errorf("read %s: %w", c.File, err)
		}
		cases = append(cases, c)
	}
	there, err := fs.ReadDir(files, "testdata/out")
	if err != nil {
		return nil, fmt.Errorf("list cases: %w", err)
	}
	if len(there) != len(cases) {
		return nil, fmt.Errorf("%d files, %d of them in the table", len(there), len(cases))
	}
	return cases, nil
}
