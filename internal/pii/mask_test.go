package pii_test

import (
	"testing"

	"outrider/internal/pii"
)

func TestMasksAreStableAndClear(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{"john@example.com": "j***@e***.com", "ö@sub.example.co.uk": "ö***@s***.uk", "example.com": "e***.com", "localhost": "l***", "a@b@example.com": "a***@e***.com", "": "", "x@": "x***@", ".": ".***"} {
		if got := pii.MaskContact(value); got != want {
			t.Errorf("contact %q: got %q, want %q", value, got, want)
		}
		if again := pii.MaskContact(pii.MaskContact(value)); len(again) > len(want)+6 {
			t.Errorf("masked twice %q grows to %q", value, again)
		}
	}
	for name, want := range map[string]string{"Jörg": "J***", "李": "李***", "": "", "X": "X***"} {
		if got := pii.MaskName(name); got != want {
			t.Errorf("name %q: got %q, want %q", name, got, want)
		}
	}
	if pii.MaskText("Dear Ann") != "***" || pii.MaskText("") != "" {
		t.Error("a text isn't withheld, or none is claimed to be there")
	}
	for text, want := range map[string]string{
		"550 <john.doe@mail.example.com>: no such user": "550 <j***@m***.com>: no such user",
		"leads of ann@example.com, bob@example.org.":    "leads of a***@e***.com, b***@e***.org.",
		"nobody @ home":          "nobody @ home",
		"mailto:ann@example.com": "mailto:a***@e***.com",
		"no address":             "no address",
	} {
		if got := pii.MaskAddresses(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
