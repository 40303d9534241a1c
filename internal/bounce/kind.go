// Package bounce reads from what a mail server said why a message came back. It is the same whether the server says so at once
// or a report says it later; commands decide by it.
package bounce

import (
	_ "embed" // the words
	"regexp"
	"strings"
	"sync"
)

// Kind is what a refusal means for the address, and for us.
type Kind string

// The kinds, as the log has them.
const (
	Hard  Kind = "hard"  // the address is no good: 5.1.x, 5.2.1
	Soft  Kind = "soft"  // it may work another time: 5.2.2, 4.x.x
	Block Kind = "block" // our reputation: 5.7.x
	Other Kind = "other"
)

// ServerReply is a server's answer.
type ServerReply struct {
	Code        int    // three digits; 0 where none is told
	Enhanced    string // RFC 3463: "5.1.1"; "" where none is told
	Text        string
	AtRecipient bool // it answered RCPT: what it refuses is the address
}

// KindOf reads codes as RFC 3463 has them, and words where the codes say little.
func KindOf(r ServerReply) Kind {
	class, detail, _ := strings.Cut(r.Enhanced, ".")
	words := meaningOf(r.Text)
	switch {
	case words == relay, words == tooLarge && class != "4":
		return Other
	case words == blocked && r.Code/100 != 4 && aboutUs.MatchString(r.Text):
		return Block // whatever the status: sendmail writes 5.1.1 for any refusal at RCPT
	case words == full && class == "5" && !isAboutAddress(detail):
		return Soft
	case detail == "2.2" && class != "", class == "4" && !strings.HasPrefix(detail, "7."):
		return Soft
	case words == unknownUser && r.Code/100 != 4 && detail != "2.3" && detail != "3.4":
		return Hard // whatever the status: many programs write 5.0.0, 5.4.1 or 5.7.1
	case strings.HasPrefix(detail, "7."):
		return Block
	case isAboutAddress(detail):
		return Hard
	}
	if kind := kindOfWords(words, r, detail); kind != "" {
		return kind
	}
	return kindOfCode(r)
}

// aboutUs are words that leave no doubt that the sender was refused.
var aboutUs = regexp.MustCompile(`(?i)\b(?:spf|dkim|dmarc)\b|sender policy framework|spamhaus|spamcop|\bblack ?list|\bblock ?list|reputation`)

// isAboutAddress is for 5.1.x but 5.1.7 and 5.1.8, which are about the sender's, and 5.2.1.
func isAboutAddress(detail string) bool {
	subject, rest, _ := strings.Cut(detail, ".")
	return subject == "1" && rest != "0" && rest != "7" && rest != "8" || detail == "2.1"
}

// saysLittle is a status that programs write whatever has happened.
func saysLittle(detail string) bool {
	return detail == "" || strings.HasSuffix(detail, ".0") && detail != "6.0" || detail == "4.1" || detail == "4.4" || detail == "4.7" || detail == "4.6"
}

func kindOfWords(words string, r ServerReply, detail string) Kind {
	if words == blocked && r.Code/100 != 4 && !strings.HasPrefix(detail, "1.") && !strings.HasPrefix(detail, "2.") && detail != "3.4" {
		return Block
	}
	if r.Code/100 == 4 || !saysLittle(detail) {
		return ""
	}
	switch words {
	case unknownDomain:
		return Hard
	case full, forNow:
		return Soft
	}
	return ""
}

// kindOfCode is for an answer without words that are known. A 550, 551 or 553 to RCPT that says no more says that nobody is there.
func kindOfCode(r ServerReply) Kind {
	detail := r.Enhanced[min(len(r.Enhanced), 2):]
	little := detail == "" || detail == "0.0" || detail == "1.0"
	switch {
	case little && r.AtRecipient && (r.Code == 550 || r.Code == 551 || r.Code == 553):
		return Hard
	case little && r.Code == 552:
		return Soft
	}
	return Other
}

// The sections of the words, in the order in which they count: what may be about us suppresses nobody.
const (
	unknownUser   = "unknown_user"
	unknownDomain = "unknown_domain"
	relay         = "relay"
	tooLarge      = "too_large"
	blocked       = "blocked"
	full          = "full"
	forNow        = "for_now"
)

//go:embed words.txt
var wordList string

//nolint:gochecknoglobals // a constant that is read from a file
var words = sync.OnceValue(func() map[string]*regexp.Regexp { return readWords(wordList) })

// meaningOf returns the section whose words a text has.
func meaningOf(text string) string {
	text = strings.NewReplacer("’", "'", "`", "'").Replace(text[:min(len(text), 4<<10)])
	for _, section := range []string{relay, tooLarge, blocked, full, unknownUser, unknownDomain, forNow} {
		if words()[section].MatchString(text) {
			return section
		}
	}
	return ""
}

// readWords reads the file as its head says.
func readWords(file string) map[string]*regexp.Regexp {
	phrases, section := map[string][]string{}, ""
	for line := range strings.Lines(file) {
		line, _, _ = strings.Cut(strings.TrimRight(line, "\r\n"), "  #")
		switch line = strings.TrimSpace(line); {
		case line == "" || line[0] == '#':
		case line[0] == '[' && line[len(line)-1] == ']':
			section = line[1 : len(line)-1]
		default:
			phrases[section] = append(phrases[section], strings.NewReplacer(" ?", `\s*`, " ", `\s+`).Replace(line))
		}
	}
	all := map[string]*regexp.Regexp{}
	for section, list := range phrases {
		all[section] = regexp.MustCompile("(?i)" + strings.Join(list, "|"))
	}
	return all
}
