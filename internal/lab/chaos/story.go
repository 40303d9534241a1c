package chaos

import (
	"bytes"
	"context"
	"fmt"
	"mime/multipart"
	"net/http"
	"time"

	"github.com/google/uuid"

	"outrider/internal/linktoken"
	"outrider/internal/retry"
)

// playStory is what a client does next: a few requests that belong together.
func (c *client) playStory(ctx context.Context) error {
	defer func() { _ = retry.Sleep(ctx, c.l.s.cfg.Think) }() // whoever is asked to end ends
	t := pickOne(c.chance, c.l.senders)
	switch n := c.chance.IntN(100); {
	case n < 36:
		return c.enrolWithinLimits(ctx)
	case n < 50:
		return c.connectWithinLimits(ctx)
	case n < 66:
		return c.writeCampaign(ctx, t)
	case n < 74:
		return c.tagLead(ctx, t)
	case n < 78:
		_, err := c.askAPI(ctx, t.writeAsTenant("suppress", http.MethodPost, "/v1/suppressions", map[string]any{"items": []map[string]any{{"kind": "address", "value": c.l.nextName("nobody") + "@example.com"}}}))
		return err
	case n < 80:
		return c.importLeads(ctx, t)
	case n < 86:
		return c.steerCampaign(ctx, t)
	case n < 90:
		return c.createCampaign(ctx, t)
	case n < 93:
		return c.actGreedily(ctx)
	}
	return c.visitLink(ctx, t)
}

// createLead creates one.
func (c *client) createLead(ctx context.Context, t *tenant) (uuid.UUID, error) {
	var made struct{ ID uuid.UUID }
	domain, company := fmt.Sprintf("company-%d.example.com", c.chance.IntN(500)), "Company"
	if t == c.l.s.ai.tenant {
		n := c.chance.IntN(researched)
		domain, company = researchedDomain(n), fmt.Sprint("Company ", n)
	}
	address := c.l.nextName("person") + "@" + domain
	_, err := c.mustAsk(ctx, t.writeAsTenant("create lead", http.MethodPost, "/v1/leads", map[string]any{"email": address, "first_name": "Anna", "company_name": company}), &made)
	if err == nil {
		c.l.s.crm.knowPerson(t, address)
	}
	return made.ID, err
}

// writeCampaign brings somebody into a campaign that runs: a message is written and sent.
func (c *client) writeCampaign(ctx context.Context, t *tenant) error {
	id, err := c.createLead(ctx, t)
	if err != nil {
		return err
	}
	t.mu.Lock()
	t.leads = append(t.leads, id)
	t.mu.Unlock()
	_, err = c.askAPI(ctx, t.writeAsTenant("enrol", http.MethodPost, "/v1/campaigns/"+t.campaign.String()+"/enrollments", map[string]any{"lead_ids": []uuid.UUID{id}}))
	return err
}

// pickLead gives one of the tenant's leads.
func (c *client) pickLead(t *tenant) uuid.UUID {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.leads) == 0 {
		return uuid.Nil
	}
	return pickOne(c.chance, t.leads)
}

func (c *client) tagLead(ctx context.Context, t *tenant) error {
	id := c.pickLead(t)
	if id == uuid.Nil {
		return c.writeCampaign(ctx, t)
	}
	_, err := c.askAPI(ctx, t.writeAsTenant("tag lead", http.MethodPatch, "/v1/leads/"+id.String(), map[string]any{"tags": []string{"chaos", fmt.Sprint("t", c.chance.IntN(9))}}))
	return err
}

// steerCampaign holds, lets go on or stops somebody's sequence.
func (c *client) steerCampaign(ctx context.Context, t *tenant) error {
	id := c.pickLead(t)
	if id == uuid.Nil {
		return c.writeCampaign(ctx, t)
	}
	verb := pickOne(c.chance, []string{"pause", "resume", "stop"})
	_, err := c.askAPI(ctx, t.writeAsTenant(verb+" enrolment", http.MethodPost, "/v1/campaigns/"+t.campaign.String()+"/enrollments/"+verb, map[string]any{"lead_ids": []uuid.UUID{id}}))
	return err
}

// importLeads brings a small file in.
func (c *client) importLeads(ctx context.Context, t *tenant) error { return c.importRows(ctx, t, 20) }

func (c *client) importRows(ctx context.Context, t *tenant, n int) error {
	r, err := c.importRequest(t, n)
	if err != nil {
		return err
	}
	_, err = c.askAPI(ctx, r)
	return err
}

