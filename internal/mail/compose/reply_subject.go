package compose

import (
	"regexp"
	"strings"
)

var replyMark = regexp.MustCompile(`^(?i:\s*re\s*(\[\d+\])?\s*[:：])\s*`)

// ReplySubject is the subject of an answer to a message, as mail programs write it: one "Re:" before that of the message.
func ReplySubject(of string) string {
	if replyMark.MatchString(of) {
		return of
	}
	return "Re: " + of
}

// WithoutReply is the subject of a message that answers none: "Re:" would say that it does.
func WithoutReply(subject string) string {
	for replyMark.MatchString(subject) {
		subject = replyMark.ReplaceAllString(subject, "")
	}
	return strings.TrimSpace(subject)
}
