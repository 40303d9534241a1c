package linktoken_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"outrider/internal/linktoken"
)

const base = "https://outrider.test"

func clickURL(i int) string {
	return fmt.Sprintf("%s/t/c/%063d", base, i)
}

func TestLinksLeadToUsAndDestinationsStayWithUs(t *testing.T) {
	t.Parallel()
	r := linktoken.Rewrite("See https://example.com/a?x=1&y=2. Or (https://example.com/b_(c)), [a](https://example.com/a?x=1&y=2)!\nStop: https://outrider.test/u/tok\nmail me@example.com", base, clickURL)
	if want := []string{"https://example.com/a?x=1&y=2", "https://example.com/b_(c)"}; !slices.Equal(r.Destinations, want) {
		t.Errorf("got %q, want %q", r.Destinations, want)
	}
	if want := "See " + clickURL(0) + ". Or (" + clickURL(1) + "), [a](" + clickURL(0) + ")!\nStop: https://outrider.test/u/tok\nmail me@example.com"; r.Text != want {
		t.Errorf("got %s\nwant %s", r.Text, want)
	}
	if got, want := linktoken.AsHTML("<b> https://example.com/?a&b, [c & d](https://example.com/e)!\nx", base),
		`&lt;b&gt; <a href="https://example.com/?a&amp;b">https://example.com/?a&amp;b</a>, <a href="https://example.com/e">c &amp; d</a>!<br>`+"\nx"; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestALinkOfOursEndsWithItsToken(t *testing.T) {
	t.Parallel()
	s := signer(t, key(1))
	links := linktoken.Links{Signer: s, Base: base}
	for i := range 300 {
		tok := linktoken.Token{Org: [16]byte{byte(i)}, Message: [16]byte{byte(i >> 8), 7}}
		for kind, link := range map[linktoken.TokenKind]string{linktoken.Unsubscribe: links.Unsubscribe(tok), linktoken.Booking: links.Booking(tok), linktoken.Meeting: links.Meeting(tok)} {
			for _, tail := range []string{"", ".", "!", "?", "_", ")", "a", "をご覧", "。", ">", "/", "?!"} {
				found := linktoken.FindLinks(link+tail, linktoken.Ours(base))
				if len(found) != 1 || strings.TrimSuffix(found[0].URL, "/") != link {
					t.Fatalf("%s with %q: found %v", link, tail, found)
				}
				token := link[strings.LastIndexByte(link, '/')+1:]
				if got, err := s.VerifyLink(kind, token+tail); err != nil || got != tok {
					t.Fatalf("%s with %q: %v", token, tail, err)
				}
				if cut := strings.TrimRight(token, "-_"); len(cut) == len(token)-1 { // as some mail programs do
					if got, err := s.VerifyLink(kind, cut); err != nil || got != tok {
						t.Fatalf("%s without its last letter: %v", token, err)
					}
				}
			}
		}
	}
	if found := linktoken.FindLinks(links.Booking(linktoken.Token{})+"?zone=Europe/Berlin.", linktoken.Ours(base)); len(found) != 1 || !strings.HasSuffix(found[0].URL, "?zone=Europe/Berlin") {
		t.Errorf("found %v", found)
	}
}

func TestLinksOfOlderMessagesLeadWhereTheyLed(t *testing.T) {
	t.Parallel()
	body := "“https://example.com/a” https://example.com/b, https://example.com/c"
	for i, want := range []string{"https://example.com/a”", "https://example.com/b", "https://example.com/c"} {
		if got, ok := (linktoken.Token{Link: uint16(i)}).Destination(body, base); !ok || got != want {
			t.Errorf("%d: got %q, want %q", i, got, want)
		}
	}
	now := linktoken.Token{Link: linktoken.ClickIndex(0)}
	if got, ok := now.Destination(body, base); !ok || got != "https://example.com/a" || now.Index() != 0 {
		t.Errorf("got %q", got)
	}
	for _, link := range []uint16{3, linktoken.ClickIndex(3), 0x200, linktoken.Trap} {
		if got, ok := (linktoken.Token{Link: link}).Destination(body, base); ok {
			t.Errorf("%#x: got %q", link, got)
		}
	}
}

func TestWithoutLinksNothingChanges(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom([]rune("<>/a=\"' -!hre&;\n"))).Draw(t, "text")
		if r := linktoken.Rewrite(text, base, clickURL); r.Text != text || r.Destinations != nil {
			t.Fatalf("%q: got %+v", text, r)
		}
	})
}

