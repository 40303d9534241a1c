package api

import (
	"net/http"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/jackc/pgx/v5"

	"outrider/aggregates"
	"outrider/api/gen"
	"outrider/events"
	"outrider/internal/identity"
	"outrider/internal/zone"
	"outrider/projections"
	"outrider/projections/analytics"
)

// todayHandlers answer what the page of today asks.
type todayHandlers struct {
	*readSide
	*pastSide
	columns driver.Conn // nil = there are no figures here
}

// forToday is the handler of a route that todayHandlers answer.
func forToday(handle func(*todayHandlers, *call) error) handler {
	return func(s *Server, c *call) error {
		return handle(&todayHandlers{s.readSide, s.pastSide, s.cfg.Columns}, c)
	}
}

const (
	todayDays    = 14
	todayImports = 20
	mostStopped  = 100
)

// getToday shows each part to those who may read what it counts.
func (h *todayHandlers) getToday(c *call) error {
	for _, projection := range []string{"messages", "inbox", "mailboxes", "campaigns", "imports"} {
		if err := h.awaitIn(c, projection); err != nil {
			return err
		}
	}
	now := h.clock().UTC()
	out := gen.Today{AsOf: now}
	var org *projections.Organization
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		if org, err = projections.GetOrganization(c.ctx, tx, c.who.Org); err != nil {
			return err
		}
		if c.who.Has(identity.MessagesRead) {
			if out.Waiting, err = waitingOf(c, tx, now); err != nil {
				return err
			}
		}
		if out.Stopped, err = stoppedOf(c, tx); err != nil || !c.who.Has(identity.LeadsRead) {
			return err
		}
		failed, err := projections.FailedImports(c.ctx, tx, c.who.Org, now.AddDate(0, 0, -todayDays), todayImports)
		out.ImportsFailed = make([]gen.TodayImport, len(failed))
		for i, f := range failed {
			out.ImportsFailed[i] = gen.TodayImport{ID: f.ImportID, FileName: f.FileName, Reason: f.Reason, FailedAt: f.UpdatedAt}
		}
		return err
	}); err != nil {
		return err
	}
	if err := h.addMeasured(c, &out); err != nil {
		return err
	}
	if h.columns != nil && c.who.Has(identity.AnalyticsRead) {
		if err := h.addFigures(c, &out, org, now); err != nil {
			return err
		}
	}
	return c.answerJSON(http.StatusOK, out)
}

// waitingOf is what waits for somebody, the most costly delay first.
func waitingOf(c *call, tx pgx.Tx, now time.Time) ([]gen.TodayWaiting, error) {
	threads := func(unsure bool) func() (*projections.Waiting, error) {
		return func() (*projections.Waiting, error) {
			return projections.CountWaitingThreads(c.ctx, tx, c.who.Org, unsure, now)
		}
	}
	messages := func(state string) func() (*projections.Waiting, error) {
		return func() (*projections.Waiting, error) {
			return projections.CountWaitingMessages(c.ctx, tx, c.who.Org, state)
		}
	}
	out := []gen.TodayWaiting{}
	for _, kind := range []struct {
		kind  gen.TodayWaitingKind
		count func() (*projections.Waiting, error)
		list  gen.ListLink
	}{
		{gen.TodayWaitingKindReplies, threads(false), gen.ListLink{Path: "/v1/inbox", Query: map[string]string{"status": events.ThreadNeedsAnswer, "class": projections.InboxReply}}},
		{gen.TodayWaitingKindApprovals, messages(projections.MessageDrafted), gen.ListLink{Path: "/v1/messages", Query: map[string]string{"state": projections.MessageDrafted}}},
		{gen.TodayWaitingKindInDoubt, messages(projections.MessageInDoubt), gen.ListLink{Path: "/v1/messages", Query: map[string]string{"state": projections.MessageInDoubt}}},
		{gen.TodayWaitingKindLaunches, func() (*projections.Waiting, error) {
			if !c.who.Has(identity.CampaignsSend) {
				return &projections.Waiting{}, nil
			}
			return projections.CountLaunchRequests(c.ctx, tx, c.who.Org)
		}, gen.ListLink{Path: "/v1/campaigns", Query: map[string]string{"launch_requested": "true"}}},
		{gen.TodayWaitingKindUnclear, threads(true), gen.ListLink{Path: "/v1/inbox", Query: map[string]string{"status": events.ThreadNeedsAnswer, "confidence": "low"}}},
	} {
		n, err := kind.count()
		if err != nil {
			return nil, err
		}
		if n.Count == 0 {
			continue
		}
		w := gen.TodayWaiting{Kind: kind.kind, Count: n.Count, OldestAt: valueOrZero(n.Oldest), List: kind.list}
		if kind.kind == gen.TodayWaitingKindApprovals {
			w.NextAt = valueOrZero(n.Next)
		}
		out = append(out, w)
	}
	return out, nil
}

