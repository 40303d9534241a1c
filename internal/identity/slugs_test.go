package identity_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"outrider/internal/identity"
)

func TestSlugs(t *testing.T) {
	t.Parallel()
	f := setup(t)
	s, ctx := identity.NewSlugs(f.pool, f.clock.Now), t.Context()
	a, b := uuid.New(), uuid.New()
	step := func(name string, err, want error) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Fatalf("%s: got %v, want %v", name, err, want)
		}
	}
	step("a reserves", s.Reserve(ctx, "acme", a), nil)
	_, err := s.Organization(ctx, "acme")
	step("a reservation owns nothing yet", err, identity.ErrNotFound)
	step("b comes too early", s.Reserve(ctx, "acme", b), identity.ErrSlugTaken)
	f.clock.Advance(14 * time.Minute)
	step("b is still too early", s.Reserve(ctx, "acme", b), identity.ErrSlugTaken)
	step("a reserves again", s.Reserve(ctx, "acme", a), nil)
	f.clock.Advance(14 * time.Minute)
	step("a's time began anew", s.Reserve(ctx, "acme", b), identity.ErrSlugTaken)
	f.clock.Advance(time.Minute)
	step("b takes over", s.Reserve(ctx, "acme", b), nil)
	step("a is too late", s.Confirm(ctx, "acme", a), identity.ErrSlugTaken)
	for range 2 {
		step("b confirms", s.Confirm(ctx, "acme", b), nil)
	}
	f.clock.Advance(time.Hour)
	step("a confirmed slug stays", s.Reserve(ctx, "acme", a), identity.ErrSlugTaken)
	step("b asks once more", s.Reserve(ctx, "acme", b), nil)
	owner, err := s.Organization(ctx, "acme")
	step("b owns it", err, nil)
	if owner != b {
		t.Fatalf("got %s, want %s", owner, b)
	}
	step("a can't release it", s.Release(ctx, "acme", a), nil)
	step("it is still b's", s.Reserve(ctx, "acme", a), identity.ErrSlugTaken)
	step("b releases it", s.Release(ctx, "acme", b), nil)
	step("a gets it", s.Reserve(ctx, "acme", a), nil)
}

func TestOneOfManyGetsTheSlug(t *testing.T) {
	t.Parallel()
	f := setup(t)
	s := identity.NewSlugs(f.pool, f.clock.Now)
	for range 2 { // first free, then run out
		var won atomic.Int32
		var g errgroup.Group
		for range 20 {
			g.Go(func() error {
				err := s.Reserve(t.Context(), "acme", uuid.New())
				if err == nil {
					won.Add(1)
				} else if !errors.Is(err, identity.ErrSlugTaken) {
					return err
				}
				return nil
			})
		}
		if err := g.Wait(); err != nil || won.Load() != 1 {
			t.Fatalf("%d won, %v, want one", won.Load(), err)
		}
		f.clock.Advance(identity.ReservationTime)
	}
}

func TestCheckSlug(t *testing.T) {
	t.Parallel()
	for _, slug := range []string{"acme", "a-1", "a1b", "0123456789012345678901234567890123456789"} {
		if err := identity.CheckSlug(slug); err != nil {
			t.Errorf("%s: %v", slug, err)
		}
	}
	for _, slug := range []string{"", "ab", "-acme", "acme-", "a--b", "Acme", "ac me", "acmé", "acme\n", "system", "01234567890123456789012345678901234567890"} {
		if err := identity.CheckSlug(slug); !errors.Is(err, identity.ErrSlug) {
			t.Errorf("%q: got %v, want ErrSlug", slug, err)
		}
	}
}