func TestLinksAreBounded(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for i := range linktoken.MaxLinks + 10 {
		fmt.Fprintf(&text, "https://example.com/%d ", i)
	}
	r := linktoken.Rewrite(text.String(), base, clickURL)
	if len(r.Destinations) != linktoken.MaxLinks || !strings.Contains(r.Text, fmt.Sprintf("https://example.com/%d ", linktoken.MaxLinks)) {
		t.Errorf("%d destinations", len(r.Destinations))
	}
}

func TestALongTextIsReadInTime(t *testing.T) {
	t.Parallel()
	for _, part := range []string{"https://a(", "https://x.test/道", "[https://a.test/](", "https://", "[", "_https://例"} {
		linktoken.Rewrite(strings.Repeat(part, 64<<10/len(part)), base, clickURL) // quadratic, it would take minutes
	}
}

// FuzzFindLinks: links lie in the text, in order and apart; what isn't one stays as it is; and a rewritten text has the same links.
func FuzzFindLinks(f *testing.F) {
	for _, s := range []string{"See https://example.com/a.", "[a](https://example.com/b_(c))", "<https://example.com/x> https://例え.jp/道。", "https://a.test/,https://b.test", "https://outrider.test/t/c/" + strings.Repeat("a", 63) + "https://x.test",
		"[a [b](http://c", "http://[::1]/{x}|", "_http://a_ ~https://b~"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		end := 0
		for _, l := range linktoken.FindLinks(text, linktoken.Ours(base)) {
			if l.From < end || l.From > l.Start || l.Start >= l.End || l.End > l.To || l.To > len(text) || l.URL != text[l.Start:l.End] {
				t.Fatalf("%q: %+v", text, l)
			}
			end = l.To
		}
		r := linktoken.Rewrite(text, base, clickURL)
		for i, to := range r.Destinations {
			if !strings.Contains(r.Text, clickURL(i)) || !strings.Contains(text, to) {
				t.Fatalf("%q: %q isn't in %q", text, to, r.Text)
			}
		}
		if again := linktoken.Rewrite(r.Text, base, clickURL); len(r.Destinations) < linktoken.MaxLinks && (again.Text != r.Text || again.Destinations != nil) {
			t.Fatalf("%q: %q leads elsewhere still: %q", text, r.Text, again.Destinations)
		}
	})
}

func TestThePixelComesLast(t *testing.T) {
	t.Parallel()
	if got := linktoken.WithPixel("<body><p>x</p></BODY></html>", "https://t.outrider.test/o/1?a&b"); !strings.HasSuffix(got, `<p>x</p><img src="https://t.outrider.test/o/1?a&amp;b" width="1" height="1" alt="" style="display:block;border:0"></BODY></html>`) {
		t.Error(got)
	}
	if got := linktoken.WithPixel("<p>x</p>", "u"); !strings.HasPrefix(got, "<p>x</p><img ") {
		t.Error(got)
	}
}

func TestWhatLeadsToUsIsKnownBehindOthersHosts(t *testing.T) {
	t.Parallel()
	l, org := linktoken.Links{Signer: signer(t, key(1)), Base: "https://app.outrider.test"}, uuid.New()
	mine := linktoken.Token{Org: org, Message: uuid.New()}
	elsewhere := linktoken.Links{Signer: l.Signer, Base: "https://older.test"} // where links led before
	for address, want := range map[string]bool{
		l.Open(mine): true, l.Click(mine): true, elsewhere.Open(mine): true,
		l.Open(linktoken.Token{Org: uuid.New()}):         true, // at our host, whoever's
		elsewhere.Open(linktoken.Token{Org: uuid.New()}): false,
		"http://APP.outrider.test:80/x":                  true,
		"https://app.outrider.test./x":                   true,
		"//app.outrider.test/x":                          true,
		"https://app.outrider.test:8443/x":               false,
		"https://app.outrider.test.evil.test/x":          false,
		"https://example.com/?u=https://example.org":     false,
		"https://images.test/proxy#" + l.Open(mine):      true,
		"https://safe.test/?url=" + url.QueryEscape("https://scan.test/?u="+url.QueryEscape(elsewhere.Click(mine))): true,
		"https://safe.test/" + url.QueryEscape(percentEncoded(elsewhere.Click(mine))):                               true,
		"": false,
	} {
		if got := l.IsOurs(org, address); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
	if (linktoken.Links{}).IsOurs(org, "https://example.com") {
		t.Error("without an address of ours everything is ours")
	}
}

// percentEncoded writes each byte so: some redirects do that to letters that need none.
func percentEncoded(text string) string {
	var out strings.Builder
	for i := range len(text) {
		fmt.Fprintf(&out, "%%%02X", text[i])
	}
	return out.String()
}
