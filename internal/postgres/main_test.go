package postgres_test

import (
	"os"
	"testing"

	"outrider/internal/engines/enginestest"
)

// These tests change roles, which belong to a whole server: they have one of their own.
func TestMain(m *testing.M) {
	if err := os.Unsetenv(enginestest.PostgresVariable); err != nil {
		panic(err)
	}
	enginestest.Main(m)
}
