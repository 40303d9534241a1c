package api

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
)

func TestAFoldIsKeptBriefly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, err := newPasts()
		if err != nil {
			t.Fatal(err)
		}
		of := subject{org: uuid.New()}
		take := func() *keptFold {
			x, err := p.take(t.Context(), of)
			if err != nil {
				t.Fatal(err)
			}
			return x
		}
		m := &moment{}
		x := take()
		x.m = m
		p.leave(of, x)
		for range 3 { // each question makes it longer
			time.Sleep(keptFor - time.Second)
			if x = take(); x.m != m {
				t.Fatal("it is gone")
			}
			p.leave(of, x)
		}
		time.Sleep(keptFor + time.Second)
		if x = take(); x.m != nil || p.folds.Len() != 1 {
			t.Error("it is there yet")
		}
		if p.leave(of, x); p.folds.Len() != 0 {
			t.Error("what is ended is kept")
		}
	})
}
