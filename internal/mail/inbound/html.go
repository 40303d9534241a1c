package inbound

import (
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// textOfHTML returns the text of HTML with its lines, and quotations marked by "> " as in a plain text. It reads tokens, not a
// tree: that takes as long as the text is, however it is nested.
func textOfHTML(source string) (text string, links map[string]bool) {
	z := html.NewTokenizer(strings.NewReader(source))
	w := htmlWriter{links: map[string]bool{}}
	for {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			return w.out.String(), w.links
		case html.TextToken:
			w.writeText(string(z.Text()))
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			if w.writeTag(atom.Lookup(name), kind) && beginsQuotation(z, more) {
				w.writeWords("-----Original Message-----")
				w.endLine()
			}
		}
	}
}

const maxLinks = 200

type htmlWriter struct {
	out            strings.Builder
	links          map[string]bool // what they say
	link           int             // where the text of the one that is open begins; 0 = none is
	hidden, quoted int             // how deep within what isn't shown, and within quotations
	started        bool            // the line has something in it
}

func (w *htmlWriter) endLine() {
	if w.started {
		w.out.WriteByte('\n')
		w.started = false
	}
}

func (w *htmlWriter) writeWords(s string) {
	if !w.started && w.quoted > 0 && s != "" {
		w.out.WriteString("> ")
	}
	w.out.WriteString(s)
	w.started = w.started || s != ""
}

// writeText writes a text with single blanks, also where it begins and ends with some.
func (w *htmlWriter) writeText(s string) {
	if w.hidden > 0 {
		return
	}
	fields := strings.Join(strings.Fields(s), " ")
	if fields == "" {
		if w.started && s != "" {
			w.writeWords(" ")
		}
		return
	}
	if w.started && strings.TrimLeftFunc(s, unicode.IsSpace) != s {
		fields = " " + fields
	}
	if strings.TrimRightFunc(s, unicode.IsSpace) != s {
		fields += " "
	}
	w.writeWords(fields)
}

// writeTag reports whether the tag is of a block, which may begin a quotation.
func (w *htmlWriter) writeTag(tag atom.Atom, kind html.TokenType) bool {
	step := map[html.TokenType]int{html.StartTagToken: 1, html.EndTagToken: -1}[kind]
	switch tag {
	case atom.A:
		if kind == html.StartTagToken {
			w.link = w.out.Len() + 1
		} else if w.link > 0 && len(w.links) < maxLinks {
			w.links[strings.TrimSpace(w.out.String()[w.link-1:])] = true
			w.link = 0
		}
	case atom.Style, atom.Script, atom.Head, atom.Title:
		w.hidden = max(0, w.hidden+step)
	case atom.Blockquote:
		w.endLine()
		w.quoted = max(0, w.quoted+step)
	case atom.Br:
		w.out.WriteByte('\n')
		w.started = false
	case atom.P, atom.H1, atom.H2, atom.H3:
		w.endLine()
		if kind == html.EndTagToken {
			w.out.WriteByte('\n')
		}
	case atom.Div, atom.Tr, atom.Table, atom.Li, atom.Ul, atom.Ol, atom.Hr, atom.Pre:
		w.endLine()
		return true
	}
	return false
}

// beginsQuotation reports whether a tag begins what the writer's program put below the answer.
func beginsQuotation(z *html.Tokenizer, more bool) bool {
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		if s := string(value); string(key) == "id" && (s == "appendonsend" || s == "divRplyFwdMsg" || s == "mail-editor-reference-message-container") || // Outlook
			string(key) == "class" && s == "yahoo_quoted" {
			return true
		}
	}
	return false
}
