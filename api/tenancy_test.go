package api_test

import (
	"outrider/commands"
	"outrider/events"
)

// things are ids of everything that a tenant has, by the first segment of the path.
func things(c *client) map[string]string {
	c.t.Helper()
	o := c.launched("none")
	message := c.message(o, "requested")
	c.draft(o, message)
	c.message(o, "scheduled")
	c.reply(o, message)
	lead := c.ok("POST", "/v1/leads", obj{"email": "secret@victim.test", "last_name": "Confidential", "tags": []string{"Confidential"}})
	held := c.ok("POST", "/v1/suppressions", obj{"items": []obj{{"kind": "domain", "value": "confidential.test"}}})
	file := c.ok("POST", "/v1/imports", form("Email\nx@victim.test\n"), "Content-Type", formType, "Idempotency-Key", "imp")
	key := c.ok("POST", "/v1/api-keys", obj{"name": "Confidential", "scopes": []string{"leads:read"}})
	position := key.header.Get("Outrider-Position")
	for _, list := range []string{"leads", "campaigns", "suppressions", "imports", "mailboxes", "messages", "inbox"} {
		if len(c.ok("GET", "/v1/"+list, nil, "Outrider-Position", position).list("data")) == 0 {
			c.t.Fatalf("%s shows its owner nothing", list)
		}
	}
	thread := c.ok("GET", "/v1/inbox", nil).list("data")[0].(map[string]any)["id"].(string)
	l := letter{&campaign{client: c, id: parsed(o.campaign), mailbox: parsed(o.mailbox)}, parsed(o.lead), parsed(message)}
	l.hours()
	c.seen(200, "POST", l.book(), browser, "slot", slots(c.seen(200, "GET", l.book(), browser))[0], "name", "Confidential Guest")
	meeting := c.ok("GET", "/v1/meetings", nil).list("data")[0].(map[string]any)["id"].(string)
	export := c.ok("POST", "/v1/exports", obj{"kind": "leads"}).text("id")
	bulk := c.ok("POST", "/v1/leads/bulk", obj{"action": "tag", "tags": []string{"Confidential"}, "lead_ids": []string{o.lead}}).json["job"].(map[string]any)["id"].(string)
	answer := c.ok("POST", "/v1/inbox/"+thread+"/replies", obj{"text": "Confidential", "undo_seconds": 300}).text("id")
	tested := c.ok("POST", o.path+"/test-sends", obj{"lead_id": o.lead, "to_mailbox": true}).text("id")
	known := c.ok("POST", "/v1/leads/"+o.lead+"/facts", obj{"facts": []obj{{"about": "company", "predicate": "uses", "object": "Confidential"}}}).list("data")[0].(map[string]any)
	return map[string]string{"test-sends": tested, "segments": c.ok("POST", "/v1/segments", obj{"name": "Confidential", "filter": obj{"tag": "Confidential"}}).text("id"), "claims": c.ok("POST", "/v1/claims", obj{"text": "We are Confidential.", "source": "Confidential"}).text("id"), "facts": known["id"].(string), "companies": known["company_id"].(string), "inbox/replies": answer, "inbox/notes": c.ok("POST", "/v1/inbox/"+thread+"/notes", obj{"text": "Confidential"}).text("id"), "snippets": c.ok("POST", "/v1/snippets", obj{"name": "Confidential", "text": "Confidential"}).text("id"), "exports": export, "leads/bulk": bulk, "meetings": meeting, "organizations": c.org.String(), "leads": o.lead, "campaigns": o.campaign, "imports": file.text("id"),
		"mailboxes": o.mailbox, "messages": message, "enrollments": o.enrollment, "inbox": thread,
		"roles": c.ok("POST", "/v1/roles", obj{"name": "Confidential", "permissions": []string{"leads:read"}}).text("id"), "members": c.join("confidential@victim.test", "member").person.String(), "invitations": c.ok("POST", "/v1/invitations", obj{"email": "confidential2@victim.test", "role": "member"}).text("id"), "auth/sessions": anID,
		"identity-links": c.operator().ok("POST", "/v1/identity-links", obj{"organization_id": c.org, "provider": "elsewhere", "external_id": "Confidential"}).text("id"),
		"suppressions":   held.list("data")[0].(map[string]any)["id"].(string), "api-keys": key.text("id"), "platform-keys": anID, "trace": key.header.Get("X-Request-Id"), "operations": c.operationID(lead),
		"experiments": c.experiment(), "webhooks": c.ok("POST", "/v1/webhooks", obj{"url": "https://confidential.hooks.test/", "name": "Confidential"}).text("id"), "webhook-deliveries": anID, "integrations": c.ok("POST", "/v1/integrations", obj{"provider": "hubspot", "key": "Confidential"}).text("id"),
		"reports": c.ok("POST", "/v1/reports", obj{"name": "Confidential", "formats": []string{"csv"}, "query": obj{"metrics": []string{"sent"}, "unit": "message", "period": "yesterday"}}).text("id"),
		"hooks":   c.ok("POST", "/v1/hooks", obj{"target_url": "https://confidential.hooks.test/", "event": "lead.created"}).text("id"), "invoices": c.invoice(), "admin/organizations": c.org.String(), "domains": c.ok("GET", "/v1/domains", nil).list("data")[0].(map[string]any)["id"].(string)}
}

// invoice records one with a line for each that opens events.
func (c *client) invoice() string {
	c.t.Helper()
	_, at := c.submit(commands.RecordInvoice{Reading: 1, Invoice: events.Invoice{InvoiceID: "in_1", Number: "A-1", Status: events.InvoicePaid, Currency: "usd", CreatedAt: c.clock.now(), Lines: []events.InvoiceLine{
		{LineID: "il_1", Kind: events.LinePlan, Description: "Confidential growth", Plan: "growth", Quantity: 1, Amount: 9900, From: c.clock.now(), To: c.clock.now().AddDate(0, 1, 0)}}}})
	return c.ok("GET", "/v1/invoices", nil, "Outrider-Position", at).list("data")[0].(map[string]any)["id"].(string)
}

// experiment drafts one on the subject of a campaign's first step.
func (c *client) experiment() string {
	c.t.Helper()
	made := c.ok("POST", "/v1/campaigns", obj{"name": "Confidential trial", "approval": "none", "steps": []obj{{"delay_days": 0,
		"variants": []obj{{"name": "A", "subject": "Hi", "body": "Hi"}, {"name": "B", "subject": "Hello", "body": "Hello"}}}}})
	first, arms := made.list("steps")[0].(map[string]any), []obj{}
	for _, v := range first["variants"].([]any) {
		arms = append(arms, obj{"name": v.(map[string]any)["name"], "variant_id": v.(map[string]any)["variant_id"]})
	}
	return c.ok("POST", "/v1/experiments", obj{"name": "Confidential", "campaign_id": made.text("id"), "step_id": first["step_id"], "arms": arms}).text("id")
}

// operationID finds the command of a write in the victim's own timeline of requests: any id that the tenant knows will do.
func (c *client) operationID(answer) string {
	c.t.Helper()
	return c.pending("op-key")
}
