package main

import (
	"fmt"
	"go/token"
	"strings"
	"testing"
)

func TestMutateFile(t *testing.T) {
	t.Parallel()
	g := generator{fset: token.NewFileSet()}
	b, err := g.mutateFile("a.go", []byte(`package a

func f(a, b int) bool {
	if a < b && b != 0 {
		a++
		f(b, a)
	}
	if !f(a, b) {
		return false
	}
	return a == b
}
`))
	if err != nil {
		t.Fatal(err)
	}
	var whats []string
	for _, m := range g.mutants {
		whats = append(whats, fmt.Sprintf("%s:%d %s", m.file, m.line, m.what))
	}
	want := `a.go:5 a count is left out
a.go:6 a call is left out
a.go:4 < is true for equals
a.go:4 < is negated
a.go:4 != is negated
a.go:4 left of && is left out
a.go:4 right of && is left out
a.go:8 the condition is negated
a.go:11 == is negated`
	got := strings.Join(whats, "\n")
	for _, line := range strings.Split(want, "\n") {
		if !strings.Contains(got, line) {
			t.Errorf("%s isn't made", line)
		}
	}
	if len(whats) != 9 {
		t.Errorf("made\n%s\nin\n%s", got, b)
	}
	for _, id := range []string{"1", "9"} {
		if strings.Count(string(b), "mutated("+id+")") != 1 {
			t.Errorf("mutant %s doesn't stand in\n%s", id, b)
		}
	}
}
