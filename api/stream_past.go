package api

import (
	"context"
	"time"

	"outrider/internal/es/project"
	"outrider/projections/analytics"
)

// catchUp tells what happened before the listener began.
func (st *stream) catchUp(ctx context.Context, beat <-chan time.Time) error {
	caught := make(chan error, 1)
	wait, cancel := context.WithCancel(ctx)
	defer cancel()
	events := analytics.Events()
	go func() {
		caught <- st.s.cfg.Positions.Wait(wait, project.Key{Name: events.Name, Version: events.Version}, st.l.partition, st.l.from)
	}()
	for waiting := true; waiting; {
		select {
		case err := <-caught:
			if err != nil {
				return err
			}
			waiting = false
		case <-beat:
			if err := st.beat(ctx); err != nil {
				return err
			}
		case <-st.l.lost:
			return errEnded
		case <-st.s.feed.closed:
			return nil
		}
	}
	history := analytics.History{Conn: st.s.cfg.Columns}
	for {
		page, err := history.Range(ctx, st.l.org, st.after+1, 0, backlogPage)
		if err != nil {
			return err
		}
		var told []*happened
		for _, e := range page {
			if e.Pseq > st.l.from { // it is queued, or will be when the read models have it
				return st.tell(told)
			}
			told = append(told, st.s.happened(e))
		}
		if err := st.tell(told); err != nil || len(page) < backlogPage {
			return err
		}
	}
}