// importRequest brings a file of n leads in.
func (c *client) importRequest(t *tenant, n int) (r request, err error) {
	r = t.writeAsTenant("import leads", http.MethodPost, "/v1/imports", nil)
	r.contentType, r.body, err = c.leadsForm(n)
	return r, err
}

// leadsForm is a form with a file of n leads.
func (c *client) leadsForm(n int) (contentType string, body []byte, err error) {
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile("file", "leads.csv")
	if err != nil {
		return "", nil, fmt.Errorf("make a form: %w", err)
	}
	fmt.Fprint(part, "Email,First Name,Company\n")
	for range n {
		fmt.Fprintf(part, "%s@example.com,Bob,Company\n", c.l.nextName("imported"))
	}
	if err := w.Close(); err != nil {
		return "", nil, fmt.Errorf("make a form: %w", err)
	}
	return w.FormDataContentType(), form.Bytes(), nil
}

// createCampaign leads one through its life.
func (c *client) createCampaign(ctx context.Context, t *tenant) error {
	var made struct{ ID uuid.UUID }
	position, err := c.mustAsk(ctx, t.writeAsTenant("create campaign", http.MethodPost, "/v1/campaigns", campaignBody()), &made)
	if err != nil {
		return err
	}
	path := "/v1/campaigns/" + made.ID.String()
	for _, step := range []struct {
		what, method, path string
		body               any
	}{
		{"set campaign", http.MethodPut, path + "/settings", campaignSettings()},
		{"assign mailboxes", http.MethodPut, path + "/mailboxes", map[string]any{"mailbox_ids": t.boxes}},
		// People who were written to just now, or are about to be: the gap between two campaigns holds their messages back.
		{"enrol", http.MethodPost, path + "/enrollments", map[string]any{"lead_ids": []uuid.UUID{c.pickLead(t)}}},
		{"launch campaign", http.MethodPost, path + "/launch", map[string]any{}},
		{"enrol", http.MethodPost, path + "/enrollments", map[string]any{"lead_ids": []uuid.UUID{c.pickLead(t), c.pickLead(t)}}},
		{"tag lead", http.MethodPatch, "/v1/leads/" + c.pickLead(t).String(), map[string]any{"tags": []string{"both"}}}, // until then there is time to write
		{"pause campaign", http.MethodPost, path + "/pause", nil},
		{"resume campaign", http.MethodPost, path + "/resume", nil},
		{"complete campaign", http.MethodPost, path + "/complete", nil},
	} {
		r := t.writeAsTenant(step.what, step.method, step.path, step.body)
		r.position = position
		res, err := c.askAPI(ctx, r)
		if err != nil {
			return err
		}
		if res.position != "" {
			position = res.position
		}
	}
	return nil
}

// visitLink looks at a message as the person does who has it, or unsubscribes.
func (c *client) visitLink(ctx context.Context, t *tenant) error {
	if err := c.readBack(ctx, t); err != nil {
		return err
	}
	t.mu.Lock()
	var m receivedMessage
	if len(t.messages) > 0 {
		m = pickOne(c.chance, t.messages)
	}
	t.mu.Unlock()
	if m.id == uuid.Nil {
		return c.writeCampaign(ctx, t)
	}
	token := linktoken.Token{Org: t.id, Message: m.id}
	if c.chance.IntN(8) == 0 {
		_, err := c.askAPI(ctx, request{what: "unsubscribe", method: http.MethodPost, path: "/u/" + c.l.signer.Sign(linktoken.Unsubscribe, token), org: t.id, visitor: true, lead: m.lead,
			contentType: "application/x-www-form-urlencoded", body: []byte("List-Unsubscribe=One-Click")})
		return err
	}
	_, err := c.askAPI(ctx, request{what: "open", method: http.MethodGet, path: "/t/o/" + c.l.signer.Sign(linktoken.Open, token), org: t.id, visitor: true})
	return err
}

// readBack asks now and then which messages there are.
func (c *client) readBack(ctx context.Context, t *tenant) error {
	t.mu.Lock()
	due := time.Since(t.looked) > 5*time.Second
	if due {
		t.looked = time.Now()
	}
	t.mu.Unlock()
	if !due {
		return nil
	}
	var page struct {
		Data []struct {
			ID     uuid.UUID `json:"id"`
			LeadID uuid.UUID `json:"lead_id"`
			State  string    `json:"state"`
		}
	}
	if _, err := c.mustAsk(ctx, request{what: "list messages", method: http.MethodGet, path: "/v1/messages?limit=100", key: t.key, org: t.id}, &page); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.messages = t.messages[:0]
	for _, m := range page.Data {
		if m.State == "sent" {
			t.messages = append(t.messages, receivedMessage{m.ID, m.LeadID})
		}
	}
	return nil
}
