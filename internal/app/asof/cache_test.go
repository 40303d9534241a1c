package asof

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
)

func TestAFoldIsKeptBriefly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, err := NewCache[Subject, Snapshot](maxSnapshots, keepSnapshot)
		if err != nil {
			t.Fatal(err)
		}
		of := Subject{Org: uuid.New()}
		use := func(keep *Snapshot) (kept *Snapshot) {
			if err := c.Use(t.Context(), of, func(found *Snapshot) (*Snapshot, error) {
				kept = found
				return keep, nil
			}); err != nil {
				t.Fatal(err)
			}
			return kept
		}
		s := &Snapshot{}
		use(s)
		for range 3 { // each question makes it longer
			time.Sleep(keepSnapshot - time.Second)
			if use(s) != s {
				t.Fatal("it is gone")
			}
		}
		time.Sleep(keepSnapshot + time.Second)
		if err := c.Use(t.Context(), of, func(found *Snapshot) (*Snapshot, error) {
			if found != nil || c.entries.Len() != 1 {
				t.Error("it is there yet")
			}
			return nil, nil
		}); err != nil {
			t.Fatal(err)
		}
		if c.entries.Len() != 0 {
			t.Error("what is ended is kept")
		}
	})
}
