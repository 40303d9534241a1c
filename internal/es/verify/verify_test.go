package verify

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/internal/es"
	"outrider/internal/es/logtest"
)

func TestVerifyNamesTheFirstBadPosition(t *testing.T) {
	t.Parallel()
	org := logtest.Org(0, 1)
	for name, c := range map[string]struct {
		spoil func([]*es.Event)
		want  string
	}{
		"a changed fact":               {func(e []*es.Event) { e[1].Data = []byte(`{"n":1000}`) }, "chain of organisation " + org.String() + " breaks at oseq 6"},
		"a number left out":            {func(e []*es.Event) { e[0].Oseq++ }, "goes from oseq 4 to 6"},
		"an id that is not derived":    {func(e []*es.Event) { e[0].ID = uuid.New() }, "of event 0 of command"},
		"another time":                 {func(e []*es.Event) { e[0].Time = e[0].Time.Add(time.Microsecond) }, "breaks at oseq 5"},
		"another actor":                {func(e []*es.Event) { e[0].Actor.ID = "somebody else" }, "breaks at oseq 5"},
		"the chain of another history": {func(e []*es.Event) { e[1].Chain = e[0].Chain }, "breaks at oseq 6"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := logtest.New(t, 1)
			w := logtest.NewWriter(t, log, 0)
			w.Command(org, "a", "b")
			w.Command(org, "a", "b")
			if v, err := Log(t.Context(), log); err != nil || v.Events != 4 || v.Commands != 2 || v.Organizations != 1 {
				t.Fatalf("before: got %+v, %v", v, err)
			}
			events := w.Next(org, "a", "b")
			c.spoil(events)
			w.Append(w.Records(events)...)
			_, err := Log(t.Context(), log)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "partition 0, offset ") {
				t.Fatalf("got %v, want one that says %q with its position", err, c.want)
			}
		})
	}
}

func TestVerifySkipsWhatIsVoid(t *testing.T) {
	t.Parallel()
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	before := w.Command(logtest.Org(0, 1), "a", "b")
	w.Append(w.Records(before)...) // repeated by a broker
	w.Fence()
	w.Command(logtest.Org(0, 2), "a")
	v, err := Log(t.Context(), log)
	if err != nil || v.Events != 3 || v.Voids != 2 || v.Records != 7 {
		t.Fatalf("got %+v, %v, want 3 events, 2 voids, 7 records", v, err)
	}
}
