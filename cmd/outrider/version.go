package main

import (
	"fmt"
	"os"
	"runtime"

	"outrider/internal/app/node"
)

type versionCmd struct{}

// Run prints what the Go toolchain stamped into the binary.
func (versionCmd) Run() error {
	_, err := fmt.Fprintf(os.Stdout, "outrider %s, %s %s/%s\n", node.Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
