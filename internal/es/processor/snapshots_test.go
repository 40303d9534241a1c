package processor_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/internal/blob"
	"outrider/internal/es"
	"outrider/internal/es/processor"
	"outrider/internal/es/snapshot"
	"outrider/internal/lab/storm"
)

// shelf is a folder of snapshots.
type shelf struct {
	w   *world
	dir string
}

func (w *world) shelf() *shelf { return &shelf{w, w.t.TempDir()} }

func (s *shelf) store(code string) *snapshot.Store {
	s.w.t.Helper()
	b, err := blob.Open(s.w.ctx, s.dir)
	commandCheck(s.w.t, err)
	s.w.t.Cleanup(func() { _ = b.Close() })
	st, err := snapshot.Open(s.w.ctx, snapshot.Config{Log: s.w.log, Domain: storm.Seats(3), Code: code, Bucket: b,
		Report: func(what string, attrs ...any) { s.w.t.Log(append([]any{what}, attrs...)...) }})
	commandCheck(s.w.t, err)
	return st
}

const code = "0123456789abcdef0123456789abcdef"

// often takes a snapshot whenever anything has happened.
func (s *shelf) often(c *processor.Config) {
	c.Snapshots = s.store(code)
	c.SnapshotPace = processor.SnapshotPace{Every: 20 * time.Millisecond, Least: 1}
}

func (s *shelf) files() (out []string) {
	_ = filepath.WalkDir(s.dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, path)
		}
		return nil
	})
	slices.Sort(out)
	return out
}

// filled serves until snapshots hold all that was asked, and stops. It gives the commands.
func (s *shelf) filled(org uuid.UUID, n int) (asked []*es.Command, answers []es.Answer) {
	s.w.t.Helper()
	p := s.w.serve(s.often)
	g := s.w.gateway()
	for range n {
		c := storm.TakeSeat(org)
		asked, answers = append(asked, c), append(answers, s.w.submit(g, c))
		name := fmt.Sprintf("%019d", p.Progress()[0].Events) // one that was under way rests on less
		poll(s.w.t, "a snapshot, and nothing older than the one before it", func() bool {
			all := s.files()
			return len(all) > 0 && len(all) <= 2 && filepath.Base(all[len(all)-1]) >= name
		})
	}
	p.stop()
	return asked, answers
}

// poll is for what nobody signals.
func poll(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for late := time.Now().Add(patience); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

func TestAnOwnerBeginsFromASnapshotAndAnswersTheSame(t *testing.T) {
	w := setup(t, 1)
	s := w.shelf()
	org := es.NewID()
	asked, answers := s.filled(org, 4) // the fourth is refused
	if n := len(s.files()); n != 2 {
		t.Fatalf("%d snapshots are kept, want the newest two: %v", n, s.files())
	}
	p := w.serve(func(c *processor.Config) { c.Snapshots = s.store(code) })
	g := w.gateway()
	for i, c := range asked {
		if a := w.submit(g, c); a.Pseq != answers[i].Pseq || a.Outcome != answers[i].Outcome || string(a.Detail) != string(answers[i].Detail) {
			t.Errorf("a repeat is answered %+v, first it was %+v", a, answers[i])
		}
	}
	if a := w.submit(g, storm.TakeSeat(org)); a.Code != storm.SoldOut || a.Oseq != answers[3].Oseq+1 {
		t.Errorf("the next is answered %+v", a)
	}
	if st := p.Progress(); len(st) != 1 || st[0].From == 0 {
		t.Errorf("it began from the start of the log: %+v", st)
	}
	if read := p.Stats().LogRead.Load(); read > 6 { // the last record of the snapshot, what followed it, two fences, an answer
		t.Errorf("%d records were read", read)
	}
	events, _ := w.counted(0)
	if len(events) != 8 {
		t.Errorf("%d events count", len(events))
	}
}

func TestASnapshotThatCannotBeUsedCostsReadingOnly(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, s *shelf) string{
		"a byte changed": func(t *testing.T, s *shelf) string {
			for _, f := range s.files() {
				b, err := os.ReadFile(f)
				commandCheck(t, err)
				b[len(b)/2] ^= 1
				commandCheck(t, os.WriteFile(f, b, 0o600))
			}
			return code
		},
		"cut off": func(t *testing.T, s *shelf) string {
			for _, f := range s.files() {
				commandCheck(t, os.Truncate(f, 100))
			}
			return code
		},
		"of other code": func(*testing.T, *shelf) string { return "fedcba9876543210fedcba9876543210" },
		"of code that only begins with the same digits": func(*testing.T, *shelf) string { return code[:16] + "0000000000000000" },
	} {
		t.Run(name, func(t *testing.T) {
			w := setup(t, 1)
			s := w.shelf()
			org := es.NewID()
			asked, answers := s.filled(org, 2)
			with := spoil(t, s)
			p := w.serve(func(c *processor.Config) { c.Snapshots = s.store(with) })
			g := w.gateway()
			if a := w.submit(g, asked[0]); a.Pseq != answers[0].Pseq {
				t.Errorf("a repeat is answered %+v, first it was %+v", a, answers[0])
			}
			if a := w.submit(g, storm.TakeSeat(org)); a.Outcome != es.Accepted || a.Oseq != answers[1].Oseq+2 {
				t.Errorf("the next is answered %+v", a)
			}
			if st := p.Progress(); len(st) != 1 || st[0].From != 0 {
				t.Errorf("it began from %+v", st)
			}
		})
	}
}

// A log that was shortened, and grew again to more than the snapshot knows, has another record where the snapshot ends.
func TestASnapshotOfAnotherHistoryIsDropped(t *testing.T) {
	w := setup(t, 1)
	s := w.shelf()
	org := es.NewID()
	s.filled(org, 2)
	st := s.store(code) // before the topic is made anew: what it is can't be told by its id
	w.remake(w.log.Events())
	// The commands are all there, and are decided again by who has one seat: the second is refused now.
	other := w.serve(func(c *processor.Config) { c.Domain = storm.Seats(1) })
	g := w.gateway()
	for range 3 {
		w.submit(g, storm.TakeSeat(org))
	}
	other.stop()
	p := w.serve(func(c *processor.Config) { c.Snapshots = st })
	if a := w.submit(g, storm.TakeSeat(org)); a.Outcome != es.Accepted || a.Oseq != 8 { // two events, four refusals, two events
		t.Errorf("%+v", a)
	}
	if left := s.files(); len(left) != 1 { // the first command was decided the same: what rests on no more than that is true
		t.Errorf("left: %v", left)
	}
	if st := p.Progress(); len(st) != 1 || st[0].From != 3 {
		t.Errorf("it began from %+v", st)
	}
}

func TestASnapshotBeyondTheLogIsDropped(t *testing.T) {
	w := setup(t, 1)
	s := w.shelf()
	s.filled(es.NewID(), 2)
	st := s.store(code)
	w.remake(w.log.Events())
	w.serve(func(c *processor.Config) { c.Snapshots = st }).owns(0, 1)
	if left := s.files(); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}
