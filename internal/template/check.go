package template

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/osteele/liquid/parser"
)

// checkedSource is a template's source with a check after each variable that needs a value, and the names it uses.
type checkedSource struct {
	source    string
	ids       map[string]string // what each name is called in source: a plain word, so that "custom.size" is a name, not a size
	variables []string
	arguments []string // of filters: needed from the start
	shown     []string // as they are, whatever the values: neither within a condition nor changed by a filter
}

type checker struct {
	html      bool
	out       strings.Builder
	variables map[string]bool
	arguments map[string]bool
	locals    map[string]bool
	ids       map[string]string
	shown     []string
	depth     int // of conditions
	filters   int
}

// checkSource checks each token as the library will see it.
func checkSource(source string, html bool) (checkedSource, error) {
	c := checker{html: html, variables: map[string]bool{}, arguments: map[string]bool{}, locals: map[string]bool{}, ids: map[string]string{}}
	verbatim := "" // the tag that ends a part that isn't interpreted
	for _, token := range parser.Scan(source, parser.SourceLoc{LineNo: 1}, nil) {
		var err error
		switch {
		case verbatim != "":
			if token.Type == parser.TagTokenType && token.Name == verbatim {
				verbatim = ""
			}
			c.out.WriteString(token.Source)
		case token.Type == parser.TagTokenType && (token.Name == "raw" || token.Name == "comment"):
			verbatim = "end" + token.Name
			c.out.WriteString(token.Source)
		case token.Type == parser.TagTokenType:
			err = c.checkTag(token)
		case token.Type == parser.ObjTokenType:
			err = c.checkObject(token)
		case token.Type == parser.TextTokenType:
			for _, mark := range []string{"{{", "}}", "{%", "%}"} {
				if strings.Contains(token.Source, mark) {
					err = fmt.Errorf("%s without its other half", mark)
				}
			}
			c.out.WriteString(token.Source)
		}
		if err != nil {
			return checkedSource{}, fmt.Errorf("line %d: %w", token.SourceLoc.LineNo, err)
		}
	}
	return checkedSource{c.out.String(), c.ids, slices.Sorted(maps.Keys(c.variables)), slices.Sorted(maps.Keys(c.arguments)), c.shown}, nil
}

// checkObject checks and writes {{ head | filter: argument | ... }}.
func (c *checker) checkObject(token parser.Token) error {
	expression, err := c.checkExpression(token.Args, true)
	if err != nil {
		return err
	}
	if name := strings.TrimSpace(token.Args); c.depth == 0 && c.variables[name] {
		c.shown = append(c.shown, name)
	}
	if c.html {
		expression += " | " + escapeFilter
	}
	open, end := "{{ ", " }}"
	if strings.HasPrefix(token.Source, "{{-") {
		open = "{{- "
	}
	if strings.HasSuffix(token.Source, "-}}") {
		end = " -}}"
	}
	c.out.WriteString(open + expression + end)
	return nil
}

// checkTag checks and writes {% name arguments %}.
func (c *checker) checkTag(token parser.Token) error {
	switch token.Name {
	case "if", "unless", "case":
		c.depth++
	case "endif", "endunless", "endcase":
		c.depth--
	}
	switch token.Name {
	case "assign":
		name, value, found := strings.Cut(token.Args, "=")
		name = strings.TrimSpace(name)
		if words, err := lexWords(name); !found || err != nil || len(words) != 1 || words[0].kind != variable || strings.Contains(name, ".") {
			return fmt.Errorf("assign: want a name, = and a value")
		}
		expression, err := c.checkExpression(value, false)
		if err != nil {
			return err
		}
		c.locals[name] = true
		c.writeTag(token, c.assignID(name)+" = "+expression)
		return nil
	case "if", "elsif", "unless", "case", "when":
		words, err := lexWords(token.Args)
		if err != nil {
			return err
		}
		var condition []string
		for i, w := range words {
			switch {
			case w.text == "|":
				return fmt.Errorf("%s: a filter; assign its result first", token.Name)
			case w.kind == variable && !slices.Contains([]string{"and", "or", "contains"}, w.text):
				condition = append(condition, c.noteVariable(w.text))
				continue
			case w.kind == variable && i == 0:
				return fmt.Errorf("%s: %s of what?", token.Name, w.text)
			}
			condition = append(condition, w.text)
		}
		c.writeTag(token, strings.Join(condition, " "))
		return nil
	case "else", "endif", "endunless", "endcase", "endcomment", "endraw":
	default:
		return fmt.Errorf("tag %s isn't allowed", token.Name)
	}
	c.out.WriteString(token.Source)
	return nil
}

