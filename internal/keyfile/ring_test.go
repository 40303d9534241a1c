package keyfile_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"outrider/internal/keyfile"
)

func TestARingIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	keys := []keyfile.RingKey{{ID: "2", Secret: keyfile.NewSecret()}, {ID: "1", Secret: keyfile.NewSecret()}}
	got, err := keyfile.ParseRing(keyfile.FormatRing(keys)+"\n", keyfile.IDOf)
	if err != nil || len(got) != 2 || got[0].ID != "2" || got[1].ID != "1" || !bytes.Equal(got[0].Secret, keys[0].Secret) || !bytes.Equal(got[1].Secret, keys[1].Secret) {
		t.Fatalf("%+v, %v", got, err)
	}
	bare := base64.StdEncoding.EncodeToString(keys[0].Secret)
	if got, err := keyfile.ParseRing(bare, keyfile.IDOf); err != nil || got[0].ID != keyfile.IDOf(keys[0].Secret) {
		t.Fatalf("a key without an id: %+v, %v", got, err)
	}
	for _, text := range []string{"", "\n\n", "1 2 " + bare, "1 x" + bare, "1 AAAA", bare + " " + "1"} {
		if got, err := keyfile.ParseRing(text, keyfile.IDOf); err == nil || strings.Contains(err.Error(), bare) {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
}
