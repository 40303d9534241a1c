package charset

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/wlynxg/chardet"
	"golang.org/x/text/encoding/htmlindex"
)

// judged is how much of a sample the candidates are compared on.
const judged = 16 << 10

// Detect returns the character set of the text that begins with a sample. A byte order mark decides, then the zero bytes of
// UTF-16, then validity as UTF-8. Of the detector's guesses and the character sets of Europe that it takes for each other,
// the one wins in which most words can be words of some language; without any it is Windows-1252.
func Detect(sample []byte) string {
	name, _ := Find(sample)
	return name
}

// Decode returns a text of which nobody says what it is written in as UTF-8; as it is when no character set makes words of it.
func Decode(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	name, sure := Find([]byte(text))
	if !sure {
		return text
	}
	r, err := NewReader(strings.NewReader(text), name)
	if err != nil {
		return text
	}
	decoded, err := io.ReadAll(r)
	if err != nil {
		return text
	}
	return string(decoded)
}

// Find is Detect, and reports whether there are words that speak for its answer.
func Find(sample []byte) (name string, sure bool) {
	if marked := markedCharset(sample); marked != "" {
		return marked, true
	}
	if wide := wideCharset(sample); wide != "" {
		return wide, true
	}
	if isMostlyUTF8(trimCutRune(sample)) && !bytes.Contains(sample, []byte("\x1b$")) { // an escape into ISO-2022-JP
		return UTF8, true
	}
	part := wholeLines(sample)
	best, highest, bestText, rated := Windows1252, charsetRating{}, "", map[string]charsetRating{}
	for i, name := range listCandidates(part) {
		e, err := findEncoding(name)
		if err != nil {
			continue
		}
		text, err := e.NewDecoder().Bytes(part)
		if err != nil {
			continue
		}
		r := ratePlausibility(string(text), name)
		rated[string(text)] = r
		if i == 0 || r.score > highest.score {
			best, highest, bestText = name, r, string(text)
		}
	}
	for text, r := range rated {
		if text != bestText && r.score >= highest.score && r.ofOne > highest.ofOne && highest.ofOne > 0 {
			return best, false // as likely, and in one language where this takes several
		}
	}
	return best, highest.score > 0
}

// isMostlyUTF8 also takes what was damaged or put together from several files: by chance other character sets give no letters
// of several bytes, one behind the other.
func isMostlyUTF8(sample []byte) bool {
	valid, invalid := 0, 0
	for i := 0; i < len(sample); {
		if sample[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRune(sample[i:])
		if i += size; r == utf8.RuneError && size == 1 {
			invalid++
		} else {
			valid++
		}
	}
	return invalid == 0 || valid >= 10*invalid
}

// wholeLines returns the lines to compare candidates on; within a line it might cut a letter in two.
func wholeLines(sample []byte) []byte {
	part := sample[:min(len(sample), judged)]
	if utf8.Valid(trimCutRune(part)) && len(sample) > judged { // what isn't UTF-8 comes late
		part = sample[len(sample)-judged:]
		part = part[bytes.IndexAny(part, "\r\n")+1:]
	}
	if end := bytes.LastIndexAny(part, "\r\n"); end > 0 {
		part = part[:end]
	}
	return part
}

// listCandidates begins with the most common one, which wins when others fit no better. The detector is sure of texts, but
// says Western or Big5 of a few names in Japanese or Korean and of all that are in the alphabets of Eastern Europe.
func listCandidates(sample []byte) []string {
	sure, unsure := []string{Windows1252, UTF8}, []string{"shift_jis", "euc-kr"}
	for _, guess := range chardet.DetectAll(sample) {
		e, err := htmlindex.Get(strings.ToLower(guess.Encoding))
		if err != nil {
			continue
		}
		name, err := htmlindex.Name(e)
		switch {
		case err != nil:
		case guess.Confidence < 0.5:
			unsure = append(unsure, name)
		case name == "gbk":
			sure = append(sure, "gb18030") // the same and more
		default:
			sure = append(sure, name)
		}
	}
	return append(append(sure, unsure...), "windows-1250", "iso-8859-2", "windows-1254", "windows-1256", "big5", "gb18030")
}

// wideCharset tells UTF-16 by its zero bytes: a list has line ends, separators and addresses in ASCII whatever else it holds.
func wideCharset(sample []byte) string {
	var zero [2]int
	for i, b := range sample {
		if b == 0 {
			zero[i%2]++
		}
	}
	switch least := len(sample) / 20; {
	case zero[1] > least && zero[1] > 4*zero[0]:
		return UTF16LE
	case zero[0] > least && zero[0] > 4*zero[1]:
		return UTF16BE
	}
	return ""
}
