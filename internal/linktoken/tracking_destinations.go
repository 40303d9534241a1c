package linktoken

import (
	"regexp"
	"strings"
)

// Trap is the index of a link that no person sees: whoever follows it reads messages as machines do. It is none of the
// destinations, of which there are MaxLinks at most.
const Trap = 0xFFFF

// Ours returns what measures links to us under base (https://host, no slash at the end): the length of the one that a text begins with,
// 0 = it begins with none. A link of ours ends with its token, whatever stands behind it.
func Ours(base string) func(text string) int {
	return func(text string) int {
		rest, ok := strings.CutPrefix(text, base+"/")
		if !ok || base == "" {
			return 0
		}
		for path, kind := range map[string]TokenKind{"u/": Unsubscribe, "b/": Booking, "m/": Meeting, "t/c/": Click, "t/o/": Open} {
			token, ok := strings.CutPrefix(rest, path)
			if size := tokenLength(kind); ok && len(token) >= size && isBase64URL(token[:size]) {
				return len(base) + 1 + len(path) + size
			}
		}
		return 0
	}
}

func isBase64URL(s string) bool {
	for i := range len(s) {
		if !isAlphanumeric(s[i]) && s[i] != '-' && s[i] != '_' {
			return false
		}
	}
	return true
}

// A click's token says how the links of its message were numbered: people have messages whose links are those that an older finder
// found, and they must go on leading where they led.
const (
	numberedFirst = 0 << 8
	numberedNow   = 1 << 8
)

// ClickIndex returns what is signed of the link with an index in Destinations; Index is the way back.
func ClickIndex(index int) uint16 { return numberedNow | uint16(index) }

// Index is that of a link among its message's destinations.
func (t Token) Index() int { return int(t.Link & 0xFF) }

// Destination is where the link of a click's token leads, of a message with that drafted body; false = nowhere. Destinations are kept nowhere
// else: who rewrites a message and who answers a click must find the same.
func (t Token) Destination(body, base string) (string, bool) {
	var all []string
	switch t.Link &^ 0xFF {
	case numberedNow:
		all = Destinations(body, base)
	case numberedFirst:
		all = rewriteFound(body, base, findFirst(body), func(int) string { return "" }).Destinations
	}
	if t.Index() >= len(all) {
		return "", false
	}
	return all[t.Index()], true
}

// Destinations are where the links of a drafted body lead, by their index.
func Destinations(body, base string) []string {
	return Rewrite(body, base, func(int) string { return "" }).Destinations
}

var firstLink = regexp.MustCompile(`(?i)\bhttps?://[^\s<>"]+`)

// findFirst finds links as the first finder did. It is never changed.
func findFirst(text string) (found []FoundLink) {
	for _, at := range firstLink.FindAllStringIndex(text, -1) {
		url := trimFirst(text[at[0]:at[1]])
		if _, rest, ok := strings.Cut(url, "://"); ok && rest != "" {
			found = append(found, FoundLink{Start: at[0], End: at[0] + len(url), URL: url})
		}
	}
	return found
}

func trimFirst(url string) string {
	for {
		last := url[len(url)-1]
		closes := strings.IndexByte(")]}", last)
		if strings.IndexByte(".,;:!?'*_", last) < 0 && (closes < 0 || strings.Count(url, string("([{"[closes])) >= strings.Count(url, string(last))) {
			return url
		}
		url = url[:len(url)-1]
	}
}
