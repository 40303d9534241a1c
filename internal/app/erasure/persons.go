package erasure

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/aggregates"
	"outrider/events"
	"outrider/internal/pii"
	"outrider/projections"
)

// Person is a lead that has, or had, an address.
type Person struct {
	OrganizationID uuid.UUID `json:"organization_id"`
	LeadID         uuid.UUID `json:"lead_id"`
	Erased         bool      `json:"erased"`
	HasKey         bool      `json:"has_key"`
}

// FindPersons looks in every organisation for who has a normalised address, or had it when they became a lead. An entry of
// a suppression that shows the address counts as well, as who isn't erased.
func FindPersons(ctx context.Context, vault *pii.Vault, reads pgx.Tx, address string) (found []Person, err error) {
	orgs, err := vault.Organizations(ctx)
	if err != nil {
		return nil, err
	}
	for _, org := range orgs {
		hasher, err := vault.Hasher(ctx, org)
		if err != nil {
			return nil, err
		}
		hash := hasher.AddressHash(address).String()
		leads, err := projections.LeadsOfAddress(ctx, reads, org, hasher.LeadID(address), hash)
		if err != nil {
			return nil, err
		}
		for lead, erased := range leads {
			found = append(found, Person{OrganizationID: org, LeadID: lead, Erased: erased})
		}
		// Who is gone from the read models may still have a key, and a suppression may show the address.
		found = append(found, Person{OrganizationID: org, LeadID: aggregates.SuppressionID(org, events.SuppressAddress, hash), Erased: true})
		if _, known := leads[hasher.LeadID(address)]; !known {
			found = append(found, Person{OrganizationID: org, LeadID: hasher.LeadID(address), Erased: true})
		}
	}
	for i := range found {
		if found[i].HasKey, err = vault.HasKey(ctx, found[i].OrganizationID, found[i].LeadID); err != nil {
			return nil, fmt.Errorf("look for keys: %w", err)
		}
	}
	return found, nil
}
