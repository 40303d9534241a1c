package es

import (
	"encoding/binary"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

func numbered(i int) uuid.UUID {
	var id uuid.UUID
	binary.BigEndian.PutUint32(id[:], uint32(i+1))
	return id
}

func TestWindowForgetsByAge(t *testing.T) {
	t.Parallel()
	var w answerHistory
	knows := func(i int) bool { _, _, ok := w.answerTo(numbered(i), 0); return ok }
	w.addAnswer(&Answer{CommandID: numbered(0), Outcome: Accepted, Time: modelTime}, 0)
	w.addAnswer(&Answer{CommandID: numbered(1), Outcome: Accepted, Time: modelTime.Add(time.Microsecond)}, 0)
	w.addAnswer(&Answer{CommandID: numbered(2), Outcome: Accepted, Time: modelTime.Add(WindowAge)}, 0)
	if !knows(0) || !knows(1) || !knows(2) {
		t.Fatal("forgotten within 24 h")
	}
	w.addAnswer(&Answer{CommandID: numbered(3), Outcome: Accepted, Time: modelTime.Add(WindowAge + time.Microsecond)}, 0)
	if knows(0) || !knows(1) {
		t.Fatalf("after 24 h and a microsecond: knows the first %v, the second %v", knows(0), knows(1))
	}
	w.addAnswer(&Answer{CommandID: numbered(0), Outcome: Refused, Time: modelTime.Add(WindowAge + time.Second)}, 0)
	if a, _, ok := w.answerTo(numbered(0), 0); !ok || a.Outcome != Refused {
		t.Fatalf("an id that comes back after it was forgotten: %+v", a)
	}
}

func TestWindowForgetsByCount(t *testing.T) {
	t.Parallel()
	var w answerHistory
	for i := range WindowSize + 3_000 {
		w.addAnswer(&Answer{CommandID: numbered(i), Outcome: Accepted, Time: modelTime}, 0)
		if len(w.answers) > WindowSize || len(w.answers) != len(w.order)-w.head {
			t.Fatalf("%d answers, %d in order", len(w.answers), len(w.order)-w.head)
		}
	}
	if _, _, ok := w.answerTo(numbered(2_999), 0); ok || len(w.answers) != WindowSize {
		t.Fatalf("%d remembered", len(w.answers))
	}
	if _, _, ok := w.answerTo(numbered(3_000), 0); !ok {
		t.Fatal("one of the newest 100,000 is forgotten")
	}
	if cap(w.order) > 3*WindowSize {
		t.Fatalf("order has grown to %d", cap(w.order))
	}
}

// What the window gives back is what was put in, whatever the answer says.
func TestWindowKeepsAnswers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		subject := rapid.OneOf(rapid.String(), rapid.Just(uuid.NewString()), rapid.Just("ABCDEFAB-CDEF-7BCD-8FAB-CDEFABCDEFAB"), rapid.Just("{"+uuid.NewString()+"}"), rapid.Just(uuid.Nil.String()))
		in := Answer{CommandID: numbered(1), Outcome: rapid.SampledFrom([]Outcome{Accepted, Refused, Noop}).Draw(t, "outcome"), Code: rapid.SampledFrom([]string{"", "no"}).Draw(t, "code"),
			Subject: subject.Draw(t, "subject"), Time: modelTime.Add(time.Duration(rapid.Int64Range(0, 1e12).Draw(t, "microseconds")) * time.Microsecond), Partition: 3, Pseq: rapid.Int64().Draw(t, "pseq"), Oseq: rapid.Int64().Draw(t, "oseq")}
		if rapid.Bool().Draw(t, "has detail") {
			in.Detail = []byte(`{"limit":3}`)
		}
		fp := rapid.Uint64().Draw(t, "fingerprint")
		var w answerHistory
		w.addAnswer(&in, fp)
		if out, f, ok := w.answerTo(in.CommandID, 3); !ok || f != fp || !reflect.DeepEqual(out, in) {
			t.Fatalf("%+v (%x), put in %+v (%x)", out, f, in, fp)
		}
	})
}

// A live owner and one that has only read the log know the same ids with the same answers, and the same of all else.
func TestOwnersForgetAlike(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		p := newPartition(t, scriptDomain())
		now := modelTime
		for i := range rapid.IntRange(1, 40).Draw(rt, "commands") {
			now = now.Add(time.Duration(rapid.SampledFrom([]int{-60, 0, 1, 5 * 3600, 23 * 3600, 25 * 3600}).Draw(rt, "later")) * time.Second)
			c := ordered(byte(rapid.IntRange(0, 9).Draw(rt, "id")), rapid.SampledFrom([]string{"do.one.v1", "do.two.v1", "do.nothing.v1", "do.refuse.v1", "do.tell.v1", AskType}).Draw(rt, "type"))
			c.Time, c.Org = now, modelOrg(byte(rapid.IntRange(0, 1).Draw(rt, "org")))
			c.Fingerprint = uint64(rapid.IntRange(0, 1).Draw(rt, "fingerprint"))
			if replies := p.land(p.command(c)); len(replies) != 1 {
				rt.Fatalf("command %d: %d replies", i, len(replies))
			}
		}
		f := NewFold(scriptDomain())
		for _, r := range p.log {
			if _, _, err := f.See(r); err != nil {
				rt.Fatal(err)
			}
		}
		for id, live := range p.owner.fold.orgs {
			if live.oseq == 0 {
				continue // only asked about
			}
			read := f.orgs[id]
			if read == nil || !reflect.DeepEqual(known(live), known(read)) || !slices.Equal(live.ids.order[live.ids.head:], read.ids.order[read.ids.head:]) {
				rt.Fatalf("organisation %s: live %v, read %v", id, known(live), known(read))
			}
			if live.oseq != read.oseq || live.chain != read.chain || !live.time.Equal(read.time) || !reflect.DeepEqual(live.state, read.state) {
				rt.Fatalf("organisation %s: live %+v, read %+v", id, live, read)
			}
		}
	})
}

func known(o *organization) (out []string) {
	for _, id := range slices.SortedFunc(maps.Keys(o.ids.answers), func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) }) {
		a, fp, _ := o.ids.answerTo(id, 0)
		out = append(out, fmt.Sprintf("%+v %x", a, fp))
	}
	return out
}
