package api

import (
	"errors"

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
	return c.answerJSON(200, report)
}
