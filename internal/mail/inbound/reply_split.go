package inbound

import "strings"

// SplitQuotes splits a mail's text (Mail.Full) into what its writer wrote, and the lines of quotations and signature. sent are texts of ours that it
// may repeat.
func SplitQuotes(full string, sent []string) (text, quoted string) {
	marked := quoteSent(full, sent, Context{})
	text = stripQuotes(marked)
	if text == "" {
		return "", full
	}
	kept, rest := strings.Split(text, "\n"), []string{}
	for line := range strings.SplitSeq(full, "\n") {
		if len(kept) > 0 && strings.TrimSpace(line) == strings.TrimSpace(kept[0]) {
			kept = kept[1:]
			continue
		}
		rest = append(rest, line)
	}
	return text, strings.Trim(strings.Join(rest, "\n"), "\n")
}
