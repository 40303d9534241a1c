// Package buildinfo knows which version of the program this is.
package buildinfo

import (
	"runtime/debug"
)

// stamped is set by the linker: make release, make build and the image pass -ldflags "-X outrider/internal/buildinfo.stamped=v1.2.3".
var stamped string //nolint:gochecknoglobals // the linker can set nothing else, and nobody else writes to it

// Version returns the version that the linker stamped in; without one, what the Go toolchain knows: the module's version, or the commit
// and whether something was changed since.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = nil
	}
	return describe(stamped, info)
}

func describe(stamped string, info *debug.BuildInfo) string {
	if stamped != "" {
		return stamped
	}
	if info == nil {
		return "unknown"
	}
	v := info.Main.Version
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && v == "(devel)":
			v = s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			v += " (changed)"
		}
	}
	return v
}
