package linktoken

import (
	_ "embed"
	"encoding/json"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"
)

// Class is who fetched a pixel or followed a link.
type Class string

// The classes. Only Human may decide anything; the others are counted apart.
const (
	Human   Class = "human"
	Proxy   Class = "proxy"   // a mail provider's image proxy: it says that mail came, not that a person looked
	Scanner Class = "scanner" // security software, link preview, crawler, script
)

// Counts reports whether a request is a hit at all: HEAD and the like look whether something is there, and never count.
func Counts(method string) bool { return method == "GET" }

// IsPrefetch reports whether a browser fetches in case somebody follows the link: nobody has followed it yet. header is a request's.
func IsPrefetch(header func(name string) string) bool {
	for _, name := range []string{"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"} {
		value := strings.ToLower(header(name))
		for _, mark := range []string{"prefetch", "prerender", "preview", "instant"} {
			if strings.Contains(value, mark) {
				return true
			}
		}
	}
	return false
}

// Classify reads a User-Agent. What is left is taken for a person; timing (before delivery, many links within seconds) and
// the honeypot link tell scanners that look like people.
func Classify(userAgent string) Class {
	userAgent = strings.TrimSpace(userAgent)
	agent, known := strings.ToLower(userAgent), knownAgents()
	switch {
	case known.proxies.isIn(agent):
		return Proxy
	// Apple's Mail Privacy Protection fetches every image through relays that say just this. No browser does: all go on
	// with a platform in brackets. https://www.apple.com/legal/privacy/data/en/mail-privacy-protection/
	case agent == "mozilla/5.0":
		return Proxy
	case agent == "" || agent == "-": // every mail program and browser names itself
		return Scanner
	case known.scanners.isIn(agent), known.crawlers.isIn(userAgent), slices.ContainsFunc(known.crawlerPatterns, func(p *regexp.Regexp) bool { return p.MatchString(userAgent) }):
		return Scanner
	}
	return Human
}

var (
	//go:embed agents.txt
	ownAgents string
	//go:embed agents_crawlers.json
	crawlerAgents []byte
)

// agentMarks are the marks of programs: those of the crawlers as they are written, the others in lower case.
type agentMarks struct {
	proxies, scanners, crawlers markIndex
	crawlerPatterns             []*regexp.Regexp // the few that are no words
}

// markIndex are words by their first three bytes: one look at each place of a text finds any of a thousand.
type markIndex map[[3]byte][]string

func (m markIndex) addMark(mark string) {
	key := [3]byte([]byte(mark))
	m[key] = append(m[key], mark)
}

func (m markIndex) isIn(text string) bool {
	for i := range len(text) - 2 {
		for _, mark := range m[[3]byte{text[i], text[i+1], text[i+2]}] {
			if strings.HasPrefix(text[i:], mark) {
				return true
			}
		}
	}
	return false
}

//nolint:gochecknoglobals // a constant that is read from files
var knownAgents = sync.OnceValue(func() *agentMarks {
	a := &agentMarks{markIndex{}, markIndex{}, markIndex{}, nil}
	class := ""
	for line := range strings.Lines(ownAgents) {
		switch line = strings.TrimSpace(line); {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			class = strings.Trim(line, "[]")
		case class == string(Proxy):
			a.proxies.addMark(line)
		default:
			a.scanners.addMark(line)
		}
	}
	var list struct{ Patterns []string }
	if err := json.Unmarshal(crawlerAgents, &list); err != nil {
		panic("agents_crawlers.json: " + err.Error()) // it is part of the program
	}
	for _, p := range list.Patterns {
		words, ok := []string(nil), false
		if parsed, err := syntax.Parse(p, syntax.Perl); err == nil {
			words, ok = wordsOf(parsed)
		}
		if !ok {
			a.crawlerPatterns = append(a.crawlerPatterns, regexp.MustCompile(p))
		}
		for _, w := range words {
			a.crawlers.addMark(w)
		}
	}
	return a
})

// wordsOf returns the words that a pattern stands for, where it is one, or one with a letter large or small: [wW]get.
func wordsOf(p *syntax.Regexp) (words []string, ok bool) {
	words = []string{""}
	parts := []*syntax.Regexp{p}
	if p.Op == syntax.OpConcat {
		parts = p.Sub
	}
	for _, part := range parts {
		if part.Op != syntax.OpLiteral {
			return nil, false
		}
		forms := []string{string(part.Rune)}
		if part.Flags&syntax.FoldCase != 0 {
			if len(part.Rune) > 1 {
				return nil, false
			}
			forms = []string{strings.ToLower(forms[0]), strings.ToUpper(forms[0])}
		}
		var longer []string
		for _, w := range words {
			for _, form := range forms {
				longer = append(longer, w+form)
			}
		}
		words = longer
	}
	return words, len(words[0]) >= 3
}
