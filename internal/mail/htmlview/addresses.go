package htmlview

import (
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

const (
	// MaxImages is how many images of a mail are shown.
	MaxImages = 50

	maxAddress = 4096 // bytes of an image's address; ours, which holds it, must fit a request's first line
	pixelSide  = 2    // an image that is said to be no larger shows nothing
)

// rewriteTags returns a mail's HTML with its links and images as they are shown, and how many images could be.
func rewriteTags(source string, v View) (rewritten string, images int) {
	z := html.NewTokenizer(strings.NewReader(source))
	var out strings.Builder
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return out.String(), images
		}
		raw := string(z.Raw()) // before Token, which changes it
		tag := html.Token{}
		if kind == html.StartTagToken || kind == html.SelfClosingTagToken {
			tag = z.Token()
		}
		switch tag.DataAtom {
		case atom.A:
			out.WriteString(rewriteLink(tag, v))
		case atom.Img:
			address := imageAddress(tag, v)
			if address != "" {
				images++
			}
			if address == "" || v.Image == nil || images > MaxImages {
				out.WriteString(html.EscapeString(attribute(tag, "alt")))
				continue
			}
			out.WriteString(`<img src="` + html.EscapeString(v.Image(address)) + `"`)
			for _, name := range []string{"alt", "width", "height"} {
				out.WriteString(" " + name + `="` + html.EscapeString(attribute(tag, name)) + `"`)
			}
			out.WriteString(">")
		default:
			out.WriteString(raw)
		}
	}
}

// rewriteLink leaves of a link where it leads, unless that is to us: without a host it would lead to where the frame stands.
func rewriteLink(tag html.Token, v View) string {
	to := strings.TrimSpace(attribute(tag, "href"))
	u, err := url.Parse(to)
	if err != nil || u.Host == "" && u.Scheme != "mailto" || u.Scheme == "" || v.isOurs(to) {
		return "<a>"
	}
	return `<a href="` + html.EscapeString(to) + `">`
}

// imageAddress returns where an image lies on somebody's server, "" when it doesn't, or is not to be shown: ours, or too small to be seen.
func imageAddress(tag html.Token, v View) string {
	if isTiny(attribute(tag, "width")) || isTiny(attribute(tag, "height")) {
		return ""
	}
	for _, address := range append([]string{attribute(tag, "src")}, candidates(attribute(tag, "srcset"))...) {
		if remote := remoteAddress(address); remote != "" && !v.isOurs(address) { // with what stands behind #, where image proxies name what they have fetched
			return remote
		}
	}
	return ""
}

func (v View) isOurs(address string) bool { return v.Ours != nil && v.Ours(address) }

// remoteAddress returns the whole address of a web server's file, "" for anything else.
func remoteAddress(address string) string {
	address = strings.TrimSpace(address)
	if strings.HasPrefix(address, "//") {
		address = "https:" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || len(address) > maxAddress {
		return ""
	}
	u.Fragment = ""
	return u.String()
}

// candidates are the addresses of a srcset.
func candidates(set string) (all []string) {
	for _, candidate := range strings.Split(set, ", ") {
		if words := strings.Fields(candidate); len(words) > 0 {
			all = append(all, words[0])
		}
	}
	return all
}

func isTiny(side string) bool {
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(side), "px"))
	return err == nil && n <= pixelSide
}

// attribute returns the first one of a name, as browsers take it.
func attribute(tag html.Token, name string) string {
	for _, a := range tag.Attr {
		if a.Key == name && a.Namespace == "" {
			return a.Val
		}
	}
	return ""
}
