// Package webhooks tells endpoints of organisations what has happened.
package webhooks

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/webhooks"
	"outrider/internal/batch"
	"outrider/internal/es"
	"outrider/internal/es/react"
	"outrider/internal/pii"
)

// History reads an organisation's log; analytics.History is one.
type History interface {
	ByTime(ctx context.Context, org uuid.UUID, from, to time.Time, after int64, limit int) ([]*es.Event, error)
}

// EnqueueConfig is what the reactor needs.
type EnqueueConfig struct {
	Queue   Queue
	Vault   *pii.Vault
	History History
	Await   reaction.Await
	Shown   func(ctx context.Context, e *es.Event) error // waits until the history has an event
	Wake    func()                                       // told when something was queued
}

// Enqueuer queues what endpoints are told. It ends where the queue begins: how long an endpoint takes is no matter of it.
type Enqueuer struct {
	EnqueueConfig
	adding *batch.Group[struct{}, webhooks.Message, bool] // whether its organisation has a webhook
}

// NewEnqueuer returns the reactor, or an error that names what is missing.
func NewEnqueuer(c EnqueueConfig) (*Enqueuer, error) {
	if err := (reaction.Required{"pool": c.Queue.Pool != nil, "clock": c.Queue.Now != nil, "vault": c.Vault != nil, "history": c.History != nil, "shown": c.Shown != nil, "wake": c.Wake != nil}).Check("webhooks"); err != nil {
		return nil, err
	}
	q := &Enqueuer{EnqueueConfig: c}
	q.adding = batch.NewEagerGroup(0, mostTogether, func(ctx context.Context, _ struct{}, all []webhooks.Message) ([]bool, error) {
		have, err := c.Queue.addMessages(ctx, runOf{}, all)
		answers := make([]bool, len(all))
		for i, m := range all {
			answers[i] = have[m.Org]
		}
		return answers, err
	})
	return q, nil
}

const (
	mostTogether = 500 // messages in one statement
	replayPage   = 1000
)

// Reactor returns how it is run.
func (q *Enqueuer) Reactor() react.Reactor {
	wanted := append(webhooks.Told(), events.WebhookAdded{}, events.WebhookDisabled{}, events.WebhookEnabled{}, events.WebhookRemoved{}, events.WebhookReplayRequested{}, events.WebhookRedeliveryRequested{}, events.OrganizationDeleted{})
	return react.Reactor{Name: "webhooks", Wants: reaction.WantEvents(wanted...), MayPass: reaction.WantEvents(ofOthers(webhooks.Told())...), Concurrency: 64, PerOrg: 48, Handle: q.handleEvent}
}

// ofOthers leaves out what webhooks tell of themselves.
func ofOthers(told []events.Event) []events.Event {
	return slices.DeleteFunc(told, func(e events.Event) bool {
		_, itself := e.(events.WebhookEvent)
		return itself
	})
}

func (q *Enqueuer) handleEvent(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := reaction.DecodeEvent(e)
	if err != nil {
		return nil, err
	}
	if err := q.Await.For(ctx, e, "webhooks"); err != nil {
		return nil, err
	}
	switch p := p.(type) {
	case events.WebhookDisabled:
		return nil, q.Queue.stopWebhook(ctx, e.Org, p.WebhookID)
	case events.WebhookEnabled:
		err = q.Queue.startWebhook(ctx, e.Org, p.WebhookID)
	case events.WebhookRemoved:
		return nil, errors.Join(q.Queue.forgetWebhook(ctx, e.Org, p.WebhookID), webhooks.ForgetSecret(ctx, q.Vault, e.Org, p.WebhookID), q.Vault.Erase(ctx, e.Org, p.WebhookID))
	case events.OrganizationDeleted:
		return nil, q.Queue.forgetOrganization(ctx, e.Org)
	case events.WebhookRedeliveryRequested:
		err = q.Queue.addCopy(ctx, e.Org, p.WebhookID, p.DeliveryID, p.RedeliveryID)
	case events.WebhookReplayRequested:
		err = q.replay(ctx, e, p)
	default:
		err = q.add(ctx, e, p)
	}
	if err == nil {
		q.Wake()
	}
	return nil, err
}

func (q *Enqueuer) add(ctx context.Context, e *es.Event, p events.Event) error {
	m, told, err := webhooks.Describe(e)
	if err != nil || !told {
		return err
	}
	if test, ok := p.(events.WebhookTested); ok {
		_, err := q.Queue.addMessages(ctx, runOf{ID: test.TestID, Webhook: test.WebhookID, Any: true}, []webhooks.Message{m})
		return err
	}
	have, err := q.adding.Do(ctx, struct{}{}, m)
	if err == nil && !have { // as most organisations
		react.NoteIdle(ctx, e)
	}
	return err
}

// replay queues what the log holds of a period, in its order. It can be done again from the start: what is queued stays.
func (q *Enqueuer) replay(ctx context.Context, e *es.Event, p events.WebhookReplayRequested) error {
	if err := q.Shown(ctx, e); err != nil {
		return err
	}
	for after := int64(0); ; {
		page, err := q.History.ByTime(ctx, e.Org, p.From, p.To, after, replayPage)
		if err != nil {
			return fmt.Errorf("replay: %w", err)
		}
		var all []webhooks.Message
		for _, old := range page {
			after = old.Oseq
			m, told, err := webhooks.Describe(old)
			if err != nil {
				return err
			}
			if told && m.Type != webhooks.TestKind {
				all = append(all, m)
			}
		}
		if _, err := q.Queue.addMessages(ctx, runOf{ID: p.ReplayID, Webhook: p.WebhookID}, all); err != nil {
			return err
		}
		if len(page) < replayPage {
			return nil
		}
		q.Wake()
	}
}
