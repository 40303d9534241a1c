package mailcases

import (
	"fmt"
	"strings"
)

// Automatic returns what the file of automatic mail has.
func Automatic() ([]Case, error) {
	text, err := files.ReadFile("testdata/automatic.txt")
	if err != nil {
		return nil, fmt.Errorf("read automatic mail: %w", err)
	}
	var cases []Case
	for _, block := range strings.Split(string(text), "\n=== ")[1:] {
		first, rest, _ := strings.Cut(block, "\n")
		want, name, found := strings.Cut(first, " | ")
		fields, said, blank := strings.Cut(rest, "\n\n")
		if !found || !blank {
			return nil, fmt.Errorf("read automatic mail: %q has no name or no text", first)
		}
		if !strings.Contains(said, "{") {
			fields += "\nIn-Reply-To: <{{MESSAGE_ID}}>"
		}
		if !strings.Contains(fields, "Content-Type:") {
			fields += "\nContent-Type: text/plain; charset=utf-8"
		}
		raw := fields + "\nTo: jane@sender.test\nMessage-ID: <r1@mail.example.com>\nDate: Mon, 02 Mar 2026 09:00:00 +0000\nMIME-Version: 1.0\n\n" + said
		raw = strings.NewReplacer("{original}", header+"\n"+body, "{header}", header).Replace(raw)
		cases = append(cases, New(name, strings.NewReplacer("{to}", "bob@example.com", "\n", "\r\n").Replace(raw), want))
	}
	return cases, nil
}
