package node

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"outrider/consumers/webhooks"
	"outrider/internal/dial"
	"outrider/internal/es"
	"outrider/internal/es/project"
	"outrider/projections/analytics"
)

// prepareWebhooks makes who queues deliveries and who makes them. Endpoints live in real time, also where ours is simulated.
func (n *Node) prepareWebhooks(log *slog.Logger) (err error) {
	queue := webhooks.Queue{Pool: n.Pools.Projector, Now: time.Now}
	if n.webhooks, err = webhooks.NewSender(webhooks.SenderConfig{Queue: queue, Vault: n.vault, Reads: n.Pools.API, Commands: n.Gateway, Now: n.clock.Now, Log: log,
		Dialer: dial.Dialer{Reach: n.mailing.hooks, Resolver: n.mailing.names}}); err != nil {
		return err
	}
	events := analytics.Events()
	n.consumers.Webhooks, err = webhooks.NewEnqueuer(webhooks.EnqueueConfig{Queue: queue, Vault: n.vault, History: webhookHistory{analytics.History{Conn: n.ClickHouse}}, Await: n.awaitReads, Wake: n.webhooks.Wake,
		Shown: func(ctx context.Context, e *es.Event) error {
			return n.Positions.Wait(ctx, project.ProjectionKey{Name: events.Name, Version: events.Version}, e.Partition, e.Pseq)
		}})
	return err
}

type webhookHistory struct{ analytics.History }

// ByTime implements webhooks.History.
func (h webhookHistory) ByTime(ctx context.Context, org uuid.UUID, from, to time.Time, after int64, limit int) ([]*es.Event, error) {
	return h.History.ByTime(ctx, org, from, to, analytics.Page{After: after, Limit: limit})
}
