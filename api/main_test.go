package api_test

import (
	"testing"

	"outrider/internal/embedded/embeddedtest"
)

func TestMain(m *testing.M) { embeddedtest.Main(m) }
