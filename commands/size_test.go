package commands_test

import (
	"runtime"
	"strconv"
	"testing"

	"outrider/commands"
	"outrider/internal/es"
)

// TestRememberedCommandIDs prints what an answered command costs on the heap: an acceptance, and a refusal with detail.
func TestRememberedCommandIDs(t *testing.T) { // it measures the whole heap
	const n = 50_000
	for name, send := range map[string]commands.Command{"nothing to do": commands.UpdateOrganization{}, "refused": commands.RemoveLead{LeadID: other}} {
		p := newPartition(t)
		p.open(org, limits)
		p.show(len(p.log))
		before := heap()
		for i := range n {
			p.send(org, es.DeriveID(org, name, strconv.Itoa(i)), send)
			p.show(len(p.log))
			p.first, p.log, p.shown = p.first+int64(len(p.log)), nil, 0
			clear(p.outcomes)
		}
		each := (heap() - before) / n
		t.Logf("%s: %d B a remembered command id", name, each)
		if each > 600 {
			t.Errorf("%s: %d B a remembered command id", name, each)
		}
		runtime.KeepAlive(p)
	}
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
