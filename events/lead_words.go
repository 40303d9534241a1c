package events

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

// LeadWords are what somebody wrote of a lead besides its fields. They are sealed with the profile, as members of the same JSON
// object; version 1 of the events said them in plain text.
type LeadWords struct {
	Tags               []string `json:"tags,omitzero"` // of an update the new list, [] = none; of a file's row those to add
	CRMID              *string  `json:"crm_id,omitempty"`
	LawfulBasis        *string  `json:"lawful_basis,omitempty"`
	DefaultLawfulBasis string   `json:"default_lawful_basis,omitzero"` // of the file; if neither its row nor the lead has one
}

// Prefixes of an own field among the fields that are filled: with its name, and with what the log has instead.
const (
	OwnFieldName = "custom."
	OwnFieldMark = "own."
)

// MarkField gives a field as the log names it: an own field by a mark, equal for equal names, as people write into names what they
// know of somebody. A mark is no secret, only unreadable: who guesses a name can check it.
func MarkField(field string) string {
	name, own := strings.CutPrefix(field, OwnFieldName)
	if !own {
		return field
	}
	sum := sha256.Sum256([]byte("own field of a lead\x00" + name))
	return OwnFieldMark + strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:6]))
}

// MarkFields is MarkField of each; nil for nil.
func MarkFields(fields []string) []string {
	if fields == nil {
		return nil
	}
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = MarkField(f)
	}
	return out
}
