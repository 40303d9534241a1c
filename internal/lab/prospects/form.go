package prospects

import (
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// filledForm is a form as a person would send it.
type filledForm struct {
	method string
	to     string
	values url.Values
}

// fillForm fills in a form of a page: it picks one of what there is to choose from (a form, an option, a button), and gives its name
// and address where they are asked for. POST forms come before others. False: there is none.
func fillForm(page webAnswer, who Prospect, r *rand.Rand) (filledForm, bool) {
	root, err := html.Parse(strings.NewReader(page.body))
	if err != nil {
		return filledForm{}, false
	}
	form := pickForm(root, r)
	if form == nil {
		return filledForm{}, false
	}
	to, err := page.url.Parse(attributeValue(form, "action"))
	if err != nil {
		return filledForm{}, false
	}
	f := filledForm{method: http.MethodGet, values: fillFields(form, who, r)}
	if isPost(form) {
		f.method = http.MethodPost
	} else {
		to.RawQuery = f.values.Encode()
	}
	f.to = to.String()
	return f, true
}

// pickForm picks one of the forms of a page, a POST form if there is one; nil = there is none.
func pickForm(root *html.Node, r *rand.Rand) *html.Node {
	var forms []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "form" {
			forms = append(forms, n)
		}
	}
	if slices.ContainsFunc(forms, isPost) {
		forms = slices.DeleteFunc(forms, func(n *html.Node) bool { return !isPost(n) })
	}
	if len(forms) == 0 {
		return nil
	}
	return pickOne(r, forms)
}

func isPost(form *html.Node) bool {
	return strings.EqualFold(attributeValue(form, "method"), http.MethodPost)
}

// fillFields returns what the fields of a form are filled in with, and the button that is pressed.
func fillFields(form *html.Node, who Prospect, r *rand.Rand) url.Values {
	values := url.Values{}
	radios := map[string][]string{}
	var buttons [][2]string
	for n := range form.Descendants() {
		if n.Type != html.ElementNode || hasAttribute(n, "disabled") {
			continue
		}
		name, value, kind := attributeValue(n, "name"), attributeValue(n, "value"), strings.ToLower(attributeValue(n, "type"))
		switch {
		case n.Data == "button" && (kind == "" || kind == "submit"), n.Data == "input" && kind == "submit":
			buttons = append(buttons, [2]string{name, value})
		case n.Data == "select" && name != "":
			if options := formChoices(n); len(options) > 0 {
				values.Set(name, pickOne(r, options))
			}
		case n.Data == "textarea" && name != "":
			values.Set(name, "")
		case n.Data != "input" || name == "" || kind == "button" || kind == "reset" || kind == "file" || kind == "image":
		case kind == "radio":
			radios[name] = append(radios[name], value)
		case kind == "checkbox":
			if hasAttribute(n, "checked") || hasAttribute(n, "required") {
				values.Add(name, orElse(value, "on"))
			}
		case value != "" || kind == "hidden":
			values.Set(name, value)
		default:
			values.Set(name, answerTo(kind, name, who))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(radios)) {
		values.Set(name, pickOne(r, radios[name]))
	}
	if len(buttons) > 0 {
		if b := pickOne(r, buttons); b[0] != "" {
			values.Set(b[0], b[1])
		}
	}
	return values
}

func formChoices(list *html.Node) (out []string) {
	for n := range list.Descendants() {
		if n.Type == html.ElementNode && n.Data == "option" && !hasAttribute(n, "disabled") {
			if v := attributeValue(n, "value"); v != "" {
				out = append(out, v)
			} else if !hasAttribute(n, "value") {
				out = append(out, wordsOf(n))
			}
		}
	}
	return out
}

func answerTo(kind, name string, who Prospect) string {
	first, last, _ := strings.Cut(who.Name, " ")
	name = strings.ToLower(name)
	switch {
	case kind == "email" || strings.Contains(name, "mail"):
		return who.Address
	case strings.Contains(name, "first"):
		return first
	case strings.Contains(name, "last"):
		return last
	case strings.Contains(name, "name"):
		return who.Name
	case kind == "tel" || strings.Contains(name, "phone"):
		return "+1 555 0100"
	}
	return ""
}

func hasAttribute(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
