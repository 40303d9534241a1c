package es

import (
	"errors"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

func TestFoldStopsAtWhatItCannotApply(t *testing.T) {
	t.Parallel()
	spoil := func(e Event, change func(*Event)) *kgo.Record {
		change(&e)
		r := EventRecord(0, &e)
		r.Offset = 1
		return r
	}
	good := Event{ID: modelCommand(2), Type: placeTaken{}.EventType(), Org: modelOrg(0), Time: modelTime, CommandID: modelCommand(1), Epoch: 1, Pseq: 1, Oseq: 1, Last: true, Data: []byte(`{}`)}
	cases := map[string]struct {
		change func(*Event)
		want   string
	}{
		"a type that nobody knows": {func(e *Event) { e.Type = "place.vanished.v1" }, "unknown event type place.vanished.v1"},
		"data that is no JSON":     {func(e *Event) { e.Data = []byte("{") }, "at 0/1"},
		"data of another form":     {func(e *Event) { e.Data = []byte(`{"org":5}`) }, "at 0/1"},
		"no data":                  {func(e *Event) { e.Data = nil }, "at 0/1"},
		"an oseq that jumps":       {func(e *Event) { e.Oseq = 2 }, "goes from oseq 0 to 2"},
		"an oseq that was there":   {func(e *Event) { e.Oseq = 0 }, "goes from oseq 0 to 0"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := NewFold(quotaDomain(3))
			if _, _, err := f.See(fenceRecord(0, 1)); err != nil {
				t.Fatal(err)
			}
			v, _, err := f.See(spoil(good, c.change))
			if v != Counted || !errors.Is(err, ErrPoison) || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("verdict %d, %v; want %q", v, err, c.want)
			}
		})
	}
	t.Run("not at what is void", func(t *testing.T) {
		t.Parallel()
		f := NewFold(quotaDomain(3))
		for _, r := range []*kgo.Record{fenceRecord(0, 1), spoil(good, func(e *Event) { e.Epoch, e.Data = 2, nil })} {
			if _, _, err := f.See(r); err != nil {
				t.Fatal(err)
			}
		}
		if f.State(modelOrg(0)) != nil {
			t.Fatal("a void event made an organisation")
		}
	})
}
