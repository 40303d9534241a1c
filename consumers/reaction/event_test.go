package reaction

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// A text that is cut within a character would be refused by whoever records it.
func TestAnErrorIsCutBetweenCharacters(t *testing.T) {
	t.Parallel()
	got := ErrorText(errors.New("x" + strings.Repeat("語", 600)))
	if !utf8.ValidString(got) || utf8.RuneCountInString(got) != 500 {
		t.Errorf("%d characters, valid: %v", utf8.RuneCountInString(got), utf8.ValidString(got))
	}
	if got := ErrorText(errors.New("no <ann@example.com>")); got != "no <address>" && strings.Contains(got, "ann@") {
		t.Errorf("got %q", got)
	}
}
