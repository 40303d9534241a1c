package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/internal/app/leads"
	"outrider/internal/pii"
	"outrider/internal/profile"
	"outrider/projections"
)

func (s *Server) createLead(c *call, body gen.LeadCreate) error {
	object, _ := c.json.(map[string]any)
	p := profile.FromObject(object)
	if err := p.Normalize(); err != nil {
		return invalidProfile(err)
	}
	if err := checkZone(body.TimeZone); err != nil {
		return err
	}
	if body.Source == "" {
		body.Source = gen.LeadSourceAPI
	}
	tags := trimTags(body.Tags)
	in, err := s.beginOwn(c)
	if err != nil {
		return err
	}
	intake := leads.Intake{Hasher: s.cfg.Vault.Hasher, Keys: func(ctx context.Context, org uuid.UUID, subjects []uuid.UUID) ([]pii.Key, error) {
		key, err := s.keyBatches.keyOf(ctx, org, subjects[0]) // together with others' requests
		return []pii.Key{key}, err
	}}
	items, err := intake.Items(c.ctx, in.org, []leads.Person{{Profile: p, TimeZone: body.TimeZone, Tags: tags, Source: string(body.Source), CRMID: body.CrmID, LawfulBasis: body.LawfulBasis}})
	if err != nil {
		return err
	}
	item := items[0]
	a, err := s.submitCommand(in, commands.CreateLead{LeadItem: item})
	if err != nil {
		return err
	}
	lead := gen.Lead{ID: item.LeadID, Email: p.Email, FirstName: p.FirstName, LastName: p.LastName, Phone: p.Phone, CompanyName: p.CompanyName, JobTitle: p.JobTitle,
		LinkedinURL: p.LinkedInURL, Website: p.Website, City: p.City, Country: p.Country, Custom: p.Custom, TimeZone: body.TimeZone, Tags: nonNil(tags), Source: body.Source,
		CrmID: body.CrmID, LawfulBasis: body.LawfulBasis, OutreachStatus: gen.OutreachStatusNew, Version: 1, CreatedAt: a.Time, UpdatedAt: a.Time}
	return c.answerCreated(lead, "/v1/leads/"+a.Subject, 1)
}

// updateLead reads presence from the JSON itself: absent and null differ.
func (s *Server) updateLead(c *call, id uuid.UUID) error {
	version, err := c.ifVersion()
	if err != nil {
		return err
	}
	object, _ := c.json.(map[string]any)
	cmd := commands.UpdateLead{LeadID: id, IfVersion: version, TimeZone: textOf(object, "time_zone"), CRMID: textOf(object, "crm_id"), LawfulBasis: textOf(object, "lawful_basis")}
	if cmd.TimeZone != nil {
		if err := checkZone(*cmd.TimeZone); err != nil {
			return err
		}
	}
	if v, ok := object["tags"]; ok {
		cmd.Tags = []string{}
		list, _ := v.([]any)
		for _, t := range list {
			cmd.Tags = append(cmd.Tags, fmt.Sprint(t))
		}
		cmd.Tags = trimTags(cmd.Tags)
	}
	patch := profilePatch(object)
	if err := patch.Normalize(); err != nil {
		return invalidProfile(err)
	}
	in, err := s.beginOwn(c)
	if err != nil {
		return err
	}
	if err := s.sealPatch(in, &cmd, &patch); err != nil {
		return err
	}
	a, err := s.submitCommand(in, cmd)
	if err != nil {
		return err
	}
	return s.showAfterChange(c, "leads", a, func() error { return s.showLead(c, id) })
}

func (s *Server) sealPatch(in *writeRequest, cmd *commands.UpdateLead, patch *profile.Patch) error {
	if patch.IsEmpty() {
		return nil
	}
	if email := patch.Fields["email"]; email != nil {
		h, err := s.cfg.Vault.Hasher(in.ctx, in.org)
		if err != nil {
			return err
		}
		var free bool
		cmd.AddressHash, cmd.DomainHash, free = leads.Hashes(h, *email)
		cmd.FreeMail = &free
	}
	key, err := s.keyBatches.keyOf(in.ctx, in.org, cmd.LeadID)
	if err != nil {
		return err
	}
	cmd.Filled, cmd.Cleared = patch.Changes()
	cmd.Profile, err = asSealedEvent(patch.Seal(key))
	return err
}

