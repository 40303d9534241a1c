package mailcases

import (
	"fmt"
	"strings"
)

// Answer is a person's, with what it means.
type Answer struct {
	Case
	Class    string // of the reply
	AskAgain string // the date; "" = none
	Text     string
}

// Replies returns the answers of the file of replies.
func Replies() ([]Answer, error) {
	text, err := files.ReadFile("testdata/replies.txt")
	if err != nil {
		return nil, fmt.Errorf("read replies: %w", err)
	}
	var all []Answer
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimRight(line, "\r\n"); line == "" || line[0] == '#' {
			continue
		}
		cells := strings.SplitN(line, " | ", 3)
		if len(cells) != 3 {
			return nil, fmt.Errorf("read replies: %q hasn't three cells", line)
		}
		a := Answer{Class: cells[0], Text: strings.ReplaceAll(cells[2], `\n`, "\n")}
		if cells[1] != "-" {
			a.AskAgain = cells[1]
		}
		want := "a reply (of the lead)"
		if a.Class == "unsubscribe" {
			want += " + unsubscribed"
		}
		a.Case = New(a.Text, "From: Bob Miller <bob@example.com>\r\nTo: Jane <{{REPLY_ADDRESS}}>\r\nSubject: Re: A question\r\nMessage-ID: <r1@mail.example.com>\r\n"+
			"Date: Mon, 02 Mar 2026 09:00:00 +0000\r\nIn-Reply-To: <{{MESSAGE_ID}}>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"+strings.ReplaceAll(a.Text, "\n", "\r\n")+"\r\n", want)
		all = append(all, a)
	}
	return all, nil
}