// stoppedOf is which mailboxes and campaigns are paused, as far as the caller may see them.
func stoppedOf(c *call, tx pgx.Tx) (out []gen.TodayStopped, err error) {
	newest := projections.Listing{Sort: "-updated_at", Limit: mostStopped}
	if c.who.Has(identity.MailboxesRead) {
		out = []gen.TodayStopped{}
		page, err := projections.ListMailboxes(c.ctx, tx, c.who.Org, projections.MailboxFilter{Status: events.MailboxSuspended}, newest)
		if err != nil {
			return nil, err
		}
		for _, m := range page.Rows {
			out = append(out, gen.TodayStopped{Kind: gen.TodayStoppedKindMailbox, ID: m.MailboxID, Title: valueOrZero(m.Address), Reason: m.PauseReason, Rule: m.PauseReason != events.PausedManual, Since: m.UpdatedAt})
		}
		unread, err := projections.ListMailboxes(c.ctx, tx, c.who.Org, projections.MailboxFilter{Unread: true}, newest)
		if err != nil {
			return nil, err
		}
		for _, m := range unread.Rows {
			if m.Status != events.MailboxSuspended {
				out = append(out, gen.TodayStopped{Kind: gen.TodayStoppedKindMailboxReading, ID: m.MailboxID, Title: valueOrZero(m.Address), Reason: m.Unread, Rule: true, Since: valueOrZero(m.UnreadSince)})
			}
		}
	}
	if c.who.Has(identity.CampaignsRead) {
		page, err := projections.ListCampaigns(c.ctx, tx, c.who.Org, projections.CampaignFilter{Status: events.CampaignIsPaused}, newest)
		if err != nil {
			return nil, err
		}
		if out == nil {
			out = []gen.TodayStopped{}
		}
		for _, x := range page.Rows {
			out = append(out, gen.TodayStopped{Kind: gen.TodayStoppedKindCampaign, ID: x.CampaignID, Title: x.Name, Reason: x.PauseReason, Rule: x.PauseReason != events.PausedManual, Since: x.UpdatedAt})
		}
	}
	return out, nil
}

// addMeasured tells of what has stopped what the rules measure, and finds what is on its way there.
func (h *todayHandlers) addMeasured(c *call, out *gen.Today) error {
	if h.live == nil || !c.who.Has(identity.MailboxesRead) && !c.who.Has(identity.CampaignsRead) {
		return nil
	}
	found := []finding{}
	if _, err := h.live.Show(c.ctx, c.who.Org, func(o *aggregates.Organization, last time.Time) {
		now := laterOf(h.clock(), last)
		for i := range out.Stopped {
			out.Stopped[i].Measured = measuredOf(now, o, &out.Stopped[i])
		}
		found = findingsOf(now, o)
	}); err != nil {
		return err
	}
	return h.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		var err error
		out.Findings, err = nameFindings(c, tx, found)
		return err
	})
}

// laterOf is now, or the time of the last event, as the clock of decisions never goes back.
func laterOf(now, last time.Time) time.Time {
	if now = now.UTC().Truncate(time.Microsecond); now.Before(last) {
		return last
	}
	return now
}

func (h *todayHandlers) addFigures(c *call, out *gen.Today, org *projections.Organization, now time.Time) error {
	loc, err := zone.Load(org.TimeZone)
	if err != nil {
		loc = time.UTC
	}
	today := now.In(loc)
	f := analytics.Filter{From: today.AddDate(0, 0, 1-todayDays).Format(time.DateOnly), To: today.Format(time.DateOnly), Now: now}
	total, days, err := analytics.Organization(c.ctx, h.columns, c.who.Org, f)
	if err != nil {
		return err
	}
	figures := gen.TodayFigures{From: f.From, To: f.To, Figures: viewFigures(total), Days: make([]gen.DayFigures, len(days))}
	for i, d := range days {
		figures.Days[i] = gen.DayFigures{Figures: viewFigures(d.Figures), Day: d.Day}
	}
	out.Last14Days = figures
	return nil
}
