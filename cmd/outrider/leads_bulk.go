package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/google/uuid"

	"outrider/internal/app/client"
	"outrider/internal/app/node"
)

type leadsBulkCmd struct {
	APIAccess
	LeadChoice `embed:""`

	Action   string      `arg:"" enum:"tag,untag,enroll,remove,suppress" help:"tag, untag, enroll, remove or suppress."`
	Leads    []uuid.UUID `arg:"" optional:"" help:"Ids of leads; none = those that the flags choose."`
	Set      []string    `help:"Tags that tag adds or untag takes away."`
	Campaign uuid.UUID   `help:"Campaign of enroll."`
	JSON     bool        `help:"Print the operations as the api shows them at their end, a line each."`
}

// Run asks until the filter is at its end, waits for each operation and says what became of it.
func (c leadsBulkCmd) Run(ctx context.Context, f *node.Folder) error {
	ask, err := c.request()
	if err != nil {
		return err
	}
	api, err := c.newClient(f, false)
	if err != nil {
		return err
	}
	for {
		made, position, err := client.ReadDecided[client.BulkCreated](api.CreateBulk(ctx, nil, ask))
		if err != nil {
			return err
		}
		job, err := api.FollowBulk(ctx, made.Job, position)
		if err != nil {
			return err
		}
		if c.JSON {
			err = json.NewEncoder(os.Stdout).Encode(job)
		} else {
			_, err = fmt.Println(tellBulk(job))
		}
		if err != nil || made.NextCursor == nil {
			return err
		}
		ask.Cursor = made.NextCursor
	}
}

func (c leadsBulkCmd) request() (client.BulkCreate, error) {
	ask := client.BulkCreate{Action: client.BulkAction(c.Action), CampaignID: given(c.Campaign), Filter: c.selection()}
	if len(c.Set) > 0 {
		ask.Tags = &c.Set
	}
	if len(c.Leads) > 0 {
		ask.LeadIds = &c.Leads
	}
	switch {
	case ask.LeadIds != nil && ask.Filter != nil:
		return ask, errors.New("leads are chosen by their ids or by flags, not by both")
	case ask.LeadIds == nil && ask.Filter == nil:
		return ask, errors.New("no leads are chosen: give ids, --q, --tag, --import, --outreach-status or --all")
	}
	return ask, nil
}

func tellBulk(job client.BulkJob) string {
	return fmt.Sprintf("%s: %d of %d leads done, %d unchanged, %d refused%s", job.Action, job.Done, job.Asked, job.Unchanged, job.RefusedCount, tellRefused(job.RefusedByCode))
}
