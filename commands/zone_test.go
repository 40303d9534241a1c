package commands_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/zone"
)

const (
	zonesChild     = "OUTRIDER_TEST_ZONES_CHILD"
	hostIsTampered = "the host is tampered with:"
)

// TestTheHostsTimeZonesChangeNothing decides the same on a machine whose own database has Tokyo's clock under Berlin's
// name, and names that ours doesn't have.
func TestTheHostsTimeZonesChangeNothing(t *testing.T) {
	t.Parallel()
	if os.Getenv(zonesChild) != "" {
		berlin, err := time.LoadLocation("Europe/Berlin")
		if err != nil || time.Unix(0, 0).In(berlin).Hour() != 9 {
			t.Fatalf("the host's Berlin isn't the tampered one: %v", err)
		}
		fmt.Println(hostIsTampered, decideByZones(t))
		return
	}
	host := filepath.Join(t.TempDir(), "zoneinfo.zip")
	tamper(t, host)
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
	child.Env = append(os.Environ(), zonesChild+"=1", "ZONEINFO="+host)
	out, err := child.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if want := hostIsTampered + " " + decideByZones(t); !strings.Contains(string(out), want) {
		t.Errorf("here: %s\nthere:\n%s", want, out)
	}
}

// decideByZones says in one line what is decided and folded by zones: when a mailbox of each name's clock is looked at,
// and which names are refused.
func decideByZones(t *testing.T) string {
	t.Helper()
	var said []string
	for _, name := range []string{"Europe/Berlin", "posixrules", "localtime", "right/Europe/Berlin", "Local"} {
		s := commands.Domain().New(org)
		for _, p := range running() {
			if created, ok := p.(events.OrganizationCreated); ok {
				created.TimeZone = name
				p = created
			}
			s.Apply(&es.Event{Payload: p})
		}
		ask := func(c commands.Command) string {
			kind, data, err := commands.Encode(c)
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.Decide(&es.Command{ID: uuid.Nil, Type: kind, Org: org, Time: time.Date(2026, 4, 2, 1, 0, 0, 0, time.UTC), Data: data})
			facts, marshalErr := es.Marshal(got)
			if marshalErr != nil {
				t.Fatal(marshalErr)
			}
			return es.RefusalCode(err) + string(facts)
		}
		said = append(said, ask(commands.AdvanceClock{}))
		s.Apply(&es.Event{Payload: events.OrganizationUpdated{OrganizationRef: events.OrganizationRef{OrganizationID: org}, TimeZone: ptr("UTC")}})
		set := ask(commands.SetMailboxPace{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, MailboxPace: events.MailboxPace{CapPerDay: 50, Zone: name}})
		if refused := strings.HasPrefix(set, commands.CodeInvalid); refused == (name == "Europe/Berlin") {
			t.Errorf("a mailbox in the zone %q: %s", name, set)
		}
		said = append(said, set)
	}
	return strings.Join(said, "; ")
}

// tamper writes a database in which Berlin has Tokyo's clock and a machine's own names are zones.
func tamper(t *testing.T, path string) {
	t.Helper()
	b, err := zone.Sources.ReadFile("zoneinfo.zip")
	if err != nil {
		t.Fatal(err)
	}
	from, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	r, err := from.Open("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	tokyo, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	to := zip.NewWriter(&out)
	for _, name := range []string{"Europe/Berlin", "UTC", "posixrules", "localtime", "right/Europe/Berlin"} {
		w, err := to.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err == nil {
			_, err = w.Write(tokyo)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}
