package imap_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"outrider/internal/mail/imap"
	"outrider/internal/mail/mailtest"
	"outrider/internal/mail/transport"
)

// pollsMade is how often each server is read.
const pollsMade = 6

// readings is what polls of a server gave.
type readings struct {
	read       map[uint32]string
	unreadable []uint32
	cursor     imap.Cursor
	readAt     bool // the last poll says that all was read
}

func readServer(t *testing.T, script mailtest.IMAPScript, change ...func(*imap.Options)) readings {
	t.Helper()
	ca := mailtest.NewCA(t)
	options := imap.Options{Dialer: transport.Dialer{Roots: ca.Roots, LoopbackOnly: true}}
	for _, c := range change {
		c(&options)
	}
	client := imap.New(script.Serve(t, ca), options)
	t.Cleanup(client.Close)
	r := readings{read: map[uint32]string{}, cursor: imap.Cursor(script.Cursor)}
	for range pollsMade {
		batch, err := client.Poll(t.Context(), imap.Inbox, r.cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range batch.Messages {
			if r.read[m.UID] = string(m.Raw); m.Received.IsZero() {
				t.Errorf("uid %d was received at no time", m.UID)
			}
		}
		for _, u := range batch.Unreadable {
			r.unreadable = append(r.unreadable, u.UID)
		}
		r.cursor, r.readAt = batch.Next, !batch.ReadAt.IsZero()
	}
	if !r.readAt {
		t.Error("the folder doesn't count as read")
	}
	return r
}

const cases = "../../lab/mailcases/testdata/"

var serverRow = regexp.MustCompile(`(?m)^\| (\S+\.json) \| read: UID ([0-9, ]+); the polls behind that succeed \|`)

// Of the server whose first date has no zone the first message may be passed over; it isn't.
func TestRecordedServersAreRead(t *testing.T) {
	t.Parallel()
	table, err := os.ReadFile(cases + "README.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := serverRow.FindAllStringSubmatch(string(table), -1)
	if files, err := filepath.Glob(cases + "imap/*.json"); err != nil || len(files) != len(rows) || len(rows) == 0 {
		t.Fatalf("%d rows tell of %d files, %v", len(rows), len(files), err)
	}
	for _, row := range rows {
		t.Run(row[1], func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(cases + "imap/" + row[1])
			if err != nil {
				t.Fatal(err)
			}
			var script mailtest.IMAPScript
			if err := json.Unmarshal(text, &script); err != nil {
				t.Fatal(err)
			}
			got := readServer(t, script)
			for want := range strings.SplitSeq(row[2], ", ") {
				uid, _ := strconv.ParseUint(want, 10, 32)
				if raw, ok := got.read[uint32(uid)]; !ok || !strings.HasPrefix(raw, "Subject: "+want) {
					t.Errorf("uid %s: read %q", want, raw)
				}
			}
			if got.cursor.Next != 4 {
				t.Errorf("the cursor is at %d", got.cursor.Next)
			}
		})
	}
}

// usual is a server with good manners and three messages.
func usual() mailtest.IMAPScript {
	s := mailtest.IMAPScript{Greeting: "* OK ready\r\n", Answers: map[string]string{
		"EXAMINE":         "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 4] ok\r\n{tag} OK [READ-ONLY] done\r\n",
		"UID SEARCH":      "* SEARCH 1 2 3\r\n{tag} OK done\r\n",
		"UID FETCH sizes": "* 1 FETCH (UID 1 RFC822.SIZE 20)\r\n* 2 FETCH (UID 2 RFC822.SIZE 20)\r\n* 3 FETCH (UID 3 RFC822.SIZE 20)\r\n{tag} OK done\r\n",
		"UID FETCH":       mailtest.FetchAnswer(1, message(1)) + mailtest.FetchAnswer(2, message(2)) + mailtest.FetchAnswer(3, message(3)) + "{tag} OK done\r\n",
	}}
	s.Cursor.Validity, s.Cursor.Next = 7, 1
	return s
}

// second gives three messages, the one in the middle in another form.
func second(form string) string {
	return mailtest.FetchAnswer(1, message(1)) + form + mailtest.FetchAnswer(3, message(3)) + "{tag} OK done\r\n"
}

func TestServersThatKeepNoRuleAreRead(t *testing.T) {
	t.Parallel()
	const plain = `"Subject: 2"`
	all := []uint32{1, 2, 3}
	for name, x := range map[string]struct {
		command, answer string
		read            []uint32
	}{
		"no UIDNEXT":                  {"EXAMINE", "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n{tag} OK done\r\n", all},
		"UIDNEXT too low":             {"EXAMINE", "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 1]\r\n{tag} OK done\r\n", all},
		"UIDNEXT too high":            {"EXAMINE", "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 4294967295]\r\n{tag} OK done\r\n", all},
		"no UIDVALIDITY":              {"EXAMINE", "* 3 EXISTS\r\n* OK [UIDNEXT 4] ok\r\n{tag} OK done\r\n", all},
		"codes in small letters":      {"EXAMINE", "* 3 exists\r\n* ok [uidvalidity 7] ok\r\n* ok [uidnext 4] ok\r\n{tag} ok done\r\n", all},
		"odd flags":                   {"EXAMINE", "* FLAGS (\\Seen $MDNSent [Weird] a]b {x} \"q\")\r\n* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n{tag} OK done\r\n", all},
		"search with a mod-sequence":  {"UID SEARCH", "* SEARCH 1 2 3 (MODSEQ 917162500)\r\n{tag} OK done\r\n", all},
		"search in pieces":            {"UID SEARCH", "* SEARCH 3\r\n* SEARCH 1 2 \r\n{tag} OK\r\n", all},
		"ESEARCH with more":           {"UID SEARCH", "* ESEARCH (TAG \"{tag}\") UID MIN 1 MAX 3 ALL 1,2:3 COUNT 3\r\n{tag} OK done\r\n", all},
		"sizes refused":               {"UID FETCH sizes", "{tag} NO no sizes\r\n", all},
		"sizes negative":              {"UID FETCH sizes", "* 2 FETCH (UID 2 RFC822.SIZE -1)\r\n{tag} OK done\r\n", all},
		"sizes beyond 64 bits":        {"UID FETCH sizes", "* 2 FETCH (UID 2 RFC822.SIZE 99999999999999999999999)\r\n{tag} OK done\r\n", all},
		"items that nobody knows":     {"UID FETCH", second("* 2 FETCH (X-GM-MSGID 1278455344230334865 FLAGS (\\Seen) ENVELOPE (NIL NIL) UID 2 THREADID NIL BODY[] " + plain + ")\r\n"), all},
		"small letters":               {"UID FETCH", second("* 2 fetch (uid 2 internaldate \" 2-Mar-2026 09:00:00 +0000\" body[] " + plain + ")\r\n"), all},
		"no date":                     {"UID FETCH", second("* 2 FETCH (UID 2 INTERNALDATE NIL BODY[] " + plain + ")\r\n"), all},
		"a date of no form":           {"UID FETCH", second("* 2 FETCH (UID 2 INTERNALDATE \"yesterday\" BODY[] " + plain + ")\r\n"), all},
		"literal8":                    {"UID FETCH", second("* 2 FETCH (UID 2 BODY[] ~{10}\r\nSubject: 2)\r\n"), all},
		"no blank before a literal":   {"UID FETCH", second("* 2 FETCH (UID 2 BODY[]{10}\r\nSubject: 2)\r\n"), all},
		"RFC822 for BODY[]":           {"UID FETCH", second("* 2 FETCH (UID 2 RFC822 {10}\r\nSubject: 2)\r\n"), all},
		"a message in pieces":         {"UID FETCH", second("* 2 FETCH (UID 2)\r\n* 2 FETCH (BODY[] " + plain + ")\r\n"), all},
		"an offset that nobody named": {"UID FETCH", second("* 2 FETCH (UID 2 BODY[]<0> " + plain + ")\r\n"), all},
		"a bracket too few":           {"UID FETCH", second("* 2 FETCH (UID 2 BODY[] " + plain + "\r\n"), all},
		"a bracket too many":          {"UID FETCH", second("* 2 FETCH (UID 2 BODY[] " + plain + "))\r\n"), all},
		"lines of no sense":           {"UID FETCH", second("* 2 FETCH (UID 2 BODY[] " + plain + ")\r\n* \r\nwhat\r\n\r\n+ idling\r\n* 9 \r\n* XYZ \"unfinished\r\n* (((\r\n"), all},
		"a literal in news":           {"UID FETCH", second("* XNEWS (a {6}\r\n)) OK  b) )\r\n* 2 FETCH (UID 2 BODY[] " + plain + ")\r\n"), all},
		"the order turned round":      {"UID FETCH", mailtest.FetchAnswer(3, message(3)) + mailtest.FetchAnswer(2, message(2)) + mailtest.FetchAnswer(1, message(1)) + "{tag} OK done\r\n", all},
		"lone line feeds":             {"UID FETCH", second("* 2 FETCH (UID 2 BODY[] {10}\nSubject: 2)\n"), all},
		"nested without end":          {"UID FETCH", second("* 2 FETCH (UID 2 BODY[] " + plain + " X " + strings.Repeat("(", 5000) + ")\r\n"), all},
		"a line without end":          {"UID FETCH", second("* 2 FETCH (UID 2 BODY[] " + plain + " X " + strings.Repeat("x", 3<<20) + ")\r\n"), all},
		"NIL for a body":              {"UID FETCH", second("* 2 FETCH (UID 2 BODY[] NIL)\r\n"), []uint32{1, 3}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script := usual()
			script.Answers[x.command] = x.answer
			got := readServer(t, script)
			if read := slices.Sorted(maps.Keys(got.read)); !slices.Equal(read, x.read) || got.cursor.Next != 4 {
				t.Errorf("read %v to %d, want %v", read, got.cursor.Next, x.read)
			}
			if want := 3 - len(x.read); len(got.unreadable) != want {
				t.Errorf("passed over: %v", got.unreadable)
			}
		})
	}
}

