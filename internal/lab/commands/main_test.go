package commands

import (
	"testing"

	"outrider/internal/engines/enginestest"
	"outrider/internal/mail/worker"
)

func TestMain(m *testing.M) {
	worker.RunChild()
	enginestest.Main(m)
}
