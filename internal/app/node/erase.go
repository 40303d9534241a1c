package node

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/internal/app/erasure"
	"outrider/internal/es"
	"outrider/internal/es/gateway"
	"outrider/internal/kafka"
	"outrider/internal/pii"
	"outrider/internal/postgres"
)

// ErasureOrder is who shall be erased.
type ErasureOrder struct {
	Email  string
	DryRun bool // say what would go, and change nothing
}

// Erasure is what an order came to, a plan for each organisation that knows the person.
type Erasure struct {
	DryRun  bool           `json:"dry_run"`
	Persons []erasure.Plan `json:"persons"`
	// Left are those of them that no erasure takes: entries of suppressions, which somebody has to take out.
	Left int `json:"left"`
}

// Erase erases whoever has an address in every organisation, by commands as the api's; the processes of the installation do the rest.
func Erase(ctx context.Context, a Addresses, f *Folder, log kafka.Log, o ErasureOrder) (e Erasure, err error) {
	e.DryRun = o.DryRun
	address, err := pii.NormalizeAddress(o.Email)
	if err != nil {
		return e, err
	}
	if err := useVault(ctx, a, f.Keys(), func(vault *pii.Vault) error {
		return withProjector(ctx, a, f, func(tx pgx.Tx) error {
			persons, err := erasure.FindPersons(ctx, vault, tx, address)
			if err == nil {
				e.Persons, err = erasure.MakePlans(ctx, vault, tx, persons)
			}
			return err
		})
	}); err != nil {
		return e, err
	}
	for _, p := range e.Persons {
		if p.Erased {
			e.Left++
		}
	}
	if o.DryRun || e.Left == len(e.Persons) {
		return e, nil
	}
	keys, err := OpenCommandKeys(f.Keys())
	if err != nil {
		return e, err
	}
	g, err := gateway.Open(ctx, gateway.Config{Log: log, Keys: keys})
	if err != nil {
		return e, err
	}
	defer g.Close()
	for _, p := range e.Persons {
		if p.Erased {
			continue
		}
		id := es.NewID()
		cause := reaction.Cause{Org: p.OrganizationID, Correlation: id, Causation: id, Actor: es.Actor{Kind: es.ActorOperator, ID: "privacy erase"}}
		answer, err := reaction.Submit(ctx, g, cause, id, time.Now(), commands.EraseLead{LeadID: p.LeadID})
		if err != nil {
			return e, fmt.Errorf("erase %s of %s: %w", p.LeadID, p.OrganizationID, err)
		}
		if answer.Outcome == es.Refused {
			return e, fmt.Errorf("erase %s of %s: refused, %s", p.LeadID, p.OrganizationID, answer.Code)
		}
	}
	return e, nil
}

// withProjector reads as the role of projections, which sees all organisations.
func withProjector(ctx context.Context, a Addresses, f *Folder, do func(pgx.Tx) error) error {
	secrets, err := postgres.ReadSecrets(f.Keys().Roles())
	if err != nil {
		return fmt.Errorf("load passwords of roles: %w", err)
	}
	pool, err := postgres.OpenRole(ctx, a.Postgres, postgres.RoleProjector, secrets.Projector, "kernel", 1)
	if err != nil {
		return err
	}
	defer pool.Close()
	return pgx.BeginFunc(ctx, pool, do)
}

// Print says what went, or would go.
func (e Erasure) Print(w io.Writer) {
	if len(e.Persons) == 0 {
		fmt.Fprintln(w, "nobody has this address")
	}
	verb := "erased"
	if e.DryRun {
		verb = "would be erased"
	}
	for _, p := range e.Persons {
		if p.Erased {
			fmt.Fprintf(w, "%s of organisation %s is an entry of a suppression that shows the address: take it out there\n", p.LeadID, p.OrganizationID)
			continue
		}
		fmt.Fprintf(w, "%s of organisation %s %s: the key", p.LeadID, p.OrganizationID, verb)
		for _, table := range slices.Sorted(maps.Keys(p.Rows)) {
			fmt.Fprintf(w, ", %s (%d)", table, p.Rows[table])
		}
		fmt.Fprintf(w, ", files of imports and exports (%d)\n", p.Files)
	}
	if e.DryRun {
		fmt.Fprintln(w, "nothing was changed")
	}
}

// Print says what was done and found.
func (p ErasureProof) Print(w io.Writer) {
	if p.Unerased {
		for _, x := range p.Persons {
			if !x.Erased || x.HasKey {
				fmt.Fprintf(w, "%s of organisation %s isn't erased: erase it with `privacy erase`, or take it out where it is a suppression\n", x.LeadID, x.OrganizationID)
			}
		}
		return
	}
	if p.KeysAgain > 0 {
		fmt.Fprintf(w, "%d keys had come back, as from a backup, and were destroyed again\n", p.KeysAgain)
	}
	for _, name := range p.Dropped {
		fmt.Fprintf(w, "dropped %s\n", name)
	}
	for _, x := range p.Found {
		fmt.Fprintf(w, "found in %s: %s\n", x.Where, x.Value)
	}
	for _, x := range p.Remains {
		fmt.Fprintf(w, "remains in the log in plain text, partition %d offset %d: %v of %s\n", x.Partition, x.Offset, x.Fields, x.Type)
	}
	fmt.Fprintf(w, "looked at %d records, %d tables and columns, %d blobs, %d files; found in %d\n", p.Records, p.Tables, p.Objects, p.Files, len(p.Found))
}
