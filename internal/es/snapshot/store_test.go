package snapshot_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/blob"
	"outrider/internal/es"
	"outrider/internal/es/logtest"
	"outrider/internal/es/snapshot"
	"outrider/internal/kafka"
	"outrider/internal/zone"
)

type setup struct {
	t    *testing.T
	dir  string
	log  kafka.Log
	said int
	fold *es.Fold
	last *kgo.Record
}

func newSetup(t *testing.T) *setup {
	t.Parallel()
	s := &setup{t: t, dir: t.TempDir()}
	s.log = logtest.New(t, 2)
	s.fold = es.NewFold(commands.Domain())
	org := es.DeriveID(es.SystemOrg, "snapshot test")
	s.see(es.FenceRecord(0, 1, es.NewID(), logtest.Start()))
	s.event(1, events.OrganizationCreated{OrganizationRef: events.OrganizationRef{OrganizationID: org}, Slug: "acme", Name: "Acme", TimeZone: "Europe/Berlin"}, true)
	s.event(2, events.CampaignCreated{CampaignRef: events.CampaignRef{CampaignID: org}, Name: "Spring"}, true)
	return s
}

func (s *setup) see(r *kgo.Record) {
	s.t.Helper()
	r.Offset = s.fold.Next
	if _, _, err := s.fold.See(r); err != nil {
		s.t.Fatal(err)
	}
	s.last = r
}

func (s *setup) event(n int64, p es.Payload, last bool) {
	s.t.Helper()
	data, err := es.Marshal(p)
	if err != nil {
		s.t.Fatal(err)
	}
	org := es.DeriveID(es.SystemOrg, "snapshot test")
	id := es.DeriveID(org, p.EventType())
	s.see(es.EventRecord(0, &es.Event{ID: id, Type: p.EventType(), Org: org, Subject: p.AggregateID(), Time: logtest.Start(), CommandID: id, CorrelationID: id, CausationID: id,
		Actor: es.Actor{Kind: es.ActorOperator, ID: "test"}, Epoch: 1, Pseq: n, Oseq: n, Last: last, Data: data}))
}

func (s *setup) store(log kafka.Log, code string) *snapshot.Store {
	s.t.Helper()
	b, err := blob.Open(context.Background(), s.dir)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = b.Close() })
	st, err := snapshot.Open(s.t.Context(), snapshot.Config{Log: log, Domain: commands.Domain(), Code: code, Bucket: b, Report: func(string, ...any) { s.said++ }})
	if err != nil {
		s.t.Fatal(err)
	}
	return st
}

func (s *setup) write(st *snapshot.Store) {
	s.t.Helper()
	if err := st.Write(s.t.Context(), 0, s.fold, 0, snapshot.AnchorAt(s.last), func() {}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *setup) file() string {
	s.t.Helper()
	all, err := filepath.Glob(filepath.Join(s.dir, "snapshots", "*", "0", "*", "*"))
	if err != nil || len(all) != 1 {
		s.t.Fatalf("%v %v", all, err)
	}
	return all[0]
}

const code = "0123456789abcdef0123456789abcdef"

// Every byte changed, every length cut, and something added: each is found, and said.
func TestADamagedSnapshotIsNeverUsed(t *testing.T) {
	s := newSetup(t)
	st := s.store(s.log, code)
	s.write(st)
	whole, err := os.ReadFile(s.file())
	if err != nil {
		t.Fatal(err)
	}
	try := func(b []byte, what string, at int) {
		if err := os.WriteFile(s.file(), b, 0o600); err != nil {
			t.Fatal(err)
		}
		before := s.said
		if snap := st.Newest(t.Context(), 0); snap != nil {
			t.Errorf("%s at %d: it was used", what, at)
		}
		if s.said == before {
			t.Errorf("%s at %d: nothing was reported", what, at)
		}
	}
	for i := range whole {
		b := append([]byte(nil), whole...)
		b[i] ^= 0x55
		try(b, "changed", i)
		try(whole[:i], "cut", i)
	}
	try(append(whole[:len(whole):len(whole)], 0), "something added", len(whole))
	if err := os.WriteFile(s.file(), whole, 0o600); err != nil {
		t.Fatal(err)
	}
	snap := st.Newest(t.Context(), 0)
	if snap == nil || snap.At.Offset != 3 || snap.At.Pseq != 2 || snap.Anchor.Check(s.last) != nil {
		t.Fatalf("the whole one: %+v", snap)
	}
}

func TestAForeignSnapshotIsPassedOver(t *testing.T) {
	s := newSetup(t)
	s.write(s.store(s.log, code))
	if s.store(s.log, "f"+code[1:]).Newest(t.Context(), 0) != nil {
		t.Error("one of other code was used")
	}
	if s.store(s.log, code).Newest(t.Context(), 1) != nil {
		t.Error("one of another partition was used")
	}
	other := logtest.New(t, 2)
	if s.store(other, code).Newest(t.Context(), 0) != nil {
		t.Error("one of another log was used")
	}
	// What lies where it doesn't belong says what it is.
	b, err := os.ReadFile(s.file())
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := filepath.Join(filepath.Dir(filepath.Dir(filepath.Dir(s.file()))), "1", code[:16])
	if err := os.MkdirAll(elsewhere, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(elsewhere, filepath.Base(s.file())), b, 0o600); err != nil {
		t.Fatal(err)
	}
	if s.store(s.log, code).Newest(t.Context(), 1) != nil || s.said == 0 {
		t.Error("one of another partition was used, or passed over in silence")
	}
}

func TestNoSnapshotIsTakenInsideOfACommand(t *testing.T) {
	s := newSetup(t)
	s.event(3, events.CampaignRenamed{CampaignRef: events.CampaignRef{CampaignID: es.NewID()}, Name: "x"}, false)
	err := s.store(s.log, code).Write(t.Context(), 0, s.fold, 0, snapshot.AnchorAt(s.last), func() {})
	if err == nil {
		t.Fatal("it was taken")
	}
	if all, _ := filepath.Glob(filepath.Join(s.dir, "snapshots", "*", "0", "*", "*")); len(all) > 0 {
		t.Errorf("left behind: %v", all)
	}
}

// A snapshot that other time zones have made is of another code.
func TestTimeZonesAreCode(t *testing.T) {
	t.Parallel()
	all := commands.Sources()
	with, err := snapshot.Code(commands.Domain(), all...)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range all {
		if version, err := fs.ReadFile(s, "VERSION"); err == nil && strings.HasPrefix(string(version), zone.Version()) {
			newer := fstest.MapFS{"VERSION": {Data: []byte("2099z\n")}}
			other, err := snapshot.Code(commands.Domain(), append(slices.Clone(all[:i]), append([]fs.FS{newer}, all[i+1:]...)...)...)
			if err != nil || other == with {
				t.Errorf("another database gives the same code: %v", err)
			}
			return
		}
	}
	t.Error("the time zones are none of the sources")
}

// The hash of the code changes with its text, and is the same for the same.
func TestCodeIsToldByItsText(t *testing.T) {
	t.Parallel()
	a, err := snapshot.Code(commands.Domain(), commands.Sources()...)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := snapshot.Code(commands.Domain(), commands.Sources()...)
	less, _ := snapshot.Code(commands.Domain(), commands.Sources()[1:]...)
	other, err := snapshot.Code(commands.Domain(), append(commands.Sources()[1:], os.DirFS("."))...)
	if err != nil || a != b || a == less || a == other || less == other {
		t.Errorf("%s %s %s %s %v", a, b, less, other, err)
	}
}
