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
	"outrider/events"
	"outrider/internal/app/leads"
	"outrider/internal/pii"
	"outrider/internal/postgres"
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
	person := leads.Person{Profile: p, TimeZone: body.TimeZone, Source: string(body.Source), Words: profile.Words{Tags: tags, CRMID: body.CrmID, LawfulBasis: body.LawfulBasis}}
	items, err := intake.Items(c.ctx, in.org, []leads.Person{person})
	if err != nil {
		return err
	}
	item := items[0]
	if err := s.subdomains.Tell(in.ctx, in.org, s.tellAside(in), pii.Domain(p.Email)); err != nil {
		return err
	}
	a, err := s.submitCommand(in, commands.CreateLead{LeadItem: item})
	if refusalCode(err) == commands.CodeAlreadyExists && concernsLead(err, item.LeadID) { // maybe whoever had the address first has another now
		if person.LeadID, err = s.freeLeadID(in, p.Email, err); err != nil {
			return err
		}
		if items, err = intake.Items(c.ctx, in.org, []leads.Person{person}); err != nil {
			return err
		}
		item = items[0]
		a, err = s.submitPart(in, "lead "+item.LeadID.String(), commands.CreateLead{LeadItem: item})
	}
	if err != nil {
		return err
	}
	lead := gen.Lead{ID: item.LeadID, Custom: p.Custom, TimeZone: body.TimeZone, Tags: nonNil(tags), Source: body.Source,
		CrmID: body.CrmID, LawfulBasis: body.LawfulBasis, OutreachStatus: gen.OutreachStatusNew, Version: 1, CreatedAt: a.Time, UpdatedAt: a.Time}
	for _, name := range profile.Names() {
		*leadField(&lead, name) = *p.Field(name)
	}
	return c.answerCreated(lead, "/v1/leads/"+a.Subject, 1)
}

// freeLeadID returns the id for a new lead whose address somebody else had before; refused is the answer where that isn't so.
func (s *Server) freeLeadID(in *writeRequest, address string, refused error) (id uuid.UUID, err error) {
	if err := s.awaitPosition(in.ctx, "leads", in.position); err != nil { // the address may have moved just before
		return id, err
	}
	hasher, err := s.cfg.Vault.Hasher(in.ctx, in.org)
	if err != nil {
		return id, err
	}
	err = postgres.InOrg(in.ctx, s.cfg.Pool, in.org, func(tx pgx.Tx) error {
		free, err := leads.FreeIDs(in.ctx, tx, hasher, in.org, []string{address})
		if err == nil && free[address] == uuid.Nil {
			return refused
		}
		id = free[address]
		return err
	})
	return id, err
}

// updateLead reads presence from the JSON itself: absent and null differ.
func (s *Server) updateLead(c *call, id uuid.UUID) error {
	version, err := c.ifVersion()
	if err != nil {
		return err
	}
	object, _ := c.json.(map[string]any)
	cmd := commands.UpdateLead{LeadID: id, IfVersion: version, TimeZone: textOf(object, "time_zone")}
	if cmd.TimeZone != nil {
		if err := checkZone(*cmd.TimeZone); err != nil {
			return err
		}
	}
	patch := profilePatch(object)
	patch.CRMID, patch.LawfulBasis = textOf(object, "crm_id"), textOf(object, "lawful_basis")
	if v, ok := object["tags"]; ok {
		patch.Tags = []string{}
		list, _ := v.([]any)
		for _, t := range list {
			patch.Tags = append(patch.Tags, fmt.Sprint(t))
		}
		patch.Tags = trimTags(patch.Tags)
	}
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
		if err := s.subdomains.Tell(in.ctx, in.org, s.tellAside(in), pii.Domain(*email)); err != nil {
			return err
		}
	}
	key, err := s.keyOfLead(in, cmd.LeadID)
	if err != nil {
		return err
	}
	filled, cleared := patch.Changes()
	cmd.Filled, cmd.Cleared = events.MarkFields(filled), events.MarkFields(cleared)
	sealed, err := patch.Seal(key)
	cmd.Profile = events.Sealed(sealed)
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

func leadOf(l *projections.Lead) (gen.Lead, error) {
	out := gen.Lead{ID: l.LeadID, TimeZone: l.TimeZone, Tags: nonNil(l.Tags), Source: gen.LeadSource(l.Source),
		CrmID: l.CRMID, LawfulBasis: l.LawfulBasis, OutreachStatus: gen.OutreachStatus(l.OutreachStatus),
		Suppressed: l.SuppressedBy != "", SuppressedBy: gen.SuppressionKind(l.SuppressedBy), SuppressedReason: l.SuppressedReason, SuppressedAt: valueOrZero(l.SuppressedAt),
		ContactedAt: valueOrZero(l.ContactedAt), RepliedAt: valueOrZero(l.RepliedAt), ImportID: valueOrZero(l.ImportID), ErasedAt: valueOrZero(l.ErasedAt), Version: l.Version,
		CreatedAt: l.CreatedAt, UpdatedAt: l.UpdatedAt, Custom: gen.Custom{}}
	for name, value := range l.PersonalFields() {
		*leadField(&out, name) = value
	}
	if l.ScoreVersion > 0 {
		out.LeadScore, out.IntentScore, out.Qualification = &l.LeadScore, &l.IntentScore, gen.Qualification(l.Qualification)
	}
	if err := json.Unmarshal(l.Custom, &out.Custom); err != nil {
		return out, fmt.Errorf("read custom fields: %w", err)
	}
	return out, nil
}

// leadField is where an answer keeps a typed field of a profile.
func leadField(l *gen.Lead, name string) *string {
	switch name {
	case "email":
		return &l.Email
	case "first_name":
		return &l.FirstName
	case "last_name":
		return &l.LastName
	case "phone":
		return &l.Phone
	case "company_name":
		return &l.CompanyName
	case "job_title":
		return &l.JobTitle
	case "linkedin_url":
		return &l.LinkedinURL
	case "website":
		return &l.Website
	case "city":
		return &l.City
	case "country":
		return &l.Country
	}
	return nil
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
