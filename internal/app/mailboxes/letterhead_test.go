package mailboxes

import (
	"testing"
	"time"
)

// Mailboxes that were verified before tags were tried offer none, and are tried.
func TestWhatTheChecksSayOfTags(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for checks, want := range map[string]Mailbox{
		`{}`: {NoTags: true},
		`{"read_back": {"outcome": "passed", "checked_at": "2026-03-02T09:00:00Z"}}`:                                           {NoTags: true, TagsUntried: at},
		`{"read_back": {"outcome": "failed", "checked_at": "2026-03-02T09:00:00Z"}}`:                                           {NoTags: true},
		`{"read_back": {"outcome": "passed", "checked_at": "2026-03-02T09:00:00Z"}, "tagged_address": {"outcome": "unknown"}}`: {NoTags: true},
		`{"read_back": {"outcome": "passed", "checked_at": "2026-03-02T09:00:00Z"}, "tagged_address": {"outcome": "failed"}}`:  {NoTags: true},
		`{"read_back": {"outcome": "passed", "checked_at": "2026-03-02T09:00:00Z"}, "tagged_address": {"outcome": "passed"}}`:  {},
	} {
		var got Mailbox
		if err := got.setTags([]byte(checks)); err != nil || got.NoTags != want.NoTags || !got.TagsUntried.Equal(want.TagsUntried) {
			t.Errorf("%s: no tags %v, untried since %v, %v", checks, got.NoTags, got.TagsUntried, err)
		}
	}
}
