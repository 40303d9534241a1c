package livefeed

import (
	"context"

	"outrider/internal/es/project"
	"outrider/projections/analytics"
)

const backlogPage = 1000 // events read at once

// AwaitBacklog waits until ClickHouse has all that happened before the stream began.
func (l *Listener) AwaitBacklog(ctx context.Context) error {
	events := analytics.Events()
	return l.feed.cfg.Positions.Wait(ctx, project.ProjectionKey{Name: events.Name, Version: events.Version}, l.partition, l.from)
}

// Backlog returns a page of what happened after an event and before the stream began; more = there may be another page.
func (l *Listener) Backlog(ctx context.Context, after int64) (out []*StreamEvent, more bool, err error) {
	history := analytics.History{Conn: l.feed.cfg.Columns}
	page, err := history.Range(ctx, l.Org, after+1, 0, backlogPage)
	if err != nil {
		return nil, false, err
	}
	for _, e := range page {
		if e.Pseq > l.from { // it is queued, or will be when the read models have it
			return out, false, nil
		}
		out = append(out, l.feed.eventOf(e))
	}
	return out, len(page) == backlogPage, nil
}
