package gateway

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	// maxAhead is how far a command's time may be ahead of the broker's clock. An owner makes its partition wait for a command that is
	// that far ahead of its own clock (package processor), so a client whose clock is wrong must not be further ahead.
	maxAhead = 2 * time.Second
	// sampleAge is how long a reading of the broker's clock is kept although a newer one is earlier, as that one came late.
	sampleAge = time.Minute
)

// brokerClock estimates the broker's clock from the times that it gives to the records of replies. The time between two readings is
// measured, so setting this machine's clock changes nothing. Safe for concurrent use.
type brokerClock struct {
	seen chan struct{} // closed when a record of replies was read

	mu    sync.Mutex
	time  time.Time // the broker's, at least, at the moment read
	read  time.Time // with a monotonic reading
	asked time.Time // when the reading was last said to be old
}

func newBrokerClock() *brokerClock { return &brokerClock{seen: make(chan struct{})} }

// observe takes the time of a record that was just read: the broker's clock isn't earlier than that.
func (c *brokerClock) observe(r *kgo.Record, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.seen:
	default:
		close(c.seen)
	}
	const logAppendTime = 1
	if r.Attrs.TimestampType() != logAppendTime {
		return // the producer's clock
	}
	if since := now.Sub(c.read); c.read.IsZero() || since > sampleAge || r.Timestamp.After(c.time.Add(since)) {
		c.time, c.read = r.Timestamp, now
	}
}

// bound returns t, or the latest time that a command may have if t is later.
func (c *brokerClock) bound(t, now time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.read.IsZero() {
		return t
	}
	if latest := c.time.Add(now.Sub(c.read) + maxAhead); t.After(latest) {
		return latest.UTC().Truncate(time.Microsecond)
	}
	return t
}

// learnBrokerTime writes a record that answers nobody to our partition of replies, and waits until it is read. Without it the first
// commands would carry the time of an unchecked clock.
func (g *Gateway) learnBrokerTime(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, deliver)
	defer cancel()
	r := g.timeRecord()
	if err := g.prod.ProduceSync(ctx, r).FirstErr(); err != nil {
		return fmt.Errorf("ask for the broker's time: %w", err)
	}
	select {
	case <-g.broker.seen:
	case <-ctx.Done():
		return fmt.Errorf("ask for the broker's time: %w", ctx.Err())
	}
	if g.broker.known() {
		return nil
	}
	g.cfg.Report("the broker doesn't say when it took a record, as the embedded one doesn't; the clock of this machine is not compared with its", "topic", r.Topic)
	return nil
}

// timeRecord answers nobody.
func (g *Gateway) timeRecord() *kgo.Record {
	return &kgo.Record{Topic: g.cfg.Log.ReplyTopic(), Partition: g.replies, Key: []byte("time")}
}

// isOld reports whether the broker's clock was last read long ago, once in a while.
func (c *brokerClock) isOld(now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.read.IsZero() || now.Sub(c.read) < sampleAge || now.Sub(c.asked) < sampleAge {
		return false
	}
	c.asked = now
	return true
}

func (c *brokerClock) known() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.read.IsZero()
}