// writeTag writes a tag with other arguments.
func (c *checker) writeTag(token parser.Token, arguments string) {
	open, end := "{% ", " %}"
	if strings.HasPrefix(token.Source, "{%-") {
		open = "{%- "
	}
	if strings.HasSuffix(token.Source, "-%}") {
		end = " -%}"
	}
	c.out.WriteString(open + token.Name + " " + arguments + end)
}

// noteVariable records that the template uses a variable, and returns its id.
func (c *checker) noteVariable(name string) string {
	if !c.locals[name] {
		c.variables[name] = true
	}
	return c.assignID(name)
}

// assignID returns the id of a name, a new one where it is first used.
func (c *checker) assignID(name string) string {
	if c.ids[name] == "" {
		c.ids[name] = fmt.Sprintf("v%d", len(c.ids))
	}
	return c.ids[name]
}

// checkExpression checks a value with its filters, and puts requiredFilter after it: at once, or after its fallback. Without a filter
// a value is only needed if it is shown.
func (c *checker) checkExpression(text string, shown bool) (string, error) {
	words, err := lexWords(text)
	if err != nil {
		return "", err
	}
	steps := splitWords(words, "|")
	if len(steps[0]) != 1 || steps[0][0].kind == symbol {
		return "", fmt.Errorf("%q: want one variable or value", strings.TrimSpace(text))
	}
	head := steps[0][0]
	out := []string{head.text}
	needed := head.kind == variable && (shown || len(steps) > 1)
	if head.kind == variable {
		out[0] = c.noteVariable(head.text)
	}
	for _, step := range steps[1:] {
		fallback := len(step) > 0 && step[0].text == "default"
		if needed && !fallback {
			out, needed = append(out, requireValue(head.text)), false
		}
		filter, constant, err := c.checkFilter(step, fallback)
		if err != nil {
			return "", err
		}
		needed = needed && (!fallback || !constant)
		out = append(out, filter)
	}
	if needed {
		out = append(out, requireValue(head.text))
	}
	return strings.Join(out, " | "), nil
}

// checkFilter checks a filter and its arguments; constant reports that none of them is a variable.
func (c *checker) checkFilter(step []word, fallback bool) (text string, constant bool, err error) {
	if len(step) == 0 || step[0].kind != variable {
		return "", false, fmt.Errorf("a filter must follow |")
	}
	if c.filters++; c.filters > MaxFilters {
		return "", false, fmt.Errorf("more than %d filters", MaxFilters)
	}
	name := step[0].text
	want, known := allowedFilters()[name]
	if !known {
		return "", false, fmt.Errorf("filter %s isn't allowed", name)
	}
	constant = true
	var arguments []string
	if len(step) > 1 {
		if step[1].text != ":" {
			return "", false, fmt.Errorf("filter %s: want a colon before its argument", name)
		}
		for _, argument := range splitWords(step[2:], ",") {
			if len(argument) != 1 || argument[0].kind == symbol {
				return "", false, fmt.Errorf("filter %s: want values with commas between them", name)
			}
			value := argument[0].text
			if argument[0].kind == variable {
				value, constant = c.noteVariable(value), false
				if !fallback && c.locals[argument[0].text] {
					return "", false, fmt.Errorf("filter %s: an assigned variable can't be its argument", name)
				}
				if !fallback {
					c.arguments[argument[0].text] = true
				}
			}
			arguments = append(arguments, value)
		}
	}
	if len(arguments) < want.least || len(arguments) > want.most {
		return "", false, fmt.Errorf("filter %s: %d arguments", name, len(arguments))
	}
	if len(arguments) > 0 {
		name += ": " + strings.Join(arguments, ", ")
	}
	return name, constant, nil
}
