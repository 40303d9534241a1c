package sending

import (
	"bytes"
	"mime"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	gomessage "github.com/emersion/go-message"
	gomail "github.com/emersion/go-message/mail"

	"outrider/internal/app/mailboxes"
	"outrider/internal/lab/mailcases"
	"outrider/internal/linktoken"
	"outrider/internal/mail/inbound"
)

// TestWhatComesOfEveryOutgoingCase composes each case as the product does, and reads it with parsers that aren't ours.
func TestWhatComesOfEveryOutgoingCase(t *testing.T) {
	t.Parallel()
	cases, err := mailcases.OutgoingCases()
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range cases {
		t.Run(x.File, func(t *testing.T) {
			t.Parallel()
			c := composeExample(t, mailboxes.Mailbox{Address: x.FromAddr, DisplayName: x.FromName},
				OutgoingMessage{To: x.To, Subject: x.Subject, Body: x.Body, Footer: x.Footer, TrackOpens: x.Opens, TrackClicks: x.Clicks})
			checkForm(t, c.raw)
			check, known := outgoingChecks()[x.Want]
			if !known {
				check, known = checkDestinations, strings.HasPrefix(x.Want, "destinations ")
			}
			if !known {
				t.Fatalf("nothing checks %q", x.Want)
			}
			check(t, &c, x)
		})
	}
}

type outgoingCheck func(*testing.T, *composed, mailcases.Outgoing)

// outgoingChecks are by what the table says. What holds for every message is checkForm's.
func outgoingChecks() map[string]outgoingCheck {
	return map[string]outgoingCheck{
		"From is one address; its name reads as given": checkSenderName,
		"no Bcc field": checkNoInjection,
		"the tag of Reply-To is recognised in an answer":                                    checkReplyTag,
		"sent without Reply-To":                                                             checkNoReplyTo,
		"sent; the mailto of List-Unsubscribe is a valid URI for team#1+tag":                checkMailto,
		"the subject reads as given; encoded words of 75 bytes at most, no character split": checkSubject,
		"refused, or one line without the injected header":                                  checkNoInjection,
		"no control character in any header, decoded or not":                                checkNoInjection,
		"no line beyond 998 bytes; the text arrives as given":                               checkText,
		"the text arrives as given":                                                         checkText,
		"no bare CR or LF":                                                                  checkText,
	}
}

func checkDestinations(t *testing.T, c *composed, x mailcases.Outgoing) {
	var want []string
	for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(x.Want, -1) {
		want = append(want, m[1])
	}
	if text, inHTML := c.textDestinations(t), c.htmlDestinations(t); !slices.Equal(text, want) || !slices.Equal(inHTML, want) {
		t.Errorf("text leads to %q, HTML to %q, want %q", text, inHTML, want)
	}
}

func checkSenderName(t *testing.T, c *composed, x mailcases.Outgoing) {
	want := mail.Address{Name: x.FromName, Address: x.FromAddr}
	for _, field := range []string{"From", "Reply-To"} {
		list, err := c.Header.AddressList(field)
		if err != nil || len(list) != 1 || list[0].Name != want.Name || field == "From" && *list[0] != want {
			t.Errorf("%s: got %v (%v), want %v", field, list, err, want)
		}
	}
	r, err := gomail.CreateReader(bytes.NewReader(c.raw))
	if err != nil {
		t.Fatal(err)
	}
	if list, err := r.Header.AddressList("From"); err != nil || len(list) != 1 || *list[0] != want {
		t.Errorf("the other parser: got %v (%v), want %v", list, err, want)
	}
}

func checkNoInjection(t *testing.T, c *composed, x mailcases.Outgoing) {
	for name := range c.Header {
		if !slices.Contains([]string{"Date", "From", "To", "Reply-To", "Subject", "Message-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Mime-Version", "Content-Type", "Content-Transfer-Encoding"}, name) {
			t.Errorf("a field %s", name)
		}
	}
	if list, err := c.Header.AddressList("From"); err != nil || len(list) != 1 || list[0].Address != x.FromAddr {
		t.Errorf("From: got %v (%v)", list, err)
	}
}

