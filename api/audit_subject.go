package api

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/internal/es"
	"outrider/internal/identity"
	"outrider/projections"
	"outrider/projections/analytics"
)

// auditFilter reads the filters that the list of events and its counts have in common.
func (c *call) auditFilter() (f analytics.AuditFilter, err error) {
	f = analytics.AuditFilter{ActorKind: c.textParam("actor_kind"), ActorID: c.textParam("actor_id"), Subject: c.textParam("subject"), Type: c.textParam("type"), Text: c.textParam("q"),
		Correlation: c.uuidParam("correlation_id")}
	if types := c.textParam("types"); types != "" {
		f.Types = strings.Split(types, ",")
	}
	if f.From, err = c.instantParam("from"); err != nil {
		return f, err
	}
	f.To, err = c.instantParam("to")
	return f, err
}

// tellEvent says in words what happened; "" for what timelines leave out.
func tellEvent(e *es.Event) string {
	text, _ := projections.TellEvent(e)
	return text.English
}

// aboutOf says what events are about, with names as far as the caller may read them.
func (a *auditHandlers) aboutOf(c *call, log []*es.Event) ([]gen.AuditSubject, error) {
	out := make([]gen.AuditSubject, len(log))
	ids := map[string][]uuid.UUID{}
	for i, e := range log {
		var refs struct {
			Lead     uuid.UUID `json:"lead_id"`
			Campaign uuid.UUID `json:"campaign_id"`
			Mailbox  uuid.UUID `json:"mailbox_id"`
		}
		_ = json.Unmarshal(e.Data, &refs) // of a foreign writer's event nothing is said
		kind, _, _ := strings.Cut(e.Type, ".")
		out[i].Kind = kind
		switch {
		case refs.Lead != uuid.Nil:
			out[i] = gen.AuditSubject{Kind: "lead", ID: refs.Lead}
		case refs.Campaign != uuid.Nil:
			out[i] = gen.AuditSubject{Kind: "campaign", ID: refs.Campaign}
		case refs.Mailbox != uuid.Nil:
			out[i] = gen.AuditSubject{Kind: "mailbox", ID: refs.Mailbox}
		default:
			out[i].ID, _ = uuid.Parse(e.Subject) // Nil = it has none
		}
		ids[out[i].Kind] = append(ids[out[i].Kind], out[i].ID)
	}
	names := map[uuid.UUID]string{}
	if err := a.readInOrg(c, c.who.Org, func(tx pgx.Tx) error { return nameSubjects(c, tx, ids, names) }); err != nil {
		return nil, err
	}
	for i := range out {
		out[i].Title = names[out[i].ID]
	}
	return out, nil
}

func nameSubjects(c *call, tx pgx.Tx, ids map[string][]uuid.UUID, names map[uuid.UUID]string) error {
	if all := ids["lead"]; len(all) > 0 && c.who.Has(identity.LeadsRead) {
		leads, err := projections.Leads(c.ctx, tx, c.who.Org, all)
		if err != nil {
			return err
		}
		for id, l := range leads {
			names[id] = leadTitle(l)
		}
	}
	if all := ids["campaign"]; len(all) > 0 && c.who.Has(identity.CampaignsRead) {
		campaigns, err := projections.Campaigns(c.ctx, tx, c.who.Org, all)
		if err != nil {
			return err
		}
		for id, x := range campaigns {
			names[id] = x.Name
		}
	}
	if all := ids["mailbox"]; len(all) > 0 && c.who.Has(identity.MailboxesRead) {
		boxes, err := projections.Mailboxes(c.ctx, tx, c.who.Org, all)
		if err != nil {
			return err
		}
		for id, m := range boxes {
			names[id] = valueOrZero(m.Address)
		}
	}
	if all := ids["member"]; len(all) > 0 && c.who.Has(identity.MembersRead) {
		members, err := projections.MembersOf(c.ctx, tx, c.who.Org, all)
		if err != nil {
			return err
		}
		for id, m := range members {
			shown, err := memberOf(m, nil)
			if err != nil {
				return err
			}
			names[id] = cmp.Or(strings.TrimSpace(shown.FirstName+" "+shown.LastName), shown.Email)
		}
	}
	return nil
}
