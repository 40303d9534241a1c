package api

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"outrider/events"
	"outrider/internal/es"
)

// TestEveryRefusalHasAStatus reads the codes where they are declared, so that a new one can't be forgotten.
func TestEveryRefusalHasAStatus(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "../commands/refusals.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	codes := []string{events.CodeQuotaExceeded, es.CodeKeyReused}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "Code") {
			return true
		}
		if lit, ok := spec.Values[0].(*ast.BasicLit); ok {
			code, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Error(err)
			}
			codes = append(codes, code)
		}
		return true
	})
	if len(codes) < 20 {
		t.Fatalf("found only %v", codes)
	}
	for _, code := range codes {
		if k := problemKinds[code]; k.status < http.StatusBadRequest || k.status >= http.StatusInternalServerError || k.title == "" {
			t.Errorf("%s is answered with %d %q", code, k.status, k.title)
		}
	}
}
