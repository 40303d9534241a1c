package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
)

type versionCmd struct{}

// Run prints what the Go toolchain stamped into the binary.
func (versionCmd) Run() error {
	_, err := fmt.Fprintf(os.Stdout, "outrider %s, %s %s/%s\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
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
