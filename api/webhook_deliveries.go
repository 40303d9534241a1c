package api

import (
	"encoding/json"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/webhooks"
	"outrider/internal/es"
	"outrider/projections"
)

// addedWebhook is the answer to a webhook that was added, and its id.
type addedWebhook struct {
	es.Answer
	subject string
}

func (h *webhookHandlers) testWebhook(c *call, id uuid.UUID) error {
	in, err := h.beginOwn(c)
	if err != nil {
		return err
	}
	return h.submitAsked(c, in, commands.TestWebhook{WebhookRef: events.WebhookRef{WebhookID: id}, TestID: in.newID("test")})
}

func (h *webhookHandlers) replayWebhook(c *call, id uuid.UUID, body gen.WebhookReplay) error {
	in, err := h.beginOwn(c)
	if err != nil {
		return err
	}
	return h.submitAsked(c, in, commands.ReplayWebhook{WebhookRef: events.WebhookRef{WebhookID: id}, ReplayID: in.newID("replay"), From: body.From, To: body.To})
}

func (h *webhookHandlers) redeliver(c *call, delivery uuid.UUID) error {
	var d *webhooks.Delivery
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		d, err = webhooks.Get(c.ctx, tx, c.who.Org, delivery)
		return err
	}); err != nil {
		return err
	}
	in, err := h.beginOwn(c)
	if err != nil {
		return err
	}
	return h.submitAsked(c, in, commands.RedeliverWebhook{WebhookRef: events.WebhookRef{WebhookID: d.WebhookID}, RedeliveryID: in.newID("redelivery"), DeliveryID: delivery})
}

func (h *webhookHandlers) submitAsked(c *call, in *writeRequest, cmd commands.Command) error {
	if _, err := h.submitCommand(in, cmd); err != nil {
		return err
	}
	return c.answerNothing()
}

func (h *webhookHandlers) listDeliveries(c *call, id uuid.UUID) error {
	data, next, err := listPage(h.readSide, c, c.who.Org, func(tx pgx.Tx, before int64, limit int) ([]*webhooks.Delivery, error) {
		if _, err := projections.GetWebhook(c.ctx, tx, c.who.Org, id); err != nil {
			return nil, err
		}
		return webhooks.List(c.ctx, tx, c.who.Org, webhooks.Filter{Webhook: id, State: c.textParam("state"), Type: c.textParam("type")}, before, limit)
	}, func(d *webhooks.Delivery) int64 { return d.Number }, deliveryOf)
	if err != nil {
		return err
	}
	return c.answerJSON(200, gen.WebhookDeliveryPage{Data: data, NextCursor: next})
}

func deliveryOf(d *webhooks.Delivery) (gen.WebhookDelivery, error) {
	out := gen.WebhookDelivery{ID: d.DeliveryID, WebhookID: d.WebhookID, EventID: d.EventID, Type: d.Type, LeadID: webhooks.LeadOf(d.Data), HappenedAt: d.HappenedAt, State: gen.WebhookDeliveryState(d.State), Repeated: d.RunID != uuid.Nil,
		NextAt: valueOrZero(d.NextAt), Attempts: []gen.WebhookAttempt{}, CreatedAt: d.CreatedAt, FinishedAt: valueOrZero(d.FinishedAt)}
	var tries []webhooks.Attempt
	if err := json.Unmarshal(d.Attempts, &tries); err != nil {
		return out, errors.New("the tries of a delivery can't be read")
	}
	for _, t := range tries {
		out.Attempts = append(out.Attempts, gen.WebhookAttempt{At: t.At, Status: t.Status, Milliseconds: t.Ms, Error: t.Error})
	}
	return out, nil
}

func (h *webhookHandlers) listTypes(c *call) error {
	out := gen.WebhookTypeList{Data: []gen.WebhookType{}}
	for _, k := range webhooks.Kinds() {
		body, err := k.Sample()
		if err != nil {
			return err
		}
		sample := map[string]any{}
		if err := json.Unmarshal(body, &sample); err != nil {
			return err
		}
		out.Data = append(out.Data, gen.WebhookType{Name: k.Name, Description: k.Says, Sample: sample})
	}
	return c.answerJSON(200, out)
}

// subscribe adds a webhook for one type, for a program that does so by itself.
func (h *webhookHandlers) subscribe(c *call, body gen.HookCreate) error {
	if err := h.checkWebhook(c, webhookFields{"target_url", func(int) string { return "event" }}, body.TargetURL, []string{body.Event}, body.Personal); err != nil {
		return err
	}
	secret, a, err := h.add(c, events.WebhookRESTHook, body.TargetURL, events.WebhookSettings{Types: []string{body.Event}, Personal: body.Personal})
	if err != nil {
		return renameFields(err, map[string]string{"url": "target_url", "types": "event"})
	}
	return c.answerCreated(gen.Hook{ID: uuid.MustParse(a.subject), TargetURL: body.TargetURL, Event: body.Event, Secret: secret}, "/v1/hooks/"+a.subject, 0)
}
