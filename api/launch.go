package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/projections"
)

// launchCampaign tells the command what is in the templates, which it can't parse itself. They are those of one version:
// where the read side is behind, it waits for the version that the refusal names and asks once more. Of a campaign that the
// read side doesn't know yet, or that isn't, it asks for version 0, which none has.
func (s *Server) launchCampaign(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	want, err := c.ifVersion()
	if err != nil {
		return err
	}
	in, err := s.intend(c, c.who.Org, c.who.Org)
	if err != nil {
		return err
	}
	row, err := s.loadCampaign(c, id)
	if err == nil && row.Version < or(want) {
		row, err = s.campaignFrom(c, id, *want)
	}
	if errors.Is(err, pgx.ErrNoRows) {
		row, err = &projections.Campaign{Steps: json.RawMessage(`[]`)}, nil
	}
	if err != nil {
		return err
	}
	for try := 0; ; try++ {
		steps, err := stepsIn(row)
		if err != nil {
			return err
		}
		version := &row.Version
		if want != nil && row.Version > 0 {
			version = want
		}
		// A repeat of the request asks with the same ids in the same order, so it is given the same answers.
		command := in.id
		if try > 0 {
			command = es.DeriveID(in.id, "again "+strconv.Itoa(try))
		}
		a, err := s.send(in, command, commands.LaunchCampaign{CampaignID: id, Templates: templatesOf(steps), IfVersion: version})
		if err == nil {
			return s.changed(c, "campaigns", a, func() error { return s.showCampaign(c, id) })
		}
		if refusedAs(err) != commands.CodeVersionConflict || try == mostLaunchTries {
			return err
		}
		var is struct {
			Expected int `json:"expected"`
			Actual   int `json:"actual"`
		}
		if err := json.Unmarshal(a.Detail, &is); err != nil {
			return fmt.Errorf("read refusal: %w", err)
		}
		if want != nil && is.Expected > 0 {
			return err
		}
		if row, err = s.campaignFrom(c, id, is.Actual); err != nil {
			return err
		}
	}
}

// mostLaunchTries is how often a campaign may be edited while it is being launched.
const mostLaunchTries = 5

// campaignFrom gives a campaign that is there in a version, or a later one.
func (s *Server) campaignFrom(c *call, id uuid.UUID, version int) (row *projections.Campaign, err error) {
	ctx, cancel := context.WithTimeout(c.ctx, waitAtMost)
	defer cancel()
	poll := time.NewTicker(25 * time.Millisecond)
	defer poll.Stop()
	for {
		row, err = s.loadCampaign(c, id)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) || err == nil && row.Version >= version {
			return row, err
		}
		select {
		case <-poll.C:
		case <-ctx.Done():
			return nil, unavailable(codeBehind, ctx.Err())
		}
	}
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
