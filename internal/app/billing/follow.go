package billing

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"outrider/events"
)

// How long a hint that failed waits, and how often one is tried: for about three days, as long as the provider itself repeats it. What is left out
// then, the nightly comparison finds.
const (
	firstWait    = 2 * time.Second
	longestWait  = time.Hour
	maxHintTries = 80
	staleTries   = 6 // of an answer from before what it was asked for
)

// errStale says that the provider's answer is from before what it told us of: a replica of its lags behind.
var errStale = errors.New("the answer is from before the notification")

// lanes is how many objects are read at a time.
const lanes = 4

// WorkOff reads what is due until nothing is, and returns how many hints it took.
func (m *Mirror) WorkOff(ctx context.Context) (int, error) {
	var n atomic.Int64
	var group errgroup.Group
	for range lanes {
		group.Go(func() error {
			for ctx.Err() == nil {
				took, err := m.Inbox.takeNext(ctx, m.handleHints)
				if n.Add(int64(took)); err != nil || took == 0 {
					return err
				}
			}
			return ctx.Err()
		})
	}
	err := group.Wait()
	return int(n.Load()), err
}

// Run works off what comes until ctx ends. wake says that something has; it is looked for by itself, too. An object that takes long keeps no other waiting.
func (m *Mirror) Run(ctx context.Context, every time.Duration, wake <-chan struct{}) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	more := make(chan struct{}, 1) // where there was one, there may be others
	var group sync.WaitGroup
	for range lanes {
		group.Go(func() {
			for {
				took, err := m.Inbox.takeNext(ctx, m.handleHints)
				if err != nil && ctx.Err() == nil {
					m.Log.Warn("notifications of the payment provider wait", "error", err)
				}
				if took > 0 && err == nil {
					select {
					case more <- struct{}{}:
					default:
					}
					continue
				}
				select {
				case <-ctx.Done():
					return
				case <-tick.C:
				case <-wake:
				case <-more:
				}
			}
		})
	}
	group.Wait()
	return nil
}

// handleHints follows all that is told of one object, by one reading that begins after all of it was told.
func (m *Mirror) handleHints(ctx context.Context, hints []Hint) (outcome string, again time.Duration) {
	m.between(StepTaken)
	outcome, err := m.follow(ctx, hints)
	if err == nil || errors.Is(err, ErrGone) {
		return outcome, 0
	}
	fewest := hints[0].tries
	for _, h := range hints {
		fewest = min(fewest, h.tries)
		if h.tries >= maxHintTries && ctx.Err() == nil {
			m.Log.Error("a notification of the payment provider is given up; the comparison will find what it was about", "event", h.ID, "type", h.Type, "error", err)
		}
	}
	if !errors.Is(err, errStale) && ctx.Err() == nil {
		m.Log.Warn("notifications of the payment provider are tried again", "object", hints[0].Object, "notifications", len(hints), "tries", fewest+1, "error", err)
	}
	return err.Error(), min(longestWait, firstWait<<min(fewest, 11))
}

// follow reads the object that hints are about again and brings it in. What one of them says of it must show.
func (m *Mirror) follow(ctx context.Context, hints []Hint) (outcome string, err error) {
	told := func(kind string) bool {
		return slices.ContainsFunc(hints, func(h Hint) bool { return h.Type == kind && h.tries < staleTries })
	}
	h := hints[0]
	switch {
	case h.Object == "":
		return "of nothing that is kept", nil
	case strings.HasPrefix(h.Type, "invoice."), strings.HasPrefix(h.Type, "charge."):
		return m.refreshInvoice(ctx, h.Object, h.ID, func(i events.Invoice) bool { return told("invoice.paid") && i.Status != events.InvoicePaid })
	case strings.HasPrefix(h.Type, "customer.subscription."), strings.HasPrefix(h.Type, "checkout.session."):
		outcome, _, err = m.refreshSubscription(ctx, h.Object, h.ID, func(s events.Subscription) bool {
			return told("customer.subscription.deleted") && s.Status != events.SubscriptionCanceled
		})
		return outcome, err
	}
	return "of nothing that is kept", nil
}
