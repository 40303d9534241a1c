package admin

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"outrider/internal/app/client"
	"outrider/internal/app/node"
)

// flagsCmd are the commands about feature flags.
type flagsCmd struct {
	List   flagListCmd   `cmd:"" help:"Print a line for each flag, and for each feature that none guards yet."`
	Set    flagSetCmd    `cmd:"" help:"Create a flag or replace its rule; what isn't named becomes empty."`
	Kill   flagKillCmd   `cmd:"" help:"Take a feature from everybody, whatever the rule says."`
	Revive flagReviveCmd `cmd:"" help:"Let the rule of a killed flag hold again."`
}

type flagListCmd struct{ access }

// Run prints them.
func (c flagListCmd) Run(ctx context.Context, f *node.Folder) error {
	api, err := c.open(f)
	if err != nil {
		return err
	}
	all, _, err := client.Read[client.FlagList](api.ListFlags(ctx, nil))
	if err != nil {
		return err
	}
	for _, flag := range all.Data {
		state := string(flag.Phase)
		if flag.Killed {
			state = "killed"
		}
		fmt.Printf("%-16s %-10s version %-3d %d of %d organisations  %s\n", flag.Name, state, flag.Version, flag.Reached, flag.Organizations, flag.Guards)
	}
	return nil
}

// onFlag is a command about a flag.
type onFlag struct {
	access
	Name string `arg:"" help:"Name of the flag."`
}

type flagSetCmd struct {
	onFlag
	Off           bool        `help:"Nobody has the feature."`
	Rollout       int         `default:"0" help:"How many of 10,000 organisations have it." placeholder:"N"`
	Organizations []uuid.UUID `help:"Those that have it whatever else the rule says." placeholder:"ID"`
	Plans         []string    `help:"Plans that have it; none: any." placeholder:"PLAN"`
	From          *time.Time  `help:"Before it nobody has it (2026-01-31T09:00:00Z)." placeholder:"TIME"`
	Until         *time.Time  `help:"From then on nobody has it." placeholder:"TIME"`
	Description   string      `help:"What it is for."`
	Note          string      `help:"Why it is changed, for its history."`
	DryRun        bool        `help:"Say how many organisations would have, get and lose the feature; change nothing."`
}

// Run prints the flag after it, or what would change.
func (c flagSetCmd) Run(ctx context.Context, f *node.Folder) error {
	api, err := c.open(f)
	if err != nil {
		return err
	}
	rule := client.FlagSet{Enabled: !c.Off, Rollout: c.Rollout, StartsAt: c.From, EndsAt: c.Until, Description: orNil(c.Description), Note: orNil(c.Note)}
	if len(c.Organizations) > 0 {
		rule.Organizations = &c.Organizations
	}
	if len(c.Plans) > 0 {
		rule.Plans = &c.Plans
	}
	if !c.DryRun {
		return printJSON(api.SetFlag(ctx, c.Name, nil, rule))
	}
	effect, _, err := client.Read[client.FlagEffect](api.PreviewFlag(ctx, c.Name, rule))
	if err != nil {
		return err
	}
	fmt.Printf("%d of %d organisations would have it: %d would get it, %d would lose it\n", effect.Reached, effect.Organizations, effect.Gain, effect.Lose)
	for _, o := range effect.Examples {
		change := "loses"
		if o.On {
			change = "gets"
		}
		fmt.Printf("%s  %-24s %-10s %s it by %s\n", o.OrganizationID, o.Slug, o.Plan, change, o.Why)
	}
	return nil
}

type flagKillCmd struct {
	onFlag
	Reason string `required:"" help:"Why the feature is taken away."`
}

// Run prints the flag after it.
func (c flagKillCmd) Run(ctx context.Context, f *node.Folder) error {
	api, err := c.open(f)
	if err != nil {
		return err
	}
	return printJSON(api.KillFlag(ctx, c.Name, nil, client.FlagKill{Reason: c.Reason}))
}

type flagReviveCmd struct {
	onFlag
	Reason string `help:"Why it may hold again."`
}

// Run prints the flag after it.
func (c flagReviveCmd) Run(ctx context.Context, f *node.Folder) error {
	api, err := c.open(f)
	if err != nil {
		return err
	}
	return printJSON(api.ReviveFlag(ctx, c.Name, nil, client.FlagRevive{Reason: orNil(c.Reason)}))
}
