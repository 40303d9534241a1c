package mailcases

import (
	"fmt"
	"strings"
)

// Absence is an automatic answer, or a person's that could be taken for one.
type Absence struct {
	Case
	Return string // the date on which somebody is back; "" = none is told
}

// Absences returns the answers of the file of absences.
func Absences() ([]Absence, error) {
	text, err := files.ReadFile("testdata/absences.txt")
	if err != nil {
		return nil, fmt.Errorf("read absences: %w", err)
	}
	var all []Absence
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		cells := strings.Split(line, " | ")
		if len(cells) != 4 {
			return nil, fmt.Errorf("read absences: %q hasn't four cells", line)
		}
		a := Absence{}
		var want string
		switch cells[3] {
		case "none":
			want = "out of office, no date (14 days)"
		case "left_company", "not_monitored":
			want = "an automatic answer, for good: " + cells[3]
		case "automatic":
			want = "an automatic answer"
		case "reply":
			want = "a reply (of the lead)"
		default:
			want, a.Return = "out of office until "+cells[3], cells[3]
		}
		header := ""
		if cells[0] == "header" {
			header = "Auto-Submitted: auto-replied\r\n"
		}
		a.Case = New(cells[1]+": "+cells[2], "From: Bob Miller <bob@example.com>\r\nTo: Jane <{{REPLY_ADDRESS}}>\r\nSubject: "+cells[1]+"\r\nMessage-ID: <r1@mail.example.com>\r\n"+
			"Date: Mon, 02 Mar 2026 09:00:00 +0000\r\nIn-Reply-To: <{{MESSAGE_ID}}>\r\nContent-Type: text/plain; charset=utf-8\r\n"+header+"\r\n"+strings.ReplaceAll(cells[2], `\n`, "\r\n")+"\r\n", want)
		all = append(all, a)
	}
	return all, nil
}
