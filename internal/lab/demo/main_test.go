package demo_test

import (
	"os"
	"testing"

	"outrider/internal/lab/mailserver"
	"outrider/internal/lab/prospects"
)

func TestMain(m *testing.M) {
	if len(os.Args) == 2 {
		switch os.Args[1] {
		case mailserver.ChildArgument:
			os.Exit(mailserver.Main())
		case prospects.ChildArgument:
			os.Exit(prospects.Main())
		}
	}
	os.Exit(m.Run())
}
