package inbound

import (
	"regexp"
	"strings"
)

// How mail programs announce what they quote where we don't know what we sent. Most of it is the same in all languages: an
// address and a date before a colon, fields of a header below each other, words between dashes.
var (
	attribution = regexp.MustCompile(`(?i)^\W{0,3}(?:` +
		`on\s.{4,250}\s(?:wrote|said)|.{0,100}<[^<>\s]+@[^<>\s]+>\s+wrote|am\s.{4,250}\sschrieb(?:\s.{0,120})?|.{1,120}\sschrieb\s(?:am|um)\s.{4,120}|` +
		`le\s.{4,250}\sa\s+écrit|el\s.{4,250}\s(?:escribió|escribio)|il\s.{4,250}\sha\s+scritto|em\s.{4,250}\sescreveu|op\s.{4,250}\sschreef(?:\s.{0,120})?|` +
		`\d{4}[-/]\d{1,2}[-/]\d{1,2}.{0,80}<[^<>\s]+@[^<>\s]+>)\s*[:：]\W{0,3}$`)
	addressAndDate = regexp.MustCompile(`^(?:.*\d.*\d.*\d.*[<(\s][^<>()\s@]+@[^<>()\s]+[>)\s].{0,60}|.*[<(\s][^<>()\s@]+@[^<>()\s]+[>)\s].*\d.*\d.*\d.{0,60})[:：]\W{0,3}$`)
	separator      = regexp.MustCompile(`(?i)^\W{0,3}-{2,}\s*(?:original message|original appointment|forwarded message|ursprüngliche nachricht|` +
		`weitergeleitete nachricht|message d'origine|message transféré|mensaje original|mensaje reenviado|messaggio originale|mensagem original)\s*-{2,}`)
	betweenDashes = regexp.MustCompile(`^\W{0,3}(?:-{4,}|_{4,}|—{2,})\s*\pL.{2,200}?\s*(?:-{4,}|_{4,}|—{2,})\s*$`)
	forwarded     = regexp.MustCompile(`(?i)^\W{0,3}(?:begin forwarded message|anfang der weitergeleiteten nachricht|début du message (?:réexpédié|transféré)|inicio del mensaje reenviado|inizio messaggio inoltrato)\s?:\W*$`)
	quotedFrom    = regexp.MustCompile(`(?i)^\W{0,3}(?:from|von|de|da|van|expéditeur|remitente)\s?\*?:\W`)
	quotedDate    = regexp.MustCompile(`(?i)^\W{0,3}(?:sent|gesendet|envoyé|enviado|enviado el|date|datum|fecha|data)\s?\*?:\W`)
	signature     = regexp.MustCompile(`(?i)^(?:--\s?|__+|sent from my .{2,40}|sent from (?:outlook|yahoo|mail) .{0,40}|get outlook for .{2,20}|` +
		`von meinem .{2,30} gesendet|gesendet von .{2,40}|envoyé de(?:puis)? mon .{2,30}|enviado desde mi .{2,30}|inviato da(?:l mio)? .{2,30}|enviado do meu .{2,30}|` +
		`verzonden vanaf mijn .{2,30}|sendt fra min .{2,30}|skickat från min .{2,30}|lähetetty .{2,30}sta|wysłane z .{2,30}|отправлено с .{2,30}|发自我的.{2,20}|來自我的.{2,20}|iphoneから送信)$`)
)

// stripQuotes leaves out quotations and the signature. Answers between and below quoted lines stay.
func stripQuotes(full string) string {
	verbatim := strings.Split(full, "\n")
	lines := strings.Split(strings.ReplaceAll(full, "’", "'"), "\n")
	var kept []string
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		if strings.HasPrefix(line, ">") || strings.HasPrefix(line, "|") && strings.HasPrefix(nextLine(lines[i+1:]), "|") {
			continue
		}
		if n := attributionLines(lines[i:]); n > 0 {
			if next := nextLine(lines[i+n:]); !strings.HasPrefix(next, ">") {
				break // all below it is quoted
			}
			i += n - 1
			continue
		}
		if beginsQuotedRest(line, lines[i+1:]) || signature.MatchString(line) {
			break
		}
		kept = append(kept, strings.TrimRight(verbatim[i], " \t"))
	}
	return strings.TrimSpace(strings.Join(kept, "\n"))
}

// beginsQuotedRest reports whether a line stands above a quotation that goes to the end.
func beginsQuotedRest(line string, below []string) bool {
	return separator.MatchString(line) || betweenDashes.MatchString(line) || forwarded.MatchString(line) ||
		quotedFrom.MatchString(line) && hasDateSoon(below) || beginsHeader(line, below)
}

// beginsHeader reports whether a line is the first of the fields of a header, in whatever language: three or more below each
// other, one with an address and one with a date.
func beginsHeader(line string, below []string) bool {
	fields, address, date := 0, false, false
	for i := -1; i < min(7, len(below)); i++ {
		if i >= 0 {
			line = strings.TrimSpace(below[i])
		}
		m := labelled.FindStringSubmatch(line)
		if m == nil {
			break
		}
		fields++
		address = address || strings.Contains(m[2], "@")
		date = date || !strings.Contains(m[2], "@") && datePart.MatchString(m[2]) && !strings.HasPrefix(m[2], "+")
	}
	return fields >= 3 && address && date
}

// attributionLines returns how many lines an attribution takes up; programs wrap it.
func attributionLines(lines []string) int {
	joined := ""
	for n := range min(3, len(lines)) {
		line := strings.TrimSpace(lines[n])
		if line == "" || len(joined) > 400 || strings.HasPrefix(line, ">") {
			return 0
		}
		if joined += " " + line; strings.HasSuffix(joined, ":") || strings.HasSuffix(strings.TrimRight(joined, "* _"), ":") || strings.HasSuffix(joined, "：") {
			if whole := strings.TrimSpace(joined); len(whole) < 600 && (attribution.MatchString(whole) || addressAndDate.MatchString(whole)) {
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
