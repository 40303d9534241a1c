package admin

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"outrider/internal/app/client"
	"outrider/internal/app/node"
)

type suspendCmd struct {
	onOrg
	Reason string `required:"" help:"Why; the organisation sees it."`
}

// Run prints what the API says of it then.
func (c suspendCmd) Run(ctx context.Context, f *node.Folder) error {
	return c.patch(ctx, f, client.OrganizationPatch{Status: new(client.OrganizationStatusSuspended), StatusReason: &c.Reason})
}

type activateCmd struct{ onOrg }

// Run prints what the API says of it then.
func (c activateCmd) Run(ctx context.Context, f *node.Folder) error {
	return c.patch(ctx, f, client.OrganizationPatch{Status: new(client.OrganizationStatusActive)})
}

type planCmd struct {
	onOrg
	Plan string `arg:"" help:"Name of a plan."`
}

// Run prints what the API says of it then.
func (c planCmd) Run(ctx context.Context, f *node.Folder) error {
	return c.patch(ctx, f, client.OrganizationPatch{Plan: &c.Plan})
}

func (c onOrg) patch(ctx context.Context, f *node.Folder, change client.OrganizationPatch) error {
	api, err := c.open(f)
	if err != nil {
		return err
	}
	return printJSON(api.UpdateOrganization(ctx, c.Org, nil, change))
}

type deleteCmd struct{ onOrg }

// Run deletes it.
func (c deleteCmd) Run(ctx context.Context, f *node.Folder) error {
	api, err := c.open(f)
	if err != nil {
		return err
	}
	_, _, err = client.ReadDecided[any](api.DeleteOrganization(ctx, c.Org, nil))
	return err
}

type restoreCmd struct{ onOrg }

// Run prints what the API says of it then.
func (c restoreCmd) Run(ctx context.Context, f *node.Folder) error {
	api, err := c.open(f)
	if err != nil {
		return err
	}
	return printJSON(api.RestoreOrganization(ctx, c.Org, nil))
}

type keysCmd struct{ onOrg }

// Run prints a line for each.
func (c keysCmd) Run(ctx context.Context, f *node.Folder) error {
	api, err := c.open(f)
	if err != nil {
		return err
	}
	page, _, err := client.Read[client.APIKeyPage](api.ListAPIKeys(ctx, &client.ListAPIKeysParams{OrganizationID: &c.Org}))
	if err != nil {
		return err
	}
	for _, k := range page.Data {
		state := "valid"
		if k.RevokedAt != nil {
			state = "revoked"
		}
		fmt.Printf("%s  %-8s %-12s %s\n", k.ID, state, k.Owner, k.Name)
	}
	return nil
}

type revokeKeyCmd struct {
	onOrg
	ID uuid.UUID `arg:"" help:"Id of the key."`
}

// Run revokes it: it is worth nothing within two seconds.
func (c revokeKeyCmd) Run(ctx context.Context, f *node.Folder) error {
	api, err := c.open(f)
	if err != nil {
		return err
	}
	_, _, err = client.ReadDecided[any](api.RevokeAPIKey(ctx, c.ID, &client.RevokeAPIKeyParams{OrganizationID: &c.Org}))
	return err
}
