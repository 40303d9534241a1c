package gateway

import (
	"context"
	"math/bits"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es"
)

// Headers of a reply; processor writes them.
const (
	headerFingerprint = "fingerprint"
	headerAsk         = "ask"
)

func (g *Gateway) readReplies(ctx context.Context) {
	defer close(g.read)
	for ctx.Err() == nil {
		fs := g.cons.PollFetches(ctx)
		fs.EachError(func(_ string, p int32, err error) {
			if ctx.Err() == nil {
				g.cfg.Report("replies can't be read", "partition", p, "error", err)
			}
		})
		fs.EachRecord(g.handReply)
	}
}

func (g *Gateway) handReply(r *kgo.Record) {
	if g.broker != nil {
		g.broker.observe(r, time.Now())
	}
	id, err := uuid.FromBytes(r.Key)
	if err != nil {
		return // nobody waits for what isn't a command id
	}
	k := key{id: id}
	for _, h := range r.Headers {
		switch h.Key {
		case headerFingerprint:
			k.fingerprint, _ = strconv.ParseUint(string(h.Value), 16, 64) // 0 = none
		case headerAsk:
			k.ask = true
		}
	}
	g.mu.Lock()
	awaited := len(g.waiters[k]) > 0
	g.mu.Unlock()
	if !awaited {
		return
	}
	if err := g.cfg.Keys.CheckReply(r); err != nil {
		if n := g.Forged.Add(1); bits.OnesCount64(uint64(n)) == 1 {
			g.cfg.Report("an answer that no owner of this installation wrote is passed over", "command", id, "error", err, "passed_over", n)
		}
		return
	}
	var a es.Answer
	if err := es.Unmarshal(r.Value, &a); err != nil {
		g.cfg.Report("reply can't be read", "command", id, "error", err)
		return
	}
	g.giveAnswer(k, a)
}

// giveAnswer reports whether somebody waited.
func (g *Gateway) giveAnswer(k key, a es.Answer) bool {
	g.mu.Lock()
	waiters := g.waiters[k]
	delete(g.waiters, k)
	g.mu.Unlock()
	for _, w := range waiters {
		w <- a // has room for one, and a waiter is taken once
	}
	return len(waiters) > 0
}

// handAnswer takes an answer of this process' own processor. Nobody else is told of it when it was for our partition of replies and awaited
// here: another gateway there that waits for the same command asks again.
func (g *Gateway) handAnswer(r *es.CommandReply) bool {
	given := g.giveAnswer(key{r.Answer.CommandID, r.Fingerprint, r.Ask}, r.Answer)
	if g.broker != nil && g.broker.isOld(time.Now()) {
		g.prod.TryProduce(context.Background(), g.timeRecord(), nil) // one that is lost is sent again
	}
	return given && r.To == g.replies
}
