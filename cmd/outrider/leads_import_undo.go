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

type leadsUndoCmd struct {
	APIAccess
	ID      uuid.UUID `arg:"" help:"Id of the import."`
	Preview bool      `help:"Only say what would be removed and what would stay."`
	JSON    bool      `help:"Print what the api says."`
}

// Run undoes an import and waits until that has ended.
func (c leadsUndoCmd) Run(ctx context.Context, f *node.Folder) error {
	api, err := c.newClient(f, false)
	if err != nil {
		return err
	}
	if c.Preview {
		return c.preview(ctx, api)
	}
	_, position, err := client.ReadDecided[json.RawMessage](api.UndoImport(ctx, c.ID, nil))
	if err != nil {
		return err
	}
	i, _, err := client.Read[client.Import](api.GetImport(ctx, c.ID, nil, client.Showing(position)))
	if err == nil {
		i, err = api.FollowImport(ctx, i, position, func(client.Import) {})
	}
	if err != nil {
		return err
	}
	if i.DryRun {
		return errors.New("it is a dry run, which has imported nothing")
	}
	if i.Status != client.ImportStatusUndone {
		return fmt.Errorf("import %s is %s, and not undone", i.ID, i.Status)
	}
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(i)
	}
	_, err = fmt.Printf("import %s undone: %d leads removed, %d kept\n", i.ID, i.Removed, i.Kept)
	return err
}

func (c leadsUndoCmd) preview(ctx context.Context, api *client.Client) error {
	p, _, err := client.Read[client.ImportUndoPreview](api.PreviewImportUndo(ctx, c.ID, nil))
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(p)
	}
	_, err = fmt.Printf("an undo would remove %d leads and keep %d: %d edited since, %d enrolled since\n", p.Remove, p.Keep, p.Edited, p.Enrolled)
	return err
}
