package api

import (
	"errors"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/internal/app/claims"
	"outrider/projections"
)

// claimHandlers answer about what the organisation may say about itself.
type claimHandlers struct {
	*readSide
	*writeSide
}

func forClaims(handle func(*claimHandlers, *call) error) handler {
	return func(s *Server, c *call) error {
		return handle(&claimHandlers{s.readSide, s.writeSide}, c)
	}
}

func (h *claimHandlers) claimOf(row *projections.Claim) (gen.Claim, error) {
	return gen.Claim{ID: row.ClaimID, CampaignID: valueOrZero(row.CampaignID), Version: row.Version, Text: row.Text, Source: row.Source, ValidUntil: valueOrZero(row.ValidUntil), Usable: row.Usable(h.now()),
		ApprovedBy: row.ApprovedBy, ApprovedAt: row.ApprovedAt, CreatedAt: row.CreatedAt, RetiredAt: valueOrZero(row.RetiredAt), RetiredReason: row.RetiredReason, RetiredBy: row.RetiredBy}, nil
}

func (h *claimHandlers) listClaims(c *call) error {
	retired := c.boolParam("retired")
	f := projections.ClaimFilter{Retired: retired != nil && *retired, Campaign: c.uuidParam("campaign_id")}
	data, next, err := listPage(h.readSide, c, c.who.Org, func(tx pgx.Tx, after int64, limit int) ([]*projections.Claim, error) {
		return projections.ListClaims(c.ctx, tx, c.who.Org, f, after, limit)
	}, func(r *projections.Claim) int64 { return r.Oseq }, h.claimOf)
	if err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, gen.ClaimPage{Data: data, NextCursor: next})
}

// loadClaim reads a claim with its versions.
func (h *claimHandlers) loadClaim(c *call, id uuid.UUID) (out gen.Claim, err error) {
	err = h.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		row, err := projections.GetClaim(c.ctx, tx, c.who.Org, id)
		if err != nil {
			return err
		}
		out, _ = h.claimOf(row)
		versions, err := projections.ClaimVersions(c.ctx, tx, c.who.Org, id)
		for _, v := range versions {
			out.Versions = append(out.Versions, gen.ClaimVersion{Version: v.Version, Text: v.Text, Source: v.Source, ValidUntil: valueOrZero(v.ValidUntil), ApprovedBy: v.ApprovedBy, ApprovedAt: v.ApprovedAt})
		}
		return err
	})
	return out, err
}

func (h *claimHandlers) showClaim(c *call, id uuid.UUID) error {
	out, err := h.loadClaim(c, id)
	if err != nil {
		return err
	}
	return c.answerVersioned(out, out.Version)
}

// claimProblem says what is wrong with what was typed.
func claimProblem(err error) error {
	var wrong *claims.FieldError
	if errors.As(err, &wrong) {
		return invalidField(wrong.Field, wrong.Reason)
	}
	return err
}

func (h *claimHandlers) approveClaim(c *call, body gen.ClaimCreate) error {
	item, err := claims.Item(c.who.Org, body.CampaignID, body.Text, body.Source, body.ValidUntil)
	if err != nil {
		return claimProblem(err)
	}
	a, err := h.submitOwn(c, commands.ApproveClaims{Claims: []commands.ClaimItem{item}})
	if err != nil {
		return err
	}
	return h.showAfterChange(c, "claims", a, func() error {
		out, err := h.loadClaim(c, item.ClaimID)
		if err != nil {
			return err
		}
		return c.answerCreated(out, "/v1/claims/"+item.ClaimID.String(), out.Version)
	})
}

func (h *claimHandlers) importClaims(c *call, body gen.ClaimImport) error {
	var o *projections.Organization
	known := map[uuid.UUID]bool{}
	var items []commands.ClaimItem
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		if o, err = projections.GetOrganization(c.ctx, tx, c.who.Org); err != nil {
			return err
		}
		if items, err = claims.ReadFile(c.who.Org, body.CampaignID, body.Csv, o.TimeZone); err != nil {
			return err
		}
		ids := make([]uuid.UUID, len(items))
		for i, item := range items {
			ids[i] = item.ClaimID
		}
		known, err = projections.LiveClaims(c.ctx, tx, c.who.Org, ids)
		return err
	}); err != nil {
		return claimProblem(err)
	}
	out := gen.ClaimImportResult{Rows: len(items)}
	for _, item := range items {
		if known[item.ClaimID] {
			out.Known++
			continue
		}
		known[item.ClaimID] = true
		out.Approved++
	}
	a, err := h.submitOwn(c, commands.ApproveClaims{Claims: items})
	if err != nil {
		return err
	}
	return h.showAfterChange(c, "claims", a, func() error { return c.answerJSON(http.StatusOK, out) })
}

func (h *claimHandlers) editClaim(c *call, id uuid.UUID, body gen.ClaimEdit) error {
	version, err := c.ifVersion()
	if err != nil {
		return err
	}
	item, err := claims.Item(c.who.Org, uuid.Nil, body.Text, body.Source, body.ValidUntil)
	if err != nil {
		return claimProblem(err)
	}
	a, err := h.submitOwn(c, commands.EditClaim{ClaimID: id, Text: item.Text, Source: item.Source, ValidUntil: item.ValidUntil, IfVersion: version})
	if err != nil {
		return err
	}
	return h.showAfterChange(c, "claims", a, func() error { return h.showClaim(c, id) })
}

func (h *claimHandlers) retireClaim(c *call, id uuid.UUID) error {
	a, err := h.submitOwn(c, commands.RetireClaim{ClaimID: id})
	if err != nil {
		return err
	}
	return h.showAfterChange(c, "claims", a, func() error { return h.showClaim(c, id) })
}
