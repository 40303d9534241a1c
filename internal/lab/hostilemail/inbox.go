package hostilemail

import (
	"bufio"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// endlessMails is how many messages an inbox without end seems to have.
const endlessMails = 1 << 24

// EndlessInbox is a server that keeps all rules and has more messages than anybody can read, each new.
func EndlessInbox() Mode { return Mode{Name: "an inbox without end"} }

// playEndlessInbox answers as a server would that has endlessMails messages.
func playEndlessInbox(conn net.Conn, _ Mode) {
	defer leave()
	w := &writer{conn}
	w.say("* OK ready\r\n")
	for in := bufio.NewScanner(conn); in.Scan(); {
		tag, rest, _ := strings.Cut(in.Text(), " ")
		name, args, _ := strings.Cut(rest, " ")
		if name == "UID" {
			name, args, _ = strings.Cut(args, " ")
		}
		switch name {
		case "CAPABILITY":
			w.say("* CAPABILITY IMAP4rev1\r\n")
		case "EXAMINE", "SELECT":
			w.say("* %d EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n* OK [UIDNEXT %d] x\r\n", endlessMails, endlessMails+1)
		case "LIST":
			w.say("* LIST () \"/\" INBOX\r\n")
		case "SEARCH":
			w.say("* SEARCH%s\r\n", numbersFrom(args))
		case "FETCH":
			w.sayMails(args)
		}
		w.say("%s OK done\r\n", tag)
	}
}

// numbersFrom lists what a search for "UID n:*" or "n:m" finds, at most 1,000 of it.
func numbersFrom(args string) string {
	var b strings.Builder
	for _, word := range strings.Fields(args) {
		first, last, ok := bounds(word)
		if !ok {
			continue
		}
		for n := first; n <= min(last, first+999); n++ {
			fmt.Fprintf(&b, " %d", n)
		}
		return b.String()
	}
	return " 1 2 3"
}

// sayMails gives the messages of a set of numbers, at most 1,000, with their sizes or their texts.
func (w *writer) sayMails(args string) {
	set, what, _ := strings.Cut(args, " ")
	said := 0
	for part := range strings.SplitSeq(set, ",") {
		first, last, ok := bounds(part)
		for n := first; ok && n <= last && said < 1000; n++ {
			text := fmt.Sprintf("From: Somebody <s%d@example.com>\r\nTo: you@example.com\r\nSubject: news %d\r\nMessage-ID: <%d@example.com>\r\nDate: Mon, 02 Mar 2026 10:00:00 +0000\r\n\r\n%s\r\n",
				n, n, n, strings.Repeat("What we always wanted to tell you. ", 60))
			if strings.Contains(what, "BODY") {
				w.say("* %d FETCH (UID %d RFC822.SIZE %d INTERNALDATE \"02-Mar-2026 10:00:00 +0000\" BODY[] {%d}\r\n%s)\r\n", n, n, len(text), len(text), text)
			} else {
				w.say("* %d FETCH (UID %d RFC822.SIZE %d INTERNALDATE \"02-Mar-2026 10:00:00 +0000\")\r\n", n, n, len(text))
			}
			said++
		}
	}
}

// bounds reads n, n:m or n:*.
func bounds(set string) (first, last int, ok bool) {
	from, to, isRange := strings.Cut(set, ":")
	first, err := strconv.Atoi(from)
	if err != nil {
		return 0, 0, false
	}
	last = first
	if isRange {
		if last, err = strconv.Atoi(to); err != nil {
			last = endlessMails
		}
	}
	return first, last, true
}
