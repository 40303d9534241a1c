package inbound

import (
	"regexp"
	"strings"
)

// How mail programs announce what they quote: English, German, French, Spanish, Italian, Portuguese, Dutch.
var (
	attribution = regexp.MustCompile(`(?i)^\W{0,3}(?:` +
		`on\s.{4,250}\swrote|.{0,100}<[^<>\s]+@[^<>\s]+>\s+wrote|am\s.{4,250}\sschrieb(?:\s.{0,120})?|.{1,120}\sschrieb\s(?:am|um)\s.{4,120}|` +
		`le\s.{4,250}\sa\s+écrit|el\s.{4,250}\s(?:escribió|escribio)|il\s.{4,250}\sha\s+scritto|em\s.{4,250}\sescreveu|op\s.{4,250}\sschreef(?:\s.{0,120})?|` +
		`\d{4}[-/]\d{1,2}[-/]\d{1,2}.{0,80}<[^<>\s]+@[^<>\s]+>)\s*:\W{0,3}$`)
	separator = regexp.MustCompile(`(?i)^\W{0,3}-{2,}\s*(?:original message|original appointment|forwarded message|ursprüngliche nachricht|` +
		`weitergeleitete nachricht|message d'origine|message transféré|mensaje original|mensaje reenviado|messaggio originale|mensagem original)\s*-{2,}`)
	quotedFrom = regexp.MustCompile(`(?i)^\W{0,3}(?:from|von|de|da|van|expéditeur|remitente)\s?\*?:\W`)
	quotedDate = regexp.MustCompile(`(?i)^\W{0,3}(?:sent|gesendet|envoyé|enviado|enviado el|date|datum|fecha|data)\s?\*?:\W`)
	signature  = regexp.MustCompile(`(?i)^(?:--\s?|__+|sent from my .{2,40}|sent from (?:outlook|yahoo|mail) .{0,40}|get outlook for .{2,20}|` +
		`von meinem .{2,30} gesendet|gesendet von .{2,40}|envoyé de(?:puis)? mon .{2,30}|enviado desde mi .{2,30})$`)
)

// stripQuotes leaves out quotations and the signature. Answers between and below quoted lines stay.
func stripQuotes(full string) string {
	verbatim := strings.Split(full, "\n")
	lines := strings.Split(strings.ReplaceAll(full, "’", "'"), "\n")
	var kept []string
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		if strings.HasPrefix(line, ">") {
			continue
		}
		if n := attributionLines(lines[i:]); n > 0 {
			if next := nextLine(lines[i+n:]); !strings.HasPrefix(next, ">") {
				break // all below it is quoted
			}
			i += n - 1
			continue
		}
		if separator.MatchString(line) || quotedFrom.MatchString(line) && hasDateSoon(lines[i+1:]) || signature.MatchString(line) {
			break
		}
		kept = append(kept, strings.TrimRight(verbatim[i], " \t"))
	}
	return strings.TrimSpace(strings.Join(kept, "\n"))
}

// attributionLines returns how many lines an attribution takes up; programs wrap it.
func attributionLines(lines []string) int {
	joined := ""
	for n := range min(3, len(lines)) {
		line := strings.TrimSpace(lines[n])
		if line == "" || len(joined) > 400 {
			return 0
		}
		if joined += " " + line; strings.HasSuffix(strings.TrimRight(joined, "* _"), ":") {
			if attribution.MatchString(strings.TrimSpace(joined)) {
				return n + 1
			}
			return 0
		}
	}
	return 0
}

func nextLine(lines []string) string {
	for _, line := range lines {
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return ""
}

func hasDateSoon(lines []string) bool {
	for _, line := range lines[:min(4, len(lines))] {
		if quotedDate.MatchString(strings.TrimSpace(line)) {
			return true
		}
	}
	return false
}
