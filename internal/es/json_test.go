package es_test

import (
	"testing"

	"outrider/internal/es"
)

func TestStoredBytes(t *testing.T) {
	t.Parallel()
	type fact struct {
		Names  map[string]int `json:"names"`
		List   []string       `json:"list"`
		Text   string         `json:"text"`
		Change *string        `json:"change,omitzero"`
	}
	empty := ""
	for range 50 { // a map's order is chance
		b, err := es.Marshal(fact{Names: map[string]int{"z": 1, "a": 2, "m": 3}, Text: "<&>\u2028", Change: &empty})
		if want := `{"names":{"a":2,"m":3,"z":1},"list":[],"text":"<&>` + "\u2028" + `","change":""}`; err != nil || string(b) != want {
			t.Fatalf("stored as %s, %v", b, err)
		}
	}
	if _, err := es.Marshal("\xff"); err == nil {
		t.Error("text that isn't UTF-8 is stored")
	}
	var f fact
	if err := es.Unmarshal([]byte(`{"unknown":1,"text":"x"}`), &f); err != nil || f.Text != "x" || f.Change != nil {
		t.Errorf("read as %+v, %v", f, err)
	}
	if err := es.Unmarshal([]byte(`{"text":"x","text":"y"}`), &f); err == nil {
		t.Error("a name that stands twice is read")
	}
}
