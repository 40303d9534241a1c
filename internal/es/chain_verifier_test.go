package es_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/internal/es"
)

func chainOf(org uuid.UUID, n int) (out []*es.Event) {
	var chain es.ChainHash
	for i := range n {
		e := &es.Event{ID: es.NewID(), Type: "note.added.v1", Org: org, Subject: "s", Time: time.UnixMicro(int64(i)).UTC(), Oseq: int64(i) + 1, Last: i != 1, Data: []byte(`{}`)}
		chain, _ = es.Link(chain, e, nil)
		e.Chain = chain
		out = append(out, e)
	}
	return out
}

func TestATrailNoticesWhatIsNotWhole(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(e []*es.Event) []*es.Event{
		"nothing":          func(e []*es.Event) []*es.Event { return e },
		"changed data":     func(e []*es.Event) []*es.Event { e[1].Data = []byte(`[]`); return e },
		"another time":     func(e []*es.Event) []*es.Event { e[1].Time = e[0].Time; return e },
		"one is missing":   func(e []*es.Event) []*es.Event { return append(e[:1:1], e[2]) },
		"one is twice":     func(e []*es.Event) []*es.Event { return append(e[:2:2], e[1], e[2]) },
		"two are swapped":  func(e []*es.Event) []*es.Event { e[0], e[1] = e[1], e[0]; return e },
		"the first is cut": func(e []*es.Event) []*es.Event { return e[1:] },
		"a stranger's":     func(e []*es.Event) []*es.Event { e[1] = chainOf(uuid.New(), 2)[1]; return e },
	} {
		var verifier es.ChainVerifier
		var err error
		for _, e := range spoil(chainOf(uuid.New(), 3)) {
			if err = verifier.Follow(e); err != nil {
				break
			}
		}
		if whole := err == nil && verifier.Oseq == 3 && verifier.Whole; whole != (name == "nothing") || !whole && !errors.Is(err, es.ErrDamaged) {
			t.Errorf("%s: got %v at event %d", name, err, verifier.Oseq)
		}
	}
}
