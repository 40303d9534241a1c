package api

import (
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/projections/analytics"
)

const (
	mostWarmupDays = 90
	warmupAhead    = 30
)

func (h *pacingHandlers) getWarmup(c *call, id uuid.UUID) error {
	if _, err := h.loadMailbox(c, id); err != nil {
		return err
	}
	return h.showWarmup(c, id)
}

func (h *pacingHandlers) setWarmup(c *call, id uuid.UUID, body gen.MailboxWarmupInput) error {
	cmd := commands.SetMailboxWarmup{MailboxRef: events.MailboxRef{MailboxID: id}, Warmup: events.Warmup{Start: body.Start, Stages: []events.WarmupStage{}}, Restart: body.Restart}
	for _, s := range body.Stages {
		cmd.Stages = append(cmd.Stages, events.WarmupStage{UpTo: s.UpTo, PerDay: s.PerDay})
	}
	a, err := h.submitOwn(c, cmd)
	if err != nil {
		return err
	}
	return h.showAfterChange(c, eventsTable, a, func() error { return h.showWarmup(c, id) })
}

func (h *pacingHandlers) showWarmup(c *call, id uuid.UUID) error {
	out := gen.MailboxWarmup{Days: []gen.WarmupDay{}, Ahead: []gen.WarmupAhead{}, Suggested: gen.WarmupPlan{Stages: []gen.WarmupStage{}}}
	var plan events.Warmup
	if err := h.showState(c, func(o *aggregates.Organization, now time.Time) {
		m := o.Mailboxes.Get(id)
		if m == nil {
			return
		}
		plan, out.Cap, out.Stage, out.ByStages = m.Warmup()
		if !out.ByStages {
			out.Cap = o.CapAt(m, now)
		}
		out.Warming, out.Start, out.Stages, out.FullCap = m.Warming, plan.Start, stagesOf(plan), m.FullCap()
		suggested := commands.DefaultWarmup(m.Pace.CapPerDay)
		out.Suggested = gen.WarmupPlan{Start: suggested.Start, Stages: stagesOf(suggested)}
		for _, d := range o.CapsAhead(m, now, warmupAhead) {
			out.Ahead = append(out.Ahead, gen.WarmupAhead{Day: d.Day, Planned: d.Cap})
		}
	}); err != nil {
		return err
	}
	log, err := analytics.History{Conn: h.columns}.Audit(c.ctx, c.who.Org, analytics.AuditFilter{Types: []string{"mailbox.warmup_stepped.", "mailbox.warmup_set."}, Subject: id.String()},
		analytics.Page{Limit: mostWarmupDays, Newest: true})
	if err != nil {
		return err
	}
	slices.Reverse(log)
	if out.Days, err = warmupDays(log, plan); err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, out)
}

// warmupDays are what was decided, beside what it would have been with nothing but good days since the warm-up was set.
func warmupDays(log []*es.Event, plan events.Warmup) ([]gen.WarmupDay, error) {
	out := []gen.WarmupDay{}
	planned := 0
	for _, e := range log {
		payload, err := events.Decode(e.Type, e.Data)
		if err != nil {
			return nil, err
		}
		switch p := payload.(type) {
		case events.MailboxWarmupSet:
			if planned = p.Cap; len(p.Stages) > 0 {
				plan = p.Warmup
			}
		case events.MailboxWarmupStepped:
			if planned == 0 {
				planned = p.Cap
			} else if len(plan.Stages) > 0 && len(out) > 0 {
				planned = aggregates.CapAfter(plan, planned, 1)
			}
			out = append(out, gen.WarmupDay{Day: p.Day, Planned: planned, Cap: p.Cap, Stage: p.Stage, Change: gen.WarmupDayChange(p.Change), Reason: p.Reason, Text: tellEvent(e), EventID: e.ID})
		}
	}
	return out, nil
}

func stagesOf(w events.Warmup) []gen.WarmupStage {
	out := make([]gen.WarmupStage, len(w.Stages))
	for i, s := range w.Stages {
		out[i] = gen.WarmupStage{UpTo: s.UpTo, PerDay: s.PerDay}
	}
	return out
}
