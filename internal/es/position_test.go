package es

import (
	"testing"

	"pgregory.net/rapid"
)

func TestPositionTokens(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := Position{rapid.Int32Min(0).Draw(t, "generation"), rapid.Int32Min(0).Draw(t, "partition"), rapid.Int64Min(0).Draw(t, "pseq")}
		if got, err := ParsePosition(p.String()); err != nil || got != p {
			t.Fatalf("%s: %+v, %v; want %+v", p, got, err, p)
		}
	})
	for _, s := range []string{"", ".", "..", "1.2", "1.2.3.4", "1.2.-3", "1.2.+3", "1..3", " 1.2.3", "1.2.3 ", "1.2.§", "zzzzzzz.0.0", "0.zzzzzzz.0", "0.0.zzzzzzzzzzzzzz"} {
		if p, err := ParsePosition(s); err == nil {
			t.Errorf("%q is read as %+v", s, p)
		}
	}
}
