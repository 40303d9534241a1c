package es

import (
	"testing"

	"github.com/google/uuid"
)

// fence and event are short for entries of the log.
func fence(epoch int64) *Entry { return &Entry{Fence: true, Epoch: epoch, Nonce: uuid.New()} }

func event(epoch, pseq int64, command byte, last bool) *Entry {
	return &Entry{Epoch: epoch, Event: &Event{Epoch: epoch, Pseq: pseq, CommandID: modelCommand(command), Last: last}}
}

func TestRule(t *testing.T) {
	t.Parallel()
	type step struct {
		entry *Entry
		want  Verdict
		count int // events that count with it
	}
	cases := map[string][]step{
		"the first fence has epoch 1":                 {{fence(2), Void, 0}, {fence(0), Void, 0}, {fence(1), Fenced, 0}, {fence(1), Void, 0}, {fence(3), Void, 0}, {fence(2), Fenced, 0}},
		"an event needs a fence":                      {{event(1, 1, 1, true), Void, 0}, {fence(1), Fenced, 0}, {event(1, 1, 1, true), Counted, 1}},
		"pseq is dense and repeats are void":          {{fence(1), Fenced, 0}, {event(1, 2, 1, true), Void, 0}, {event(1, 1, 1, true), Counted, 1}, {event(1, 1, 1, true), Void, 0}, {event(1, 2, 2, true), Counted, 1}},
		"a command counts with its last event":        {{fence(1), Fenced, 0}, {event(1, 1, 1, false), Pending, 0}, {event(1, 2, 1, false), Pending, 0}, {event(1, 3, 1, true), Counted, 3}},
		"an event of another command does not mix":    {{fence(1), Fenced, 0}, {event(1, 1, 1, false), Pending, 0}, {event(1, 2, 2, true), Void, 0}, {event(1, 2, 1, true), Counted, 2}},
		"a repeat inside a command is void":           {{fence(1), Fenced, 0}, {event(1, 1, 1, false), Pending, 0}, {event(1, 1, 1, false), Void, 0}, {event(1, 2, 1, true), Counted, 2}},
		"a fence voids an unfinished command":         {{fence(1), Fenced, 0}, {event(1, 1, 1, false), Pending, 0}, {fence(2), Fenced, 0}, {event(1, 2, 1, true), Void, 0}, {event(2, 1, 1, true), Counted, 1}},
		"a void fence leaves an unfinished command":   {{fence(1), Fenced, 0}, {event(1, 1, 1, false), Pending, 0}, {fence(1), Void, 0}, {event(1, 2, 1, true), Counted, 2}},
		"what an earlier owner writes is void":        {{fence(1), Fenced, 0}, {event(1, 1, 1, true), Counted, 1}, {fence(2), Fenced, 0}, {event(1, 2, 2, true), Void, 0}, {event(2, 2, 2, true), Counted, 1}},
		"what a later owner writes too early is void": {{fence(1), Fenced, 0}, {event(2, 1, 1, true), Void, 0}, {event(1, 1, 1, true), Counted, 1}},
	}
	for name, steps := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r Rule
			voids := int64(0)
			for i, s := range steps {
				v, events := r.See(s.entry)
				if v != s.want || len(events) != s.count {
					t.Fatalf("step %d: verdict %d with %d events, want %d with %d", i, v, len(events), s.want, s.count)
				}
				if v == Void {
					voids++
				}
				if v == Fenced && r.Owner != s.entry.Nonce {
					t.Fatalf("step %d: owner %s, want %s", i, r.Owner, s.entry.Nonce)
				}
				if r.Open() != (v == Pending || v == Void && r.Pseq > r.Complete) {
					t.Fatalf("step %d: open %v", i, r.Open())
				}
			}
			if r.Voids < voids {
				t.Fatalf("%d voids, saw %d", r.Voids, voids)
			}
		})
	}
}

func TestRuleCountsTheVoidsOfAnUnfinishedCommand(t *testing.T) {
	t.Parallel()
	var r Rule
	for _, e := range []*Entry{fence(1), event(1, 1, 1, false), event(1, 2, 1, false), fence(2)} {
		r.See(e)
	}
	if r.Voids != 2 || r.Pseq != 0 || r.Open() {
		t.Fatalf("voids %d, pseq %d, open %v", r.Voids, r.Pseq, r.Open())
	}
}
