package template_test

import (
	"strings"
	"testing"

	"outrider/internal/template"
)

func TestATextBringsNoFiles(t *testing.T) {
	t.Parallel()
	for text, refused := range map[string]bool{
		`See <img src="cid:logo@acme">`:                           true,
		`![logo](data:image/png;base64,iVBORw0KGgo=)`:             true,
		"Content-Disposition: attachment; filename=offer.pdf":     true,
		"Hi\n\n" + strings.Repeat("QUJDREVGR0hJSktMTU5PUFFS", 20): true,
		"The offer is at https://example.com/offer.pdf":           false,
		"We keep your data: safe; base64, too":                    false,
		"Acid: none. Placid: yes":                                 false,
	} {
		_, err := template.ParseMessage("Hello", text)
		if (err != nil) != refused || refused && !strings.Contains(err.Error(), "link to that") {
			t.Errorf("%.40q: %v", text, err)
		}
		if a := template.Analyze("Hello", text); (a.Problem != "") != refused {
			t.Errorf("%.40q: a launch is told %q", text, a.Problem)
		}
	}
}
