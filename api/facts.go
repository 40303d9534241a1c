package api

import (
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/facts"
	"outrider/internal/evidence"
	"outrider/internal/peopledata"
	"outrider/projections"
)

// maxFactsShown is how many facts of a lead are shown: more can't be kept of lead and company that aren't stale.
const maxFactsShown = 1000

// factHandlers answer about what is known of leads and companies.
type factHandlers struct {
	*readSide
	*writeSide
	intake facts.Intake
	people peopledata.Provider
}

func forFacts(handle func(*factHandlers, *call) error) handler {
	return func(s *Server, c *call) error {
		return handle(factHandlersOf(s), c)
	}
}

func factHandlersOf(s *Server) *factHandlers {
	return &factHandlers{s.readSide, s.writeSide, facts.Intake{Hasher: s.cfg.Vault.Hasher, Key: s.keyBatches.keyOf}, s.cfg.PeopleData}
}

func (h *factHandlers) readLead(c *call, id uuid.UUID) (lead *projections.Lead, err error) {
	err = h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		lead, err = projections.GetLead(c.ctx, tx, c.who.Org, id)
		return err
	})
	return lead, err
}

func (h *factHandlers) listOfLead(c *call, id uuid.UUID) error {
	out, err := h.loadOfLead(c, id)
	if err != nil {
		return err
	}
	return c.answerJSON(200, out)
}

func (h *factHandlers) loadOfLead(c *call, id uuid.UUID) (out gen.FactList, err error) {
	lead, err := h.readLead(c, id)
	if err != nil {
		return out, err
	}
	var rows []*projections.Fact
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		company, err := projections.CompanyOf(c.ctx, tx, lead)
		if err != nil {
			return err
		}
		rows, err = projections.FactsAbout(c.ctx, tx, c.who.Org, id, company, maxFactsShown)
		return err
	}); err != nil {
		return out, err
	}
	if h.people != nil {
		out.Provider = h.people.Name()
	}
	out.Data = make([]gen.Fact, len(rows))
	for i, row := range rows {
		out.Data[i] = h.factOf(row)
	}
	return out, nil
}

func (h *factHandlers) factOf(row *projections.Fact) gen.Fact {
	f := facts.Evidence(row, nil, h.now())
	out := gen.Fact{ID: row.FactID, About: gen.FactAbout(f.About), LeadID: valueOrZero(row.LeadID), CompanyID: valueOrZero(row.CompanyID), Predicate: row.Predicate, Object: f.Object,
		SourceURL: valueOrZero(row.SourceURL), Quote: valueOrZero(row.Quote), Method: gen.FactMethod(row.Method), Confidence: row.Confidence, FoundAt: row.FoundAt, Usable: !f.Stale,
		ExpiresAt: valueOrZero(row.ExpiresAt), StaleAt: valueOrZero(row.StaleAt), StaleReason: row.StaleReason, Author: row.ActorKind + ":" + row.ActorID}
	if f.Object != "" {
		out.Text = evidence.Address(f)
	}
	return out
}

func (h *factHandlers) addToLead(c *call, id uuid.UUID, body gen.FactsCreate) error {
	lead, err := h.readLead(c, id)
	if err != nil {
		return err
	}
	in, err := h.beginOwn(c)
	if err != nil {
		return err
	}
	found := make([]facts.Found, len(body.Facts))
	for i, f := range body.Facts {
		method := events.FactByPerson
		if f.Method != "" {
			method = string(f.Method)
		}
		found[i] = facts.Found{About: string(f.About), Predicate: string(f.Predicate), Method: method, Confidence: 100, FoundAt: h.now(), ExpiresAt: f.ExpiresAt,
			FactContent: projections.FactContent{Object: f.Object, SourceURL: f.SourceURL, Quote: f.Quote}}
	}
	cmd, err := h.intake.Command(c.ctx, in.org, id, valueOrZero(lead.Email), valueOrZero(lead.CompanyName), found)
	var wrong *facts.FieldError
	if errors.As(err, &wrong) {
		return invalidField(wrong.Field, wrong.Reason)
	}
	if err != nil {
		return err
	}
	a, err := h.submitCommand(in, cmd)
	if err != nil {
		return err
	}
	return h.showAfterChange(c, "facts", a, func() error {
		out, err := h.loadOfLead(c, id)
		if err != nil {
			return err
		}
		return c.answerCreated(out, "/v1/leads/"+id.String()+"/facts", 0)
	})
}

