package node_test

import (
	"testing"

	"outrider/internal/engines/enginestest"
)

func TestMain(m *testing.M) { enginestest.Main(m) }
