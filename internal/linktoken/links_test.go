package linktoken_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"outrider/internal/linktoken"
)

func ours(i int) string { return fmt.Sprintf("https://t.outrider.test/c/%d", i) }

func TestLinksLeadToUsAndDestinationsStayWithUs(t *testing.T) {
	t.Parallel()
	keep := func(url string) bool { return strings.HasPrefix(url, "https://outrider.test/u/") }
	r := linktoken.Rewrite(
		"See https://example.com/a?x=1&y=2. Or (https://example.com/b_(c)), https://example.com/a?x=1&y=2!\nStop: https://outrider.test/u/tok\nmail me@example.com",
		`<p CLASS=x>See <a class="q" href="https://example.com/a?x=1&amp;y=2">this</a>, <A HREF='HTTP://example.org'>that</A>, <a href="mailto:me@example.com">me</a>, <a href="#x">x</a>`+
			`<!-- <a href="https://example.com/comment"> --><a href=https://outrider.test/u/tok>stop</a> <img src="https://example.com/logo.png"> < b`,
		ours, keep)
	if want := []string{"https://example.com/a?x=1&y=2", "HTTP://example.org", "https://example.com/b_(c)"}; !slices.Equal(r.Destinations, want) {
		t.Errorf("got %q, want %q", r.Destinations, want)
	}
	if want := "See https://t.outrider.test/c/0. Or (https://t.outrider.test/c/2), https://t.outrider.test/c/0!\nStop: https://outrider.test/u/tok\nmail me@example.com"; r.Text != want {
		t.Errorf("got %s\nwant %s", r.Text, want)
	}
	if want := `<p CLASS=x>See <a class="q" href="https://t.outrider.test/c/0">this</a>, <a href="https://t.outrider.test/c/1">that</A>, <a href="mailto:me@example.com">me</a>, <a href="#x">x</a>` +
		`<!-- <a href="https://example.com/comment"> --><a href=https://outrider.test/u/tok>stop</a> <img src="https://example.com/logo.png"> < b`; r.HTML != want {
		t.Errorf("got %s\nwant %s", r.HTML, want)
	}
}

func TestWithoutLinksNothingChanges(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom([]rune("<>/a=\"' -!hre&;\n"))).Draw(t, "text")
		r := linktoken.Rewrite(text, text, ours, nil)
		if r.Text != text || r.HTML != text || r.Destinations != nil {
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
	r := linktoken.Rewrite(text.String(), "", ours, nil)
	if len(r.Destinations) != linktoken.MaxLinks || !strings.Contains(r.Text, fmt.Sprintf("https://example.com/%d ", linktoken.MaxLinks)) {
		t.Errorf("%d destinations", len(r.Destinations))
	}
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
