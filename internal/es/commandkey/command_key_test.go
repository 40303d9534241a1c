package commandkey_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es"
	"outrider/internal/es/commandkey"
	"outrider/internal/keyfile"
)

// keys are what a file holds; the test changes them.
type keys struct{ now []commandkey.Key }

func (k *keys) open(t testing.TB) *commandkey.Ring {
	t.Helper()
	r, err := commandkey.Open(func() ([]commandkey.Key, error) { return k.now, nil })
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var time0 = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func fresh(id string) commandkey.Key { return commandkey.Key{ID: id, Secret: keyfile.NewSecret()} }

func record(bytesOfData int) *kgo.Record {
	id := uuid.UUID{1}
	return es.CommandRecord(0, &es.Command{ID: id, Type: "plan.change.v1", Org: id, Time: time0, Actor: es.Actor{Kind: es.ActorAPIKey, ID: id.String()},
		CorrelationID: id, CausationID: id, ReplyTo: 3, Data: bytes.Repeat([]byte("x"), bytesOfData)})
}

// Whatever of a signed record is changed, it isn't taken for ours any more.
func TestAnyChangeIsNoticed(t *testing.T) {
	t.Parallel()
	ours := (&keys{[]commandkey.Key{fresh("a")}}).open(t)
	signed := record(100)
	ours.SignCommand(signed)
	if err := ours.CheckCommand(signed); err != nil {
		t.Fatal(err)
	}
	last := len(signed.Headers) - 1
	changes := map[string]func(r *kgo.Record){
		"value":      func(r *kgo.Record) { r.Value = append(slices.Clone(r.Value), ' ') },
		"key":        func(r *kgo.Record) { r.Key = []byte("other") },
		"no MAC":     func(r *kgo.Record) { r.Headers = r.Headers[:last] },
		"no headers": func(r *kgo.Record) { r.Headers = nil },
		"a header behind it": func(r *kgo.Record) {
			r.Headers = append(r.Headers, kgo.RecordHeader{Key: "ce_actorkind", Value: []byte("operator")})
		},
		"a header before it":   func(r *kgo.Record) { r.Headers = slices.Insert(r.Headers, last, kgo.RecordHeader{Key: "ce_x"}) },
		"two headers change":   func(r *kgo.Record) { r.Headers[0], r.Headers[1] = r.Headers[1], r.Headers[0] },
		"the MAC of an answer": func(r *kgo.Record) { r.Headers = r.Headers[:last]; ours.SignReply(r) },
		"a shorter MAC":        func(r *kgo.Record) { r.Headers[last].Value = r.Headers[last].Value[:20] },
		"a longer MAC":         func(r *kgo.Record) { r.Headers[last].Value = append(slices.Clone(r.Headers[last].Value), 'A') },
		"an empty MAC":         func(r *kgo.Record) { r.Headers[last].Value = []byte("a.") },
		"an unknown key":       func(r *kgo.Record) { r.Headers[last].Value = append([]byte("b"), r.Headers[last].Value[1:]...) },
		"another installation's": func(r *kgo.Record) {
			r.Headers = r.Headers[:last]
			(&keys{[]commandkey.Key{fresh("a")}}).open(t).SignCommand(r)
		},
	}
	for i := range signed.Headers {
		changes["header "+signed.Headers[i].Key] = func(r *kgo.Record) {
			v := slices.Clone(r.Headers[i].Value)
			v[len(v)/2] ^= 1
			r.Headers[i].Value = v
		}
		changes["name of header "+signed.Headers[i].Key] = func(r *kgo.Record) { r.Headers[i].Key += "x" }
	}
	for name, change := range changes {
		r := &kgo.Record{Key: signed.Key, Value: signed.Value, Headers: slices.Clone(signed.Headers)}
		change(r)
		if err := ours.CheckCommand(r); !errors.Is(err, commandkey.ErrForged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestKeysRotateBesideWhatRuns(t *testing.T) {
	t.Parallel()
	file := &keys{[]commandkey.Key{fresh("old")}}
	sender, owner := file.open(t), file.open(t)
	signedBy := func(r *commandkey.Ring) (*kgo.Record, string) {
		c := record(10)
		r.SignCommand(c)
		id, _, _ := strings.Cut(string(c.Headers[len(c.Headers)-1].Value), ".")
		return c, id
	}
	before, _ := signedBy(sender)
	next := fresh("new")
	next.Staged = true
	file.now = append(file.now, next)
	if _, id := signedBy(file.open(t)); id != "old" {
		t.Fatalf("a staged key signs: %s", id)
	}
	next.Staged = false
	file.now = []commandkey.Key{next, file.now[0]}
	after, id := signedBy(file.open(t)) // a process that starts now
	if id != "new" {
		t.Fatalf("signed by %s", id)
	}
	for _, c := range []*kgo.Record{before, after} {
		if err := owner.CheckCommand(c); err != nil { // who runs learns the new key as it meets it
			t.Fatal(err)
		}
	}
	file.now = file.now[:1]
	if err := file.open(t).CheckCommand(before); !errors.Is(err, commandkey.ErrForged) {
		t.Fatalf("the key is gone, its commands count: %v", err)
	}
}

func TestARingNeedsAKeyThatSigns(t *testing.T) {
	t.Parallel()
	staged := fresh("a")
	staged.Staged = true
	for name, of := range map[string][]commandkey.Key{"none": nil, "staged only": {staged}, "short": {{ID: "a", Secret: []byte("short")}}, "a dot": {fresh("a.b")}, "no id": {fresh("")}} {
		if _, err := commandkey.Open(func() ([]commandkey.Key, error) { return of, nil }); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
	var none *commandkey.Ring
	r := record(1)
	n := len(r.Headers)
	none.SignCommand(r)
	if err := none.CheckCommand(r); err != nil || len(r.Headers) != n {
		t.Fatalf("without keys: %v, %d headers", err, len(r.Headers))
	}
}

func BenchmarkSignCommand(b *testing.B) {
	ours := (&keys{[]commandkey.Key{fresh("a")}}).open(b)
	r := record(300)
	n := len(r.Headers)
	b.ReportAllocs()
	for b.Loop() {
		r.Headers = r.Headers[:n]
		ours.SignCommand(r)
	}
}

func BenchmarkCheckCommand(b *testing.B) {
	ours := (&keys{[]commandkey.Key{fresh("a")}}).open(b)
	r := record(300)
	ours.SignCommand(r)
	b.ReportAllocs()
	for b.Loop() {
		if err := ours.CheckCommand(r); err != nil {
			b.Fatal(err)
		}
	}
}
