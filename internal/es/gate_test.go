package es

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"
)

func fenceRecord(offset, epoch int64) *kgo.Record {
	r := FenceRecord(0, epoch, V8([]byte{'f', byte(epoch), 15: 0}), modelTime)
	r.Offset = offset
	return r
}

// eventRecord is an event of a command of its own, or of an unfinished one.
func eventRecord(offset, epoch, pseq int64, last bool) *kgo.Record {
	r := EventRecord(0, &Event{ID: uuid.New(), Type: placeTaken{}.EventType(), Org: modelOrg(0), Time: modelTime, CommandID: modelCommand(1),
		Epoch: epoch, Pseq: pseq, Oseq: pseq, Last: last, Data: []byte(`{"org":"x"}`)})
	r.Offset = offset
	return r
}

func TestGateGaps(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		log  []*kgo.Record
		pseq int64 // counted at the end
		lost string
	}{
		"a harmless gap goes on":                                  {log: []*kgo.Record{fenceRecord(0, 1), eventRecord(1, 1, 1, true), eventRecord(9, 1, 2, true)}, pseq: 2},
		"a gap at the start goes on":                              {log: []*kgo.Record{fenceRecord(4, 1), eventRecord(5, 1, 1, true)}, pseq: 1},
		"a gap before a fence goes on":                            {log: []*kgo.Record{fenceRecord(0, 1), fenceRecord(3, 2), eventRecord(4, 2, 1, true)}, pseq: 1},
		"void records behind a gap are void":                      {log: []*kgo.Record{fenceRecord(0, 1), fenceRecord(1, 2), eventRecord(9, 1, 7, true), eventRecord(10, 2, 1, true)}, pseq: 1},
		"a void jump behind a proven gap":                         {log: []*kgo.Record{fenceRecord(0, 1), eventRecord(5, 1, 1, true), eventRecord(6, 1, 9, true), eventRecord(7, 1, 2, true)}, pseq: 2},
		"a gap that swallowed an event":                           {log: []*kgo.Record{fenceRecord(0, 1), eventRecord(2, 1, 2, true)}, lost: "offsets 1 to 1"},
		"a gap inside a command":                                  {log: []*kgo.Record{fenceRecord(0, 1), eventRecord(1, 1, 1, false), eventRecord(3, 1, 3, true)}, lost: "offsets 2 to 2"},
		"two gaps are told from the first on":                     {log: []*kgo.Record{fenceRecord(0, 1), fenceRecord(3, 2), eventRecord(6, 2, 2, true)}, lost: "offsets 1 to 5"},
		"a gap that swallowed a fence, seen at the next fence":    {log: []*kgo.Record{fenceRecord(0, 1), fenceRecord(2, 3)}, lost: "offsets 1 to 1"},
		"a gap that swallowed a fence, seen at its owner's event": {log: []*kgo.Record{fenceRecord(0, 1), eventRecord(2, 2, 1, true)}, lost: "offsets 1 to 1"},
		"a gap that swallowed a fence, hidden for a while by what the owner before it wrote late": {
			log: []*kgo.Record{fenceRecord(0, 1), eventRecord(2, 1, 1, true), eventRecord(3, 2, 1, true)}, lost: "offsets 1 to 1"},
		"events before a fence that the gap swallowed": {log: []*kgo.Record{fenceRecord(0, 1), fenceRecord(4, 2), eventRecord(5, 2, 3, true)}, lost: "offsets 1 to 3"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := NewGate(StartCheckpoint())
			var err error
			for _, r := range c.log {
				if _, _, _, err = g.See(r); err != nil {
					break
				}
			}
			if c.lost == "" && (err != nil || g.Rule.Complete != c.pseq) {
				t.Fatalf("pseq %d, %v; want %d", g.Rule.Complete, err, c.pseq)
			}
			if c.lost != "" && (!errors.Is(err, ErrLoss) || !strings.Contains(err.Error(), c.lost)) {
				t.Fatalf("got %v, want the loss of %s", err, c.lost)
			}
		})
	}
}

func TestGateTakesNoCheckpointBehindAGapThatMayHideALoss(t *testing.T) {
	t.Parallel()
	g := NewGate(StartCheckpoint())
	see := func(r *kgo.Record, legal bool) {
		t.Helper()
		if _, _, _, err := g.See(r); err != nil {
			t.Fatal(err)
		}
		if _, ok := g.Checkpoint(-1); ok != legal {
			t.Fatalf("after offset %d: checkpoint legal %v, want %v", r.Offset, ok, legal)
		}
	}
	see(fenceRecord(0, 1), true)
	see(eventRecord(1, 1, 1, true), true)
	see(fenceRecord(5, 2), false)
	see(eventRecord(6, 2, 2, false), false)
	see(eventRecord(7, 2, 3, true), true)
	see(fenceRecord(9, 3), false)
}

