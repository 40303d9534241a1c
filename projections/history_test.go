package projections_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/pii"
	"outrider/projections"
)

// history is what some organisations might do: commands at random, decided by the domain, so that every log could exist.
type history struct {
	*log
	*fixture
	rt     *rapid.T
	ctx    context.Context
	orgs   []*world
	keys   map[pii.Ref]pii.Key // that ever were
	erased map[pii.Ref]bool
}

type world struct {
	id    uuid.UUID
	state es.State
}

func newHistory(ctx context.Context, rt *rapid.T, f *fixture) *history {
	h := &history{log: newLog(rt), fixture: f, rt: rt, ctx: ctx, keys: map[pii.Ref]pii.Key{}, erased: map[pii.Ref]bool{}}
	for n := range 3 {
		w := &world{id: uuid.New()}
		w.state = commands.Domain().New(w.id)
		h.orgs = append(h.orgs, w)
		h.send(w, commands.CreateOrganization{OrganizationID: w.id, Slug: fmt.Sprintf("org-%d", n), Name: h.text("org name"), Plan: "tiny", TimeZone: "Europe/Berlin",
			Limits: events.Limits{LeadsPerMonth: 4, Mailboxes: 1, Seats: 1, APIRequestsPerMinute: 60, LeadsStored: 8, ImportBytes: -1, ImportRows: -1, ImportsAtOnce: 2}, TrialDays: n})
	}
	return h
}

// send decides a command and keeps what follows, refusals included.
func (h *history) send(w *world, c commands.Command) {
	kind, data, err := commands.Encode(c)
	if err != nil {
		h.rt.Fatalf("%v", err)
	}
	facts, err := w.state.Decide(&es.Command{ID: uuid.New(), Type: kind, Org: w.id, Time: at(len(h.events) + 1), Data: data})
	var no *es.Refusal
	switch {
	case errors.As(err, &no):
		detail, _ := es.Marshal(no.Detail)
		if no.Subject == "" {
			no.Subject = w.id.String()
		}
		facts = []es.Payload{es.CommandRefused{Code: no.Code, Detail: detail, Command: kind, Subject: no.Subject}}
	case err != nil:
		h.rt.Fatalf("decide %s: %v", kind, err)
	case facts == nil:
		facts = []es.Payload{es.CommandNoop{Command: kind, Subject: w.id.String()}}
	}
	for _, e := range h.add(w.id, facts...) {
		w.state.Apply(e)
		h.react(e)
	}
}

// react erases as the reactor does.
func (h *history) react(e *es.Event) {
	var subject uuid.UUID
	switch p := e.Payload.(type) {
	case events.LeadErased:
		subject = p.LeadID
	case events.SuppressionAdded:
		if p.Reason != events.SuppressedErasure {
			return
		}
		subject = p.SuppressionID
	default:
		return
	}
	for r := range h.keys {
		if r.Org == e.Org && r.Subject == subject {
			h.erased[r] = true
		}
	}
	if err := h.vault.Erase(h.ctx, e.Org, subject); err != nil {
		h.rt.Fatalf("%v", err)
	}
}

// text is what people write; some of it no database likes.
func (h *history) text(label string) string {
	return rapid.SampledFrom([]string{"Zoë", "a\x00b", "👩‍🚀 émile", "line\nbreak\ttab", `O'Brien "q"`, `back\slash \u0000`, "\u202eabc\u200b", "100%_", "{a,b}", "null", "ＦＵＬＬ", "\uffff\ufdd0"}).Draw(h.rt, label)
}

func (h *history) seal(w *world, subject uuid.UUID, field, plain string) events.Sealed {
	s, key, err := h.sealed(h.ctx, w.id, subject, field, plain)
	if err != nil {
		h.rt.Fatalf("%v", err)
	}
	h.keys[key.Ref] = key
	return s
}

// profile is a merge patch: absent, null, empty and filled fields.
func (h *history) profile(email string) string {
	p := map[string]any{"email": email}
	for _, name := range []string{"first_name", "last_name", "phone", "company_name", "job_title", "linkedin_url", "website", "city", "country"} {
		switch rapid.IntRange(0, 5).Draw(h.rt, name) {
		case 0:
			p[name] = h.text(name)
		case 1:
			p[name] = nil
		case 2:
			p[name] = ""
		}
	}
	switch rapid.IntRange(0, 4).Draw(h.rt, "custom") {
	case 0:
		p["custom"] = nil
	case 1, 2:
		p["custom"] = map[string]any{rapid.SampledFrom([]string{"a", "b"}).Draw(h.rt, "name"): h.text("value"), rapid.SampledFrom([]string{"a", "c"}).Draw(h.rt, "gone"): nil}
	}
	b, err := json.Marshal(p)
	if err != nil {
		h.rt.Fatalf("%v", err)
	}
	return string(b)
}

