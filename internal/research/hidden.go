package research

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// isHidden reports whether nobody sees an element, as far as that stands in itself or in simple rules of the page's own styles; it takes over the
// colours that the element states.
func (w *pageReader) isHidden(n *html.Node, seen *look) bool {
	if hasAttribute(n, "hidden") || strings.EqualFold(attribute(n, "aria-hidden"), "true") {
		return true
	}
	if w.hidden["#"+attribute(n, "id")] {
		return true
	}
	for class := range strings.FieldsSeq(attribute(n, "class")) {
		if w.hidden["."+class] {
			return true
		}
	}
	if c := attribute(n, "color"); c != "" {
		seen.color = sameColor(c)
	}
	if c := attribute(n, "bgcolor"); c != "" {
		seen.back = sameColor(c)
	}
	style := declarations(attribute(n, "style"))
	if c := style["color"]; c != "" {
		seen.color = sameColor(c)
	}
	for _, name := range []string{"background", "background-color"} {
		if c := style[name]; c != "" {
			seen.back = sameColor(c)
		}
	}
	return hides(style) || seen.color != "" && (seen.color == seen.back || seen.color == "transparent")
}

// hides reports whether declarations of CSS let nobody see an element.
func hides(style map[string]string) bool {
	switch {
	case style["display"] == "none", style["visibility"] == "hidden", style["visibility"] == "collapse", isNothing(style["opacity"]), isNothing(style["font-size"]),
		style["content-visibility"] == "hidden", isTiny(style["font-size"]):
		return true
	case noFont.MatchString(style["font"]):
		return true
	case isFar(style["left"]), isFar(style["top"]), isFar(style["right"]), isFar(style["margin-left"]), isFar(style["text-indent"]):
		return true
	case strings.HasPrefix(style["clip"], "rect(0"), strings.HasPrefix(style["clip"], "rect(1px"), strings.HasPrefix(style["clip-path"], "inset(50%"), strings.HasPrefix(style["clip-path"], "inset(100%"),
		strings.HasPrefix(style["transform"], "scale(0"):
		return true
	case style["overflow"] == "hidden" && (isNothing(style["height"]) || isNothing(style["width"]) || isNothing(style["max-height"])):
		return true
	}
	return false
}

var noFont = regexp.MustCompile(`(^|\s)0(px|pt|em|rem|%)?(/|\s|$)`)

// isNothing reports whether a length or number is zero.
func isNothing(v string) bool {
	v = strings.TrimRight(v, "abcdefghijklmnopqrstuvwxyz%")
	return v != "" && strings.Trim(v, "0.") == ""
}

// isTiny reports whether a size is too small to be read.
func isTiny(v string) bool {
	return v == "1px" || v == "1pt" || v == "2px" || strings.HasPrefix(v, "0.")
}

var farAway = regexp.MustCompile(`^-\d{3,}(\.\d+)?(px|em|rem|pt|%|vw|vh)$|^\d{5,}px$`)

// isFar reports whether a length moves an element off the page.
func isFar(v string) bool { return farAway.MatchString(v) }

func declarations(style string) map[string]string {
	if style == "" {
		return nil
	}
	out := map[string]string{}
	for d := range strings.SplitSeq(strings.ToLower(style), ";") {
		if name, value, ok := strings.Cut(d, ":"); ok {
			value = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "!important"))
			out[strings.TrimSpace(name)] = strings.Join(strings.Fields(value), " ")
		}
	}
	return out
}

// sameColor writes the usual ways of saying a colour in one.
func sameColor(c string) string {
	c = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(c)), " ", "")
	switch c {
	case "white", "#ffffff", "rgb(255,255,255)", "rgba(255,255,255,1)", "hsl(0,0%,100%)":
		return "#fff"
	case "black", "#000000", "rgb(0,0,0)", "rgba(0,0,0,1)":
		return "#000"
	case "rgba(0,0,0,0)", "rgba(255,255,255,0)", "#0000", "#fff0":
		return "transparent"
	}
	if len(c) == 7 && c[0] == '#' && c[1] == c[2] && c[3] == c[4] && c[5] == c[6] {
		return string([]byte{'#', c[1], c[3], c[5]})
	}
	return c
}

var (
	styleRule    = regexp.MustCompile(`([^{}]+)\{([^{}]*)\}`)
	styleComment = regexp.MustCompile(`(?s)/\*.*?\*/`)
	oneSelector  = regexp.MustCompile(`^[a-z0-9]*([.#][A-Za-z0-9_-]+)$`)
)

// hiddenSelectors returns the classes and ids that rules in the page's own style elements hide. Rules under a condition count too.
func hiddenSelectors(root *html.Node) map[string]bool {
	out := map[string]bool{}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode || n.DataAtom != atom.Style {
			continue
		}
		for _, rule := range styleRule.FindAllStringSubmatch(styleComment.ReplaceAllString(textIn(n), ""), -1) {
			style := declarations(rule[2])
			if !hides(style) && (style["color"] == "" || sameColor(style["color"]) != sameColor(style["background-color"]) && sameColor(style["color"]) != "transparent") {
				continue
			}
			for s := range strings.SplitSeq(rule[1], ",") {
				if m := oneSelector.FindStringSubmatch(strings.TrimSpace(s)); m != nil {
					out[m[1]] = true
				}
			}
		}
	}
	return out
}
