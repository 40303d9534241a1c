package api

import (
	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/identity"
	"outrider/projections"
)

func requestLaunch(c *call, id uuid.UUID) (commands.Command, error) {
	var body gen.LaunchRequestCreate
	if len(c.raw) > 0 { // a note is optional
		if err := c.decodeBody(&body); err != nil {
			return nil, err
		}
	}
	return commands.RequestLaunch{CampaignRef: events.CampaignRef{CampaignID: id}, By: actorName(c), Note: body.Note}, nil
}

// dropLaunchRequest lets those who asked take it back, and those who may launch decline.
func dropLaunchRequest(s *Server, c *call, id uuid.UUID) error {
	if err := s.awaitIn(c, "campaigns"); err != nil {
		return err
	}
	row, err := s.loadCampaign(c, id)
	if err != nil {
		return err
	}
	own := row.LaunchRequestedBy == actorName(c)
	if !own && row.LaunchRequestedBy != "" && !c.who.Has(identity.CampaignsSend) {
		return forbiddenProblem("scope "+string(identity.CampaignsSend)+": somebody else has asked", identity.CampaignsSend)
	}
	return campaignCommand(func(*call, uuid.UUID) (commands.Command, error) {
		return commands.DropLaunchRequest{CampaignRef: events.CampaignRef{CampaignID: id}, Declined: !own}, nil
	})(s, c)
}

// actorName is who asks: kind and id.
func actorName(c *call) string {
	actor := c.actorOf()
	return actor.Kind + ":" + actor.ID
}

func launchRequestOf(r *projections.Campaign) (out gen.LaunchRequest) {
	if r.LaunchRequestedAt != nil {
		out = gen.LaunchRequest{By: r.LaunchRequestedBy, At: *r.LaunchRequestedAt, Note: r.LaunchNote}
	}
	return out
}
