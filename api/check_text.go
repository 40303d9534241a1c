package api

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"unicode/utf16"

	"outrider/api/gen"
	"outrider/internal/profile"
)

const reasonControl = "holds a control character; tabs and line ends are the only ones that a text may have"

// checkTexts refuses control characters, and halves of UTF-16 pairs that have no other half, in every text of a body.
func (c *call) checkTexts() error {
	raw := c.raw
	if !bytes.ContainsRune(raw, '\\') && !profile.HoldsControl(string(raw)) { // as nearly all
		return nil
	}
	checked := c.json
	if marked, lone := markLoneSurrogates(raw); lone { // the decoder has put U+FFFD there
		if err := json.Unmarshal(marked, &checked); err != nil {
			return malformedProblem("the body is not JSON")
		}
	}
	if found := controlFields(checked, ""); len(found) > 0 {
		return invalidProblem(found...)
	}
	return nil
}

// maxControlFields bounds what is told.
const maxControlFields = 20

func controlFields(v any, path string) (found []gen.FieldError) {
	under := func(name string) string {
		if path == "" {
			return name
		}
		return path + "." + name
	}
	switch v := v.(type) {
	case string:
		if profile.HoldsControl(v) {
			found = append(found, gen.FieldError{Field: path, Reason: reasonControl})
		}
	case []any:
		for i, x := range v {
			found = append(found, controlFields(x, under(strconv.Itoa(i)))...)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if profile.HoldsControl(name) {
				found = append(found, gen.FieldError{Field: under(profile.CleanLine(name)), Reason: "has a name that " + reasonControl})
			}
			found = append(found, controlFields(v[name], under(profile.CleanLine(name)))...)
		}
	}
	return found[:min(len(found), maxControlFields)]
}

// markLoneSurrogates writes a control character where a JSON text has half of a UTF-16 pair.
func markLoneSurrogates(raw []byte) (marked []byte, lone bool) {
	half := func(at int) (rune, bool) {
		if at+6 > len(raw) || raw[at] != '\\' || raw[at+1] != 'u' {
			return 0, false
		}
		n, err := strconv.ParseUint(string(raw[at+2:at+6]), 16, 16)
		return rune(n), err == nil && utf16.IsSurrogate(rune(n))
	}
	for i := 0; i < len(raw)-1; i++ {
		if raw[i] != '\\' {
			continue
		}
		first, ok := half(i)
		if !ok {
			i++ // whatever is escaped
			continue
		}
		if second, ok := half(i + 6); ok && utf16.DecodeRune(first, second) != '\ufffd' {
			i += 11
			continue
		}
		if !lone {
			marked, lone = bytes.Clone(raw), true
		}
		copy(marked[i+2:], "0001")
		i += 5
	}
	return marked, lone
}
