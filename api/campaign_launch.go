package api

import (
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/commands"
	"outrider/events"
	"outrider/projections"
)

func launchCampaign(c *call, id uuid.UUID) (commands.Command, error) {
	version, err := c.ifVersion()
	return commands.LaunchCampaign{CampaignID: id, IfVersion: version}, err
}

func pauseCampaign(_ *call, id uuid.UUID) (commands.Command, error) {
	return commands.PauseCampaign{CampaignID: id}, nil
}

func resumeCampaign(_ *call, id uuid.UUID) (commands.Command, error) {
	return commands.ResumeCampaign{CampaignRef: events.CampaignRef{CampaignID: id}}, nil
}

func completeCampaign(_ *call, id uuid.UUID) (commands.Command, error) {
	return commands.CompleteCampaign{CampaignID: id}, nil
}

func archiveCampaign(_ *call, id uuid.UUID) (commands.Command, error) {
	return commands.ArchiveCampaign{CampaignRef: events.CampaignRef{CampaignID: id}}, nil
}

func unarchiveCampaign(_ *call, id uuid.UUID) (commands.Command, error) {
	return commands.UnarchiveCampaign{CampaignRef: events.CampaignRef{CampaignID: id}}, nil
}

// campaignCommand submits a command about a campaign, and shows the campaign.
func campaignCommand(cmd commandOf) handler {
	return submitAndShow("campaigns", (*Server).showCampaign, cmd)
}

func (r *readSide) loadCampaign(c *call, id uuid.UUID) (row *projections.Campaign, err error) {
	err = r.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetCampaign(c.ctx, tx, c.who.Org, id)
		return err
	})
	return row, err
}
