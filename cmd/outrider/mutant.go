//go:build !mutants

package main

import "errors"

// leaveOut is for the build that is wrong on purpose; in this one nothing can be left out.
func leaveOut() error { return nil }

// leftOutFor says what children of a control run leave out: here nothing can be.
func leftOutFor(what string) (string, error) {
	if what == "" {
		return "", nil
	}
	return "", errors.New("--without is only in bin/outrider-mutants (make build-mutants): in this build nothing can be left out")
}
