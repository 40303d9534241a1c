// Package overlay makes the build that is wrong on purpose: copies of the product's sources in which each check asks
// whether it is left out, and the list of them for `go build -overlay`. A rewrite that fits no longer is an error.
package overlay

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

// ErrStale says that a rewrite doesn't fit the sources any more.
var ErrStale = errors.New("the rewrite doesn't fit the sources any more; mend internal/lab/mutants/overlay/rewrites.go")

const questions = `import "outrider/internal/lab/mutants"`

// Write puts the copies and overlay.json into a folder and returns the path of the latter. Root is the module's.
func Write(root, folder string) (string, error) {
	files, err := Apply(root, Rewrites(), Additions())
	if err != nil {
		return "", err
	}
	if root, err = filepath.Abs(root); err == nil {
		folder, err = filepath.Abs(folder)
	}
	if err != nil {
		return "", err
	}
	copies := filepath.Join(folder, "_sources") // which `go build ./...` passes over
	if err := os.MkdirAll(copies, 0o755); err != nil {
		return "", err
	}
	replace := map[string]string{}
	for name, text := range files {
		copied := filepath.Join(copies, strings.ReplaceAll(name, "/", "_"))
		if err := os.WriteFile(copied, text, 0o644); err != nil {
			return "", err
		}
		replace[filepath.Join(root, name)] = copied
	}
	list, err := json.MarshalIndent(map[string]any{"Replace": replace}, "", "\t")
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, "overlay.json")
	return path, os.WriteFile(path, list, 0o644)
}

// Apply returns the files that are other ones in the wrong build, by path below root.
func Apply(root string, rewrites []Rewrite, additions []Addition) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, r := range rewrites {
		if err := r.apply(root, files); err != nil {
			return nil, fmt.Errorf("%s in %s, %q: %w", r.Func, r.Dir, r.Find, err)
		}
	}
	for name, text := range files {
		formatted, err := format.Source(withQuestions(text))
		if err != nil {
			return nil, fmt.Errorf("%s, rewritten: %w", name, err)
		}
		files[name] = formatted
	}
	for _, a := range additions {
		files[filepath.Join(a.Dir, a.Name)] = []byte(a.Text)
	}
	return files, nil
}

// withQuestions imports package mutants, in a declaration of its own behind the package clause.
func withQuestions(text []byte) []byte {
	before, after, _ := strings.Cut("\n"+string(text), "\npackage ")
	name, rest, _ := strings.Cut(after, "\n")
	return []byte(before[min(1, len(before)):] + "\npackage " + name + "\n\n" + questions + "\n" + rest)
}

func (r Rewrite) apply(root string, files map[string][]byte) error {
	name, err := r.findFile(root, files)
	if err != nil {
		return err
	}
	text := files[name]
	from, to, err := findFunc(text, r.Func)
	if err != nil {
		return err
	}
	body := string(text[from:to])
	changed := "{\n" + r.Replace + body[1:]
	if r.Find != "" {
		if n := strings.Count(body, r.Find); n != 1 {
			return fmt.Errorf("%w: it is found %d times", ErrStale, n)
		}
		changed = strings.Replace(body, r.Find, r.Replace, 1)
	}
	files[name] = []byte(string(text[:from]) + changed + string(text[to:]))
	return nil
}

// findFile reads the files of a folder until one has the function.
func (r Rewrite) findFile(root string, files map[string][]byte) (string, error) {
	paths, err := filepath.Glob(filepath.Join(root, r.Dir, "*.go"))
	if err != nil {
		return "", err
	}
	for _, path := range paths {
		name := filepath.Join(r.Dir, filepath.Base(path))
		text, ok := files[name]
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		if !ok {
			if text, err = os.ReadFile(path); err != nil {
				return "", err
			}
		}
		if _, _, err := findFunc(text, r.Func); err == nil {
			files[name] = text
			return name, nil
		}
	}
	return "", fmt.Errorf("%w: there is no such function", ErrStale)
}

// findFunc returns where the body of a function begins and ends.
func findFunc(text []byte, name string) (from, to int, err error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "", text, parser.SkipObjectResolution)
	if err != nil {
		return 0, 0, err
	}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil && funcName(f) == name {
			return set.Position(f.Body.Pos()).Offset, set.Position(f.Body.End()).Offset, nil
		}
	}
	return 0, 0, ErrStale
}

func funcName(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return f.Name.Name
	}
	receiver := f.Recv.List[0].Type
	if star, ok := receiver.(*ast.StarExpr); ok {
		receiver = star.X
	}
	if is, ok := receiver.(*ast.Ident); ok {
		return is.Name + "." + f.Name.Name
	}
	return f.Name.Name
}
