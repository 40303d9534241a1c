package linktoken

import (
	"html"
	"regexp"
	"strings"

	nethtml "golang.org/x/net/html"
)

// MaxLinks is how many different destinations a message may have; further links stay as they are.
const MaxLinks = 200

// Rewritten is a message whose links lead to us first.
type Rewritten struct {
	Text, HTML   string
	Destinations []string // by the index in the link's token; the URL itself never goes into a link of ours
}

// Rewrite replaces each http(s) link of both forms by urlOf(index). One destination is one index, however often it is there.
// keep says which links stay as they are (ours: unsubscribe, booking); it may be nil.
func Rewrite(text, htmlText string, urlOf func(index int) string, keep func(url string) bool) Rewritten {
	indexes := map[string]int{}
	var r Rewritten
	replace := func(url string) (string, bool) {
		if keep != nil && keep(url) {
			return "", false
		}
		i, known := indexes[url]
		if !known {
			if len(r.Destinations) == MaxLinks {
				return "", false
			}
			i = len(r.Destinations)
			indexes[url] = i
			r.Destinations = append(r.Destinations, url)
		}
		return urlOf(i), true
	}
	r.HTML = rewriteHTML(htmlText, replace)
	r.Text = rewriteText(text, replace)
	return r
}

// rewriteHTML leaves every byte as it is but the tags whose href changes.
func rewriteHTML(in string, replace func(string) (string, bool)) string {
	var out strings.Builder
	z := nethtml.NewTokenizer(strings.NewReader(in))
	for kind := z.Next(); kind != nethtml.ErrorToken; kind = z.Next() {
		raw := string(z.Raw())
		if kind != nethtml.StartTagToken && kind != nethtml.SelfClosingTagToken {
			out.WriteString(raw)
			continue
		}
		tag, changed := z.Token(), false
		if tag.Data == "a" || tag.Data == "area" {
			for i, a := range tag.Attr {
				if url := strings.TrimSpace(a.Val); a.Key == "href" && isWebURL(url) {
					if to, ok := replace(url); ok {
						tag.Attr[i].Val, changed = to, true
					}
				}
			}
		}
		if changed {
			raw = tag.String()
		}
		out.WriteString(raw)
	}
	out.Write(z.Raw()) // what an unfinished tag left
	return out.String()
}

func isWebURL(url string) bool {
	scheme, rest, found := strings.Cut(url, "://")
	return found && rest != "" && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https"))
}

var textLink = regexp.MustCompile(`(?i)\bhttps?://[^\s<>"]+`)

func rewriteText(in string, replace func(string) (string, bool)) string {
	return textLink.ReplaceAllStringFunc(in, func(found string) string {
		url := trimURL(found)
		if to, ok := replace(url); ok && isWebURL(url) {
			return to + found[len(url):]
		}
		return found
	})
}

// trimURL leaves out the punctuation of the sentence that the URL stands in, and a bracket that was opened before it.
func trimURL(url string) string {
	for {
		last := url[len(url)-1]
		closes := strings.IndexByte(")]}", last)
		if strings.IndexByte(".,;:!?'*_", last) < 0 && (closes < 0 || strings.Count(url, string("([{"[closes])) >= strings.Count(url, string(last))) {
			return url
		}
		url = url[:len(url)-1]
	}
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
