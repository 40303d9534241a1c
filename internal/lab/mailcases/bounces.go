package mailcases

import (
	"fmt"
	"strings"
)

// every is how many of the answers a program is tried with: one in so many, another one each.
const every = 3

// Bounces returns reports as each program writes them about some of the answers that servers give.
func Bounces() ([]Case, error) {
	replies, err := files.ReadFile("testdata/server_replies.txt")
	if err != nil {
		return nil, fmt.Errorf("read answers: %w", err)
	}
	programs, err := files.ReadFile("testdata/bounce_programs.txt")
	if err != nil {
		return nil, fmt.Errorf("read bounces: %w", err)
	}
	var cases []Case
	for i, program := range strings.Split(string(programs), "\n=== ")[1:] {
		name, text, _ := strings.Cut(program, "\n")
		n := 0
		for line := range strings.Lines(string(replies)) {
			kind, reply, found := strings.Cut(strings.TrimSpace(line), " | ")
			if !found || line[0] == '#' {
				continue
			}
			if n++; n%every == i%every {
				cases = append(cases, New(name+": "+reply, bounceOf(text, reply), "a bounce, "+kind))
			}
		}
	}
	return cases, nil
}

// header is that of our message.
const header = "Return-Path: <jane@sender.test>\nFrom: Jane <jane@sender.test>\nTo: {to}\nReply-To: Jane <{{REPLY_ADDRESS}}>\nSubject: A question\nMessage-ID: <{{MESSAGE_ID}}>\n" +
	"Date: Mon, 02 Mar 2026 08:00:00 +0000\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"

// body is its text, as the cases of the table have it.
const body = "Hello Bob,\n\nwe help support teams answer faster. Would ten minutes on Thursday suit you?\nIf you would rather not hear from me, say so and I stop emailing you.\n\nJane\n\n-- \n" +
	"Acme GmbH, 1 Main Street, 10115 Berlin\nUnsubscribe: {{UNSUBSCRIBE_LINK}}\n"

func bounceOf(program, reply string) string {
	fields, text, _ := strings.Cut(program, "\n\n")
	raw := fields + "\nTo: jane@sender.test\nMessage-ID: <b1@mx.example.net>\nDate: Mon, 02 Mar 2026 08:00:05 +0000\nMIME-Version: 1.0\n\n" + text
	raw = strings.NewReplacer("{original}", header+"\n"+body, "{header}", header, "{links}", body, "{reply}", reply).Replace(raw)
	return strings.NewReplacer("{to}", "bob@example.com", "{host}", "mx.example.com", "\n", "\r\n").Replace(raw)
}
