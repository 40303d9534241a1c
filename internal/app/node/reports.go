package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/consumers/reports"
	"outrider/events"
	"outrider/internal/app/reportfile"
	"outrider/internal/identity"
	"outrider/internal/postgres"
	"outrider/projections"
)

// newReports write the files of saved reports.
func (n *Node) newReports() (*reports.Reports, error) {
	c := reports.Config{Bucket: n.blobs, Commands: n.Gateway, Await: n.awaitReads, Addresses: n.addressesOfReport, BaseURL: n.mailing.base, Now: n.clock.Now, Log: n.log}
	if n.reports != nil {
		c.Source = reportfile.Source{Pool: n.Pools.API, Columns: n.reports, Now: n.clock.Now}
	}
	if n.signIn.mailer != nil {
		c.Mailer = n.signIn.mailer
	}
	return reports.New(c)
}

// addressesOfReport returns what a report is called, and where those of its recipients read mail who are members still.
func (n *Node) addressesOfReport(ctx context.Context, org, report uuid.UUID) (name, slug string, to []string, err error) {
	var plan events.ReportPlan
	var members map[uuid.UUID]*projections.Member
	err = postgres.InOrg(ctx, n.Pools.API, org, func(tx pgx.Tx) error {
		o, err := projections.GetOrganization(ctx, tx, org)
		if err != nil {
			return err
		}
		row, err := projections.GetReport(ctx, tx, org, report)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(row.Plan, &plan); err != nil {
			return fmt.Errorf("plan of report %s: %w", report, err)
		}
		slug = o.Slug
		members, err = projections.MembersOf(ctx, tx, org, plan.Recipients)
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) { // removed by now
		return "", "", nil, nil
	}
	if err != nil {
		return "", "", nil, err
	}
	for _, id := range plan.Recipients {
		if m := members[id]; m == nil || m.EndedAt != nil {
			continue
		}
		who, err := n.signIn.parts.People.ByID(ctx, id)
		if errors.Is(err, identity.ErrNotFound) {
			continue
		}
		if err != nil {
			return "", "", nil, err
		}
		to = append(to, who.Email)
	}
	return plan.Name, slug, to, nil
}
