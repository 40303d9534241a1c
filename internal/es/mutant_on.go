//go:build mutants

package es

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
)

// Mechanisms are what can be left out here, in projectors and in the sender.
func Mechanisms() []string {
	return []string{
		"dedupe",     // a new owner decides the newest commands again, known or not
		"arbiter",    // no reader asks whose record counts, and no owner heeds another's fence
		"checkpoint", // projectors move it after their rows, whoever has moved it meanwhile
		"own claim",  // a claim may be sent by whoever sees it, whenever
	}
}

var leftOut atomic.Pointer[string] //nolint:gochecknoglobals // only in the build that is wrong on purpose; set once, before anything is decided

// LeaveOut chooses the mechanism that is left out from now on.
func LeaveOut(what string) error {
	if !slices.Contains(Mechanisms(), what) {
		return fmt.Errorf("leave out %q: there are only %s", what, strings.Join(Mechanisms(), ", "))
	}
	leftOut.Store(&what)
	return nil
}

// LeftOut says whether a mechanism is left out.
func LeftOut(what string) bool {
	is := leftOut.Load()
	return is != nil && *is == what
}
