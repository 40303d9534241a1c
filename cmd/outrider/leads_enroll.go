package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/internal/app/client"
	"outrider/internal/app/node"
	"outrider/internal/retry"
)

type leadsEnrollCmd struct {
	APIAccess
	EnrollmentChoice `embed:""`
	LeadChoice       `embed:""`

	Campaign uuid.UUID `arg:"" help:"Id of the campaign."`
	JSON     bool      `help:"Print what the api says, all requests added up."`
}

// EnrollmentChoice says who isn't enrolled.
type EnrollmentChoice struct {
	SkipActiveElsewhere bool `help:"Leave out who is on another campaign and not at the end there."`
}

// Run enrolls whom the flags choose, and says who was left out and why.
func (c leadsEnrollCmd) Run(ctx context.Context, f *node.Folder) error {
	filter := c.selection()
	if filter == nil {
		return errors.New("no leads are chosen: give --q, --tag, --import, --outreach-status or --all")
	}
	api, err := c.newClient(f, false)
	if err != nil {
		return err
	}
	total, err := api.EnrollAll(ctx, c.Campaign, *filter, c.SkipActiveElsewhere)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(total)
	}
	fmt.Println(tellEnrolled(total))
	return nil
}

// Leads of an import that the api doesn't show yet are asked for again, so often and so far apart.
const (
	mostEnrollTries = 120
	enrollAgain     = 250 * time.Millisecond
)

// enrollImported enrolls the leads that an import has created, once the api shows them all.
func (c EnrollmentChoice) enrollImported(ctx context.Context, api *client.Client, campaign uuid.UUID, i client.Import) (total client.EnrollmentResult, err error) {
	enrolled := 0
	for tries := 1; ; tries++ {
		if total, err = api.EnrollAll(ctx, campaign, client.LeadSelection{ImportID: &i.ID}, c.SkipActiveElsewhere); err != nil {
			return total, err
		}
		enrolled += total.Enrolled
		total.Already -= enrolled - total.Enrolled // by an earlier request of ours
		total.Enrolled = enrolled
		if int64(total.Enrolled+total.Already+total.RefusedCount) >= i.Created || tries == mostEnrollTries { // some may be gone
			return total, nil
		}
		if err := retry.Sleep(ctx, enrollAgain); err != nil {
			return total, fmt.Errorf("wait for the leads of import %s: %w", i.ID, err)
		}
	}
}

// tellEnrolled says what became of whom.
func tellEnrolled(r client.EnrollmentResult) string {
	return fmt.Sprintf("campaign %s: %d enrolled, %d already, %d left out%s", r.CampaignID, r.Enrolled, r.Already, r.RefusedCount, tellRefused(r.RefusedByCode))
}

// tellRefused says how many were refused for which reason, in brackets behind a blank; "" = nobody.
func tellRefused(byCode map[string]int) string {
	var why []string
	for _, code := range slices.Sorted(maps.Keys(byCode)) {
		why = append(why, fmt.Sprintf("%d %s", byCode[code], code))
	}
	if len(why) == 0 {
		return ""
	}
	return " (" + strings.Join(why, ", ") + ")"
}
