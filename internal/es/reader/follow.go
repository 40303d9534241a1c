package reader

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es"
)

// Config says what to read of a partition and in which portions. The zero value of an option is its default.
type Config struct {
	Partition int32
	From      es.Checkpoint // es.StartCheckpoint for all of it
	MaxEvents int           // in a batch, 0 = 4000; one command may go beyond
	MaxBytes  int           // of data in a batch, 0 = 16 MiB; one command may go beyond
	Linger    time.Duration // how long a batch that isn't full waits for more, from its first event; 0 = not at all
	Together  bool          // batches stop lingering at the same moments, whatever their partition; most of them sooner than Linger
	Wanted    *Wanted       // up to where a batch doesn't linger; nil = nobody waits
	Cut       int64         // the first batch ends with this pseq exactly, whatever its size; 0 = no matter
	Decode    es.Decoder    // nil = Payload stays nil
	Decoders  int           // goroutines that decode a batch, 0 = 1
	Report    func(what string, attrs ...any)

	Wants func(string) bool // event types; a Subscription passes over commands without such an event. nil = every command comes
}

// Batch is some complete commands' events, in order, and the checkpoint after them.
type Batch struct {
	Events     []*es.Event
	Checkpoint es.Checkpoint
	Behind     int64 // records known to follow in the log
}

// After returns the checkpoint after an event of the batch that is the last of its command.
func (b Batch) After(e *es.Event) es.Checkpoint {
	return es.Checkpoint{Epoch: e.Epoch, Pseq: e.Pseq, Offset: e.Offset + 1, LeaderEpoch: b.Checkpoint.LeaderEpoch}
}

// Follow delivers batches until ctx ends (nil), fn fails, or continuing would be wrong: ErrTruncated, es.ErrLoss,
// es.ErrPoison (an event that Decode refuses; what came before it was delivered). Batches contain whatever is there;
// the next one is fetched and decoded while fn works.
func (r *Reader) Follow(ctx context.Context, cfg Config, fn func(context.Context, Batch) error) error {
	cfg.Wants = nil // a batch has no holes
	sub, err := r.Subscribe(ctx, cfg)
	if err != nil {
		return dropIfEnded(ctx, err)
	}
	defer sub.Close()
	ctx, cancel := context.WithCancel(ctx)
	out := make(chan Batch)
	failed := make(chan error, 1)
	go func() {
		defer close(out)
		failed <- assembleBatches(ctx, cfg, sub, out)
	}()
	defer func() {
		cancel()
		for range out { // wait for assembleBatches: it uses the subscription
		}
	}()
	for b := range out {
		if err := fn(ctx, b); err != nil {
			return dropIfEnded(ctx, err)
		}
	}
	return dropIfEnded(ctx, <-failed)
}

func dropIfEnded(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil //nolint:nilerr // the caller ended it
	}
	return err
}

// lingerEnd is when a batch whose first event came then stops waiting for more.
func (cfg Config) lingerEnd(first time.Time) time.Time {
	end := first.Add(cfg.Linger)
	if cfg.Together {
		return end.Truncate(cfg.Linger)
	}
	return end
}

// takeAll takes commands until the batch is full or there is nothing more.
func (a *assembler) takeAll(ctx context.Context, sub *Subscription) {
	for a.failed == nil && !a.isFull() {
		c, err := sub.Next(ctx)
		if c == nil {
			a.decodeFresh()
			if a.failed == nil {
				a.failed = err
			}
			return
		}
		a.takeCommand(c)
	}
	a.decodeFresh()
}

// assembleBatches turns what comes into batches. A batch that can't be delivered yet grows.
func assembleBatches(ctx context.Context, cfg Config, sub *Subscription, out chan<- Batch) error {
	a := newAssembler(cfg)
	var linger <-chan time.Time
	for {
		a.takeAll(ctx, sub)
		var ready chan<- Batch
		var more <-chan struct{}
		if a.failed == nil && !a.isFull() {
			more = sub.Ready()
		}
		if len(a.events) > 0 && a.cutReached() {
			switch {
			case a.failed != nil || a.isFull() || cfg.Linger == 0 || cfg.Wanted.AnybodyWaits(a.events[0].Pseq):
				ready = out
			case linger == nil:
				linger = time.After(time.Until(cfg.lingerEnd(a.first)))
			}
		}
		if ready == nil && a.failed != nil {
			return a.failed
		}
		var b Batch
		if ready != nil {
			b = a.nextBatch(sub.high)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-cfg.Wanted.Changed():
		case ready <- b:
			a.startNext()
			linger = nil
		case <-linger:
			select {
			case <-ctx.Done():
				return ctx.Err()
			case out <- a.nextBatch(sub.high):
				a.startNext()
			}
			linger = nil
		case <-more:
		}
	}
}

// FetchError maps an error of a fetch to one of this package; nil when the client retries by itself.
func FetchError(partition int32, err error) error {
	var loss *kgo.ErrDataLoss
	switch {
	case errors.As(err, &loss):
		return fmt.Errorf("%w: partition %d was read to offset %d of leader epoch %d, which now ends at %d", ErrTruncated, partition, loss.ConsumedTo, loss.ConsumedToEpoch, loss.ResetTo)
	case errors.Is(err, kerr.OffsetOutOfRange):
		return fmt.Errorf("%w: partition %d no longer holds the offset to read next", ErrTruncated, partition)
	case errors.Is(err, kgo.ErrClientClosed):
		return err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), kerr.IsRetriable(err):
		return nil
	}
	return fmt.Errorf("fetch partition %d: %w", partition, err)
}
