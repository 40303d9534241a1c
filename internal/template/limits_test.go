package template_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"outrider/internal/template"
)

func TestATemplateIsMeasuredInCharacters(t *testing.T) {
	t.Parallel()
	source := strings.Repeat("語", template.MaxSource-len("{{ x }}")) + "{{ x }}"
	parsed, err := template.Parse(source, template.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := parsed.Render(map[string]any{"x": "語"}); err != nil || utf8.RuneCountInString(got) != template.MaxSource-6 {
		t.Errorf("%d characters, %v", utf8.RuneCountInString(got), err)
	}
	if _, err := template.Parse(source+"x", template.Options{}); !errors.Is(err, template.ErrTooLong) {
		t.Errorf("got %v", err)
	}
	if got := template.Clip("a語b", 2); got != "a語" {
		t.Errorf("got %q", got)
	}
}
