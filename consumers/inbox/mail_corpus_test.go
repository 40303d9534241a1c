package inbox

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"outrider/internal/es"
	"outrider/internal/lab/mailcases"
	"outrider/internal/lab/reactortest"
	"outrider/internal/linktoken"
	"outrider/internal/mail/imap"
	"outrider/internal/mail/worker"
)

var corpus = flag.String("corpus", "", "a folder of real mail with labels.tsv (file, recipient, outcome), which is read as if it were about a message of ours")

// TestACorpusOfRealMail reads a collection of bounces that isn't part of the project: go test ./consumers/inbox -run Corpus -v -corpus DIR.
// An outcome is hard, soft, block, final (a bounce of any kind), delayed or none (an automatic answer).
func TestACorpusOfRealMail(t *testing.T) {
	t.Parallel()
	if *corpus == "" {
		t.Skip("no -corpus is given")
	}
	labels, err := os.ReadFile(filepath.Join(*corpus, "labels.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	post := reactortest.NewPost(t)
	r := newMailReport()
	for line := range strings.Lines(string(labels)) {
		cells := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		if len(cells) < 3 || cells[2] == "?" {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(*corpus, cells[0]))
		if err != nil {
			t.Fatal(err)
		}
		c := mailcases.New(cells[0], "", "")
		if cells[1] != "" {
			c.Lead = cells[1]
		}
		got, _ := hearCase(t, post, c, func(v mailcases.Values) []byte { return aboutOurs(raw, v.MessageID, c.Lead) })
		r.add(corpusOutcome(cells[2]), got, cells[0])
	}
	t.Log("\n" + r.String())
}

func corpusOutcome(label string) string {
	switch label {
	case "hard", "soft", "block":
		return "a bounce, " + label
	case "final":
		return "a bounce"
	case "delayed":
		return "nothing is recorded"
	}
	return "an automatic answer"
}

var (
	anyMessageID = regexp.MustCompile(`(?im)^[> ]*message-id:[^\n]*(?:\n[ \t][^\n]*)?`)
	lastBoundary = regexp.MustCompile(`(?m)^(--[^\n]+?)--[ \t]*$`)
)

// aboutOurs makes a report one about a message of ours: its Message-ID stands where that of the message stood that came back, else below the report.
func aboutOurs(raw []byte, id, lead string) []byte {
	raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	head, body, _ := bytes.Cut(raw, []byte("\n\n"))
	field := "Message-ID: <" + id + ">"
	if all := anyMessageID.FindAllIndex(body, -1); all != nil {
		last := all[len(all)-1]
		body = slicesReplace(body, last[0], last[1], field)
	} else {
		quoted := "Return-Path: <jane@sender.test>\nReceived: from sender.test\nFrom: Jane <jane@sender.test>\nTo: <" + lead + ">\nSubject: A question\n" + field + "\n"
		if ends := lastBoundary.FindAllSubmatchIndex(body, -1); bytes.Contains(bytes.ToLower(head), []byte("multipart/")) && ends != nil {
			last := ends[len(ends)-1]
			body = slicesReplace(body, last[0], last[0], string(body[last[2]:last[3]])+"\nContent-Type: text/rfc822-headers\n\n"+quoted+"\n")
		} else {
			body = append(bytes.Clone(body), "\n\n"+quoted...)
		}
	}
	return bytes.ReplaceAll(bytes.Join([][]byte{head, body}, []byte("\n\n")), []byte("\n"), []byte("\r\n"))
}

func slicesReplace(b []byte, from, to int, with string) []byte {
	return append(append(bytes.Clone(b[:from]), with...), b[to:]...)
}

// hearCase reads one mail as the monitor does, without a server, and returns what is recorded.
func hearCase(t *testing.T, post *reactortest.Post, c mailcases.Case, raw func(mailcases.Values) []byte) (string, *history) {
	t.Helper()
	box := post.Box
	box.Org, box.ID, box.Address = es.NewID(), es.NewID(), c.Mailbox
	h := begin(t, box, c.Lead, c.OurSubject)
	token := linktoken.Token{Org: box.Org, Message: h.sent.MessageID}
	reply, _ := linktoken.PlusAddress(c.Mailbox, post.Signer.Tag(linktoken.Reply, token))
	leave, _ := linktoken.PlusAddress(c.Mailbox, post.Signer.Tag(linktoken.Unsubscribe, token))
	m, err := NewMonitor(MonitorConfig{Mail: h, Keys: reactortest.Ring{}, Hashes: reactortest.Hashes{}, Secrets: post, Commands: h, Signer: post.Signer, Servers: worker.Direct{}, Now: received, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	mail := raw(mailcases.Values{MessageID: post.Signer.MessageID(token, "sender.test"), ReplyAddress: reply, UnsubscribeAddress: leave, UnsubscribeLink: linktoken.Links{Signer: post.Signer, Base: "https://go.sender.test"}.Unsubscribe(token)})
	if err := m.recordMail(context.Background(), box, imap.Batch{Folder: imap.Inbox}, imap.StoredMail{UID: 1, Received: received(), Raw: mail}); err != nil {
		t.Fatal(c.File, err)
	}
	got, _ := h.told()
	return got, h
}

// outcomeOf is what was recorded, in the words of the report.
func outcomeOf(told string) string {
	switch {
	case told == "a bounce":
		return "bounce"
	case strings.HasPrefix(told, "an automatic answer, for good"):
		return "gone for good"
	case strings.HasPrefix(told, "a bounce, "):
		return "bounce " + strings.TrimPrefix(told, "a bounce, ")
	case strings.HasPrefix(told, "a reply"):
		if strings.Contains(told, "unsubscribed") {
			return "reply, unsubscribed"
		}
		return "reply"
	case strings.HasPrefix(told, "out of office"):
		return "out of office"
	}
	switch told {
	case "a complaint":
		return "complaint"
	case "unsubscribed":
		return "unsubscribed"
	case "an automatic answer":
		return "automatic"
	case "nothing is recorded":
		return "nothing"
	}
	return fmt.Sprintf("other: %s", told)
}
