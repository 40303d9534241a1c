package crm

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/app/leads"
	"outrider/internal/hubspot"
	"outrider/projections"
)

// Outcomes of a field in a dry run.
const (
	Same           = "same"
	Pushed         = "push"
	Taken          = "take"
	ConflictOurs   = "conflict_ours"
	ConflictTheirs = "conflict_theirs"
)

// What would become of a lead or a contact.
const (
	WouldNothing = "nothing"
	WouldChange  = "change"
	WouldCreate  = "create" // in the CRM
	WouldImport  = "import" // it is no lead
)

// DryField is what would become of a field.
type DryField struct{ Field, Remote, Ours, Theirs, Outcome string }

// DryRow is a lead, a contact, or both.
type DryRow struct {
	LeadID   uuid.UUID
	RemoteID string
	Email    string
	Would    string
	OptedOut bool
	Fields   []DryField
}

// rowsOfDryRun are how many leads and how many contacts it looks at.
const rowsOfDryRun = 25

// DryRun says what settings would do, with the newest leads and their contacts, and with contacts that are no leads. It changes nothing, and knows of no value that both
// had once: what differs and is filled on both sides counts as a conflict.
func DryRun(ctx context.Context, client *hubspot.Client, read func(func(pgx.Tx) error) error, org uuid.UUID, s events.CRMSettings) (rows []DryRow, err error) {
	var owners Owners
	for _, f := range s.Fields {
		if f.Remote == PropertyOwner {
			all, err := client.ListOwners(ctx)
			if err != nil {
				return nil, fmt.Errorf("read owners: %w", err)
			}
			owners = OwnersOf(all)
		}
	}
	contacts, err := client.Search(ctx, hubspot.Contacts, []hubspot.Filter{{Property: PropertyEmail, Operator: "HAS_PROPERTY"}}, "hs_object_id", PropertiesOf(s))
	if err != nil {
		return nil, fmt.Errorf("read contacts: %w", err)
	}
	contacts = contacts[:min(len(contacts), rowsOfDryRun)]
	var addresses []string
	for _, c := range contacts {
		addresses = append(addresses, strings.ToLower(c.Value(PropertyEmail)))
	}
	var newest, known []*projections.Lead
	if err := read(func(tx pgx.Tx) (err error) {
		if newest, err = projections.NewestLeads(ctx, tx, org, rowsOfDryRun); err == nil {
			known, err = projections.LeadsOfAddresses(ctx, tx, org, addresses)
		}
		return err
	}); err != nil {
		return nil, err
	}
	byAddress := map[string]hubspot.Object{}
	for _, c := range contacts {
		byAddress[strings.ToLower(c.Value(PropertyEmail))] = c
	}
	var missing []string
	for _, l := range newest {
		if l.Email != nil {
			if _, ok := byAddress[*l.Email]; !ok {
				missing = append(missing, *l.Email)
			}
		}
	}
	if len(missing) > 0 {
		found, err := client.Read(ctx, hubspot.Contacts, PropertyEmail, missing, PropertiesOf(s))
		if err != nil {
			return nil, fmt.Errorf("read contacts: %w", err)
		}
		for _, c := range found {
			byAddress[strings.ToLower(c.Value(PropertyEmail))] = c
		}
	}
	done := map[uuid.UUID]bool{}
	seen := map[string]bool{}
	for _, l := range append(newest, known...) {
		if l.Email == nil || l.ErasedAt != nil || done[l.LeadID] {
			continue
		}
		done[l.LeadID], seen[*l.Email] = true, true
		c, there := byAddress[*l.Email]
		row, err := dryRow(client, l, c, there, s, owners)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	for _, c := range contacts {
		if email := strings.ToLower(c.Value(PropertyEmail)); !seen[email] {
			row := DryRow{RemoteID: c.ID, Email: email, Would: WouldImport, OptedOut: c.Value(PropertyOptOut) == "true"}
			for _, f := range s.Fields {
				row.Fields = append(row.Fields, DryField{Field: f.Field, Remote: f.Remote, Theirs: Theirs(c, f.Remote, owners), Outcome: Same})
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}

func dryRow(client *hubspot.Client, l *projections.Lead, c hubspot.Object, there bool, s events.CRMSettings, owners Owners) (row DryRow, err error) {
	row = DryRow{LeadID: l.LeadID, RemoteID: c.ID, Email: *l.Email, Would: WouldNothing, OptedOut: c.Value(PropertyOptOut) == "true"}
	p, err := leads.ProfileOf(l)
	if err != nil {
		return row, err
	}
	if !there && s.CreateAll {
		row.Would = WouldCreate
	}
	for _, f := range s.Fields {
		ours, theirs := Side{Ours(p, f.Field), l.UpdatedAt}, Side{Theirs(c, f.Remote, owners), client.Ours(c.UpdatedAt)}
		d := DryField{Field: f.Field, Remote: f.Remote, Ours: ours.Value, Theirs: theirs.Value, Outcome: Same}
		switch v := Merge(f, ours, theirs, "", func(s string) string { return s }); {
		case !there && !s.CreateAll:
		case v.Conflict && v.Take:
			d.Outcome = ConflictTheirs
		case v.Conflict:
			d.Outcome = ConflictOurs
		case v.Push:
			d.Outcome = Pushed
		case v.Take:
			d.Outcome = Taken
		}
		if d.Outcome != Same && there {
			row.Would = WouldChange
		}
		row.Fields = append(row.Fields, d)
	}
	return row, nil
}
