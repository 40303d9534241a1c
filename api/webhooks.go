package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/webhooks"
	"outrider/internal/identity"
	"outrider/projections"
)

// webhookHandlers answer what is asked of webhooks.
type webhookHandlers struct {
	*readSide
	*writeSide
	plain bool // http will do
}

// forWebhooks is the handler of a route that webhookHandlers answer.
func forWebhooks(handle func(*webhookHandlers, *call) error) handler {
	return func(s *Server, c *call) error {
		return handle(&webhookHandlers{s.readSide, s.writeSide, s.cfg.PlainWebhooks}, c)
	}
}

// webhookFields are the names that a request has for what is checked of it.
type webhookFields struct {
	url    string
	typeAt func(i int) string
}

// fieldsOfWebhook are those of a webhook.
func fieldsOfWebhook() webhookFields {
	return webhookFields{"url", func(i int) string { return "types." + strconv.Itoa(i) }}
}

// checkWebhook checks what only the edge knows: the URL, the types, and whether who asks may give personal data away.
func (h *webhookHandlers) checkWebhook(c *call, fields webhookFields, url string, types []string, personal bool) error {
	if err := webhooks.CheckURL(url, h.plain); url != "" && err != nil {
		return invalidProblem(gen.FieldError{Field: fields.url, Reason: err.Error()})
	}
	for i, t := range types {
		if !webhooks.Known(t) || t == webhooks.TestKind {
			return invalidProblem(gen.FieldError{Field: fields.typeAt(i), Reason: "there is no type " + strconv.Quote(t) + "; GET /v1/webhook-types lists them"})
		}
	}
	if personal && !c.who.Has(identity.PIIRead) {
		return forbiddenProblem("permission pii:read, to have deliveries say who people are", identity.PIIRead)
	}
	return nil
}

func (h *webhookHandlers) addWebhook(c *call, body gen.WebhookCreate) error {
	if err := h.checkWebhook(c, fieldsOfWebhook(), body.URL, body.Types, body.Personal); err != nil {
		return err
	}
	secret, a, err := h.add(c, events.WebhookEndpoint, body.URL, events.WebhookSettings{Name: body.Name, Types: body.Types, Personal: body.Personal})
	if err != nil {
		return err
	}
	id := uuid.MustParse(a.subject)
	return h.showAfterChange(c, "webhooks", a.Answer, func() error {
		out, err := h.loadWebhook(c, id)
		if err != nil {
			return err
		}
		out.Secret = secret
		return c.answerCreated(out, "/v1/webhooks/"+id.String(), 0)
	})
}

// add stores the secret first: whatever is delivered can be signed. One of a webhook that the domain refuses is of no use to anybody.
func (h *webhookHandlers) add(c *call, kind, url string, s events.WebhookSettings) (secret string, a addedWebhook, err error) {
	in, err := h.beginOwn(c)
	if err != nil {
		return "", a, err
	}
	id := in.newID("webhook")
	if s.URL, err = webhooks.SealURL(c.ctx, h.vault, in.org, id, url); err != nil {
		return "", a, err
	}
	s.Version = webhooks.Version
	if s.Types == nil {
		s.Types = []string{}
	}
	if secret, err = webhooks.IssueSecret(c.ctx, h.vault, in.org, id); err != nil {
		return "", a, err
	}
	a.subject = id.String()
	a.Answer, err = h.submitCommand(in, commands.AddWebhook{WebhookRef: events.WebhookRef{WebhookID: id}, Kind: kind, WebhookSettings: s})
	err = withToken(err, secret)
	if p := (*problem)(nil); errors.As(err, &p) && secret != "" {
		err = errors.Join(err, webhooks.ForgetSecret(c.ctx, h.vault, in.org, id))
	}
	return secret, a, err
}

func (h *webhookHandlers) loadWebhook(c *call, id uuid.UUID) (out gen.Webhook, err error) {
	var row *projections.Webhook
	var health map[uuid.UUID]webhooks.Health
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		if row, err = projections.GetWebhook(c.ctx, tx, c.who.Org, id); err == nil {
			health, err = webhooks.Healths(c.ctx, tx, c.who.Org)
		}
		return err
	}); err != nil {
		return out, err
	}
	return h.webhookOf(c, row, health[id])
}

