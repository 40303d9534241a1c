package crm

import (
	"context"
	"maps"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/app/leads"
	"outrider/internal/crmapi"
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
func DryRun(ctx context.Context, service crmapi.Service, read func(func(pgx.Tx) error) error, org uuid.UUID, s events.CRMSettings) (rows []DryRow, err error) {
	fields := RemotesOf(s)
	contacts, _, err := service.Contacts(ctx, crmapi.Selection{Fields: fields}, "")
	if err != nil {
		return nil, err
	}
	contacts = contacts[:min(len(contacts), rowsOfDryRun)]
	byAddress := map[string]crmapi.Contact{}
	var addresses []string
	for _, c := range contacts {
		addresses, byAddress[c.Email] = append(addresses, c.Email), c
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
	var missing []string
	for _, l := range newest {
		if l.Email != nil {
			if _, ok := byAddress[*l.Email]; !ok {
				missing = append(missing, *l.Email)
			}
		}
	}
	if len(missing) > 0 {
		found, err := service.ByAddress(ctx, missing, fields)
		if err != nil {
			return nil, err
		}
		maps.Copy(byAddress, found)
	}
	done := map[uuid.UUID]bool{}
	seen := map[string]bool{}
	for _, l := range append(newest, known...) {
		if l.Email == nil || l.ErasedAt != nil || done[l.LeadID] {
			continue
		}
		done[l.LeadID], seen[*l.Email] = true, true
		c, there := byAddress[*l.Email]
		row, err := dryRow(service, l, c, there, s)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	for _, c := range contacts {
		if !seen[c.Email] {
			row := DryRow{RemoteID: c.ID, Email: c.Email, Would: WouldImport, OptedOut: c.OptedOut}
			for _, f := range s.Fields {
				row.Fields = append(row.Fields, DryField{Field: f.Field, Remote: f.Remote, Theirs: c.Value(f.Remote), Outcome: Same})
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}

func dryRow(service crmapi.Service, l *projections.Lead, c crmapi.Contact, there bool, s events.CRMSettings) (row DryRow, err error) {
	row = DryRow{LeadID: l.LeadID, RemoteID: c.ID, Email: *l.Email, Would: WouldNothing, OptedOut: c.OptedOut}
	p, err := leads.ProfileOf(l)
	if err != nil {
		return row, err
	}
	if !there && s.CreateAll {
		row.Would = WouldCreate
	}
	for _, f := range s.Fields {
		ours, theirs := Side{Ours(p, f.Field), l.UpdatedAt}, Side{c.Value(f.Remote), service.Ours(c.UpdatedAt)}
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