// lookUp asks the provider of data what it knows of a lead. What can't be kept, of a value that is none, is left out.
func (h *factHandlers) lookUp(c *call, id uuid.UUID) error {
	lead, err := h.readLead(c, id)
	if err != nil {
		return err
	}
	if h.people == nil {
		return newProblem(commands.CodeNotFound, "this installation has no provider of data")
	}
	in, err := h.beginOwn(c)
	if err != nil {
		return err
	}
	said, err := h.people.Look(c.ctx, peopledata.Subject{Email: valueOrZero(lead.Email), FirstName: valueOrZero(lead.FirstName), LastName: valueOrZero(lead.LastName), Company: valueOrZero(lead.CompanyName), LinkedInURL: valueOrZero(lead.LinkedInURL)})
	if err != nil {
		return unavailableProblem(codeUnavailable, err)
	}
	company, _, err := h.intake.CompanyOf(c.ctx, in.org, valueOrZero(lead.Email))
	if err != nil {
		return err
	}
	var found []facts.Found
	for _, s := range said {
		f := facts.Found{About: s.About, Predicate: s.Predicate, Method: events.FactByProvider, Confidence: 90, FoundAt: h.now(), FactContent: projections.FactContent{Object: s.Object, SourceURL: s.SourceURL}}
		if f.Clean() == nil && (f.About == evidence.AboutLead || company != uuid.Nil) {
			found = append(found, f)
		}
	}
	if len(found) == 0 {
		return h.listOfLead(c, id)
	}
	cmd, err := h.intake.Command(c.ctx, in.org, id, valueOrZero(lead.Email), valueOrZero(lead.CompanyName), found)
	if err != nil {
		return err
	}
	a, err := h.submitCommand(in, cmd)
	if err != nil {
		return err
	}
	return h.showAfterChange(c, "facts", a, func() error { return h.listOfLead(c, id) })
}

func withdrawFact(_ *call, id uuid.UUID) (commands.Command, error) {
	return commands.MarkFactsStale{FactIDs: []uuid.UUID{id}, Reason: events.FactWithdrawn}, nil
}

func companyOf(row *projections.Company) (gen.Company, error) {
	return gen.Company{ID: row.CompanyID, Name: valueOrZero(row.Name), Domain: valueOrZero(row.Domain), RecordedAt: row.RecordedAt}, nil
}

func (h *factHandlers) listCompanies(c *call) error {
	data, next, err := listPage(h.readSide, c, c.who.Org, func(tx pgx.Tx, after int64, limit int) ([]*projections.Company, error) {
		return projections.ListCompanies(c.ctx, tx, c.who.Org, after, limit)
	}, func(r *projections.Company) int64 { return r.Oseq }, companyOf)
	if err != nil {
		return err
	}
	return c.answerJSON(200, gen.CompanyPage{Data: data, NextCursor: next})
}

// mostCompanyLeads bounds the leads of a company that are shown.
const mostCompanyLeads = 200

func (h *factHandlers) listCompanyLeads(c *call, id uuid.UUID) error {
	var row *projections.Company
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetCompany(c.ctx, tx, c.who.Org, id)
		return err
	}); err != nil {
		return err
	}
	out := gen.CompanyLeads{Data: []gen.Lead{}}
	if row.Domain == nil {
		return c.answerJSON(200, out)
	}
	hasher, err := h.vault.Hasher(c.ctx, c.who.Org)
	if err != nil {
		return err
	}
	var people []*projections.Lead
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		if people, err = projections.LeadsOfDomain(c.ctx, tx, c.who.Org, hasher.DomainHash(*row.Domain).String(), mostCompanyLeads); err != nil || len(people) == mostCompanyLeads {
			return err
		}
		found, err := projections.PeopleFound(c.ctx, tx, c.who.Org, id, mostCompanyLeads-len(people))
		people = append(people, found...)
		return err
	}); err != nil {
		return err
	}
	for _, p := range people {
		lead, err := leadOf(p)
		if err != nil {
			return err
		}
		out.Data = append(out.Data, lead)
	}
	return c.answerJSON(200, out)
}

func (h *factHandlers) showCompany(c *call, id uuid.UUID) error {
	var row *projections.Company
	var known []*projections.Fact
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		if row, err = projections.GetCompany(c.ctx, tx, c.who.Org, id); err != nil {
			return err
		}
		known, err = projections.FactsAbout(c.ctx, tx, c.who.Org, uuid.Nil, id, maxFactsShown)
		return err
	}); err != nil {
		return err
	}
	out, _ := companyOf(row)
	for _, f := range known {
		out.Facts = append(out.Facts, h.factOf(f))
	}
	return c.answerJSON(200, out)
}
