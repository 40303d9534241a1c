package api

import (
	"context"
	"time"
)

// catchUp tells what happened before the listener began.
func (st *stream) catchUp(ctx context.Context, beat <-chan time.Time) error {
	caught := make(chan error, 1)
	wait, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { caught <- st.l.AwaitBacklog(wait) }()
	for waiting := true; waiting; {
		select {
		case err := <-caught:
			if err != nil {
				return err
			}
			waiting = false
		case <-beat:
			if err := st.writeHeartbeat(ctx); err != nil {
				return err
			}
		case <-st.l.Lost():
			return errEnded
		case <-st.s.feed.Closed():
			return nil
		}
	}
	for more := true; more; {
		page, again, err := st.l.Backlog(ctx, st.after)
		if err != nil {
			return err
		}
		if err := st.writeEvents(page); err != nil {
			return err
		}
		more = again
	}
	return nil
}
