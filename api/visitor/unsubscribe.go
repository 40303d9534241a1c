package visitor

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/tracking"
	"outrider/internal/es"
	"outrider/internal/linktoken"
	"outrider/projections"
)

// ShowUnsubscribe asks. Filters follow links, so asking changes nothing.
func (h *Handlers) ShowUnsubscribe(ctx context.Context, c *Call) error {
	t, err := h.verifyToken(c, linktoken.Unsubscribe)
	if err != nil {
		return err
	}
	if h.limitUse(t, linktoken.Unsubscribe, false) == nil { // beyond that the page is the same, whatever is known of the message
		if err := h.recordVisit(ctx, c, t, tracking.UnsubscribePage); err != nil {
			return err
		}
		if _, err := h.cfg.Tracking.Target(ctx, messageOfToken(t)); err != nil {
			return err
		}
	}
	return h.showPage(c.Ctx, http.StatusOK, "unsubscribe", nil)
}

// RecordUnsubscribe takes whoever posts at their word, a mail program's one click (RFC 8058) or our own page's button. It answers
// when the log shows it; from then on nothing is claimed for this person. Who has opted out already is told so without a command.
func (h *Handlers) RecordUnsubscribe(ctx context.Context, c *Call) error {
	t, err := h.verifyToken(c, linktoken.Unsubscribe)
	if err != nil {
		return err
	}
	form, err := c.readForm()
	if err != nil {
		return err
	}
	if err := h.optOut(ctx, c, t, form); err != nil {
		return err
	}
	return h.showPage(c.Ctx, http.StatusOK, "message", message{"You are unsubscribed", "Nothing more will be sent to you from this sender. You can close this page."})
}

// optOut returns when the person wants no mail by the log, or by the read models.
func (h *Handlers) optOut(ctx context.Context, c *Call, t linktoken.Token, form url.Values) error {
	m, err := h.cfg.Tracking.Target(ctx, messageOfToken(t))
	if err != nil {
		return err
	}
	var is *projections.OptOut
	if err := h.cfg.ReadInOrg(ctx, t.Org, func(tx pgx.Tx) (err error) {
		is, err = projections.OptOutOf(ctx, tx, t.Org, t.Message, es.PartitionOf(t.Org, h.cfg.Partitions))
		return err
	}); err != nil {
		return err
	}
	if is.Done {
		return nil
	}
	how := events.UnsubscribeOneClick
	if form.Get("List-Unsubscribe") != "One-Click" && form.Get("confirm") == "page" {
		how = events.UnsubscribePage
	}
	a, err := h.decideOnce(ctx, c, request{token: t, lead: m.LeadID, what: "unsubscribe", seen: is.Seen, holds: is.Addressed,
		cmd: commands.Unsubscribe{SentMessageRef: sentMessageRef(m), Report: events.Report{AddressHash: m.Address}, How: how, At: h.cfg.Now().UTC().Truncate(time.Microsecond)}})
	if err == nil && a.Outcome == es.Refused {
		err = &es.Refusal{Code: a.Code, Detail: a.Detail}
	}
	return err
}
