package admin

import (
	"context"

	"outrider/internal/app/client"
	"outrider/internal/app/node"
)

type limitsCmd struct {
	onOrg
	Limit  map[string]int64 `help:"mailboxes=60;seats=-1; -1 is no limit." placeholder:"NAME=N"`
	Reason string           `help:"Why; the organisation's history has it." placeholder:"TEXT"`
}

// Run sets all of them.
func (c limitsCmd) Run(ctx context.Context, f *node.Folder) error {
	api, err := c.open(f)
	if err != nil {
		return err
	}
	if c.Limit == nil {
		c.Limit = map[string]int64{}
	}
	return printJSON(api.OverrideLimits(ctx, c.Org, nil, client.LimitOverrides{Overrides: c.Limit, Reason: orNil(c.Reason)}))
}
