//go:build !mutants

package main

// leaveOut is for the build that is wrong on purpose; in this one nothing can be left out.
func leaveOut() error { return nil }
