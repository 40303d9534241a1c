package template

import (
	"html"
	"regexp"
	"strings"
)

var link = regexp.MustCompile(`https?://[^\s<>"]*[^\s<>"'.,;:!?)\]}]`)

// HTML gives a plain text as HTML that looks like one: paragraphs, line breaks and links, nothing else.
func HTML(text string) string {
	var out strings.Builder
	text = strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text))
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		paragraph = strings.Trim(paragraph, "\n")
		if paragraph == "" {
			continue
		}
		lines := strings.Split(paragraph, "\n")
		for i := range lines {
			lines[i] = linked(lines[i])
		}
		out.WriteString("<p>" + strings.Join(lines, "<br>\n") + "</p>\n")
	}
	return out.String()
}

func linked(line string) string {
	var out strings.Builder
	for {
		at := link.FindStringIndex(line)
		if at == nil {
			out.WriteString(html.EscapeString(line))
			return out.String()
		}
		url := html.EscapeString(line[at[0]:at[1]])
		out.WriteString(html.EscapeString(line[:at[0]]) + `<a href="` + url + `">` + url + `</a>`)
		line = line[at[1]:]
	}
}
