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
		printProof(proof)
	}
	if proof.Unerased || len(proof.Found) > 0 {
		return node.ErrReported
	}
	return nil
}

func printProof(p node.ErasureProof) {
	if p.Unerased {
		for _, x := range p.Persons {
			if !x.Erased || x.HasKey {
				fmt.Printf("%s of organisation %s isn't erased: erase it with POST /v1/leads/%s/erase, or take it out where it is a suppression\n", x.LeadID, x.OrganizationID, x.LeadID)
			}
		}
		return
	}
	if p.KeysAgain > 0 {
		fmt.Printf("%d keys had come back, as from a backup, and were destroyed again\n", p.KeysAgain)
	}
	for _, name := range p.Dropped {
		fmt.Printf("dropped %s\n", name)
	}
	for _, x := range p.Found {
		fmt.Printf("found in %s: %s\n", x.Where, x.Value)
	}
	for _, x := range p.Remains {
		fmt.Printf("remains in the log in plain text, partition %d offset %d: %v of %s\n", x.Partition, x.Offset, x.Fields, x.Type)
	}
	fmt.Printf("looked at %d records, %d tables and columns, %d blobs, %d files; found in %d\n", p.Records, p.Tables, p.Objects, p.Files, len(p.Found))
}
