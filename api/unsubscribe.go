package api

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

// showUnsubscribe asks. Filters follow links, so asking changes nothing.
func (s *Server) showUnsubscribe(c *call) error {
	t, err := s.tokenIn(c, linktoken.Unsubscribe)
	if err != nil {
		return err
	}
	if err := s.recordVisit(c, t, tracking.UnsubscribePage); err != nil {
		return err
	}
	if _, err := s.tracking.Target(c.ctx, trackedMessage(t)); err != nil {
		return err
	}
	return s.showPage(c.Ctx, http.StatusOK, "unsubscribe", nil)
}

// recordUnsubscribe takes whoever posts at their word, a mail program's one click (RFC 8058) or our own page's button. It answers
// when the log shows it; from then on nothing is claimed for this person.
func (s *Server) recordUnsubscribe(c *call) error {
	t, err := s.tokenIn(c, linktoken.Unsubscribe)
	if err != nil {
		return err
	}
	form, err := c.readForm()
	if err != nil {
		return err
	}
	m, err := s.tracking.Target(c.ctx, trackedMessage(t))
	if err != nil {
		return err
	}
	how := events.UnsubscribeOneClick
	if form.Get("List-Unsubscribe") != "One-Click" && form.Get("confirm") == "page" {
		how = events.UnsubscribePage
	}
	a, err := s.decideForVisitor(c, t.Org, m.LeadID, commands.Unsubscribe{SentMessageRef: answeredBy(m), How: how, At: s.cfg.Now().UTC().Truncate(time.Microsecond)})
	if err != nil {
		return err
	}
	if a.Outcome == es.Refused {
		return problemOfRefusal(a.Code, a.Detail)
	}
	return s.showPage(c.Ctx, http.StatusOK, "message", message{"You are unsubscribed", "Nothing more will be sent to you from this sender. You can close this page."})
}

// decideForVisitor sends a visitor's command until it is decided. The actor is the person whom the message was for.
func (s *Server) decideForVisitor(c *call, org, lead uuid.UUID, cmd commands.Command) (es.Answer, error) {
	kind, data, err := commands.Encode(cmd)
	if err != nil {
		return es.Answer{}, err
	}
	actor := es.Actor{Kind: es.ActorPerson, ID: lead.String()}
	origin, err := s.sealOrigin(c, org, actor)
	if err != nil {
		return es.Answer{}, err
	}
	sent := &es.Command{ID: es.NewID(), Type: kind, Org: org, Time: s.cfg.Now().UTC().Truncate(time.Microsecond), Actor: actor,
		CorrelationID: c.request, CausationID: c.request, Origin: origin, Data: data}
	for {
		a, err := s.cfg.Commands.Submit(c.ctx, sent)
		if err == nil {
			c.rememberPosition(s, a)
			return a, nil
		}
		if !errors.Is(err, gateway.ErrPending) {
			return a, err
		}
		if err := context.Cause(c.ctx); err != nil {
			return a, err
		}
	}
}
