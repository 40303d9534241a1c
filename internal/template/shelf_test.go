package template_test

import (
	"testing"

	"outrider/internal/template"
)

func TestAShelfKeepsWhatCanBeParsed(t *testing.T) {
	t.Parallel()
	var s template.Shelf
	first, err := s.Parse("Hi {{ name }}")
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.Parse("Hi {{ name }}")
	if err != nil || again != first {
		t.Errorf("parsed twice: %v", err)
	}
	if text, err := again.Render(map[string]any{"name": "Ann"}); err != nil || text != "Hi Ann" {
		t.Errorf("got %q, %v", text, err)
	}
	for range 2 {
		if _, err := s.Parse("{% for %}"); err == nil {
			t.Error("a mistake is kept as a template")
		}
	}
	if other, err := (*template.Shelf)(nil).Parse("Hi {{ name }}"); err != nil || other == first {
		t.Errorf("no shelf: %v", err)
	}
}
