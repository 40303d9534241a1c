package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"

	"outrider/internal/app/node"
)

type privacyCmd struct {
	Erase  privacyEraseCmd  `cmd:"" help:"Erase whoever has an address, in every organisation."`
	Verify privacyVerifyCmd `cmd:"" help:"Take what is left of erased persons out of the stores' files, and look for an address in all of them; status 1 when it is found."`
}

type privacyVerifyCmd struct {
	installation
	Email      string   `required:"" help:"Address of the person who was erased." placeholder:"ADDRESS"`
	Value      []string `help:"Something else that must not be found, such as a name; may be given several times." sep:"none" placeholder:"TEXT"`
	SearchOnly bool     `help:"Look only: write no table anew, drop nothing."`
}

// Run exits with status 1 where somebody with the address isn't erased, or where it is found.
func (c privacyVerifyCmd) Run(ctx context.Context, f *node.Folder, log *slog.Logger) error {
	a, l, err := c.findLog(ctx, f)
	if err != nil {
		return err
	}
	proof, err := node.VerifyErasure(ctx, a, f, l, node.ErasureCheck{Email: c.Email, Values: c.Value, SearchOnly: c.SearchOnly, Log: log})
	if err != nil {
		return err
	}
	if c.JSON {
		if err := json.NewEncoder(os.Stdout).Encode(proof); err != nil {
			return fmt.Errorf("print: %w", err)
		}
	} else {
		proof.Print(os.Stdout)
	}
	if proof.Unerased || len(proof.Found) > 0 {
		return node.ErrReported
	}
	return nil
}

type privacyEraseCmd struct {
	installation
	Email  string `required:"" help:"Address of the person." placeholder:"ADDRESS"`
	DryRun bool   `help:"Name what would go, and change nothing."`
}

// Run prints what went, or would go.
func (c privacyEraseCmd) Run(ctx context.Context, f *node.Folder) error {
	a, l, err := c.findLog(ctx, f)
	if err != nil {
		return err
	}
	e, err := node.Erase(ctx, a, f, l, node.ErasureOrder{Email: c.Email, DryRun: c.DryRun})
	if err == nil && c.JSON {
		return json.NewEncoder(os.Stdout).Encode(e)
	}
	e.Print(os.Stdout)
	return err
}
