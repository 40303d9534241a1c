// Command leadfields writes the typed fields of a lead into the schemas of openapi.yaml, between the comments that mark their place.
package main

import (
	"fmt"
	"os"
	"strings"

	"outrider/internal/leadfields"
)

const (
	begin = "# lead fields, by make generate from internal/leadfields:"
	end   = "# end of the lead fields"
)

func main() {
	path := os.Args[1]
	text, err := os.ReadFile(path)
	if err == nil {
		var out string
		if out, err = insertFields(string(text)); err == nil {
			err = os.WriteFile(path, []byte(out), 0o644) //nolint:gosec // a source file
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "leadfields:", err)
		os.Exit(1)
	}
}

// insertFields replaces what stands between each begin, which is followed by the schema's kind, and its end.
func insertFields(text string) (string, error) {
	var out strings.Builder
	n := 0
	for skip, lines := false, strings.SplitAfter(text, "\n"); len(lines) > 0; lines = lines[1:] {
		mark := strings.TrimSpace(lines[0])
		indent, _, _ := strings.Cut(lines[0], mark)
		if mark == end {
			skip = false
		}
		if !skip {
			out.WriteString(lines[0])
		}
		if kind, ok := strings.CutPrefix(mark, begin); ok {
			skip, n = true, n+1
			for _, f := range leadfields.All() {
				if f.Name != leadfields.Email { // says more in each schema
					fmt.Fprintf(&out, "%s%s: { type: string, %s }\n", indent, f.Name, attributes(strings.TrimSpace(kind), f))
				}
			}
		}
	}
	if n != 3 {
		return "", fmt.Errorf("found %d places for the fields of a lead, not those of a new lead, a patch and an answer", n)
	}
	return out.String(), nil
}

// attributes returns what a schema of a kind says of a field: given, patched or answered.
func attributes(kind string, f leadfields.Field) string {
	description := fmt.Sprintf("description: %q", f.Label+".")
	switch kind {
	case "given":
		return fmt.Sprintf("%s, maxLength: %d, example: %q", description, f.MaxLength, f.Example)
	case "patched":
		return fmt.Sprintf("nullable: true, %s, maxLength: %d, example: %q", description, f.MaxLength, f.Example)
	}
	return fmt.Sprintf("x-pii: %s, %s, example: %q", f.Mask, description, f.Example)
}