func (h *webhookHandlers) webhookOf(c *call, row *projections.Webhook, health webhooks.Health) (out gen.Webhook, err error) {
	out = gen.Webhook{ID: row.WebhookID, Kind: gen.WebhookKind(row.Kind), Name: row.Name, Version: row.Version, Personal: row.Personal, Enabled: row.OffReason == "", OffReason: gen.WebhookOffReason(row.OffReason),
		OffAt: valueOrZero(row.OffAt), DeliveredAt: valueOrZero(health.DeliveredAt), FailingSince: valueOrZero(health.FailingSince), Waiting: health.Waiting, Failed: health.Failed, CreatedAt: row.CreatedAt, UpdatedAt: row.UpdatedAt}
	if row.OldUntil != nil && h.now().Before(*row.OldUntil) {
		out.OldSecretUntil = *row.OldUntil
	}
	var sealed events.Sealed
	if err := errors.Join(json.Unmarshal(row.Types, &out.Types), json.Unmarshal(row.URL, &sealed)); err != nil {
		return out, fmt.Errorf("read webhook: %w", err)
	}
	out.URL, err = webhooks.OpenURL(c.ctx, h.vault, row.OrgID, row.WebhookID, sealed)
	return out, err
}

func (h *webhookHandlers) getWebhook(c *call, id uuid.UUID) error {
	out, err := h.loadWebhook(c, id)
	if err != nil {
		return err
	}
	return c.answerJSON(200, out)
}

func (h *webhookHandlers) listWebhooks(c *call) error {
	out := gen.WebhookList{Data: []gen.Webhook{}}
	var rows []*projections.Webhook
	var health map[uuid.UUID]webhooks.Health
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		if rows, err = projections.ListWebhooks(c.ctx, tx, c.who.Org); err == nil {
			health, err = webhooks.Healths(c.ctx, tx, c.who.Org)
		}
		return err
	}); err != nil {
		return err
	}
	for _, row := range rows {
		w, err := h.webhookOf(c, row, health[row.WebhookID])
		if err != nil {
			return err
		}
		out.Data = append(out.Data, w)
	}
	return c.answerJSON(200, out)
}

func (h *webhookHandlers) changeWebhook(c *call, id uuid.UUID, body gen.WebhookChange) error {
	if err := h.checkWebhook(c, fieldsOfWebhook(), valueOrZero(body.URL), valueOrZero(body.Types), valueOrZero(body.Personal)); err != nil {
		return err
	}
	is, err := h.loadWebhook(c, id)
	if err != nil {
		return err
	}
	if is.Personal && body.URL != nil && !c.who.Has(identity.PIIRead) { // it would lead people's data elsewhere
		return forbiddenProblem("permission pii:read, to have deliveries that say who people are go elsewhere", identity.PIIRead)
	}
	cmd := commands.ChangeWebhook{WebhookRef: events.WebhookRef{WebhookID: id}, Name: body.Name, Types: body.Types, Personal: body.Personal}
	if body.Enabled != nil {
		off := !*body.Enabled
		cmd.Off = &off
	}
	if body.URL != nil && *body.URL != is.URL {
		if cmd.URL, err = webhooks.SealURL(c.ctx, h.vault, c.who.Org, id, *body.URL); err != nil {
			return err
		}
	}
	a, err := h.submitOwn(c, cmd)
	if err != nil {
		return err
	}
	return h.showAfterChange(c, "webhooks", a, func() error { return h.getWebhook(c, id) })
}

// rotateSecret stores the secret first, like add.
func (h *webhookHandlers) rotateSecret(c *call, id uuid.UUID, body gen.WebhookRotate) error {
	if _, err := h.loadWebhook(c, id); err != nil {
		return err
	}
	in, err := h.beginOwn(c)
	if err != nil {
		return err
	}
	rotation, until := in.newID("rotation"), h.now().Add(time.Duration(body.OverlapMinutes)*time.Minute).UTC().Truncate(time.Microsecond)
	secret, err := webhooks.RotateSecret(c.ctx, h.vault, in.org, id, rotation, time.Now().Add(time.Duration(body.OverlapMinutes)*time.Minute)) // deliveries go by real time
	if err != nil {
		return err
	}
	a, err := h.submitCommand(in, commands.RotateWebhookSecret{WebhookRef: events.WebhookRef{WebhookID: id}, RotationID: rotation, OldUntil: until})
	if err = withToken(err, secret); err != nil {
		return err
	}
	return h.showAfterChange(c, "webhooks", a, func() error {
		out, err := h.loadWebhook(c, id)
		if err != nil {
			return err
		}
		out.Secret = secret
		return c.answerJSON(200, out)
	})
}

func removeWebhook(_ *call, id uuid.UUID) (commands.Command, error) {
	return commands.RemoveWebhook{WebhookRef: events.WebhookRef{WebhookID: id}}, nil
}
