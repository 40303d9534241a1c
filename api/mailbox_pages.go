package api

import (
	"cmp"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/aggregates"
	"outrider/api/gen"
	"outrider/internal/zone"
	"outrider/projections"
)

// mailboxHandlers answer what pages ask of mailboxes beside the mailboxes themselves.
type mailboxHandlers struct {
	*readSide
	*pastSide
}

// forMailboxes is the handler of a route that mailboxHandlers answer.
func forMailboxes(handle func(*mailboxHandlers, *call) error) handler {
	return func(s *Server, c *call) error { return handle(&mailboxHandlers{s.readSide, s.pastSide}, c) }
}

func (h *mailboxHandlers) listMailboxes(c *call) error {
	f := projections.MailboxFilter{Search: c.textParam("q"), Status: c.textParam("status")}
	data, next, total, err := listSorted(h.readSide, c, func(tx pgx.Tx, l projections.Listing) (*projections.Page[projections.Mailbox], error) {
		return projections.ListMailboxes(c.ctx, tx, c.who.Org, f, l)
	}, mailboxOf)
	if err != nil {
		return err
	}
	if h.live != nil {
		if err := h.awaitIn(c, eventsTable); err != nil {
			return err
		}
		if _, err := h.live.Show(c.ctx, c.who.Org, func(o *aggregates.Organization, last time.Time) {
			now := laterOf(h.clock(), last)
			for i := range data {
				if m := o.Mailboxes.Get(data[i].ID); m != nil {
					data[i].Today = todayOf(aggregates.TodayOf(now, o, m))
				}
			}
		}); err != nil {
			return err
		}
	}
	return c.answerJSON(200, gen.MailboxPage{Data: data, NextCursor: next, Total: total})
}

func todayOf(t aggregates.MailboxToday) gen.MailboxToday {
	out := gen.MailboxToday{Cap: t.Cap, Sent: t.Sent, Left: t.Left, Rule: t.Rule, Until: t.Until}
	if t.Rule != "" {
		out.Text = waitingWords(t.Rule)
	}
	return out
}

// mailboxDays is how many days of a mailbox are shown unless it is said otherwise.
const mailboxDays = 14

func (h *mailboxHandlers) listDays(c *call, id uuid.UUID) error {
	row, err := h.loadMailbox(c, id)
	if err != nil {
		return err
	}
	pace, err := paceIn(row)
	if err != nil {
		return err
	}
	out := gen.MailboxDayList{Data: []gen.MailboxDay{}}
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		org, err := projections.GetOrganization(c.ctx, tx, c.who.Org)
		if err != nil {
			return err
		}
		out.TimeZone = cmp.Or(pace.Zone, org.TimeZone, "UTC")
		loc, err := zone.Load(out.TimeZone)
		if err != nil {
			loc, out.TimeZone = time.UTC, "UTC"
		}
		year, month, day := h.clock().In(loc).Date()
		to := time.Date(year, month, day+1, 0, 0, 0, 0, loc)
		days, err := projections.DaysOfMailbox(c.ctx, tx, c.who.Org, id, to.AddDate(0, 0, -c.numberParam("days", mailboxDays)), to, out.TimeZone)
		for _, d := range days {
			out.Data = append(out.Data, gen.MailboxDay{Day: d.Day, Sent: d.Sent, Replied: d.Replied, Bounced: d.Bounced, Delivered: d.Delivered, Dropped: d.Dropped, Answers: d.Responses})
		}
		return err
	}); err != nil {
		return err
	}
	return c.answerJSON(200, out)
}
