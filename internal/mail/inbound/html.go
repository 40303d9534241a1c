package inbound

import (
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// textOfHTML returns the text of HTML with its lines, and quotations marked by "> " as in a plain text. It reads tokens, not a
// tree: that takes as long as the text is, however it is nested.
func textOfHTML(source string) string {
	var out strings.Builder
	z := html.NewTokenizer(strings.NewReader(source))
	hidden, quoted, started := 0, 0, false
	newline := func() {
		if started {
			out.WriteByte('\n')
			started = false
		}
	}
	write := func(s string) {
		if !started && quoted > 0 && s != "" {
			out.WriteString("> ")
		}
		out.WriteString(s)
		started = started || s != ""
	}
	for {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			return out.String()
		case html.TextToken:
			if hidden == 0 {
				s := string(z.Text())
				fields := strings.Join(strings.Fields(s), " ")
				if fields == "" {
					if started && s != "" {
						write(" ")
					}
					continue
				}
				if started && strings.TrimLeftFunc(s, unicode.IsSpace) != s {
					fields = " " + fields
				}
				if strings.TrimRightFunc(s, unicode.IsSpace) != s {
					fields += " "
				}
				write(fields)
			}
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			step := map[html.TokenType]int{html.StartTagToken: 1, html.EndTagToken: -1}[kind]
			switch tag := atom.Lookup(name); tag {
			case atom.Style, atom.Script, atom.Head, atom.Title:
				hidden = max(0, hidden+step)
			case atom.Blockquote:
				newline()
				quoted = max(0, quoted+step)
			case atom.Br:
				out.WriteByte('\n')
				started = false
			case atom.P, atom.H1, atom.H2, atom.H3:
				newline()
				if kind == html.EndTagToken {
					out.WriteByte('\n')
				}
			case atom.Div, atom.Tr, atom.Table, atom.Li, atom.Ul, atom.Ol, atom.Hr, atom.Pre:
				newline()
				if beginsQuotation(z, more) {
					write("-----Original Message-----")
					newline()
				}
			}
		}
	}
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
