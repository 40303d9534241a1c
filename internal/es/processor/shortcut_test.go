package processor_test

import (
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"outrider/internal/es"
	"outrider/internal/es/gateway"
	"outrider/internal/es/processor"
	"outrider/internal/es/shortcut"
	"outrider/internal/lab/storm"
)

// A gateway in the processor's process gets its answers without a record of replies, the same as a gateway elsewhere gets them with one.
func TestAShortcutLeavesTheTopicOfRepliesOut(t *testing.T) {
	w := setup(t, 2)
	way := &shortcut.Shortcut{}
	near, err := gateway.Open(w.ctx, gateway.Config{Log: w.log, Now: time.Now, Shortcut: way, Replies: 1})
	commandCheck(t, err)
	t.Cleanup(near.Close)
	far, err := gateway.Open(w.ctx, gateway.Config{Log: w.log, Now: time.Now, Replies: 2})
	commandCheck(t, err)
	t.Cleanup(far.Close)
	s := w.serve(func(c *processor.Config) { c.Shortcut = way })
	s.owns(0, 1)
	s.owns(1, 1)
	const each = 40
	ask := func(g *gateway.Gateway) (sent []*es.Command, answers []es.Answer) {
		var all sync.WaitGroup
		var mu sync.Mutex
		for range each {
			org := es.NewID()
			all.Go(func() {
				for i := range 4 { // quota 3
					c := storm.TakeSeat(org)
					a := w.submit(g, c)
					if (a.Outcome == es.Accepted) != (i < 3) {
						t.Errorf("command %d of %s: %+v", i, org, a)
					}
					mu.Lock()
					sent, answers = append(sent, c), append(answers, a)
					mu.Unlock()
				}
			})
		}
		all.Wait()
		return sent, answers
	}
	var bySide [2][]*es.Command
	var answers [2][]es.Answer
	var both sync.WaitGroup
	for n, g := range []*gateway.Gateway{near, far} {
		both.Go(func() { bySide[n], answers[n] = ask(g) })
	}
	both.Wait()
	ends, err := kadm.NewClient(w.cl).ListEndOffsets(w.ctx, w.log.ReplyTopic())
	commandCheck(t, err)
	at := func(p int32) int64 { end, _ := ends.Lookup(w.log.ReplyTopic(), p); return end.Offset }
	if at(0) > near.Repeats.Load() || at(1) < each*4 { // a repeat that nobody awaits any more is answered there
		t.Errorf("%d records of replies for the gateway nearby, %d for the other", at(0), at(1))
	}
	for n, g := range []*gateway.Gateway{far, near} { // the other way round
		for i, c := range bySide[n] {
			if a, b := answers[n][i], w.submit(g, c); a.Outcome != b.Outcome || a.Pseq != b.Pseq || a.Oseq != b.Oseq {
				t.Fatalf("first %+v, again elsewhere %+v", a, b)
			}
		}
	}
	events := 0
	for p := range int32(2) {
		counted, _ := w.counted(p)
		events += len(counted)
	}
	if events != 2*each*7 { // two for each seat, one for the refusal
		t.Errorf("%d events of %d organisations", events, 2*each)
	}
}