const people = 5

func (w *world) lead(n int) uuid.UUID     { return es.DeriveID(w.id, "lead", fmt.Sprint(n)) }
func (w *world) campaign(n int) uuid.UUID { return es.DeriveID(w.id, "campaign", fmt.Sprint(n)) }
func (w *world) upload(n int) uuid.UUID   { return es.DeriveID(w.id, "import", fmt.Sprint(n)) }
func (w *world) hash(s string) string {
	var a aggregates.Hash
	id := es.DeriveID(w.id, "hash", s)
	copy(a[:], id[:])
	return a.String()
}
func address(n int) string { return fmt.Sprintf("p%d@example.com", n) }

func (h *history) item(w *world, n, row int) commands.LeadItem {
	return commands.LeadItem{LeadID: w.lead(n), AddressHash: w.hash(address(n)), DomainHash: w.hash("example.com"), Filled: []string{"email"}, Source: events.SourceCSVUpload, Row: row,
		Profile: h.seal(w, w.lead(n), projections.ProfileField, h.profile(address(n))), Tags: h.tags(), CRMID: rapid.SampledFrom([]string{"", "crm-1"}).Draw(h.rt, "crm id")}
}

func (h *history) tags() []string {
	return rapid.SliceOfN(rapid.SampledFrom([]string{"vip", `a"b`, "x,y", "NULL", "z\x00"}), 0, 3).Draw(h.rt, "tags")
}

func (h *history) steps() []events.Step {
	return []events.Step{{StepID: uuid.NameSpaceDNS, Kind: events.StepEmail, Variants: []events.Variant{{VariantID: uuid.NameSpaceURL, Subject: h.text("subject"), Body: h.text("body"), Weight: 1}}}}
}

