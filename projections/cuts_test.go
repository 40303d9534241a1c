package projections_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"outrider/internal/es"
	"outrider/internal/pii"
	"outrider/projections"
)

// keyring has keys of which some may be gone already: nobody knows when a reactor erases.
type keyring struct {
	keys map[pii.Ref]pii.Key
	gone func(pii.Ref) bool
}

func (k keyring) Lookup(_ context.Context, refs []pii.Ref) (map[pii.Ref]pii.Key, error) {
	out := map[pii.Ref]pii.Key{}
	for _, r := range refs {
		if key, ok := k.keys[r]; ok && !k.gone(r) {
			out[r] = key
		}
	}
	return out, nil
}

var errUndo = errors.New("undo it all")

// outcome is all read models after a log, which is then forgotten.
func (f *fixture) outcome(ctx context.Context, rt *rapid.T, keys projections.Keys, log []*es.Event, cuts ...int) (out string) {
	err := pgx.BeginFunc(ctx, f.Pools.Projector, func(tx pgx.Tx) (err error) {
		if err = apply(ctx, tx, projections.All(keys), log, cuts...); err == nil {
			out, err = dump(ctx, tx)
		}
		return errors.Join(err, errUndo)
	})
	if strings.TrimSpace(strings.ReplaceAll(err.Error(), errUndo.Error(), "")) != "" {
		rt.Fatalf("%v", err)
	}
	return out
}

// However a log is cut into batches, whenever erased keys go, and when it is read again without them: the rows are the same.
func TestRowsFollowFromTheLogAlone(t *testing.T) {
	t.Parallel()
	f := setup(t)
	rapid.Check(t, func(rt *rapid.T) {
		h := newHistory(t.Context(), rt, f)
		for range rapid.IntRange(10, 120).Draw(rt, "steps") {
			h.step()
		}
		each := make([]int, len(h.events))
		for i := range each {
			each[i] = i
		}
		all := keyring{h.keys, func(pii.Ref) bool { return false }}
		want := f.outcome(t.Context(), rt, all, h.events, each...)
		same := func(how string, got string) {
			if got != want {
				rt.Fatalf("%s:\n%s", how, difference(want, got))
			}
		}
		same("in one batch", f.outcome(t.Context(), rt, all, h.events))
		var cuts []int
		for i := range h.events {
			if rapid.IntRange(0, 5).Draw(rt, "cut") == 0 {
				cuts = append(cuts, i)
			}
		}
		same("cut at random", f.outcome(t.Context(), rt, all, h.events, cuts...))
		some := keyring{h.keys, func(r pii.Ref) bool { return h.erased[r] && rapid.Bool().Draw(rt, "gone") }}
		same("cut at random while keys go", f.outcome(t.Context(), rt, some, h.events, cuts...))
		same("built anew without erased keys", f.outcome(t.Context(), rt, f.vault, h.events))
	})
}

// difference returns the lines that only one of two texts has.
func difference(want, got string) string {
	var out strings.Builder
	for _, side := range []struct{ sign, text, other string }{{"- ", want, got}, {"+ ", got, want}} {
		there := map[string]bool{}
		for line := range strings.Lines(side.other) {
			there[line] = true
		}
		for line := range strings.Lines(side.text) {
			if !there[line] {
				out.WriteString(side.sign + line)
			}
		}
	}
	return out.String()
}
