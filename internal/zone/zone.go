// Package zone has the time zones of one version of the IANA database, which lies in the program: what is folded and
// decided must not depend on the machine.
package zone

import (
	"archive/zip"
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// database is the zoneinfo.zip that the Go release of VERSION's second line brings; update copies a newer one.
//
//go:embed zoneinfo.zip
var database []byte

//go:embed VERSION
var version string

// Sources are all that a zone follows from, so that a snapshot can tell whether others have made it.
//
//go:embed *.go VERSION zoneinfo.zip
var Sources embed.FS

// ErrUnknown says that the database has no zone of a name.
var ErrUnknown = errors.New("unknown time zone")

// Version is the version of the IANA database, for example 2025c.
func Version() string {
	v, _, _ := strings.Cut(version, "\n")
	return v
}

// Load returns the zone of a name; there is one location a name. The names of a machine's own settings ("", "Local",
// "localtime", "posixrules", "posix/...", "right/...") are no zones.
func Load(name string) (*time.Location, error) {
	load, ok := zones()[name]
	if !ok {
		return nil, fmt.Errorf("%w %q", ErrUnknown, name)
	}
	return load()
}

// Known reports whether the database has a zone of a name.
func Known(name string) bool {
	_, ok := zones()[name]
	return ok
}

// zones has what loads a zone, by name.
var zones = sync.OnceValue(readDatabase) //nolint:gochecknoglobals // a constant table

func readDatabase() map[string]func() (*time.Location, error) {
	archive, err := zip.NewReader(bytes.NewReader(database), int64(len(database)))
	if err != nil {
		panic(fmt.Sprintf("read the embedded time zones: %v", err)) // it was built with the program
	}
	all := make(map[string]func() (*time.Location, error), len(archive.File))
	for _, f := range archive.File {
		if !strings.HasSuffix(f.Name, "/") {
			all[f.Name] = sync.OnceValues(func() (*time.Location, error) { return readZone(f) })
		}
	}
	all["UTC"] = func() (*time.Location, error) { return time.UTC, nil }
	return all
}

func readZone(f *zip.File) (*time.Location, error) {
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("open time zone %s: %w", f.Name, err)
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read time zone %s: %w", f.Name, err)
	}
	return time.LoadLocationFromTZData(f.Name, data)
}
