package asof

import (
	"testing"

	"outrider/internal/engines/enginestest"
)

func TestMain(m *testing.M) { enginestest.Main(m) }
