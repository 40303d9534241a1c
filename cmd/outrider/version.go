package main

import (
	"fmt"
	"os"
	"runtime"

	"outrider/internal/buildinfo"
)

type versionCmd struct{}

// Run prints the version that was stamped into the binary.
func (versionCmd) Run() error {
	_, err := fmt.Fprintf(os.Stdout, "outrider %s, %s %s/%s\n", buildinfo.Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
