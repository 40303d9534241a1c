package erasure

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/engines/enginestest"
	"outrider/internal/es"
	"outrider/internal/pii"
	"outrider/internal/postgres/postgrestest"
)

func TestMain(m *testing.M) { enginestest.Main(m) }

// TestAValueIsFoundInEveryForm looks for it between other bytes, whichever base64 begins at and wherever a read is cut.
func TestAValueIsFoundInEveryForm(t *testing.T) {
	t.Parallel()
	const value = "Zoë@Example.test"
	n, ok := NewNeedle(value)
	if !ok {
		t.Fatal("not taken")
	}
	little := func(s string) (b []byte) {
		for _, u := range utf16.Encode([]rune(s)) {
			b = append(b, byte(u), byte(u>>8))
		}
		return b
	}
	forms := map[string][]byte{"plain": []byte(value), "lower case": []byte(strings.ToLower(value)), "upper case": []byte(strings.ToUpper(value)), "UTF-16": little(value), "hex": []byte(hex.EncodeToString([]byte(value))),
		"hex of UTF-16": []byte(hex.EncodeToString(little(value))), "percent": []byte("Zo%C3%AB%40Example.test")}
	for i, before := range []string{"", "x", "xy", "xyz"} {
		forms["base64 "+before] = []byte(base64.StdEncoding.EncodeToString([]byte(before + value + strings.Repeat("y", i))))
	}
	for name, form := range forms {
		data := bytes.Join([][]byte{bytes.Repeat([]byte{7}, searchPart-len(form)/2), form, bytes.Repeat([]byte{8}, 99)}, nil)
		if found, err := Search(bytes.NewReader(data), []Needle{n}); err != nil || len(found) != 1 {
			t.Errorf("%s: found %v, %v", name, found, err)
		}
		if found, err := Search(iotest.OneByteReader(bytes.NewReader(form)), []Needle{n}); err != nil || len(found) != 1 {
			t.Errorf("%s, byte by byte: found %v, %v", name, found, err)
		}
	}
	if found, err := Search(strings.NewReader("Zoe@example.test"), []Needle{n}); err != nil || len(found) != 0 {
		t.Errorf("another value: found %v, %v", found, err)
	}
	if _, ok := NewNeedle("abc"); ok {
		t.Error("three letters are taken")
	}
}

// TestWhoCameBackKeepsTheirKey: a vault that knows of no erasure yet is told of old ones, and of who became a lead again since.
func TestWhoCameBackKeepsTheirKey(t *testing.T) {
	t.Parallel()
	master, err := pii.NewMaster(bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	vault, err := pii.NewVault(postgrestest.New(t).Pools.Vault, master, pii.Options{})
	if err != nil {
		t.Fatal(err)
	}
	org, gone, back := uuid.New(), uuid.New(), uuid.New()
	keys, err := vault.Keys(t.Context(), org, []uuid.UUID{gone, back})
	if err != nil {
		t.Fatal(err)
	}
	found := foundErasures{}
	read := func(p events.Event) {
		t.Helper()
		data, err := es.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if err := found.readEvent(&es.Event{ID: es.NewID(), Type: p.EventType(), Org: org, Subject: p.AggregateID(), Data: data}); err != nil {
			t.Fatal(err)
		}
	}
	created := func(lead uuid.UUID, key int64) events.LeadCreated {
		return events.LeadCreated{LeadRef: events.LeadRef{LeadID: lead}, Profile: events.Sealed{K: key, C: []byte{1}}}
	}
	read(created(gone, 5))
	read(events.LeadErased{LeadRef: events.LeadRef{LeadID: gone}})
	read(events.LeadErased{LeadRef: events.LeadRef{LeadID: back}})
	read(created(back, int64(keys[1].ID)))
	if err := found.applyTo(t.Context(), vault); err != nil {
		t.Fatal(err)
	}
	for lead, want := range map[uuid.UUID]bool{gone: false, back: true} {
		if has, err := vault.HasKey(t.Context(), org, lead); err != nil || has != want {
			t.Errorf("key %v, %v; want %v", has, err, want)
		}
	}
}
