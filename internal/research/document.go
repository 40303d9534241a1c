package research

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/htmlindex"
)

// Document is a page as it is kept: what somebody who looks at it can read, and what it says to machines.
type Document struct {
	Title string
	Text  string   // what is seen, a line a block
	Data  []string // of its JSON-LD, as it stands there
	Links []Link   // on the same page, in order
	Feeds []string
	Date  time.Time // when its words were written, as far as it says so; zero = it doesn't
}

// Bounds of what is kept of a page.
const (
	mostText   = 150 << 10
	mostData   = 20 << 10 // of a block
	mostBlocks = 4
)

func clip(s string, most int) string {
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "")
	}
	return s
}

// Link leads to another page.
type Link struct{ URL, Text string }

// Kept returns the whole of a page as it is kept, in which each fact must stand word for word.
func (d *Document) Kept() string {
	return strings.Join(append([]string{d.Title, d.Text}, d.Data...), "\n\n")
}

// HashOf returns what a page is known by: the SHA-256 of what is kept, in hexadecimal digits.
func HashOf(kept string) string {
	sum := sha256.Sum256([]byte(kept))
	return hex.EncodeToString(sum[:])
}

// Decode returns a page's text in UTF-8. What is UTF-8 is read as such, whatever its header or itself says; else the header counts, then what the
// page says, then a guess.
func Decode(body []byte, contentType string) string {
	if utf8.Valid(body) && bytes.ContainsFunc(body, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return string(body)
	}
	e, name, _ := charset.DetermineEncoding(body, contentType)
	if name == "utf-8" && !utf8.Valid(body) { // it lies
		e, name, _ = charset.DetermineEncoding(body, "")
	}
	if name == "utf-8" && !utf8.Valid(body) {
		e, _ = htmlindex.Get("windows-1252")
	}
	out, err := e.NewDecoder().Bytes(body)
	if err != nil {
		return strings.ToValidUTF8(string(body), "\uFFFD")
	}
	return string(out)
}

// ReadHTML reads a page that was found at an address.
func ReadHTML(text string, at *url.URL) *Document {
	root, err := html.Parse(strings.NewReader(text))
	if err != nil { // it reads whatever there is
		return &Document{}
	}
	w := &pageReader{base: at, hidden: hiddenSelectors(root)}
	w.readHead(root)
	w.walk(root, look{back: "#fff"})
	w.doc.Text = clip(strings.Join(w.lines(), "\n"), mostText)
	return &w.doc
}

// pageReader collects what is seen of a page.
type pageReader struct {
	doc    Document
	base   *url.URL
	hidden map[string]bool // classes and ids that the page's own styles hide
	text   strings.Builder
}

// look is what is known of how a text is shown, from what stands in the elements around it.
type look struct{ color, back string }

// readHead reads what stands in no text: title, data, feeds.
func (w *pageReader) readHead(n *html.Node) {
	for n := range n.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.DataAtom {
		case atom.Base:
			if u, err := w.base.Parse(attribute(n, "href")); err == nil && u.Host == w.base.Host {
				w.base = u
			}
		case atom.Title:
			if n.Namespace == "" && w.doc.Title == "" {
				w.doc.Title = CleanLine(textIn(n))
			}
		case atom.Script:
			if kind, _, _ := strings.Cut(strings.ToLower(attribute(n, "type")), ";"); strings.TrimSpace(kind) == "application/ld+json" {
				if block := CleanText(textIn(n)); len(block) <= mostData && len(w.doc.Data) < mostBlocks {
					w.doc.Data = append(w.doc.Data, block)
				}
			}
		case atom.Link:
			kind := strings.ToLower(attribute(n, "type"))
			if hasWord(attribute(n, "rel"), "alternate") && (kind == "application/rss+xml" || kind == "application/atom+xml") {
				if u, err := w.base.Parse(attribute(n, "href")); err == nil {
					w.doc.Feeds = append(w.doc.Feeds, u.String())
				}
			}
		case atom.Time:
			w.takeDate(attribute(n, "datetime"))
		case atom.Meta:
			if name := attribute(n, "property") + attribute(n, "name"); name == "article:published_time" || name == "article:modified_time" || name == "last-modified" {
				w.takeDate(attribute(n, "content"))
			}
		}
	}
}

