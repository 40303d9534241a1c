package snapshot

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"runtime/debug"
	"strings"

	"outrider/internal/es"
	"outrider/internal/es/snapshot/graph"
)

// Code names the version of the code that makes a domain's state: it changes with the text of any of the sources (all
// that Decode, Apply and the kernel are made of, embedded in the program), with the shape of the state, a module that is used,
// the Go version, the platform and build tags.
func Code(d es.Domain, sources ...fs.FS) (string, error) {
	plan, err := graph.New(es.Sample(d))
	if err != nil {
		return "", err
	}
	h := sha256.New()
	fmt.Fprintln(h, format, runtime.Version(), runtime.GOOS, runtime.GOARCH, plan.Shape())
	if b, ok := debug.ReadBuildInfo(); ok {
		for _, m := range b.Deps {
			fmt.Fprintln(h, m.Path, m.Version, m.Sum, m.Replace)
		}
		for _, s := range b.Settings {
			if s.Key == "-tags" {
				fmt.Fprintln(h, s.Value)
			}
		}
	}
	for i, fsys := range append(sources, graph.Sources) {
		err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasSuffix(name, "_test.go") {
				return err
			}
			return hashFile(h, fsys, i, name)
		})
		if err != nil {
			return "", fmt.Errorf("hash the code of a state: %w", err)
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func hashFile(h io.Writer, fsys fs.FS, i int, name string) error {
	b, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	fmt.Fprintf(h, "%d %s %d\n", i, name, len(b))
	_, err = h.Write(b)
	return err
}
