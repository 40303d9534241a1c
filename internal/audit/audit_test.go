package audit_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/internal/audit"
	"outrider/internal/es"
)

var at = time.Date(2026, 5, 4, 3, 2, 1, 987_654_000, time.UTC)

func numbered(n int) (id uuid.UUID) {
	binary.BigEndian.PutUint32(id[:], uint32(n))
	return id
}

// history is what an organisation might have, with texts that JSON doesn't like.
func history(org uuid.UUID) (all []*es.Event) {
	var chain es.ChainHash
	for i, e := range []es.Event{
		{Type: "lead.created.v1", Subject: numbered(70).String(), Actor: es.Actor{Kind: es.ActorAPIKey, ID: numbered(80).String()}, Origin: "77.b3JpZ2lu", Data: []byte(`{"tags":["a","b"],"profile":{"k":1,"c":"AAAA"}}`)},
		{Type: "lead.updated.v1", Subject: "\xff\xfe", Actor: es.Actor{Kind: "base64:person", ID: "a\"b\\\u2028<é>"}, Data: []byte(`{"a": 1 }`)},
		{Type: "log.odd.v1", Subject: "", Actor: es.Actor{Kind: es.ActorClock, ID: "clock"}, Data: []byte("no JSON\n\xff")},
		{Type: "log.none.v1", Subject: "s", Actor: es.Actor{Kind: es.ActorProvider, ID: "tracking"}},
		{Type: "lead.removed.v1", Subject: "s", Actor: es.Actor{Kind: es.ActorOperator, ID: "o"}, Data: []byte(`{"a":"\u00e9"}`)},
	} {
		e.ID, e.Org, e.Oseq, e.Time = numbered(100+i), org, int64(i)+1, at.Add(time.Duration(i)*time.Second)
		e.CommandID, e.CorrelationID, e.CausationID = numbered(200+i), numbered(300+i), numbered(400+i)
		e.Chain, _ = es.Link(chain, &e, nil)
		chain = e.Chain
		all = append(all, &e)
	}
	return all
}