func checkReplyTag(t *testing.T, c *composed, _ mailcases.Outgoing) {
	answer := inbound.Read([]byte("From: bob@example.com\r\nTo: " + c.Header.Get("Reply-To") + "\r\n\r\nYes\r\n"))
	if len(answer.Keys.Tags) == 0 {
		t.Fatalf("no tag in %q", c.Header.Get("Reply-To"))
	}
	if found, err := c.links.Signer.VerifyTag(linktoken.Reply, c.token.Org, answer.Keys.Tags[0]); err != nil || found != c.token {
		t.Errorf("got %v, %v", found, err)
	}
}

func checkNoReplyTo(t *testing.T, c *composed, _ mailcases.Outgoing) {
	if got := c.Header.Get("Reply-To"); got != "" {
		t.Errorf("got %q", got)
	}
}

func checkMailto(t *testing.T, c *composed, x mailcases.Outgoing) {
	_, to, _ := strings.Cut(c.Header.Get("List-Unsubscribe"), "<mailto:")
	u, err := url.Parse("mailto:" + strings.TrimSuffix(to, ">"))
	if err != nil || u.Fragment != "" {
		t.Fatalf("%q: %v, fragment %q", to, err, u.Fragment)
	}
	address, err := url.PathUnescape(u.Opaque)
	want, ok := linktoken.PlusAddress(x.FromAddr, c.links.Signer.Tag(linktoken.Unsubscribe, c.token))
	if err != nil || !ok || address != want || u.Query().Get("subject") != "unsubscribe" {
		t.Errorf("got %q (%v), want %q; %q", address, err, want, u.RawQuery)
	}
}

func checkSubject(t *testing.T, c *composed, x mailcases.Outgoing) {
	got, err := new(mime.WordDecoder).DecodeHeader(c.Header.Get("Subject"))
	if err != nil || got != x.Subject {
		t.Errorf("got %q (%v), want %q", got, err, x.Subject)
	}
}

func checkText(t *testing.T, c *composed, x mailcases.Outgoing) {
	want := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(x.Body)
	if got, _, _ := strings.Cut(c.text, "\n\n-- \n"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// checkForm is what holds for every message: RFC 5322, 2.1.1 and 2.3; RFC 2047, 2 and 5.
func checkForm(t *testing.T, raw []byte) {
	t.Helper()
	for i, line := range bytes.Split(bytes.TrimSuffix(raw, []byte("\r\n")), []byte("\r\n")) {
		if len(line) > 998 || bytes.ContainsAny(line, "\r\n\x00") || bytes.ContainsFunc(line, func(r rune) bool { return r >= utf8.RuneSelf }) {
			t.Errorf("line %d: %q", i, line)
		}
	}
	header, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	words := regexp.MustCompile(`=\?[^? ]+\?[qQbB]\?[^? ]*\?=`)
	for line := range strings.SplitSeq(string(header), "\r\n") {
		found := words.FindAllString(line, -1)
		if len(found) > 0 && len(line) > 76 {
			t.Errorf("a line of %d bytes with an encoded word: %q", len(line), line)
		}
		for _, w := range found {
			if decoded, err := new(mime.WordDecoder).Decode(w); err != nil || len(w) > 75 || !utf8.ValidString(decoded) || decoded == "" {
				t.Errorf("%d bytes, %q, reads %q (%v)", len(w), w, decoded, err)
			}
		}
	}
	e, err := gomessage.Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	for f := e.Header.Fields(); f.Next(); {
		decoded, err := f.Text()
		if err != nil || strings.ContainsFunc(decoded+f.Value(), unicode.IsControl) {
			t.Errorf("%s: %q (%v)", f.Key(), decoded, err)
		}
	}
}
