// Package htmlview makes HTML of strangers fit to be looked at: its structure and its words, nothing that runs, loads, hides or leads anywhere by itself.
package htmlview

import (
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
)

// policy keeps text, lists, tables and links. Pictures, styles, forms and frames go: each could tell the sender that, when and where it was looked at.
//
//nolint:gochecknoglobals // a constant
var policy = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "div", "span", "br", "hr", "b", "strong", "i", "em", "u", "s", "small", "sub", "sup", "code", "pre", "blockquote", "center", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd",
		"table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th")
	p.AllowAttrs("colspan", "rowspan").Matching(bluemonday.Integer).OnElements("td", "th")
	p.AllowAttrs("dir").Matching(bluemonday.Direction).Globally()
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto")
	p.RequireParseableURLs(true)
	p.RequireNoFollowOnLinks(true)
	p.RequireNoReferrerOnLinks(true)
	return p
})

// Policy is the Content-Security-Policy of what Page returns: even if something came through, it would load nothing and run nothing.
const Policy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox"

// Page returns a whole page with what is left of a mail's HTML.
func Page(source string) string {
	return "<!doctype html><meta charset=\"utf-8\"><meta name=\"referrer\" content=\"no-referrer\"><body>" + strings.TrimSpace(policy().Sanitize(source)) + "</body>"
}
