package linktoken

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// FoundLink is a link in a plain text.
type FoundLink struct {
	Start, End int    // of the URL
	URL        string // text[Start:End]
	// From and To are what stands for the link: the URL, or all of [label](URL).
	From, To int
	Label    string // "" = the URL stands for itself
}

// FindLinks finds the http(s) links of a plain text as people write them: sentences, brackets and quotes around a URL are no part of
// it, in any script. What is made of a text finds its links here, so all of it agrees. own returns the length of a link of ours that
// a text begins with, 0 = none (Ours); it may be nil.
func FindLinks(text string, own func(text string) int) (found []FoundLink) {
	for at, behind := 0, 0; ; {
		start, host := nextScheme(text, at)
		if start < 0 {
			return found
		}
		end := host
		if length := ownLength(text[start:], own); length > 0 {
			end = endOfOwn(text, start, start+length)
		} else if start >= behind {
			end = endOfURL(text, start, host)
		}
		if at = max(end, host); end <= host || !beginsHost(text[host:end]) {
			continue
		}
		l := FoundLink{Start: start, End: end, URL: text[start:end], From: start, To: end}
		l.addLabel(text, behind)
		found, at, behind = append(found, l), end, l.To
	}
}

// nextScheme finds http:// or https://, in any case and not within a word of ASCII; host is where what follows begins.
func nextScheme(text string, from int) (start, host int) {
	for at := from; ; {
		colon := strings.Index(text[at:], "://")
		if colon < 0 {
			return -1, -1
		}
		colon, at = at+colon, at+colon+3
		for _, scheme := range []string{"https", "http"} {
			start := colon - len(scheme)
			if start >= from && strings.EqualFold(text[start:colon], scheme) && (start == 0 || !isAlphanumeric(text[start-1])) {
				return start, at
			}
		}
	}
}

func isAlphanumeric(b byte) bool {
	return b >= '0' && b <= '9' || b|0x20 >= 'a' && b|0x20 <= 'z'
}

// beginsHost reports whether a URL goes on with a name or an address behind its scheme.
func beginsHost(rest string) bool {
	r, _ := utf8.DecodeRuneInString(rest)
	return r == '[' || unicode.IsLetter(r) || unicode.IsDigit(r)
}

func ownLength(text string, own func(string) int) int {
	if own == nil {
		return 0
	}
	return own(text)
}

// endOfOwn goes on behind a link of ours only where a query or a part follows it: what else stands there is text.
func endOfOwn(text string, start, end int) int {
	if end < len(text) && strings.IndexByte("?#/", text[end]) >= 0 {
		return max(end, endOfURL(text, start, end))
	}
	return end
}

// endOfURL returns where a URL ends whose host begins there. Between < and >, and in [label](URL), it is all of it.
func endOfURL(text string, start, host int) int {
	end, opener := scanURL(text, host)
	switch {
	case start > 0 && text[start-1] == '<', strings.HasSuffix(text[:start], "<URL:"): // RFC 3986, appendix C
		if end < len(text) && text[end] == '>' {
			return end
		}
	case strings.HasSuffix(text[:start], "]("):
		if end < len(text) && text[end] == ')' {
			return end
		}
	}
	if opener >= 0 { // opened and not closed: a remark begins there
		end = opener
	}
	return trimSentence(text, start, end)
}

// maxURL bounds the URLs that are found, in bytes.
const maxURL = 4 << 10

// scanURL returns where the characters end that a URL can have, from where it is longer than maxURL; opener is its first bracket that
// isn't closed, -1 = none.
func scanURL(text string, from int) (end, opener int) {
	var open []int // where brackets were opened
	for at := from; at < len(text); {
		r, size := utf8.DecodeRuneInString(text[at:])
		opens, closes := strings.IndexRune("([{", r), strings.IndexRune(")]}", r)
		switch {
		case closes >= 0 && (len(open) == 0 || text[open[len(open)-1]] != "([{"[closes]), !isURLRune(r, size),
			isUnspaced(r) && !continuesUnspaced(text[from:at], r), (r == ',' || r == ';' || r == '|') && beginsURL(text[at+1:]):
			return at, firstOf(open)
		case opens >= 0:
			open = append(open, at)
		case closes >= 0:
			open = open[:len(open)-1]
		}
		if at += size; at-from > maxURL {
			return from, -1
		}
	}
	return len(text), firstOf(open)
}

func firstOf(open []int) int {
	if len(open) == 0 {
		return -1
	}
	return open[0]
}

func beginsURL(text string) bool {
	start, _ := nextScheme(text[:min(len(text), len("https://"))], 0)
	return start == 0
}

// isURLRune says what may stand in a URL as people write it: ASCII without what they put around it, and the letters of other scripts.
func isURLRune(r rune, size int) bool {
	switch {
	case r == utf8.RuneError && size <= 1:
		return false
	case r < utf8.RuneSelf:
		return r > ' ' && r < 0x7f && !strings.ContainsRune("<>\"`\\", r)
	}
	return unicode.IsLetter(r) || unicode.IsMark(r) && r != '\u20e3' && (r < '\ufe00' || r > '\ufe0f') || unicode.IsDigit(r)
}

// isUnspaced says that a letter is of a script whose sentences have no blanks, or put endings to a word of another.
func isUnspaced(r rune) bool {
	return r >= utf8.RuneSelf && (unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Bopomofo) || r == 'ー')
}

// continuesUnspaced tells a path or a host in such a script from the sentence behind a URL: it is the beginning of the host or of one
// of its labels, or of a part of a path below the first. Hiragana begins the endings of Japanese, so it never begins a part.
func continuesUnspaced(before string, r rune) bool {
	last, _ := utf8.DecodeLastRuneInString(before)
	if before == "" || isUnspaced(last) {
		return true
	}
	path := strings.Count(before, "/")
	switch {
	case path == 0:
		return last == '.' && isUnspaced([]rune(before)[0])
	case unicode.Is(unicode.Hiragana, r) || last >= utf8.RuneSelf:
		return false
	}
	return strings.ContainsRune("=-_#+%&", last) || last == '/' && path > 1
}

// trimSentence leaves out the punctuation behind a URL. A mark of emphasis counts where it stands before it as well.
func trimSentence(text string, start, end int) int {
	for end > start {
		last := text[end-1]
		around := start > 0 && text[start-1] == last
		if strings.IndexByte(".,;:!?'|^*([{", last) < 0 && !(around && (last == '_' || last == '~')) {
			break
		}
		end--
	}
	return end
}

// addLabel finds the [label] before a URL in brackets, no further back than behind.
func (l *FoundLink) addLabel(text string, behind int) {
	if !strings.HasSuffix(text[behind:l.Start], "](") || l.End >= len(text) || text[l.End] != ')' {
		return
	}
	last, depth := l.Start-2, 0 // the bracket that closes the label
	for at := last - 1; at >= behind && text[at] != '\n'; at-- {
		switch {
		case text[at] == ']':
			depth++
		case text[at] == '[' && depth > 0:
			depth--
		case text[at] == '[':
			if label := text[at+1 : last]; strings.TrimSpace(label) != "" && !strings.Contains(label, "://") {
				l.From, l.To, l.Label = at, l.End+1, label
			}
			return
		}
	}
}