func TestAMessageThatCannotBeReadIsPassedOverAfterThreePolls(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*mailtest.IMAPScript){
		"refused": func(s *mailtest.IMAPScript) { s.Refuses = []uint32{2} },
		"refused, its size too": func(s *mailtest.IMAPScript) {
			s.Refuses, s.Answers["UID FETCH sizes"] = []uint32{2}, "{tag} NO it is damaged\r\n"
		},
		"the connection ends at it, and at its size": func(s *mailtest.IMAPScript) {
			s.Closes, s.Answers["UID FETCH sizes"] = []uint32{2}, "{close}"
		},
		"the connection ends at it": func(s *mailtest.IMAPScript) { s.Closes = []uint32{2} },
		"refused, the only new one": func(s *mailtest.IMAPScript) { s.Refuses, s.Cursor.Next = []uint32{3}, 3 },
		"the last one":              func(s *mailtest.IMAPScript) { s.Closes = []uint32{3} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script := usual()
			spoil(&script)
			bad := slices.Concat(script.Refuses, script.Closes)
			got := readServer(t, script)
			if !slices.Equal(got.unreadable, bad) || got.cursor.Next != 4 {
				t.Errorf("passed over %v, read to %d", got.unreadable, got.cursor.Next)
			}
			for uid := script.Cursor.Next; uid < 4; uid++ {
				if _, ok := got.read[uid]; ok == slices.Contains(bad, uid) {
					t.Errorf("uid %d: read is %v", uid, ok)
				}
			}
		})
	}
}

