package linktoken

import (
	"html"
	"regexp"
	"strings"
)

// MaxLinks is how many different destinations a message may have; further links stay as they are.
const MaxLinks = 200

// Rewritten is a text whose links lead to us first.
type Rewritten struct {
	Text         string
	Destinations []string // by the index in the link's token; the URL itself never goes into a link of ours
}

// Rewrite replaces each http(s) link of a text by urlOf(index). One destination is one index, however often it is there. Links to
// us, under base (https://host, no slash at the end), stay as they are.
func Rewrite(text, base string, urlOf func(index int) string) Rewritten {
	return rewriteFound(text, base, FindLinks(text, Ours(base)), urlOf)
}

func rewriteFound(text, base string, found []FoundLink, urlOf func(index int) string) (r Rewritten) {
	indexes := map[string]int{}
	var out strings.Builder
	copied := 0
	for _, l := range found {
		if strings.HasPrefix(l.URL, base+"/") {
			continue
		}
		i, known := indexes[l.URL]
		if !known {
			if len(r.Destinations) == MaxLinks {
				continue
			}
			i = len(r.Destinations)
			indexes[l.URL] = i
			r.Destinations = append(r.Destinations, l.URL)
		}
		out.WriteString(text[copied:l.Start])
		out.WriteString(urlOf(i))
		copied = l.End
	}
	out.WriteString(text[copied:])
	r.Text = out.String()
	return r
}

// AsHTML shows a plain text, its links as links: of [label](URL) the label. Nothing is tracked here that wasn't in the text.
func AsHTML(text, base string) string {
	var out strings.Builder
	at := 0
	for _, l := range FindLinks(text, Ours(base)) {
		label := l.Label
		if label == "" {
			label = l.URL
		}
		out.WriteString(linesAsHTML(text[at:l.From]))
		out.WriteString(`<a href="` + html.EscapeString(l.URL) + `">` + html.EscapeString(label) + `</a>`)
		at = l.To
	}
	out.WriteString(linesAsHTML(text[at:]))
	return out.String()
}

func linesAsHTML(text string) string {
	return strings.ReplaceAll(html.EscapeString(text), "\n", "<br>\n")
}

var bodyEnd = regexp.MustCompile(`(?i)</body`)

// WithPixel adds an invisible image at the end of the body; off unless a campaign asks for it.
func WithPixel(htmlText, url string) string {
	pixel := `<img src="` + html.EscapeString(url) + `" width="1" height="1" alt="" style="display:block;border:0">`
	if ends := bodyEnd.FindAllStringIndex(htmlText, -1); len(ends) > 0 {
		at := ends[len(ends)-1][0]
		return htmlText[:at] + pixel + htmlText[at:]
	}
	return htmlText + pixel
}
