package outgoing

import (
	"testing"

	"outrider/internal/linktoken"
)

func TestTextAsHTMLIsEscapedAndItsLinksAreLinks(t *testing.T) {
	t.Parallel()
	got := asPage(linktoken.AsHTML("Hi <Zoë> & co,\nsee https://example.com/a?x=1&y=2 now.\n\nBye", "https://acme.test"), "")
	want := "<html><body>Hi &lt;Zoë&gt; &amp; co,<br>\nsee <a href=\"https://example.com/a?x=1&amp;y=2\">https://example.com/a?x=1&amp;y=2</a> now.<br>\n<br>\nBye</body></html>"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
