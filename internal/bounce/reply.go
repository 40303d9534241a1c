package bounce

import (
	"regexp"
	"strconv"
	"strings"
)

// Where a server's reply can begin: at the beginning of a line, behind a mark, or behind a word that announces it. An address, a
// telephone number or a version that looks like a code stands elsewhere, or goes on with other digits.
const (
	replyBegins = `(?:^|[\n:：;'"#<>\[()=*|{-]\s*|\],?\s*|(?:said|says|was|were|with|returned|returns|response|responded|replied|reply|error|code|status|answer|reason|got|data|dsn|message)\s+)`
	codeDigits  = `([45][0-5]\d)`
	statusCode  = `([45]\.\d{1,3}\.\d{1,3})(?:$|[^\d.]|\.(?:$|\D))`
)

var (
	codeThenStatus = regexp.MustCompile(`(?i)` + replyBegins + codeDigits + `[\s-]+(?:\(?#?` + statusCode + `)`)
	codeThenText   = regexp.MustCompile(`(?i)` + replyBegins + codeDigits + `(?:$|[\r\n]|[ \t]+[^\d\s.]|-[^\d]|[:,;]\s)`)
	bareStatus     = regexp.MustCompile(`(?i)` + replyBegins + `#?` + statusCode)
	afterRecipient = regexp.MustCompile(`(?i)\brcpt(?: to)?\b|after RCPT|does not like recipient|recipient address rejected`)
)

// ReadReply finds a server's code and status in a text, where a reply begins. What is said in most detail counts.
func ReadReply(text string) ServerReply {
	text = text[:min(len(text), 16<<10)]
	r := ServerReply{Text: text, AtRecipient: afterRecipient.MatchString(text)}
	for _, m := range codeThenStatus.FindAllStringSubmatch(text, 20) {
		if r.Enhanced == "" || tellsLess(r.Enhanced, m[2]) {
			r.Code, _ = strconv.Atoi(m[1])
			r.Enhanced = m[2]
		}
	}
	if r.Code == 0 {
		if m := codeThenText.FindStringSubmatch(text); m != nil {
			r.Code, _ = strconv.Atoi(m[1])
		}
	}
	for _, m := range bareStatus.FindAllStringSubmatch(text, 20) {
		if (r.Enhanced == "" || tellsLess(r.Enhanced, m[1])) && (r.Code == 0 || m[1][0] == strconv.Itoa(r.Code)[0]) {
			r.Enhanced = m[1]
		}
	}
	return r
}

// tellsLess reports whether a status is only that something failed, and another one says what.
func tellsLess(status, other string) bool {
	return strings.HasSuffix(status, ".0") && !strings.HasSuffix(other, ".0")
}
