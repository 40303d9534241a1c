package zone_test

import (
	"errors"
	"io/fs"
	"regexp"
	"testing"
	"time"

	"outrider/internal/zone"
)

func TestOnlyNamesOfTheDatabaseAreZones(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "Local", "local", "localtime", "posixrules", "posix/Europe/Berlin", "right/Europe/Berlin", "right/UTC", "europe/berlin", "Europe", "Europe/", "../etc/passwd", "/etc/localtime", "Mars/Base", "+01:00"} {
		if l, err := zone.Load(name); !errors.Is(err, zone.ErrUnknown) || l != nil || zone.Known(name) {
			t.Errorf("%q is %v, %v", name, l, err)
		}
	}
	for _, name := range []string{"Europe/Berlin", "America/Argentina/Buenos_Aires", "UTC", "Etc/UTC", "EST5EDT", "Asia/Kathmandu"} {
		l, err := zone.Load(name)
		if err != nil || !zone.Known(name) || l.String() != name {
			t.Errorf("%q is %v, %v", name, l, err)
		}
		if again, _ := zone.Load(name); again != l {
			t.Errorf("%q has two locations", name)
		}
	}
	if l, _ := zone.Load("UTC"); l != time.UTC {
		t.Error("UTC is another one than Go's")
	}
}

func TestAZoneHasItsRules(t *testing.T) {
	t.Parallel()
	berlin, err := zone.Load("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	if got := time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC).In(berlin).Format("15:04 MST"); got != "03:00 CEST" {
		t.Errorf("Berlin's clocks show %s after they were put forward", got)
	}
}

func TestTheDatabaseSaysItsVersion(t *testing.T) {
	t.Parallel()
	if !regexp.MustCompile(`^20\d\d[a-z]$`).MatchString(zone.Version()) {
		t.Errorf("version %q", zone.Version())
	}
	for _, name := range []string{"VERSION", "zoneinfo.zip", "zone.go"} {
		if _, err := fs.Stat(zone.Sources, name); err != nil {
			t.Errorf("snapshots don't depend on %s: %v", name, err)
		}
	}
}
