package pii_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/internal/es"
)

// TestWhatIsErasedStaysErasedOnce: an event erases once, so that who reads the log again takes no later key; a key that was erased and
// is there again goes.
func TestWhatIsErasedStaysErasedOnce(t *testing.T) {
	t.Parallel()
	f := setup(t)
	ann, event := uuid.New(), uuid.New()
	has := func(want bool, when string) {
		t.Helper()
		if is, err := f.HasKey(t.Context(), f.org, ann); err != nil || is != want {
			t.Errorf("%s: key %v, %v; want %v", when, is, err, want)
		}
	}
	again := func(want int64) {
		t.Helper()
		if n, err := f.EraseAgain(t.Context()); err != nil || n != want {
			t.Errorf("%d keys were erased again, %v; want %d", n, err, want)
		}
	}
	erase := func(event uuid.UUID) {
		t.Helper()
		if err := f.EraseOnce(t.Context(), f.org, ann, event, 0); err != nil {
			t.Fatal(err)
		}
	}
	first := f.key(t, ann)
	var wrapped []byte
	if err := f.pool.QueryRow(t.Context(), `select wrapped from vault.person_keys where subject = $1`, ann).Scan(&wrapped); err != nil {
		t.Fatal(err)
	}
	restore := func() {
		t.Helper()
		if _, err := f.pool.Exec(t.Context(), `insert into vault.person_keys values ($1, $2, $3, $4)`, f.org, ann, int64(first.ID), wrapped); err != nil {
			t.Fatal(err)
		}
	}
	erase(event)
	has(false, "erased")
	again(0)
	restore()
	again(1)
	has(false, "the table came back")
	second := f.key(t, ann)
	erase(event)
	has(true, "the same event again")
	again(0)
	if err := f.EraseOnce(t.Context(), f.org, ann, uuid.New(), second.ID); err != nil {
		t.Fatal(err)
	}
	has(true, "an event from before the key")
	erase(uuid.New())
	has(false, "another erasure")
	if orgs, err := f.Organizations(t.Context()); err != nil || len(orgs) != 1 || orgs[0] != f.org {
		t.Errorf("organisations %v, %v", orgs, err)
	}
}

func TestTheMarkOfErasuresMovesOnOnly(t *testing.T) {
	t.Parallel()
	f := setup(t)
	if c, err := f.ErasureMark(t.Context(), "events", 3); err != nil || c != es.StartCheckpoint() {
		t.Errorf("at first %+v, %v", c, err)
	}
	far := es.Checkpoint{Epoch: 2, Pseq: 9, Offset: 12, LeaderEpoch: 1}
	for _, c := range []es.Checkpoint{far, {Epoch: 1, Pseq: 4, Offset: 5}} {
		if err := f.SetErasureMark(t.Context(), "events", 3, c); err != nil {
			t.Fatal(err)
		}
	}
	if c, err := f.ErasureMark(t.Context(), "events", 3); err != nil || c != far {
		t.Errorf("then %+v, %v", c, err)
	}
}

func TestNothingIsKeptOfFilesThatWereThereWhenSomebodyWasErased(t *testing.T) {
	t.Parallel()
	f := setup(t)
	before, after, other, org := uuid.New(), uuid.New(), uuid.New(), uuid.New()
	create := func(org, id uuid.UUID) {
		t.Helper()
		if _, err := f.CreateImportKey(t.Context(), org, id, f.clock.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	create(f.org, before)
	create(org, other)
	if err := f.KeepNothing(t.Context(), f.org); err != nil {
		t.Fatal(err)
	}
	create(f.org, after)
	for _, x := range []struct {
		org, id uuid.UUID
		may     bool
	}{{f.org, before, false}, {f.org, after, true}, {org, other, true}, {f.org, uuid.New(), false}} {
		if may, err := f.MayKeep(t.Context(), x.org, x.id); err != nil || may != x.may {
			t.Errorf("%v: %v, %v", x, may, err)
		}
		if _, err := f.ImportKey(t.Context(), x.org, x.id); (x.may || x.id == before) != (err == nil) { // who reads it goes on
			t.Errorf("%v: %v", x, err)
		}
	}
}
