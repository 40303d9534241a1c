package prospects

import (
	"net/url"
	"regexp"
	"strings"

	_ "github.com/emersion/go-message/charset" // letters in any charset
	"golang.org/x/net/html"
)

type link struct {
	url    string
	words  string // the link's own
	around string // and those beside it
	hidden bool   // not shown to people
}

var plainURL = regexp.MustCompile(`https?://[^\s<>"'()]+[^\s<>"'().,;:!?]`)

func (l *receivedMail) readPlain(text string) {
	before := ""
	for line := range strings.Lines(text) {
		for _, u := range plainURL.FindAllString(line, -1) {
			words := strings.ReplaceAll(line, u, " ")
			if strings.TrimSpace(words) == "" {
				words = before
			}
			l.links = append(l.links, link{url: u, around: words})
		}
		if strings.TrimSpace(line) != "" {
			before = line
		}
	}
}

// readHTML collects links and images and gives the words that are shown.
func (l *receivedMail) readHTML(text string) string {
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		return ""
	}
	var words strings.Builder
	var walk func(n *html.Node, hidden bool)
	walk = func(n *html.Node, hidden bool) {
		hidden = hidden || isHidden(n)
		switch {
		case n.Type == html.TextNode && !hidden:
			words.WriteString(n.Data)
		case n.Type == html.ElementNode && (n.Data == "style" || n.Data == "script" || n.Data == "head"):
			return
		case n.Type == html.ElementNode && (n.Data == "br" || n.Data == "p" || n.Data == "div" || n.Data == "tr"):
			words.WriteString("\n")
		case n.Type == html.ElementNode && n.Data == "img":
			if u := attributeValue(n, "src"); isWeb(u) {
				l.images = append(l.images, u)
			}
		case n.Type == html.ElementNode && n.Data == "a":
			if u := attributeValue(n, "href"); isWeb(u) {
				l.links = append(l.links, link{url: u, words: wordsOf(n), around: wordsOf(n.Parent), hidden: hidden})
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, hidden)
		}
	}
	walk(root, false)
	return strings.TrimSpace(words.String())
}

func isWeb(u string) bool {
	parsed, err := url.Parse(u)
	return err == nil && (parsed.Scheme == "http" || parsed.Scheme == "https") && parsed.Host != ""
}

var hiding = regexp.MustCompile(`(?i)display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(px)?\s*(;|$)|opacity\s*:\s*0\s*(;|$)|max-height\s*:\s*0`)

// isHidden: an element that isn't shown. Images count as shown: tracking pixels are small, and fetched all the same.
func isHidden(n *html.Node) bool {
	if n.Type != html.ElementNode {
		return false
	}
	for _, a := range n.Attr {
		if a.Key == "hidden" || a.Key == "style" && hiding.MatchString(a.Val) {
			return true
		}
	}
	return false
}

func attributeValue(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return strings.TrimSpace(a.Val)
		}
	}
	return ""
}

func wordsOf(n *html.Node) string {
	if n == nil {
		return ""
	}
	var out strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			out.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(out.String())
}

// bookingLink finds the link that offers a meeting: by its own words, else by its address, else by the words beside it.
func (l *receivedMail) bookingLink() (link, bool) {
	for _, look := range []func(link) string{
		func(k link) string { return k.words },
		func(k link) string {
			return strings.NewReplacer("/", " ", "-", " ", "_", " ", "?", " ").Replace(pathOf(k.url))
		},
		func(k link) string { return k.around },
	} {
		for _, k := range l.links {
			if !k.hidden && !l.unsubscribeLinks(k) && bookingWords.MatchString(look(k)) {
				return k, true
			}
		}
	}
	return link{}, false
}

func pathOf(u string) string {
	parsed, err := url.Parse(u)
	if err != nil {
		return ""
	}
	return parsed.Path
}

func (l *receivedMail) unsubscribeLinks(k link) bool {
	return k.url == l.unsubscribe || unsubscribeWords.MatchString(k.words) || k.words == "" && unsubscribeWords.MatchString(k.around)
}

// unsubscribeLink is the link, among the words of the message, that ends the mail.
func (l *receivedMail) unsubscribeLink() (link, bool) {
	for _, k := range l.links {
		if !k.hidden && l.unsubscribeLinks(k) {
			return k, true
		}
	}
	return link{url: l.unsubscribe}, l.unsubscribe != ""
}

// offeredLinks are the links that a curious reader may follow.
func (l *receivedMail) offeredLinks() (out []link) {
	for _, k := range l.links {
		if !k.hidden && !l.unsubscribeLinks(k) {
			out = append(out, k)
		}
	}
	return out
}
