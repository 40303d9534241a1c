package api

import (
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/internal/pii"
	"outrider/projections"
)

// nameSuppressed says whose the addresses of a page are: of leads that are there by what is known of them now.
func (s *Server) nameSuppressed(c *call, rows []*projections.Suppression, shown []gen.Suppression) error {
	var ids []uuid.UUID
	for _, r := range rows {
		if r.LeadID != nil {
			ids = append(ids, *r.LeadID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	h, err := s.cfg.Vault.Hasher(c.ctx, c.who.Org)
	if err != nil {
		return err
	}
	var found map[uuid.UUID]projections.LeadName
	if err := s.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		found, err = projections.LeadNames(c.ctx, tx, c.who.Org, ids)
		return err
	}); err != nil {
		return err
	}
	for i, r := range rows {
		if r.LeadID == nil {
			continue
		}
		lead := found[*r.LeadID]
		shown[i].LeadName = strings.TrimSpace(lead.FirstName + " " + lead.LastName)
		if lead.Email != "" && h.AddressHash(lead.Email).String() == r.Hash {
			shown[i].Masked = pii.MaskAddress(lead.Email)
		}
	}
	return nil
}
