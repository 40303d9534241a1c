package csvfile

import (
	"strings"
	"unicode"

	"outrider/internal/profile"
)

// CleanCell returns what the cell of a spreadsheet means: ="0049" is the text 0049, and an apostrophe before what might be
// read as a number or a formula says that it is a text. A value that only looks like a formula stays as it is.
func CleanCell(cell string) string {
	cell = profile.CleanText(cell)
	if len(cell) < 2 {
		return cell
	}
	if inner, ok := unwrapCell(cell, `="`, `"`); ok {
		return profile.CleanText(strings.ReplaceAll(inner, `""`, `"`))
	}
	if inner, ok := unwrapCell(cell, `"`, `"`); ok && !strings.Contains(inner, `"`) {
		return profile.CleanText(inner)
	}
	if rest, ok := strings.CutPrefix(cell, "'"); ok {
		if strings.ContainsRune("=+-@\t0123456789", rune(rest[0])) {
			return strings.TrimSpace(rest)
		}
		if inner, ok := strings.CutSuffix(rest, "'"); ok && !strings.Contains(inner, "'") {
			return profile.CleanText(inner)
		}
	}
	return cell
}

func unwrapCell(cell, before, after string) (string, bool) {
	if len(cell) < len(before)+len(after) {
		return "", false
	}
	inner, opened := strings.CutPrefix(cell, before)
	inner, closed := strings.CutSuffix(inner, after)
	return inner, opened && closed
}

// ProtectCell is what a spreadsheet shows as text: it would take what begins so for a formula (OWASP, CSV injection).
// CleanCell gives the value back.
func ProtectCell(value string) string {
	if value != "" && strings.ContainsRune("=+-@\t\r", rune(value[0])) {
		return "'" + value
	}
	return value
}

// IsSpreadsheetError says of a cell that it is what a formula gave that went wrong.
func IsSpreadsheetError(cell string) bool {
	if !strings.HasPrefix(cell, "#") { // nearly every cell
		return false
	}
	switch strings.ToUpper(cell) {
	case "#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#ERROR!", "#FIELD!", "#BLOCKED!", "#GETTING_DATA":
		return true
	}
	return false
}

func withoutInvisible(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 0x80 && unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
}

// cutText shortens a text to so many characters.
func cutText(s string, most int) string {
	if len(s) <= most {
		return s
	}
	if r := []rune(s); len(r) > most {
		return strings.TrimSpace(string(r[:most]))
	}
	return s
}
