package api

import (
	"encoding/json"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/internal/es"
	"outrider/internal/identity"
	"outrider/projections"
)

// bulkHandlers answer what is asked of bulk operations.
type bulkHandlers struct {
	*readSide
	*writeSide
	past    *pastSide
	columns driver.Conn // nil = there is no history here
}

// forBulk is the handler of a route that bulkHandlers answer.
func forBulk(handle func(*bulkHandlers, *call) error) handler {
	return func(s *Server, c *call) error { return handle(s.bulk, c) }
}

func (b *bulkHandlers) createBulk(c *call, body gen.BulkCreate) error {
	if need := bulkScope(body.Action); need != "" && !c.who.Has(need) {
		return forbiddenProblem("scope "+string(need), need)
	}
	if body.Action == gen.BulkActionRestore {
		return b.createRestore(c, body)
	}
	if body.RemovedBy != uuid.Nil {
		return invalidField("removed_by", "comes with restore only")
	}
	byFilter, err := c.choosesByFilter(body.LeadIds != nil, body.Cursor)
	if err != nil {
		return err
	}
	if body.DryRun { // what it says must hold for what the caller has seen
		if err := b.awaitIn(c, "leads"); err != nil {
			return err
		}
	}
	chosen := selectedLeads{ids: unique(body.LeadIds)}
	if byFilter {
		if chosen, err = b.selectLeads(c, body.Filter, body.Cursor, commands.MaxBulkLeads); err != nil {
			return err
		}
	}
	cmd := commands.RequestBulk{Action: string(body.Action), Tags: unique(body.Tags), CampaignID: body.CampaignID, LeadIDs: chosen.ids, Next: chosen.next}
	if body.DryRun {
		return b.previewBulk(c, cmd, chosen)
	}
	return b.requestBulk(c, cmd, chosen.bound)
}

func (b *bulkHandlers) requestBulk(c *call, cmd commands.RequestBulk, bound string) error {
	in, err := b.beginOwn(c)
	if err != nil {
		return err
	}
	cmd.BulkID = in.newID("bulk")
	a, err := b.submitCommand(in, cmd)
	if err != nil {
		return err
	}
	return b.showBulkAfter(c, a, cmd.BulkID, bound)
}

// bulkScope is what an action needs besides leads:write; "" = nothing.
func bulkScope(action gen.BulkAction) identity.Scope {
	switch action {
	case gen.BulkActionEnroll:
		return identity.CampaignsWrite
	case gen.BulkActionSuppress:
		return identity.SuppressionsWrite
	case gen.BulkActionTag, gen.BulkActionUntag, gen.BulkActionRemove, gen.BulkActionRestore:
	}
	return ""
}

// unique leaves each value where it comes first.
func unique[T comparable](all []T) (out []T) {
	seen := make(map[T]bool, len(all))
	for _, v := range all {
		if !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}

// showBulkAfter takes from the operation where its filter goes on: who asks again with the same key may find other leads.
func (b *bulkHandlers) showBulkAfter(c *call, a es.Answer, id uuid.UUID, bound string) error {
	return b.showAfterChange(c, "bulk", a, func() error {
		row, err := b.loadBulk(c, id)
		if err != nil {
			return err
		}
		out := gen.BulkCreated{}
		if out.Job, err = bulkOf(row); err != nil {
			return err
		}
		if row.Next != "" {
			if out.NextCursor, err = b.cursors.sealCursor(c, c.who.Org, row.Next, bound); err != nil {
				return err
			}
		}
		return c.answerCreated(out, "/v1/leads/bulk/"+id.String(), 0)
	})
}

func (b *bulkHandlers) loadBulk(c *call, id uuid.UUID) (row *projections.Bulk, err error) {
	err = b.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetBulk(c.ctx, tx, c.who.Org, id)
		return err
	})
	return row, err
}

func (b *bulkHandlers) listBulk(c *call) error {
	data, next, err := listPage(b.readSide, c, c.who.Org, func(tx pgx.Tx, after int64, limit int) ([]*projections.Bulk, error) {
		return projections.ListBulk(c.ctx, tx, c.who.Org, after, limit)
	}, func(row *projections.Bulk) int64 { return row.Oseq }, bulkOf)
	if err != nil {
		return err
	}
	return c.answerJSON(200, gen.BulkList{Data: data, NextCursor: next})
}

// showBulk shows a bulk operation with a page of the leads that it refused.
func (b *bulkHandlers) showBulk(c *call, id uuid.UUID) error {
	row, err := b.loadBulk(c, id)
	if err != nil {
		return err
	}
	job, err := bulkOf(row)
	if err != nil {
		return err
	}
	refused, next, err := listPage(b.readSide, c, c.who.Org, func(tx pgx.Tx, after int64, limit int) ([]*projections.BulkRefused, error) {
		return projections.ListBulkRefused(c.ctx, tx, c.who.Org, id, after, limit)
	}, func(r *projections.BulkRefused) int64 { return r.N }, func(r *projections.BulkRefused) (gen.RefusedLead, error) {
		return gen.RefusedLead{LeadID: r.LeadID, Code: r.Code}, nil
	})
	if err != nil {
		return err
	}
	return c.answerJSON(200, gen.BulkPage{Job: job, Refused: refused, NextCursor: next})
}

func bulkOf(b *projections.Bulk) (gen.BulkJob, error) {
	out := gen.BulkJob{ID: b.BulkID, Action: gen.BulkAction(b.Action), CampaignID: valueOrZero(b.CampaignID), Status: gen.BulkJobStatus(b.Status), Asked: b.Asked, Done: b.Done, Unchanged: b.Unchanged,
		RefusedCount: b.Refused, CreatedAt: b.CreatedAt, UpdatedAt: b.UpdatedAt}
	if err := json.Unmarshal(b.Tags, &out.Tags); err != nil {
		return out, fmt.Errorf("read tags of bulk operation %s: %w", b.BulkID, err)
	}
	if err := json.Unmarshal(b.RefusedByCode, &out.RefusedByCode); err != nil {
		return out, fmt.Errorf("read counts of bulk operation %s: %w", b.BulkID, err)
	}
	return out, nil
}
