package processor_test

import (
	"testing"
	"time"

	"outrider/internal/es/processor"
	"outrider/internal/lab/storm"
)

// Two processors, one of them stopped under load: the other has read everything already and reads almost nothing.
func TestAStandbyTakesOverWithoutReadingTheLog(t *testing.T) {
	const partitions = 4
	w := setup(t, partitions)
	first := w.serve(nil)
	g := w.gateway()
	for p := range int32(partitions) {
		for range 50 {
			w.submit(g, storm.TakeSeat(orgOn(p, partitions)))
		}
	}
	standby := w.serve(func(c *processor.Config) { c.Standby = true })
	standby.until("the group is shared out", func() bool {
		n := 0
		for _, st := range standby.state {
			if st.State == processor.Owned {
				n++
			}
		}
		return n == partitions/2
	})
	cold := map[int32]bool{} // came before there was anything to follow
	for _, pr := range standby.Progress() {
		cold[pr.Partition] = true
	}
	commands := 0
	var longest time.Duration
	go func() { first.stop() }()
	began := time.Now()
	for {
		for p := range int32(partitions) {
			asked := time.Now()
			w.submit(g, storm.TakeSeat(orgOn(p, partitions)))
			longest = max(longest, time.Since(asked))
			commands++
		}
		owned := 0
		for _, pr := range standby.Progress() {
			if pr.Owned {
				owned++
			}
		}
		if owned == partitions {
			break
		}
		if time.Since(began) > patience {
			t.Fatal("never taken over")
		}
	}
	t.Logf("longest time without an answer: %v, %d commands", longest, commands)
	for _, pr := range standby.Progress() {
		if pr.From == 0 && !cold[pr.Partition] {
			t.Errorf("partition %d was read from its start by its owner", pr.Partition)
		}
	}
}
