//go:build !mutants

package commands

import "errors"

// leftOutFor says what children of a control run leave out: here nothing can be.
func leftOutFor(what string) (string, error) {
	if what == "" {
		return "", nil
	}
	return "", errors.New("--without is only in bin/outrider-mutants (make build-mutants): in this build nothing can be left out")
}
