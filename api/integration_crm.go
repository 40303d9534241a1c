package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/crm"
	"outrider/internal/app/integrations"
	"outrider/internal/app/leads"
	"outrider/internal/crmapi"
	"outrider/internal/hubspot"
	"outrider/internal/leadfields"
	"outrider/internal/pii"
	"outrider/projections"
)

const hubspotEvents = "/v1/integration-events/hubspot"

// service asks as a connection to a CRM; 404 for what is none.
func (h *integrationHandlers) service(c *call, id uuid.UUID) (crmapi.Service, *projections.Connection, error) {
	row, err := h.row(c, id)
	if err != nil {
		return nil, nil, err
	}
	if h.connector == nil || h.connector.CRM == nil {
		return nil, nil, notFoundProblem()
	}
	service, err := h.connector.CRM(c.ctx, row.Provider, c.who.Org, id)
	if err != nil {
		return nil, nil, integrationProblem("id", err)
	}
	if service == nil {
		return nil, nil, notFoundProblem()
	}
	return service, row, nil
}

func (h *integrationHandlers) getMapping(c *call, id uuid.UUID) error {
	service, row, err := h.service(c, id)
	if err != nil {
		return err
	}
	has, err := service.Schema(c.ctx)
	if err != nil {
		return integrationProblem("id", err)
	}
	return h.showMapping(c, row, service, has)
}

func (h *integrationHandlers) showMapping(c *call, row *projections.Connection, service crmapi.Service, has crmapi.Schema) error {
	s := crm.ProposedSettings(service.Usual())
	if row.Settings != nil {
		if err := json.Unmarshal(row.Settings, &s); err != nil {
			return fmt.Errorf("read settings of connection: %w", err)
		}
	} else {
		s.Fields = slices.DeleteFunc(s.Fields, func(f events.CRMField) bool {
			return !slices.ContainsFunc(has.Fields, func(p crmapi.Field) bool { return p.Name == f.Remote })
		})
	}
	out := gen.IntegrationMapping{Set: row.Settings != nil, CreateAll: s.CreateAll, OnErase: gen.IntegrationMappingOnErase(s.OnErase), Fields: []gen.IntegrationField{}, Stages: []gen.IntegrationStage{}, Activities: []gen.IntegrationActivity{},
		Properties: []gen.IntegrationProperty{}, StagesThere: append([]string{}, has.Stages...), Lacks: has.Lacks}
	for _, f := range s.Fields {
		out.Fields = append(out.Fields, gen.IntegrationField{Field: f.Field, Remote: f.Remote, Direction: gen.IntegrationFieldDirection(f.Direction), Wins: gen.IntegrationFieldWins(f.Wins)})
	}
	for _, st := range s.Stages {
		out.Stages = append(out.Stages, gen.IntegrationStage{When: gen.IntegrationStageWhen(st.When), Stage: st.Stage})
	}
	for _, a := range s.Activities {
		out.Activities = append(out.Activities, gen.IntegrationActivity(a))
	}
	for _, p := range has.Fields {
		if !p.Hidden {
			out.Properties = append(out.Properties, gen.IntegrationProperty{Name: p.Name, Label: p.Label, Type: p.Type, ReadOnly: p.ReadOnly || !p.Text})
		}
	}
	for _, name := range leadfields.Names() {
		if name != leadfields.Email {
			out.LeadFields = append(out.LeadFields, name)
		}
	}
	for _, f := range s.Fields { // own ones that are mapped; others are typed in
		if !slices.Contains(out.LeadFields, f.Field) {
			out.LeadFields = append(out.LeadFields, f.Field)
		}
	}
	return c.answerJSON(http.StatusOK, out)
}

func crmSettingsOf(body gen.IntegrationMappingInput) events.CRMSettings {
	s := events.CRMSettings{CreateAll: body.CreateAll, OnErase: string(body.OnErase), Fields: []events.CRMField{}, Activities: []string{}}
	for _, f := range body.Fields {
		s.Fields = append(s.Fields, events.CRMField{Field: f.Field, Remote: f.Remote, Direction: string(f.Direction), Wins: string(f.Wins)})
	}
	for _, st := range body.Stages {
		s.Stages = append(s.Stages, events.CRMStage{When: string(st.When), Stage: st.Stage})
	}
	for _, a := range body.Activities {
		s.Activities = append(s.Activities, string(a))
	}
	return s
}

// checkMapping holds settings against what the account has, and names each field that doesn't fit.
func checkMapping(s events.CRMSettings, has crmapi.Schema) error {
	p := crm.Check(s, has)
	if p == nil {
		return nil
	}
	if p.Index < 0 {
		return invalidField(p.Member, p.Reason)
	}
	list := "fields."
	if p.Member == "stage" {
		list = "stages."
	}
	return invalidField(list+strconv.Itoa(p.Index)+"."+p.Member, p.Reason)
}

