package rebuild_test

import (
	"testing"

	"outrider/internal/es/project/chtest"
)

func TestMain(m *testing.M) { chtest.Main(m) }
