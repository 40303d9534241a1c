package inbound

import (
	"regexp"
	"strings"
	"unicode"
)

// quoteLines returns the lines of a text with the words that are ours on lines of their own, marked as quoted.
func quoteLines(full string, words []word, ours []bool, c Context) []string {
	var lines []string
	at, w, inside := 0, 0, false
	for line := range strings.SplitSeq(full, "\n") {
		end := at + len(line)
		from, plain := at, false
		cut := func(to int, quoted bool) {
			if piece := full[from:to]; strings.TrimSpace(piece) != "" {
				if quoted {
					piece = "> " + piece
				}
				lines = append(lines, piece)
			}
			from = to
		}
		first := w
		for ; w < len(words) && words[w].start < end; w++ {
			if w > first && ours[w] != inside {
				to := words[w].start
				if inside { // what closes our words belongs to them
					to = words[w-1].end + len(leadingPunctuation(full[words[w-1].end:words[w].start]))
				}
				cut(to, inside)
			}
			inside, plain = ours[w], true
		}
		switch {
		case strings.TrimSpace(line) == "":
			lines = append(lines, "")
		case plain:
			cut(end, inside)
		default: // no word on it: "--" between lines of ours is ours
			cut(end, inside && w < len(words) && ours[w])
		}
		at = end + 1
	}
	quoteAttributions(lines, c)
	return lines
}

// leadingPunctuation returns the punctuation that a text begins with.
func leadingPunctuation(s string) string {
	if end := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPunct(r) }); end >= 0 {
		return s[:end]
	}
	return s
}

// maxAbove bounds the lines above a quotation that are looked at.
const maxAbove = 10

// quoteAttributions marks the lines above a quotation that tell whose words it is.
func quoteAttributions(lines []string, c Context) {
	for i := range lines {
		if !strings.HasPrefix(lines[i], ">") || i > 0 && strings.HasPrefix(lines[i-1], ">") {
			continue
		}
		seen := 0
		for above := i - 1; above >= 0 && i-above <= maxAbove; above-- {
			line := strings.TrimSpace(lines[above])
			if line == "" {
				continue
			}
			if strings.HasPrefix(line, ">") || !tellsOfSender(line, c) && (seen == 0 || lines[above+1] == "" || !datePart.MatchString(line)) {
				break
			}
			lines[above] = "> " + lines[above]
			seen++
		}
	}
}

var (
	// labelled is a field of a header as programs show it, in any language: "Fra: Jane <jane@sender.test>".
	labelled = regexp.MustCompile(`^[\s>*|]*\*?(\pL[\pL\pM .'’/-]{0,30}?)\s?\*?[:：]\*?\s*(\S.*)$`)
	dashed   = regexp.MustCompile(`^[\s>*]*[-_=—–*]{2,}(?:.{1,200}?[-_=—–*]{2,})?\s*$`)
	datePart = regexp.MustCompile(`\d.*\d.*\d`)
)

// tellsOfSender reports whether a line stands above a quotation because of it.
func tellsOfSender(line string, c Context) bool {
	lower := strings.ToLower(line)
	_, domain, _ := strings.Cut(strings.ToLower(c.Mailbox), "@")
	fromUs := domain != "" && strings.Contains(lower, "@"+domain)
	if dashed.MatchString(line) || forwarded.MatchString(line) || fromUs {
		return true
	}
	end := strings.TrimRight(line, " *_>")
	announces := strings.HasSuffix(end, ":") || strings.HasSuffix(end, "：")
	if c.MailboxName != "" && strings.Contains(lower, strings.ToLower(c.MailboxName)) && announces {
		return true
	}
	m := labelled.FindStringSubmatch(line)
	if m == nil {
		return false
	}
	ours := strings.TrimSpace(c.OurSubject)
	return strings.Contains(m[2], "@") || datePart.MatchString(m[2]) || ours != "" && strings.Contains(strings.ToLower(m[2]), strings.ToLower(ours))
}
