package api

import (
	"context"
	"encoding/json"
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
// where the read side is behind, it waits for the version that the refusal names and asks once more.
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
	row, err := s.campaignFrom(c, id, or(want))
	if err != nil {
		return err
	}
	for try := 0; ; try++ {
		steps, err := stepsIn(row)
		if err != nil {
			return err
		}
		version := want
		if version == nil {
			version = &row.Version
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
		if refusedAs(err) != commands.CodeVersionConflict || want != nil || try == mostLaunchTries {
			return err
		}
		var is struct {
			Actual int `json:"actual"`
		}
		if err := json.Unmarshal(a.Detail, &is); err != nil {
			return fmt.Errorf("read refusal: %w", err)
		}
		if row, err = s.campaignFrom(c, id, is.Actual); err != nil {
			return err
		}
	}
}

// mostLaunchTries is how often a campaign may be edited while it is being launched.
const mostLaunchTries = 5

// campaignFrom gives a campaign in a version or a later one.
func (s *Server) campaignFrom(c *call, id uuid.UUID, version int) (row *projections.Campaign, err error) {
	ctx, cancel := context.WithTimeout(c.ctx, waitAtMost)
	defer cancel()
	poll := time.NewTicker(25 * time.Millisecond)
	defer poll.Stop()
	for {
		if row, err = s.loadCampaign(c, id); err != nil || row.Version >= version {
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
	return s.actOnCampaign(c, func(id uuid.UUID) commands.Command { return commands.ResumeCampaign{CampaignID: id} })
}

func (s *Server) completeCampaign(c *call) error {
	return s.actOnCampaign(c, func(id uuid.UUID) commands.Command { return commands.CompleteCampaign{CampaignID: id} })
}

func (s *Server) actOnCampaign(c *call, cmd func(uuid.UUID) commands.Command) error {
	return s.act(c, "campaigns", cmd, s.showCampaign)
}

// changeSteps edits a draft or revises what is live. Which of them it is may have changed since the read side was asked:
// then the other one is tried, under an id of its own. A repeat is given the answer of the first, whatever it asks for.
func (s *Server) changeSteps(in *intent, id uuid.UUID, steps []events.Step, version *int) (es.Answer, error) {
	row, err := s.loadCampaign(in.call, id)
	if err != nil {
		return es.Answer{}, err
	}
	edit := commands.ChangeCampaignSteps{CampaignID: id, Steps: steps, IfVersion: version}
	revise := commands.ReviseCampaign{CampaignID: id, Steps: steps, Templates: templatesOf(steps), IfVersion: version}
	first, second := commands.Command(edit), commands.Command(revise)
	draft := row.Status == events.CampaignIsDraft
	if !draft {
		first, second = second, first
	}
	a, err := s.submitPart(in, "steps", first)
	if refusedAs(err) != commands.CodeWrongStatus {
		return a, err
	}
	if is := statusIn(a.Detail); draft != (is != events.CampaignIsDraft) || is == events.CampaignIsCompleted {
		return a, err // the other one is refused as well
	}
	return s.submitPart(in, "steps again", second)
}

func stepsIn(row *projections.Campaign) (steps []events.Step, err error) {
	if err := json.Unmarshal(row.Steps, &steps); err != nil {
		return nil, fmt.Errorf("read steps: %w", err)
	}
	return steps, nil
}

func (s *Server) loadCampaign(c *call, id uuid.UUID) (row *projections.Campaign, err error) {
	err = s.read(c, c.who.Org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetCampaign(c.ctx, tx, c.who.Org, id)
		return err
	})
	return row, err
}
