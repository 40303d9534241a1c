// Package htmlview makes HTML of strangers fit to be looked at: its structure, its words and, where they are asked for, its images; nothing that runs, hides or leads anywhere by itself.
package htmlview

import (
	"html"
	"regexp"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
)

// ImagePath is where images of others' servers are fetched through us.
const ImagePath = "/v1/inbox/images/"

// policy keeps text, lists, tables and links, and images that are fetched through us. Styles, forms and frames go, and whatever else loads: each could tell the sender that, when and where it was looked at.
//
//nolint:gochecknoglobals // a constant
var policy = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "div", "span", "br", "hr", "b", "strong", "i", "em", "u", "s", "small", "sub", "sup", "code", "pre", "blockquote", "center", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd",
		"table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th")
	p.AllowAttrs("colspan", "rowspan").Matching(bluemonday.Integer).OnElements("td", "th")
	p.AllowAttrs("dir").Matching(bluemonday.Direction).Globally()
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("src").Matching(regexp.MustCompile("^" + ImagePath + "[A-Za-z0-9_-]+$")).OnElements("img")
	p.AllowAttrs("width", "height").Matching(bluemonday.Integer).OnElements("img")
	p.AllowAttrs("alt").OnElements("img")
	p.AllowURLSchemes("http", "https", "mailto")
	p.AllowRelativeURLs(true) // of images; links that name no host are gone by then
	p.RequireParseableURLs(true)
	p.RequireNoFollowOnLinks(true)
	p.RequireNoReferrerOnLinks(true)
	return p
})

// View says how a mail is looked at.
type View struct {
	Ours    func(address string) bool   // reports whether an address leads to us: nothing is left of those, as looking would count
	Image   func(address string) string // returns the address under ImagePath that shows an image of another server; nil = none is shown
	Origins []string                    // at which those addresses are asked for: https://host
}

// Shown is what is left of a mail.
type Shown struct {
	Page   string
	Policy string // the page's Content-Security-Policy: even if something came through, it would load nothing else and run nothing
	Images int    // on others' servers that can be shown, whether they are or not
}

// Show returns a whole page with what is left of a mail's HTML. The policy stands in the page too: a frame that is given the page as text has no header.
func Show(source string, v View) Shown {
	images := "'none'"
	if v.Image != nil && len(v.Origins) > 0 {
		images = strings.Join(v.Origins, ImagePath+" ") + ImagePath
	}
	rules := "default-src 'none'; img-src " + images + "; base-uri 'none'; form-action 'none'"
	rewritten, found := rewriteTags(source, v)
	return Shown{
		Page: `<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="` + html.EscapeString(rules) + `"><meta name="referrer" content="no-referrer"><body>` +
			strings.TrimSpace(policy().Sanitize(rewritten)) + "</body>",
		Policy: rules + "; frame-ancestors 'self'; sandbox",
		Images: found,
	}
}