func TestAMessageThatNeverComesKeepsNoOtherFromBeingRead(t *testing.T) {
	t.Parallel()
	script := usual()
	script.Stalls = []uint32{2}
	got := readServer(t, script, func(o *imap.Options) { o.Timeout = 200 * time.Millisecond })
	if len(got.read) != 2 || !slices.Equal(got.unreadable, script.Stalls) || got.cursor.Next != 4 {
		t.Errorf("got %+v", got)
	}
}

func TestTheCursorWaitsForWhatFails(t *testing.T) {
	t.Parallel()
	script := usual()
	script.Refuses = []uint32{2}
	ca := mailtest.NewCA(t)
	client := imap.New(script.Serve(t, ca), imap.Options{Dialer: transport.Dialer{Roots: ca.Roots, LoopbackOnly: true}})
	t.Cleanup(client.Close)
	at := imap.Cursor(script.Cursor)
	for i, want := range []imap.Cursor{{Validity: 7, Next: 2}, {Validity: 7, Next: 2}, {Validity: 7, Next: 4}} {
		batch := poll(t, client, imap.Inbox, at)
		if batch.Next != want || batch.More || batch.ReadAt.IsZero() != (i < 2) || len(batch.Messages) != 2-min(i, 1) {
			t.Errorf("poll %d: %+v", i, batch)
		}
		at = batch.Next
	}
}

