package imports

import (
	"encoding/json"
	"strings"
)

// splitTags splits a cell of tags, which has commas, semicolons, bars or " ::: " between them, or is a JSON list.
func splitTags(cell string) (tags []string) {
	if strings.HasPrefix(cell, "[") && json.Unmarshal([]byte(cell), &tags) == nil {
		return trimmed(tags)
	}
	return trimmed(strings.FieldsFunc(strings.ReplaceAll(cell, ":::", ";"), func(c rune) bool { return c == ',' || c == ';' || c == '|' || c == '\n' }))
}

func trimmed(all []string) (out []string) {
	for _, s := range all {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// splitName splits a full name: at the comma of "Last, First", else after the first word.
func splitName(full string) (first, last string) {
	if before, after, ok := strings.Cut(full, ","); ok && !isNameSuffix(after) {
		return strings.TrimSpace(after), strings.TrimSpace(before)
	} else if ok {
		full = before
	}
	first, last, _ = strings.Cut(strings.TrimSpace(full), " ")
	return first, strings.TrimSpace(last)
}

// isNameSuffix reports whether what follows a comma is a suffix like "Jr." and no first name.
func isNameSuffix(s string) bool {
	switch strings.ToLower(strings.ReplaceAll(strings.TrimSpace(s), ".", "")) {
	case "", "jr", "sr", "ii", "iii", "iv", "phd", "md", "mba", "esq", "cpa", "dr", "msc", "bsc", "pmp", "cfa", "jd":
		return true
	}
	return false
}
