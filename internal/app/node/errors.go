package node

import (
	"errors"
	"fmt"
)

// ErrReported ends the program with status 1 when the reason has been printed already.
var ErrReported = errors.New("reported already")

// wrapError adds what failed to an error, if there is one.
func wrapError(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
