package api

import (
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/commands"
	"outrider/events"
	"outrider/projections"
)

func (s *Server) launchCampaign(c *call) error {
	return s.setOnCampaign(c, func(id uuid.UUID, version *int) commands.Command {
		return commands.LaunchCampaign{CampaignID: id, IfVersion: version}
	})
}

func (s *Server) pauseCampaign(c *call) error {
	return s.actOnCampaign(c, func(id uuid.UUID) commands.Command { return commands.PauseCampaign{CampaignID: id} })
}

func (s *Server) resumeCampaign(c *call) error {
	return s.actOnCampaign(c, func(id uuid.UUID) commands.Command {
		return commands.ResumeCampaign{CampaignRef: events.CampaignRef{CampaignID: id}}
	})
}

func (s *Server) completeCampaign(c *call) error {
	return s.actOnCampaign(c, func(id uuid.UUID) commands.Command { return commands.CompleteCampaign{CampaignID: id} })
}

func (s *Server) actOnCampaign(c *call, cmd func(uuid.UUID) commands.Command) error {
	return s.act(c, "campaigns", cmd, s.showCampaign)
}

func (s *Server) loadCampaign(c *call, id uuid.UUID) (row *projections.Campaign, err error) {
	err = s.read(c, c.who.Org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetCampaign(c.ctx, tx, c.who.Org, id)
		return err
	})
	return row, err
}
