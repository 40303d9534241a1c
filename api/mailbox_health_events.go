package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/api/gen"
	"outrider/events"
	"outrider/internal/es"
	"outrider/projections/analytics"
)

// healthPage is how many events are looked through at a time.
const healthPage = 500

// listHealthEvents lists the events that a part of a mailbox's health counts, or of its domain's, by the rule that counts them.
func (h *pacingHandlers) listHealthEvents(c *call, id uuid.UUID) error {
	if _, err := h.loadMailbox(c, id); err != nil {
		return err
	}
	after, err := h.cursors.openParam(c, c.who.Org)
	if err != nil {
		return err
	}
	part, limit := c.textParam("part"), c.numberParam("limit", defaultPage)
	mailboxes := []uuid.UUID{id}
	var from time.Time
	if err := h.showState(c, func(o *aggregates.Organization, now time.Time) {
		from = aggregates.CountsFrom(now)
		if m := o.Mailboxes.Get(id); m != nil && c.textParam("of") == "domain" {
			mailboxes = o.MailboxesOfDomain(m.Domain)
		}
	}); err != nil {
		return err
	}
	if part == aggregates.PartAuthentication { // the newest check counts, however old it is
		from = time.Time{}
	}
	_, types := partWords(part)
	out := gen.HealthEventPage{Data: []gen.HealthEvent{}}
	corrected, err := h.correctedAnswers(c, part, mailboxes, from)
	if err != nil {
		return err
	}
	p := analytics.Page{Limit: healthPage, Newest: true}
	p.After, _ = strconv.ParseInt(after, 10, 64) // "" = the newest
	for len(out.Data) < limit {
		found, err := (analytics.History{Conn: h.columns}).OfMailboxes(c.ctx, c.who.Org, mailboxes, types, from, p)
		if err != nil {
			return err
		}
		for _, e := range found {
			p.After = e.Oseq
			x, counted := healthEventOf(e, part, from, corrected)
			if !counted {
				continue
			}
			if out.Data = append(out.Data, x); len(out.Data) == limit {
				break
			}
		}
		if len(found) < healthPage && len(out.Data) < limit {
			return c.answerJSON(http.StatusOK, out)
		}
	}
	if out.NextCursor, err = h.cursors.sealNext(c, c.who.Org, strconv.FormatInt(p.After, 10)); err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, out)
}

// correctedAnswers reads which answers were corrected; they are few, and one is newer than the answer, which may be on a later page.
func (h *pacingHandlers) correctedAnswers(c *call, part string, mailboxes []uuid.UUID, from time.Time) (aggregates.CorrectedAnswers, error) {
	out := aggregates.CorrectedAnswers{}
	if part != aggregates.PartReplies {
		return out, nil
	}
	for p := (analytics.Page{Limit: healthPage, Newest: true}); ; {
		found, err := (analytics.History{Conn: h.columns}).OfMailboxes(c.ctx, c.who.Org, mailboxes, []string{"message.reply_reclassified."}, from, p)
		if err != nil {
			return nil, err
		}
		for _, e := range found {
			p.After = e.Oseq
			payload, err := events.Decode(e.Type, e.Data)
			if err != nil {
				return nil, err
			}
			out.Add(payload, e.Oseq)
		}
		if len(found) < healthPage {
			return out, nil
		}
	}
}

// healthEventOf shows an event, and reports whether a part counts it.
func healthEventOf(e *es.Event, part string, from time.Time, corrected aggregates.CorrectedAnswers) (out gen.HealthEvent, counted bool) {
	payload, err := events.Decode(e.Type, e.Data)
	if err != nil {
		return out, false
	}
	is, mailbox, at := aggregates.CountedAs(payload)
	if is != part || at.Before(from) || !corrected.Tells(payload, e.Oseq) {
		return out, false
	}
	out = gen.HealthEvent{ID: e.ID, Oseq: e.Oseq, Type: e.Type, At: at, Text: tellEvent(e), MailboxID: mailbox}
	if m, ok := payload.(interface{ SentMessage() events.SentMessageRef }); ok {
		out.MessageID, out.LeadID = m.SentMessage().MessageID, m.SentMessage().LeadID
	}
	if m, ok := payload.(events.MessageDeferred); ok {
		out.MessageID, out.LeadID = m.MessageID, m.LeadID
	}
	return out, true
}
