package api

import (
	"errors"

	"outrider/api/gen"
	"outrider/projections/analytics"
)

// errNoColumns is why figures and reasons are not to be had here.
var errNoColumns = errors.New("this server has no ClickHouse")

// getCampaignAnalytics reads the rollups, whose organisation is part of every key.
func (s *Server) getCampaignAnalytics(c *call) error {
	id, err := c.pathID()
	if err != nil {
		return err
	}
	f := analytics.Filter{From: c.textParam("from"), To: c.textParam("to"), Version: c.numberParam("version", 0), StepID: c.uuidParam("step_id"), VariantID: c.uuidParam("variant_id"), MailboxID: c.uuidParam("mailbox_id"),
		Mailboxes: c.textParam("mailboxes") == "true", Now: s.cfg.Now().UTC()}
	for name, day := range map[string]string{"from": f.From, "to": f.To} {
		if checkDate(name, day) != nil {
			return malformedProblem("query parameter " + name + ": is not a day of the calendar")
		}
	}
	if f.From != "" && f.To != "" && f.To < f.From {
		return malformedProblem("query parameter to: is before from")
	}
	if err := s.awaitIn(c, "campaigns"); err != nil {
		return err
	}
	if _, err := s.loadCampaign(c, id); err != nil {
		return err
	}
	if s.cfg.Columns == nil {
		return unavailableProblem(codeUnavailable, errNoColumns)
	}
	report, err := analytics.Campaign(c.ctx, s.cfg.Columns, c.who.Org, id, f)
	if err != nil {
		return err
	}
	return c.answerJSON(200, viewReport(report))
}

func viewReport(r analytics.Report) gen.CampaignReport {
	out := gen.CampaignReport{CampaignID: r.CampaignID, Figures: viewFigures(r.Figures), TimelineData: make([]gen.DayFigures, 0, len(r.TimelineData)), Steps: make([]gen.StepFigures, 0, len(r.Steps)),
		Variants: make([]gen.VariantFigures, 0, len(r.Variants))}
	for _, d := range r.TimelineData {
		out.TimelineData = append(out.TimelineData, gen.DayFigures{Figures: viewFigures(d.Figures), Day: d.Day})
	}
	for _, s := range r.Steps {
		out.Steps = append(out.Steps, gen.StepFigures{Figures: viewFigures(s.Figures), StepID: s.StepID, Step: s.Step})
	}
	for _, v := range r.Variants {
		out.Variants = append(out.Variants, gen.VariantFigures{Figures: viewFigures(v.Figures), StepID: v.StepID, Step: v.Step, VariantID: v.VariantID})
	}
	for _, m := range r.Mailboxes { // absent when they weren't asked for
		out.Mailboxes = append(out.Mailboxes, gen.MailboxFigures{Figures: viewFigures(m.Figures), MailboxID: m.MailboxID})
	}
	return out
}

func viewFigures(f analytics.Figures) gen.Figures {
	return gen.Figures{
		EmailsSent:        int64(f.EmailsSent),
		Failed:            int64(f.Failed),
		InDoubt:           int64(f.InDoubt),
		Delivered:         viewRate(f.Delivered),
		DeliveredInferred: f.DeliveredInferred,
		Settling:          int64(f.NotYetFinal),
		OpenRate:          viewRate(f.Opens),
		MachineOpens:      viewRate(f.MachineOpens),
		ClickRate:         viewRate(f.Clicks),
		ScannerClicks:     viewRate(f.ScannerClicks),
		ReplyRate:         viewRate(f.Replies),
		AutoReplyRate:     viewRate(f.AutoReplies),
		MeetingRate:       viewRate(f.Meetings),
		BounceRate:        viewRate(f.Bounces),
		ComplaintRate:     viewRate(f.Complaints),
		UnsubscribeRate:   viewRate(f.Unsubscribes),
	}
}

func viewRate(r analytics.Rate) gen.Rate {
	return gen.Rate{Count: int64(r.Count), Of: int64(r.Of), Denominator: gen.RateDenominator(r.Denominator), Rate: r.Rate, Low: r.Low, High: r.High}
}
