package pii_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"outrider/internal/pii"
	"outrider/internal/postgres/postgrestest"
)

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

func (c *clock) Advance(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.now = c.now.Add(d) }

type fixture struct {
	*pii.Vault
	pool   *pgxpool.Pool
	master *pii.Master
	clock  *clock
	org    uuid.UUID
}

func setup(t testing.TB) *fixture {
	t.Helper()
	master, err := pii.CreateMaster(filepath.Join(t.TempDir(), "master.key"))
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{pool: postgrestest.New(t).Pools.Vault, master: master, org: uuid.New(),
		clock: &clock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}}
	f.Vault = f.process(t)
	return f
}

// process is the vault as another process sees it.
func (f *fixture) process(t testing.TB) *pii.Vault {
	t.Helper()
	v, err := pii.NewVault(f.pool, f.master, pii.Options{Now: f.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func (f *fixture) key(t testing.TB, subject uuid.UUID) pii.Key {
	t.Helper()
	keys, err := f.Keys(t.Context(), f.org, []uuid.UUID{subject})
	if err != nil {
		t.Fatal(err)
	}
	return keys[0]
}

func subjects(n int) []uuid.UUID {
	s := make([]uuid.UUID, n)
	for i := range s {
		s[i] = uuid.New()
	}
	return s
}

func TestKeysComeInOrderAndStay(t *testing.T) {
	t.Parallel()
	f := setup(t)
	asked := subjects(500)
	asked[7], asked[100] = asked[400], asked[400]
	first, err := f.Keys(t.Context(), f.org, asked)
	if err != nil {
		t.Fatal(err)
	}
	again, err := f.process(t).Keys(t.Context(), f.org, append(asked[100:], subjects(3)...))
	if err != nil {
		t.Fatal(err)
	}
	for i, k := range first {
		if k.Subject != asked[i] || k.Org != f.org || k.ID <= 0 || k.ID >= 1<<52 {
			t.Fatalf("key %d: got %+v for %s", i, k.Ref, asked[i])
		}
		if i >= 100 && again[i-100] != k {
			t.Fatalf("key %d changed", i)
		}
	}
	if len(again) != 403 || again[400].ID == 0 || again[400].ID == again[401].ID {
		t.Fatalf("got %d keys, the new ones %+v", len(again), again[400:])
	}
	other, err := f.Keys(t.Context(), uuid.New(), asked[:1])
	if err != nil || other[0].ID == first[0].ID {
		t.Fatalf("another organisation got %+v, %v for the same subject", other, err)
	}
	if none, err := f.Keys(t.Context(), f.org, nil); err != nil || len(none) != 0 {
		t.Fatalf("no subjects: got %v, %v", none, err)
	}
}

func TestCallersAtOnceGetTheSameKeys(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for range 20 {
		asked := subjects(100)
		got := make([][]pii.Key, 6)
		var g errgroup.Group
		for i := range got {
			v, order := f.process(t), make([]uuid.UUID, len(asked))
			for j := range asked { // each in another order
				order[(j*7+i*13)%len(asked)] = asked[j]
			}
			g.Go(func() (err error) {
				got[i], err = v.Keys(t.Context(), f.org, order)
				return err
			})
		}
		if err := g.Wait(); err != nil {
			t.Fatal(err)
		}
		keys := map[uuid.UUID]pii.Key{}
		for _, caller := range got {
			for _, k := range caller {
				if earlier, ok := keys[k.Subject]; ok && earlier != k {
					t.Fatalf("two keys for %s", k.Subject)
				}
				keys[k.Subject] = k
			}
		}
		if len(keys) != len(asked) {
			t.Fatalf("got keys for %d of %d", len(keys), len(asked))
		}
	}
}

func TestLookupAcrossOrganisations(t *testing.T) {
	t.Parallel()
	f := setup(t)
	a := f.key(t, uuid.New())
	b, err := f.Keys(t.Context(), uuid.New(), []uuid.UUID{a.Subject})
	if err != nil {
		t.Fatal(err)
	}
	newer := pii.Ref{Org: a.Org, Subject: a.Subject, ID: a.ID ^ 2}
	foreign := pii.Ref{Org: uuid.New(), Subject: a.Subject, ID: a.ID}
	for range 2 { // the second time from the cache
		found, err := f.process(t).Lookup(t.Context(), []pii.Ref{a.Ref, b[0].Ref, newer, foreign, a.Ref})
		if err != nil || len(found) != 2 || found[a.Ref] != a || found[b[0].Ref] != b[0] {
			t.Fatalf("got %d keys, %v, want exactly the two that exist", len(found), err)
		}
	}
}

func TestErasure(t *testing.T) {
	t.Parallel()
	f := setup(t)
	elsewhere := f.process(t)
	subject, bystander := uuid.New(), f.key(t, uuid.New())
	old := f.key(t, subject)
	if found, err := elsewhere.Lookup(t.Context(), []pii.Ref{old.Ref}); err != nil || len(found) != 1 {
		t.Fatalf("before: got %v, %v", found, err)
	}
	for range 2 {
		if err := f.Erase(t.Context(), f.org, subject); err != nil {
			t.Fatal(err)
		}
	}
	if found, err := f.Lookup(t.Context(), []pii.Ref{old.Ref, bystander.Ref}); err != nil || len(found) != 1 || found[bystander.Ref] != bystander {
		t.Fatalf("this process: got %d keys, %v, want the bystander's only", len(found), err)
	}
	f.clock.Advance(time.Minute)
	if found, err := elsewhere.Lookup(t.Context(), []pii.Ref{old.Ref}); err != nil || len(found) != 0 {
		t.Fatalf("another process a minute later: got %d keys, %v, want none", len(found), err)
	}
	fresh := f.key(t, subject)
	if fresh.ID == old.ID {
		t.Fatal("the new key has the old id")
	}
	if found, err := f.Lookup(t.Context(), []pii.Ref{old.Ref}); err != nil || len(found) != 0 {
		t.Fatalf("the old id after a new key: got %d keys, %v, want none", len(found), err)
	}
	var rows int
	if err := f.pool.QueryRow(t.Context(), `select count(*) from vault.person_keys where subject = $1`, subject).Scan(&rows); err != nil || rows != 1 {
		t.Fatalf("got %d rows, %v, want the new key only", rows, err)
	}
}

func TestErasureAndLookupAtOnceLeaveNothingCached(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for range 50 {
		k := f.key(t, uuid.New())
		v := f.process(t)
		var g errgroup.Group
		for range 3 {
			g.Go(func() error { _, err := v.Lookup(t.Context(), []pii.Ref{k.Ref}); return err })
		}
		g.Go(func() error { return v.Erase(t.Context(), f.org, k.Subject) })
		if err := g.Wait(); err != nil {
			t.Fatal(err)
		}
		if found, err := v.Lookup(t.Context(), []pii.Ref{k.Ref}); err != nil || len(found) != 0 {
			t.Fatalf("got %d keys, %v after the erasure returned", len(found), err)
		}
	}
}

func TestDestroyOrganisation(t *testing.T) {
	t.Parallel()
	f := setup(t)
	k := f.key(t, uuid.New())
	h, err := f.Hasher(t.Context(), f.org)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.PutSecret(t.Context(), f.org, "smtp", []byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := f.DestroyOrganisation(t.Context(), f.org); err != nil {
		t.Fatal(err)
	}
	if found, err := f.Lookup(t.Context(), []pii.Ref{k.Ref}); err != nil || len(found) != 0 {
		t.Fatalf("got %d keys, %v, want none", len(found), err)
	}
	if _, err := f.Secret(t.Context(), f.org, "smtp"); !errors.Is(err, pii.ErrNotFound) {
		t.Fatalf("secret: got %v, want ErrNotFound", err)
	}
	after, err := f.Hasher(t.Context(), f.org)
	if err != nil || after.AddressHash("ann@example.com") == h.AddressHash("ann@example.com") {
		t.Fatalf("hashes stayed the same, %v", err)
	}
}

func TestHashes(t *testing.T) {
	t.Parallel()
	f := setup(t)
	a, err := f.Hasher(t.Context(), f.org)
	if err != nil {
		t.Fatal(err)
	}
	same, err := f.process(t).Hasher(t.Context(), f.org)
	if err != nil {
		t.Fatal(err)
	}
	other, err := f.Hasher(t.Context(), uuid.New())
	if err != nil {
		t.Fatal(err)
	}
	const address = "ann@example.com"
	if a.AddressHash(address) != same.AddressHash(address) || a.LeadID(address) != same.LeadID(address) || a.Fingerprint([]byte("x")) != same.Fingerprint([]byte("x")) {
		t.Error("two processes disagree")
	}
	if a.AddressHash(address) == other.AddressHash(address) || a.LeadID(address) == other.LeadID(address) {
		t.Error("two organisations agree")
	}
	if a.AddressHash("example.com") == a.DomainHash("example.com") {
		t.Error("address and domain hash of the same text agree")
	}
	if id := a.LeadID(address); id.Version() != 8 || id.Variant() != uuid.RFC4122 {
		t.Errorf("lead id %s: version %d, variant %s", id, id.Version(), id.Variant())
	}
	h := a.AddressHash(address)
	var back pii.Hash
	if err := back.UnmarshalText([]byte(h.String())); err != nil || back != h || len(h.String()) != 32 {
		t.Errorf("text form %q came back as %q, %v", h, back, err)
	}
	if back.UnmarshalText([]byte("short")) == nil || back.UnmarshalText(bytes.Repeat([]byte("!"), 32)) == nil {
		t.Error("read a malformed hash")
	}
}