// checkedSettings returns what is asked for, held against what the account has.
func (h *integrationHandlers) checkedSettings(c *call, id uuid.UUID, body gen.IntegrationMappingInput) (s events.CRMSettings, service crmapi.Service, has crmapi.Schema, err error) {
	if service, _, err = h.service(c, id); err != nil {
		return s, nil, has, err
	}
	if has, err = service.Schema(c.ctx); err != nil {
		return s, nil, has, integrationProblem("id", err)
	}
	s = crmSettingsOf(body)
	return s, service, has, checkMapping(s, has)
}

func (h *integrationHandlers) setMapping(c *call, id uuid.UUID, body gen.IntegrationMappingInput) error {
	s, service, has, err := h.checkedSettings(c, id, body)
	if err != nil {
		return err
	}
	a, err := h.submitOwn(c, commands.MapConnection{ConnectionRef: events.ConnectionRef{ConnectionID: id}, CRMSettings: s})
	if err != nil {
		return err
	}
	return h.showAfterChange(c, "connections", a, func() error {
		row, err := h.row(c, id)
		if err != nil {
			return err
		}
		return h.showMapping(c, row, service, has)
	})
}

func (h *integrationHandlers) dryRun(c *call, id uuid.UUID, body gen.IntegrationMappingInput) error {
	s, service, _, err := h.checkedSettings(c, id, body)
	if err != nil {
		return err
	}
	rows, err := crm.DryRun(c.ctx, service, func(queries func(pgx.Tx) error) error { return h.readInOrg(c, c.who.Org, queries) }, c.who.Org, s)
	if err != nil {
		return integrationProblem("id", err)
	}
	out := gen.IntegrationDryRun{Data: []gen.IntegrationDryRunRow{}}
	for _, r := range rows {
		row := gen.IntegrationDryRunRow{LeadID: r.LeadID, RemoteID: r.RemoteID, Email: r.Email, Would: gen.IntegrationDryRunRowWould(r.Would), OptedOut: r.OptedOut, Fields: []gen.IntegrationDryRunField{}}
		switch r.Would {
		case crm.WouldChange:
			out.Changed++
		case crm.WouldCreate:
			out.Created++
		}
		for _, f := range r.Fields {
			if f.Outcome == crm.ConflictOurs || f.Outcome == crm.ConflictTheirs {
				out.Conflicts++
			}
			row.Fields = append(row.Fields, gen.IntegrationDryRunField{Field: f.Field, Remote: f.Remote, Ours: f.Ours, Theirs: f.Theirs, Outcome: gen.IntegrationDryRunFieldOutcome(f.Outcome)})
		}
		out.Data = append(out.Data, row)
	}
	return c.answerJSON(http.StatusOK, out)
}

func (h *integrationHandlers) listLists(c *call, id uuid.UUID) error {
	service, _, err := h.service(c, id)
	if err != nil {
		return err
	}
	lists, err := service.Lists(c.ctx, c.textParam("q"))
	if err != nil {
		return integrationProblem("id", err)
	}
	out := gen.IntegrationListList{Data: []gen.IntegrationListEntry{}}
	for _, l := range lists {
		out.Data = append(out.Data, gen.IntegrationListEntry{ID: l.ID, Name: l.Name})
	}
	return c.answerJSON(http.StatusOK, out)
}

func (h *integrationHandlers) requestImport(c *call, id uuid.UUID, body gen.IntegrationImportCreate) error {
	in, err := h.beginOwn(c)
	if err != nil {
		return err
	}
	imported := in.newID("import")
	if _, err := h.submitCommand(in, commands.RequestConnectionImport{ConnectionRef: events.ConnectionRef{ConnectionID: id}, ImportID: imported, ListID: body.ListID, Since: body.Since, DryRun: body.DryRun,
		OnDuplicate: string(body.OnDuplicate), LawfulBasis: body.LawfulBasis, Tags: body.Tags}); err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, gen.IntegrationImport{ImportID: imported})
}

func (h *integrationHandlers) resync(c *call, id uuid.UUID) error {
	in, err := h.beginOwn(c)
	if err != nil {
		return err
	}
	if _, err := h.submitCommand(in, commands.ResyncConnection{ConnectionRef: events.ConnectionRef{ConnectionID: id}, ResyncID: in.newID("resync")}); err != nil {
		return err
	}
	return c.answerNothing()
}

// mostConflicts are listed.
const mostConflicts = 200