func TestGateGoesOnFromACheckpoint(t *testing.T) {
	t.Parallel()
	g := NewGate(Checkpoint{Epoch: 3, Pseq: 7, Offset: 20, LeaderEpoch: 5})
	for _, r := range []*kgo.Record{eventRecord(19, 3, 8, true), fenceRecord(20, 3)} {
		if v, _, _, err := g.See(r); v != Void || err != nil {
			t.Fatalf("offset %d: verdict %d, %v", r.Offset, v, err)
		}
	}
	v, _, events, err := g.See(eventRecord(21, 3, 8, true))
	if v != Counted || len(events) != 1 || err != nil {
		t.Fatalf("verdict %d, %d events, %v", v, len(events), err)
	}
	if c, ok := g.Checkpoint(6); !ok || c != (Checkpoint{3, 8, 22, 6}) {
		t.Fatalf("checkpoint %+v", c)
	}
	if v, _, _, _ := g.See(eventRecord(21, 3, 9, true)); v != Void || g.Next != 22 {
		t.Fatal("a record that was fetched again counts again")
	}
}

// Whatever is wrong with a record, it is void, counted and reported, and the partition goes on.
func TestGateMalformedRecords(t *testing.T) {
	t.Parallel()
	set := func(key, value string) func(*kgo.Record) {
		return func(r *kgo.Record) {
			for i := range r.Headers {
				if r.Headers[i].Key == key {
					r.Headers[i].Value = []byte(value)
				}
			}
		}
	}
	without := func(key string) func(*kgo.Record) {
		return func(r *kgo.Record) {
			r.Headers = slices.DeleteFunc(r.Headers, func(h kgo.RecordHeader) bool { return h.Key == key })
		}
	}
	cases := map[string]func(*kgo.Record){"no headers": func(r *kgo.Record) { r.Headers = nil }}
	for _, k := range []string{hID, hType, hTime, hOrg, hCommand, hEpoch, hPseq, hOseq, hChain} {
		cases["without "+k] = without(k)
		cases["empty "+k] = set(k, "")
	}
	for _, k := range []string{hID, hTime, hOrg, hCommand, hOffset, hCorrelation, hCausation, hEpoch, hPseq, hOseq, hChain} {
		cases["unparsable "+k] = set(k, "not what it should be, at all, ever")
		cases["blank in front of "+k] = func(r *kgo.Record) {
			for i := range r.Headers {
				if r.Headers[i].Key == k {
					r.Headers[i].Value = append([]byte(" "), r.Headers[i].Value...)
				}
			}
		}
	}
	cases["negative pseq"] = set(hPseq, "-1")
	cases["signed epoch"] = set(hEpoch, "+1")
	cases["epoch of nobody"] = set(hEpoch, "0")
	cases["epoch beyond 18 digits"] = set(hEpoch, "1000000000000000000")
	cases["id in braces"] = set(hID, "{0197e3a2-7d3c-7aaa-8bbb-0123456789ab}")
	cases["id without dashes"] = set(hID, "0197e3a27d3c7aaa8bbb0123456789ab")
	cases["time without microseconds"] = set(hTime, "2026-03-01T12:00:00Z")
	cases["a day that is none"] = set(hTime, "2026-02-30T12:00:00.000000Z")
	cases["a leap second"] = set(hTime, "2026-12-31T23:59:60.000000Z")
	cases["line break in chain"] = set(hChain, strings.Repeat("A", 42)+"\n")
	cases["loose bits in chain"] = set(hChain, strings.Repeat("A", 42)+"B")
	cases["padded chain"] = set(hChain, strings.Repeat("A", 43)+"=")
	for name, spoil := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := NewGate(StartCheckpoint())
			bad := eventRecord(1, 1, 1, true)
			spoil(bad)
			for i, r := range []*kgo.Record{fenceRecord(0, 1), bad, eventRecord(2, 1, 1, true)} {
				v, _, _, err := g.See(r)
				if want := [...]Verdict{Fenced, Void, Counted}[i]; v != want || err != nil {
					t.Fatalf("offset %d: verdict %d, %v", i, v, err)
				}
			}
			if g.Malformed != 1 || !errors.Is(g.LastBad, ErrMalformed) || !strings.Contains(g.LastBad.Error(), "record 0/1") || g.Rule.Voids != 1 {
				t.Fatalf("malformed %d, voids %d: %v", g.Malformed, g.Rule.Voids, g.LastBad)
			}
		})
	}
}
