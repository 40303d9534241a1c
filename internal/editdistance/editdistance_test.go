package editdistance

import (
	"strings"
	"testing"
)

func TestWords(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		before, after string
		changed, most int
	}{
		"nothing":              {"Hello Bob,\n\nshall we talk?", "Hello Bob, shall we talk?", 0, 5},
		"a word is replaced":   {"We serve 800 bakeries.", "We serve 900 bakeries.", 1, 4},
		"one is put in":        {"We serve bakeries.", "We serve 900 bakeries.", 1, 4},
		"one is left out":      {"We really serve bakeries.", "We serve bakeries.", 1, 4},
		"two change places":    {"a b c", "b a c", 2, 3},
		"all":                  {"a b", "c d e", 3, 3},
		"from nothing":         {"", "a b", 2, 2},
		"a word that is twice": {"a a a", "a", 2, 3},
		"of many words":        {strings.Repeat("a b c d ", 2000), strings.Repeat("a b c d ", 2000) + "e", 1, 8001},
	} {
		if changed, most := Words(x.before, x.after); changed != x.changed || most != x.most {
			t.Errorf("%s: %d of %d, want %d of %d", name, changed, most, x.changed, x.most)
		}
	}
}