func ring(t *testing.T) *audit.Keyring {
	t.Helper()
	k, err := audit.NewKeyring()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// export writes a history with checkpoints behind its second and fourth event.
func export(t *testing.T, k *audit.Keyring, org uuid.UUID, after int) []byte {
	t.Helper()
	var out bytes.Buffer
	all := history(org)
	var chain es.ChainHash
	if after > 0 {
		chain = all[after-1].Chain
	}
	w, err := audit.NewWriter(&out, k, org, int64(after), chain, at)
	check(t, err)
	var previous int64
	for i, e := range all {
		c := &audit.Checkpoint{Org: org, Oseq: e.Oseq, Chain: e.Chain, Time: at, Previous: previous}
		if i%2 == 1 {
			c.Sign(k)
			previous = e.Oseq
		}
		if i < after {
			continue
		}
		check(t, w.Event(e))
		if i%2 == 1 {
			check(t, w.Checkpoint(c))
		}
	}
	_, err = w.Close(at)
	check(t, err)
	return out.Bytes()
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAnExportVerifies(t *testing.T) {
	t.Parallel()
	k := ring(t)
	for after := range 6 {
		file := export(t, k, numbered(1), after)
		h, err := audit.Verify(bytes.NewReader(file), k.Public(), numbered(1))
		if err != nil {
			t.Fatalf("%v in\n%s", err, file)
		}
		if h.First != int64(after)+1 || h.Last != 5 || h.Events != int64(5-after) || h.Chain != history(numbered(1))[4].Chain {
			t.Errorf("after %d: %+v", after, h)
		}
	}
}

// refused says that a changed file must be refused, at a line (0 = any).
func refused(t *testing.T, k *audit.Keyring, what string, at int, file []byte, line int) {
	t.Helper()
	_, err := audit.Verify(bytes.NewReader(file), k.Public(), uuid.Nil)
	var bad *audit.BadLine
	if !errors.As(err, &bad) {
		t.Fatalf("%s %d: %v", what, at, err)
	}
	if line > 0 && bad.Line != line {
		t.Fatalf("%s %d: named line %d, want %d: %v", what, at, bad.Line, line, err)
	}
}

func TestEveryChangeIsFound(t *testing.T) {
	t.Parallel()
	k := ring(t)
	file := export(t, k, numbered(1), 0)
	lines := bytes.SplitAfter(file, []byte("\n"))
	lines = lines[:len(lines)-1] // the last is empty
	join := func(l [][]byte) []byte { return bytes.Join(l, nil) }
	t.Run("a byte", func(t *testing.T) {
		t.Parallel()
		line := 1
		for i := range file {
			for _, flip := range []byte{0x01, 0x20, 0x80} { // 0x20 turns a capital letter into a small one
				changed := bytes.Clone(file)
				changed[i] ^= flip
				refused(t, k, "byte", i, changed, line)
			}
			if file[i] == '\n' {
				line++
			}
		}
	})
	t.Run("a byte more or less", func(t *testing.T) {
		t.Parallel()
		line := 1
		for i := range file {
			refused(t, k, "without byte", i, slices.Delete(bytes.Clone(file), i, i+1), line)
			for _, b := range []byte(" \n0") {
				refused(t, k, "byte inserted at", i, slices.Insert(bytes.Clone(file), i, b), 0)
			}
			if file[i] == '\n' {
				line++
			}
		}
		for _, tail := range []string{" ", "\n", "{}", "{}\n", string(lines[len(lines)-1])} {
			refused(t, k, "with a tail", len(tail), append(bytes.Clone(file), tail...), len(lines)+1)
		}
	})
	t.Run("a cut tail", func(t *testing.T) {
		t.Parallel()
		for i := range file {
			refused(t, k, "cut at", i, file[:i], bytes.Count(file[:i], []byte("\n"))+1)
		}
	})
	t.Run("lines", func(t *testing.T) {
		t.Parallel()
		for i := range lines {
			refused(t, k, "without line", i+1, join(slices.Delete(slices.Clone(lines), i, i+1)), 0)
			for j := range len(lines) + 1 {
				refused(t, k, "line twice", i+1, join(slices.Insert(slices.Clone(lines), j, lines[i])), 0)
			}
			for j := range i {
				swapped := slices.Clone(lines)
				swapped[i], swapped[j] = swapped[j], swapped[i]
				first := j + 1
				if bytes.HasPrefix(lines[j], []byte(`{"checkpoint"`)) { // what stands there now may follow, what is missing shows later
					first = 0
				}
				refused(t, k, "swapped", i+1, join(swapped), first)
			}
		}
	})
}

// Lines of other exports under the same key fit nowhere, and neither do whole heads and starts.
func TestAnExportOfAnotherIsFound(t *testing.T) {
	t.Parallel()
	k := ring(t)
	split := func(file []byte) [][]byte {
		l := bytes.SplitAfter(file, []byte("\n"))
		return l[:len(l)-1]
	}
	ours, theirs, later := split(export(t, k, numbered(1), 0)), split(export(t, k, numbered(2), 0)), split(export(t, k, numbered(1), 2))
	for i := range ours {
		mixed := slices.Clone(ours)
		mixed[i] = theirs[i]
		refused(t, k, "line of another organisation", i+1, bytes.Join(mixed, nil), 0)
	}
	refused(t, k, "start of a later export", 0, bytes.Join(append(slices.Clone(later[:1]), ours[1:]...), nil), 2)
	refused(t, k, "head of a later export", 0, bytes.Join(append(slices.Clone(ours[:len(ours)-1]), later[len(later)-1]), nil), len(ours))
	file := bytes.Join(ours, nil)
	if _, err := audit.Verify(bytes.NewReader(file), k.Public(), numbered(2)); err == nil {
		t.Error("it passes for another organisation's")
	}
	if _, err := audit.Verify(bytes.NewReader(file), ring(t).Public(), uuid.Nil); err == nil {
		t.Error("it passes with another key")
	}
}

func TestNothingIsSignedThatWouldNotVerify(t *testing.T) {
	t.Parallel()
	k, org := ring(t), numbered(1)
	all := history(org)
	begin := func() *audit.ExportWriter {
		w, err := audit.NewWriter(&bytes.Buffer{}, k, org, 0, es.ChainHash{}, at)
		check(t, err)
		check(t, w.Event(all[0]))
		return w
	}
	changed := *all[1]
	changed.Data = []byte(`{"a": 2 }`)
	if err := begin().Event(&changed); !errors.Is(err, audit.ErrBroken) {
		t.Errorf("changed event: %v", err)
	}
	if err := begin().Event(all[2]); !errors.Is(err, audit.ErrBroken) {
		t.Errorf("missing event: %v", err)
	}
	signed := func(k *audit.Keyring, chain es.ChainHash) *audit.Checkpoint {
		c := &audit.Checkpoint{Org: org, Oseq: 1, Chain: chain, Time: at}
		c.Sign(k)
		return c
	}
	if err := begin().Checkpoint(signed(k, es.ChainHash{1})); !errors.Is(err, audit.ErrBroken) {
		t.Errorf("checkpoint of another history: %v", err)
	}
	if err := begin().Checkpoint(signed(ring(t), all[0].Chain)); !errors.Is(err, audit.ErrBroken) {
		t.Errorf("checkpoint of another key: %v", err)
	}
	check(t, begin().Checkpoint(signed(k, all[0].Chain)))
}