// takeDate keeps the newest date.
func (w *pageReader) takeDate(text string) {
	if t, ok := parseDate(text); ok && t.After(w.doc.Date) {
		w.doc.Date = t
	}
}

func parseDate(text string) (time.Time, bool) {
	text = strings.TrimSpace(text)
	for _, form := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly, "2006-01"} {
		if t, err := time.Parse(form, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func (w *pageReader) walk(n *html.Node, seen look) {
	switch n.Type {
	case html.TextNode:
		w.text.WriteString(n.Data)
		return
	case html.ElementNode:
		if unread(n) || w.isHidden(n, &seen) {
			return
		}
		if n.DataAtom == atom.Br || isBlock(n.DataAtom) {
			w.text.WriteByte('\n')
		}
		if n.DataAtom == atom.A {
			w.takeLink(n)
		}
	case html.DocumentNode:
	default: // comments and the like
		return
	}
	for c := range n.ChildNodes() {
		w.walk(c, seen)
	}
	switch {
	case n.Type == html.ElementNode && isBlock(n.DataAtom):
		w.text.WriteByte('\n')
	case n.DataAtom == atom.Td || n.DataAtom == atom.Th:
		w.text.WriteByte(' ')
	}
}

func (w *pageReader) takeLink(n *html.Node) {
	u, err := w.base.Parse(strings.TrimSpace(attribute(n, "href")))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || hasWord(attribute(n, "rel"), "nofollow") {
		return
	}
	u.Fragment = ""
	w.doc.Links = append(w.doc.Links, Link{u.String(), CleanLine(textIn(n))})
}

// lines are those of the text, without the empty ones.
func (w *pageReader) lines() (out []string) {
	for line := range strings.SplitSeq(w.text.String(), "\n") {
		if line = CleanLine(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// unread are elements whose text isn't the page's, or isn't seen by people.
func unread(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Head, atom.Script, atom.Style, atom.Noscript, atom.Template, atom.Iframe, atom.Object, atom.Embed, atom.Svg, atom.Math, atom.Canvas, atom.Audio, atom.Video,
		atom.Select, atom.Datalist, atom.Textarea, atom.Input, atom.Button, atom.Noembed, atom.Noframes, atom.Dialog:
		return true
	}
	return false
}

func isBlock(a atom.Atom) bool {
	switch a {
	case atom.Address, atom.Article, atom.Aside, atom.Blockquote, atom.Body, atom.Caption, atom.Dd, atom.Details, atom.Div, atom.Dl, atom.Dt, atom.Fieldset, atom.Figcaption, atom.Figure,
		atom.Footer, atom.Form, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Header, atom.Hr, atom.Li, atom.Main, atom.Nav, atom.Ol, atom.P, atom.Pre, atom.Section,
		atom.Summary, atom.Table, atom.Tbody, atom.Tr, atom.Ul:
		return true
	}
	return false
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name && a.Namespace == "" {
			return a.Val
		}
	}
	return ""
}

func hasAttribute(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name && a.Namespace == "" {
			return true
		}
	}
	return false
}

func hasWord(text, word string) bool {
	for f := range strings.FieldsSeq(strings.ToLower(text)) {
		if f == word {
			return true
		}
	}
	return false
}

func textIn(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

// CleanLine returns a text in one line, without characters that nobody sees.
func CleanLine(s string) string { return strings.Join(strings.Fields(dropInvisible(s)), " ") }

// CleanText does the same, and keeps lines.
func CleanText(s string) string { return strings.TrimSpace(dropInvisible(s)) }

func dropInvisible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError, unicode.In(r, unicode.Cf, unicode.Co, unicode.Cs), unicode.IsControl(r), r >= 0xFE00 && r <= 0xFE0F, r >= 0xE0100 && r <= 0xE01EF:
			return -1
		}
		return r
	}, s)
}