func TestWhatFailedForAMomentIsRead(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"a batch":                 "{tag} NO try again\r\n",
		"the server is busy":      "{tag} NO [UNAVAILABLE] later\r\n",
		"the connection":          "{close}",
		"half a message":          "* 1 FETCH (UID 1 BODY[] {500}\r\nSubject{close}",
		"a batch without content": "{tag} OK done\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script := usual()
			script.Once = map[string]string{"UID FETCH": answer}
			got := readServer(t, script)
			if len(got.read) != 3 || len(got.unreadable) != 0 {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// A server that has nothing to give for a time is no server with damaged mail.
func TestABusyServerLosesNoMail(t *testing.T) {
	t.Parallel()
	script := usual()
	script.Answers["UID FETCH"] = "{tag} NO [UNAVAILABLE] later\r\n"
	ca := mailtest.NewCA(t)
	client := imap.New(script.Serve(t, ca), imap.Options{Dialer: transport.Dialer{Roots: ca.Roots, LoopbackOnly: true}})
	t.Cleanup(client.Close)
	for range pollsMade {
		if batch, err := client.Poll(t.Context(), imap.Inbox, imap.Cursor(script.Cursor)); err == nil {
			t.Fatalf("got %+v", batch)
		}
	}
}

func TestAMessageLargerThanItsServerSaysIsReadAsALargeOne(t *testing.T) {
	t.Parallel()
	huge := "Subject: huge\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/pdf\r\n\r\n" + strings.Repeat("file\r\n", 400) +
		"--b\r\nContent-Type: text/plain\r\n\r\nPlease remove me.\r\n--b--\r\n"
	script := usual()
	script.Answers["UID FETCH"] = mailtest.FetchAnswer(1, message(1)) + mailtest.FetchAnswer(2, huge) + mailtest.FetchAnswer(3, message(3)) + "{tag} OK done\r\n"
	for at := 1000; at <= 2000; at += 1000 {
		piece := huge[at:min(at+1000, len(huge))]
		script.Answers[fmt.Sprintf("UID FETCH <%d.", at)] = fmt.Sprintf("* 2 FETCH (UID 2 BODY[]<%d> {%d}\r\n%s)\r\n{tag} OK done\r\n", at, len(piece), piece)
	}
	ca := mailtest.NewCA(t)
	client := imap.New(script.Serve(t, ca), imap.Options{MaxMessageBytes: 1000, Dialer: transport.Dialer{Roots: ca.Roots, LoopbackOnly: true}})
	t.Cleanup(client.Close)
	batch := poll(t, client, imap.Inbox, imap.Cursor(script.Cursor))
	if len(batch.Messages) != 3 || !batch.Messages[1].Truncated || !strings.Contains(string(batch.Messages[1].Raw), "Please remove me.") || batch.ReadAt.IsZero() {
		t.Errorf("got %+v", batch)
	}
}

func TestASearchThatCannotBeUnderstoodIsNoEmptyFolder(t *testing.T) {
	t.Parallel()
	script := usual()
	script.Answers["UID SEARCH"] = "* ESEARCH (TAG \"{tag}\") UID ALL \"1:3\r\n{tag} OK done\r\n"
	ca := mailtest.NewCA(t)
	client := imap.New(script.Serve(t, ca), imap.Options{Dialer: transport.Dialer{Roots: ca.Roots, LoopbackOnly: true}})
	t.Cleanup(client.Close)
	if batch, err := client.Poll(t.Context(), imap.Inbox, imap.Cursor(script.Cursor)); err == nil {
		t.Errorf("got %+v", batch)
	}
}
