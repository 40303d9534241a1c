package bounce_test

import (
	"testing"

	"outrider/internal/bounce"
)

func FuzzReadReply(f *testing.F) {
	for _, text := range []string{"550 5.1.1 no", "said: 554-5.7.1 x\n554 5.7.1 y", "10.5.1.1", "#5.1.1", "：550 无", "554 5.0.0 a\n 5.1.1 b"} {
		f.Add(text, "5.1.1")
	}
	f.Fuzz(func(t *testing.T, text, status string) {
		r := bounce.ReadReply(text)
		if r.Code != 0 && (r.Code < 400 || r.Code > 559) || r.Enhanced != "" && r.Enhanced[0] != '4' && r.Enhanced[0] != '5' {
			t.Errorf("got %+v", r)
		}
		r.Enhanced = status
		switch bounce.KindOf(r) {
		case bounce.Hard, bounce.Soft, bounce.Block, bounce.Other:
		default:
			t.Errorf("%+v is of no kind", r)
		}
	})
}