// step is one command by somebody.
func (h *history) step() {
	w := rapid.SampledFrom(h.orgs).Draw(h.rt, "org")
	n := rapid.IntRange(1, people).Draw(h.rt, "person")
	k := rapid.IntRange(1, 2).Draw(h.rt, "thing")
	leads := rapid.SliceOfN(rapid.Map(rapid.IntRange(1, people), w.lead), 1, 4).Draw(h.rt, "leads")
	suppression := func(kind, value string) commands.SuppressionItem {
		hash := w.hash(value)
		item := commands.SuppressionItem{Kind: kind, Hash: hash, Reason: events.SuppressedManual}
		if h.maybe() {
			item.Value = h.seal(w, aggregates.SuppressionID(w.id, kind, hash), projections.SuppressionField, value+h.text("value"))
		}
		return item
	}
	do := map[string]func() commands.Command{
		"create lead":       func() commands.Command { return commands.CreateLead{LeadItem: h.item(w, n, 0)} },
		"create lead again": func() commands.Command { return commands.CreateLead{LeadItem: h.item(w, n, 0)} },
		"update lead": func() commands.Command {
			return commands.UpdateLead{LeadID: w.lead(n), Profile: h.seal(w, w.lead(n), projections.ProfileField, h.profile(address(n))), Tags: h.tags(), TimeZone: ptr(h.text("zone"))}
		},
		"clear lead":      func() commands.Command { return commands.UpdateLead{LeadID: w.lead(n), CRMID: ptr("")} },
		"remove lead":     func() commands.Command { return commands.RemoveLead{LeadID: w.lead(n)} },
		"erase lead":      func() commands.Command { return commands.EraseLead{LeadID: w.lead(n)} },
		"enroll":          func() commands.Command { return commands.EnrollLeads{CampaignID: w.campaign(k), LeadIDs: leads} },
		"enroll one":      func() commands.Command { return commands.EnrollLeads{CampaignID: w.campaign(k), LeadIDs: leads[:1]} },
		"create campaign": func() commands.Command { return h.newCampaign(w, k) },
		"rename campaign": func() commands.Command {
			return commands.RenameCampaign{CampaignID: w.campaign(k), Name: h.text("campaign name")}
		},
		"change steps": func() commands.Command {
			return commands.SetCampaignSteps{CampaignID: w.campaign(k), Steps: h.steps()}
		},
		"delete campaign": func() commands.Command { return commands.DeleteCampaign{CampaignID: w.campaign(k)} },
		"suppress": func() commands.Command {
			return commands.AddSuppressions{Items: []commands.SuppressionItem{suppression(events.SuppressAddress, address(n)), suppression(events.SuppressDomain, fmt.Sprintf("d%d.test", k))}}
		},
		"lift suppression": func() commands.Command {
			return commands.RemoveSuppression{SuppressionID: aggregates.SuppressionID(w.id, events.SuppressAddress, w.hash(address(n)))}
		},
		"request import": func() commands.Command {
			return commands.RequestImport{ImportRef: events.ImportRef{ImportID: w.upload(k)}, FileName: h.text("file name"), Bytes: 9, Blob: "b", Mapping: map[string]string{h.text("column"): "email"}, DryRun: k == 2,
				OnDuplicate: rapid.SampledFrom([]string{events.DuplicateSkip, events.DuplicateUpdate}).Draw(h.rt, "on duplicate"), Source: events.SourceCSVUpload, Tags: h.tags()}
		},
		"chunk":           func() commands.Command { return h.chunk(w, k) },
		"chunk more":      func() commands.Command { return h.chunk(w, k) },
		"complete import": func() commands.Command { return commands.CompleteImport{ImportID: w.upload(k)} },
		"fail import": func() commands.Command {
			return commands.FailImport{ImportID: w.upload(k), Reason: h.text("reason")}
		},
		"undo": func() commands.Command { return commands.UndoImport{ImportID: w.upload(k)} },
		"undo chunk": func() commands.Command {
			return commands.UndoImportChunk{ImportID: w.upload(k), Chunk: rapid.IntRange(1, 3).Draw(h.rt, "chunk"), LeadIDs: leads}
		},
		"undone": func() commands.Command { return commands.CompleteUndo{ImportID: w.upload(k)} },
		"update": func() commands.Command { return commands.UpdateOrganization{Name: ptr(h.text("org name"))} },
		"plan":   func() commands.Command { return commands.ChangePlan{Plan: fmt.Sprint("plan", n)} },
		"clock":  func() commands.Command { return commands.AdvanceClock{} },
		"api key": func() commands.Command {
			return commands.IssueAPIKey{KeyID: w.campaign(k), Name: h.text("key"), Scopes: []string{"x"}}
		},
		"rotate": func() commands.Command {
			return commands.RotateAPIKey{KeyID: w.campaign(k), RotationID: w.campaign(n)}
		},
		"revoke": func() commands.Command { return commands.RevokeAPIKey{KeyID: w.campaign(k)} },
		"mailbox": func() commands.Command {
			return commands.AddMailbox{MailboxRef: events.MailboxRef{MailboxID: w.campaign(n)}, Transport: events.TransportSMTP, Address: h.seal(w, w.campaign(n), "address", address(n)), AddressHash: w.hash(address(n)), DomainHash: w.hash("d")}
		},
		"remove mailbox": func() commands.Command {
			return commands.RemoveMailbox{MailboxRef: events.MailboxRef{MailboxID: w.campaign(n)}}
		},
		"status": func() commands.Command {
			return commands.ChangeStatus{Status: rapid.SampledFrom([]string{events.StatusActive, events.StatusActive, events.StatusPastDue, events.StatusSuspended}).Draw(h.rt, "status"), Reason: h.text("why")}
		},
		"delete org": func() commands.Command {
			if len(h.events) < 60 || !h.maybe() {
				return commands.AdvanceClock{}
			}
			return commands.DeleteOrganization{}
		},
	}
	names := make([]string, 0, len(do))
	for name := range do {
		names = append(names, name)
	}
	slices.Sort(names)
	h.send(w, do[rapid.SampledFrom(names).Draw(h.rt, "step")]())
}

func (h *history) newCampaign(w *world, k int) commands.Command {
	return commands.CreateCampaign{CampaignRef: events.CampaignRef{CampaignID: w.campaign(k)}, Name: h.text("campaign name"), CampaignType: rapid.SampledFrom([]string{events.Nurture, events.FollowUp}).Draw(h.rt, "campaign type"),
		CreatedBy: "person:1", Approval: events.ApproveAll, Steps: h.steps()}
}

func (h *history) chunk(w *world, k int) commands.Command {
	c := commands.ImportLeads{ImportID: w.upload(k), Chunk: rapid.IntRange(1, 3).Draw(h.rt, "chunk"), DryRun: k == 2}
	if im := commands.OrganizationOf(w.state).Imports.Get(c.ImportID); im != nil {
		c.OnDuplicate = im.OnDuplicate
	}
	c.FirstRow = 1 + 5*c.Chunk
	for row := range rapid.IntRange(1, 4).Draw(h.rt, "rows") {
		c.Items = append(c.Items, h.item(w, rapid.IntRange(1, people).Draw(h.rt, "who"), c.FirstRow+row))
	}
	if h.maybe() {
		c.Rejected = []events.RefusedRows{{Code: "email_invalid", Rows: events.RowsOf(c.FirstRow + 4)}}
	}
	c.Rows = len(c.Items) + len(c.Rejected)
	return c
}

func (h *history) maybe() bool { return rapid.Bool().Draw(h.rt, "maybe") }