func deleteLead(c *call, id uuid.UUID) (commands.Command, error) {
	version, err := c.ifVersion()
	return commands.RemoveLead{LeadID: id, IfVersion: version}, err
}

func (s *Server) showLead(c *call, id uuid.UUID) error {
	var row *projections.Lead
	if err := s.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetLead(c.ctx, tx, c.who.Org, id)
		return err
	}); err != nil {
		return err
	}
	lead, err := leadOf(row)
	if err != nil {
		return err
	}
	return c.answerVersioned(lead, lead.Version)
}

func (s *Server) listLeads(c *call) error {
	f := projections.LeadFilter{EmailPrefix: c.textParam("email"), Tag: c.textParam("tag"), Source: c.textParam("source")}
	if id := c.textParam("import_id"); id != "" {
		f.ImportID = uuid.MustParse(id) // checked
	}
	data, next, err := listPage(s, c, c.who.Org, func(tx pgx.Tx, after int64, limit int) ([]*projections.Lead, error) {
		f.After, f.Limit = after, limit
		return projections.ListLeads(c.ctx, tx, c.who.Org, f)
	}, func(l *projections.Lead) int64 { return l.Oseq }, leadOf)
	if err != nil {
		return err
	}
	return c.answerJSON(200, gen.LeadPage{Data: data, NextCursor: next})
}

func leadOf(l *projections.Lead) (gen.Lead, error) {
	out := gen.Lead{ID: l.LeadID, Email: valueOrZero(l.Email), FirstName: valueOrZero(l.FirstName), LastName: valueOrZero(l.LastName), Phone: valueOrZero(l.Phone), CompanyName: valueOrZero(l.CompanyName), JobTitle: valueOrZero(l.JobTitle),
		LinkedinURL: valueOrZero(l.LinkedInURL), Website: valueOrZero(l.Website), City: valueOrZero(l.City), Country: valueOrZero(l.Country), TimeZone: l.TimeZone, Tags: nonNil(l.Tags), Source: gen.LeadSource(l.Source),
		CrmID: l.CRMID, LawfulBasis: l.LawfulBasis, OutreachStatus: gen.OutreachStatus(l.OutreachStatus), ImportID: valueOrZero(l.ImportID), ErasedAt: valueOrZero(l.ErasedAt), Version: l.Version,
		CreatedAt: l.CreatedAt, UpdatedAt: l.UpdatedAt, Custom: gen.Custom{}}
	if err := json.Unmarshal(l.Custom, &out.Custom); err != nil {
		return out, fmt.Errorf("read custom fields: %w", err)
	}
	return out, nil
}

func profilePatch(object map[string]any) profile.Patch {
	p := profile.Patch{Fields: map[string]*string{}, Custom: map[string]*string{}}
	for _, name := range profile.Names() {
		if v, ok := object[name]; ok {
			p.Fields[name] = stringOf(v)
		}
	}
	custom, _ := object["custom"].(map[string]any)
	for name, v := range custom {
		p.Custom[name] = stringOf(v)
	}
	return p
}

func stringOf(v any) *string {
	if s, ok := v.(string); ok {
		return &s
	}
	return nil
}

// textOf returns nil for an absent member and "" for null.
func textOf(object map[string]any, name string) *string {
	v, ok := object[name]
	if !ok {
		return nil
	}
	s, _ := v.(string)
	return &s
}

func invalidProfile(err error) error {
	var f *profile.FieldError
	if errors.As(err, &f) {
		return invalidProblem(gen.FieldError{Field: f.Field, Reason: f.Reason})
	}
	return err
}

// trimTags keeps the first of equal tags, without blanks around them.
func trimTags(tags []string) (out []string) {
	if tags != nil {
		out = []string{}
	}
	for _, t := range tags {
		if t = strings.TrimSpace(t); t != "" && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}
