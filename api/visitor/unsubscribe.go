package visitor

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/tracking"
	"outrider/internal/es"
	"outrider/internal/es/gateway"
	"outrider/internal/linktoken"
)

// ShowUnsubscribe asks. Filters follow links, so asking changes nothing.
func (h *Handlers) ShowUnsubscribe(ctx context.Context, c *Call) error {
	t, err := h.verifyToken(c, linktoken.Unsubscribe)
	if err != nil {
		return err
	}
	if err := h.recordVisit(ctx, c, t, tracking.UnsubscribePage); err != nil {
		return err
	}
	if _, err := h.cfg.Tracking.Target(ctx, messageOfToken(t)); err != nil {
		return err
	}
	return h.showPage(c.Ctx, http.StatusOK, "unsubscribe", nil)
}

// RecordUnsubscribe takes whoever posts at their word, a mail program's one click (RFC 8058) or our own page's button. It answers
// when the log shows it; from then on nothing is claimed for this person.
func (h *Handlers) RecordUnsubscribe(ctx context.Context, c *Call) error {
	t, form, m, err := h.readPosted(ctx, c, linktoken.Unsubscribe)
	if err != nil {
		return err
	}
	how := events.UnsubscribeOneClick
	if form.Get("List-Unsubscribe") != "One-Click" && form.Get("confirm") == "page" {
		how = events.UnsubscribePage
	}
	a, err := h.decideCommand(ctx, c, t.Org, m.LeadID, commands.Unsubscribe{SentMessageRef: sentMessageRef(m), How: how, At: h.cfg.Now().UTC().Truncate(time.Microsecond)})
	if err != nil {
		return err
	}
	if a.Outcome == es.Refused {
		return &es.Refusal{Code: a.Code, Detail: a.Detail}
	}
	return h.showPage(c.Ctx, http.StatusOK, "message", message{"You are unsubscribed", "Nothing more will be sent to you from this sender. You can close this page."})
}

// decideCommand sends a visitor's command until it is decided. The actor is the person whom the message was for.
func (h *Handlers) decideCommand(ctx context.Context, c *Call, org, lead uuid.UUID, cmd commands.Command) (es.Answer, error) {
	kind, data, err := commands.Encode(cmd)
	if err != nil {
		return es.Answer{}, err
	}
	actor := es.Actor{Kind: es.ActorPerson, ID: lead.String()}
	origin, err := h.cfg.SealOrigin(ctx, org, actor, c.IP())
	if err != nil {
		return es.Answer{}, err
	}
	sent := &es.Command{ID: es.NewID(), Type: kind, Org: org, Time: h.cfg.Now().UTC().Truncate(time.Microsecond), Actor: actor,
		CorrelationID: c.RequestID, CausationID: c.RequestID, Origin: origin, Data: data}
	for {
		a, err := h.cfg.Submit(ctx, sent)
		if err == nil {
			c.Position = es.Position{Generation: h.cfg.Generation, Partition: a.Partition, Pseq: max(a.Pseq, c.Position.Pseq)}
			return a, nil
		}
		if !errors.Is(err, gateway.ErrPending) {
			return a, err
		}
		if err := context.Cause(ctx); err != nil {
			return a, err
		}
	}
}
