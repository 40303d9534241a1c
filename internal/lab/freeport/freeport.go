// Package freeport finds ports for servers that take theirs as a number.
package freeport

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// Ports that no system hands out by itself: Linux begins at 32768, others above. A port that a client may be given is taken, sooner or
// later, between being found free and being listened on.
const (
	lowest = 15000
	above  = 30000
)

// Pick returns a port of 127.0.0.1 that nobody listens on, and that the system gives to no client.
func Pick() (int, error) {
	var last error
	for range 100 {
		port := lowest + rand.IntN(above-lowest)                                       //nolint:gosec // any will do
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))) //nolint:noctx // waits for nothing
		if err != nil {
			last = err
			continue
		}
		if err := l.Close(); err != nil {
			return 0, fmt.Errorf("let go of a free port: %w", err)
		}
		return port, nil
	}
	return 0, errors.Join(errors.New("find a free port"), last)
}
