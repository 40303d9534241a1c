package imports

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/leads"
	"outrider/internal/es"
	"outrider/internal/postgres"
	"outrider/internal/profile"
	"outrider/projections"
)

// awaitLeads waits for the read model, which is asked who has an address. An import that updates needs it; one that skips only sends
// more without it.
func (i *Imports) awaitLeads(ctx context.Context, cause *es.Event, req events.ImportRequested) error {
	if req.OnDuplicate == events.DuplicateUpdate {
		if err := i.Position(ctx, cause.Partition, cause.Pseq); err != nil {
			return fmt.Errorf("import %s: %w", req.ImportID, err)
		}
		return nil
	}
	patient, cancel := context.WithTimeout(ctx, behindAtMost)
	defer cancel()
	if err := i.Position(patient, cause.Partition, cause.Pseq); err != nil && ctx.Err() == nil {
		i.Log.Warn("the leads' read model is slower than an import", "import", req.ImportID, "error", err)
	}
	return ctx.Err()
}

// findHolders takes those out of a block who bring nothing, as their address is a lead's, and returns the ids of leads where they
// don't follow from the address: of an import that updates those of leads whose address was changed, and of new leads whose address
// somebody else had before.
func (i *Imports) findHolders(ctx context.Context, cause *es.Event, req events.ImportRequested, b block) (map[string]uuid.UUID, error) {
	org := cause.Org
	hasher, err := i.Vault.Hasher(ctx, org)
	if err != nil {
		return nil, err
	}
	var holders map[string]uuid.UUID
	err = postgres.InOrg(ctx, i.Reads, org, func(tx pgx.Tx) (err error) {
		if holders, err = leads.FreeIDs(ctx, tx, hasher, org, b.addresses()); err != nil {
			return err
		}
		if err := b.refuseErased(ctx, tx, org, hasher, cause); err != nil {
			return err
		}
		there, err := projections.LeadsOfAddresses(ctx, tx, org, b.addresses())
		if err != nil {
			return err
		}
		return b.takeKnown(req, there, holders)
	})
	if err != nil {
		return nil, fmt.Errorf("import %s: %w", req.ImportID, err)
	}
	return holders, nil
}

func (b block) addresses() (out []string) {
	for _, p := range b.people() {
		out = append(out, p.address)
	}
	return out
}

// takeKnown compares people with the leads that have their addresses.
func (b block) takeKnown(req events.ImportRequested, there []*projections.Lead, holders map[string]uuid.UUID) error {
	byAddress := map[string]*projections.Lead{}
	for _, l := range there {
		byAddress[*l.Email] = l
		if req.OnDuplicate == events.DuplicateUpdate {
			holders[*l.Email] = l.LeadID
		}
	}
	for _, c := range b {
		if err := c.takeKnown(req, byAddress); err != nil {
			return err
		}
	}
	return nil
}

func (c *chunk) takeKnown(req events.ImportRequested, byAddress map[string]*projections.Lead) error {
	var rest []*person
	for _, p := range c.people {
		l, code := byAddress[p.address], ""
		switch {
		case l == nil:
		case req.OnDuplicate == events.DuplicateSkip:
			code = commands.RowDuplicate
		case !p.repeats && len(p.warnings) == 0: // what an earlier row of the file brings may not be there yet
			same, err := p.bringsNothing(req, l)
			if err != nil {
				return err
			}
			if same {
				code = commands.RowUnchanged
			}
		}
		if code == "" {
			rest = append(rest, p)
			continue
		}
		c.known = append(c.known, knownRow{p.row, code, p.address})
	}
	c.people = rest
	return nil
}

// bringsNothing reports whether a lead has all that a row says.
func (p *person) bringsNothing(req events.ImportRequested, l *projections.Lead) (bool, error) {
	var own map[string]string
	if err := json.Unmarshal(l.Custom, &own); err != nil {
		return false, fmt.Errorf("read custom fields: %w", err)
	}
	has := l.PersonalFields()
	for _, name := range profile.Names() {
		if value := *p.profile.Field(name); value != "" && value != has[name] {
			return false, nil
		}
	}
	for name, value := range p.profile.Custom {
		if value != "" && value != own[name] {
			return false, nil
		}
	}
	for _, t := range p.tags {
		if !slices.Contains(l.Tags, t) {
			return false, nil
		}
	}
	fits := func(said, fallback, has string) bool {
		return (said == "" || said == has) && (has != "" || fallback == "")
	}
	return fits(p.zone, req.TimeZone, l.TimeZone) && fits(p.basis, req.LawfulBasis, l.LawfulBasis) && fits(p.crmID, "", l.CRMID), nil
}

// hashKnown names the addresses as the domain knows them.
func (i *Imports) hashKnown(ctx context.Context, org uuid.UUID, rows []knownRow) ([]commands.KnownRow, error) {
	hasher, err := i.Vault.Hasher(ctx, org)
	if err != nil {
		return nil, err
	}
	out := make([]commands.KnownRow, len(rows))
	for k, r := range rows {
		address, domain, _ := leads.Hashes(hasher, r.address)
		out[k] = commands.KnownRow{Row: r.row, Code: r.code, AddressHash: address, DomainHash: domain}
	}
	return out, nil
}