func (h *integrationHandlers) listConflicts(c *call, id uuid.UUID) error {
	var rows []*integrations.ConflictRow
	var names map[uuid.UUID]projections.LeadName
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		if _, err := projections.GetConnection(c.ctx, tx, c.who.Org, id); err != nil {
			return err
		}
		if rows, err = integrations.ListConflicts(c.ctx, tx, c.who.Org, id, mostConflicts); err != nil {
			return err
		}
		var ids []uuid.UUID
		for _, r := range rows {
			ids = append(ids, r.LeadID)
		}
		names, err = projections.LeadNames(c.ctx, tx, c.who.Org, ids)
		return err
	}); err != nil {
		return err
	}
	out := gen.IntegrationConflictList{Data: []gen.IntegrationConflict{}}
	for _, r := range rows {
		x := gen.IntegrationConflict{LeadID: r.LeadID, Email: names[r.LeadID].Email, Field: r.Field, Kept: gen.IntegrationConflictKept(r.Kept), Rule: gen.IntegrationConflictRule(r.Rule), At: r.At, ResolvedAt: valueOrZero(r.ResolvedAt)}
		var err error
		if x.Ours, err = h.openConflict(c, r.LeadID, r.Ours); err == nil {
			x.Theirs, err = h.openConflict(c, r.LeadID, r.Theirs)
		}
		if err != nil {
			return err
		}
		out.Data = append(out.Data, x)
	}
	return c.answerJSON(http.StatusOK, out)
}

// resolveConflict gives a lead the value that somebody has chosen, which then goes to the CRM as any change does.
func (h *integrationHandlers) resolveConflict(c *call, id uuid.UUID, body gen.IntegrationConflictChoice) error {
	in, err := h.beginOwn(c)
	if err != nil {
		return err
	}
	var is *integrations.ConflictRow
	var lead []*projections.Lead
	if err := h.readInOrg(c, in.org, func(tx pgx.Tx) (err error) {
		if is, err = integrations.GetConflict(c.ctx, tx, in.org, id, body.LeadID, body.Field); err == nil {
			lead, err = projections.LeadsByID(c.ctx, tx, in.org, []uuid.UUID{body.LeadID})
		}
		return err
	}); err != nil {
		return err
	}
	sealed := is.Ours
	if string(body.Keep) == events.CRMTheirs {
		sealed = is.Theirs
	}
	value, err := h.openConflict(c, body.LeadID, sealed)
	if err != nil {
		return err
	}
	if len(lead) == 0 || value == "" { // erased meanwhile
		return notFoundProblem()
	}
	p, err := leads.ProfileOf(lead[0])
	if err != nil {
		return err
	}
	if crm.Ours(p, body.Field) != value {
		cmd, err := crm.SetField(c.ctx, h.vault, in.org, body.LeadID, map[string]string{body.Field: value})
		if err != nil {
			return err
		}
		if _, err := h.submitPart(in, "lead", *cmd); err != nil {
			return err
		}
	}
	if _, err := h.submitCommand(in, commands.ResolveConnectionConflict{ConnectionRef: events.ConnectionRef{ConnectionID: id}, ResolutionID: in.newID("resolution"), LeadID: body.LeadID, Field: body.Field, Keep: string(body.Keep)}); err != nil {
		return err
	}
	return c.answerNothing()
}

// openConflict reads a value; "" once the person is erased.
func (h *integrationHandlers) openConflict(c *call, lead uuid.UUID, sealed json.RawMessage) (string, error) {
	var s events.Sealed
	if err := json.Unmarshal(sealed, &s); err != nil {
		return "", fmt.Errorf("read conflict: %w", err)
	}
	ref := pii.Ref{Org: c.who.Org, Subject: lead, ID: pii.KeyID(s.K)}
	found, err := h.vault.Lookup(c.ctx, []pii.Ref{ref})
	if err != nil {
		return "", err
	}
	key, ok := found[ref]
	if !ok {
		return "", nil
	}
	plain, err := key.Open(integrations.ConflictField, pii.Sealed(s))
	if errors.Is(err, pii.ErrUnreadable) {
		return "", nil
	}
	return string(plain), err
}

// receiveHubSpot notes which contacts to read again. What it says of them isn't believed: entries come late, twice and in any order.
func (h *integrationHandlers) receiveHubSpot(c *call) error {
	if h.connector == nil || h.connector.HubSpotSecret == "" || h.connector.Heard == nil {
		return notFoundProblem()
	}
	if err := hubspot.Verify(h.connector.HubSpotSecret, http.MethodPost, h.base+c.OriginalURL(), c.raw, c.Get(hubspot.HeaderSignature), c.Get(hubspot.HeaderTimestamp), time.Now()); err != nil {
		return newProblem(codeUnauthenticated, err.Error())
	}
	var changes []hubspot.Change
	if err := json.Unmarshal(c.raw, &changes); err != nil {
		return malformedProblem("the body is no list of changes")
	}
	byAccount := map[string][]string{}
	for _, x := range changes {
		account := strconv.FormatInt(x.PortalID, 10)
		if id := strconv.FormatInt(x.ObjectID, 10); !slices.Contains(byAccount[account], id) {
			byAccount[account] = append(byAccount[account], id)
		}
	}
	for account, ids := range byAccount {
		if err := h.connector.Heard(c.ctx, hubspot.Name, account, ids); err != nil {
			return unavailableProblem(codeUnavailable, err)
		}
	}
	return c.answerNothing()
}
