package bench

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
)

// decisionWorld is an organisation in memory, which is asked commands.
type decisionWorld struct {
	DecisionsOf
	org         uuid.UUID
	state       es.State
	o           *aggregates.Organization
	now         time.Time
	campaigns   []uuid.UUID
	boxes       []uuid.UUID // the last one has no limits
	ready       []events.MessageRef
	scheduled   []events.MessageScheduled
	sent        []events.MessageSent
	garbage     int // events since it was collected
	measured    map[string]*Decision
	lastRefusal error
}

const (
	decisionCampaigns = 20
	decisionBoxes     = 41
	bigCompany        = 40 // one lead in so many is of one company
	freeMail          = 3  // one in so many has the address of a mail provider
)

var (
	decisionSealed = events.Sealed{K: 1, C: make([]byte, sealedBytes)}                        //nolint:gochecknoglobals // never written to
	decisionZones  = []string{"", "America/New_York", "Asia/Kolkata", "Europe/London", "UTC"} //nolint:gochecknoglobals // never written to
)

// newDecisionWorld makes an organisation with leads, of whom some are on campaigns that are sending.
func newDecisionWorld(of DecisionsOf) (*decisionWorld, error) {
	w := &decisionWorld{DecisionsOf: of, org: es.DeriveID(es.SystemOrg, "bench decisions"), now: time.Date(2026, 3, 3, 13, 0, 0, 0, time.UTC), measured: map[string]*Decision{}}
	w.state = commands.Domain().New(w.org)
	w.o = commands.OrganizationOf(w.state)
	if err := w.setUpOrganization(); err != nil {
		return nil, err
	}
	w.addLeads()
	if err := w.enrollLeads(); err != nil {
		return nil, err
	}
	return w, w.startSending()
}

func (w *decisionWorld) id(of string, n int) uuid.UUID {
	return es.DeriveID(w.org, of, strconv.Itoa(n))
}
func (w *decisionWorld) hash(of string, n int) string {
	id := w.id(of, n)
	return hex.EncodeToString(id[:])
}
func (w *decisionWorld) lead(n int) uuid.UUID { return w.id("lead", n) }

// domain of a lead's address.
func (w *decisionWorld) domain(n int) string {
	switch {
	case n%freeMail == 0:
		return w.hash("provider", n%5)
	case n%bigCompany == 1:
		return w.hash("big company", 0)
	}
	return w.hash("company", n/4)
}

func (w *decisionWorld) command(c commands.Command, actor string) (*es.Command, error) {
	kind, data, err := commands.Encode(c)
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", c.CommandType(), err)
	}
	return &es.Command{Type: kind, Org: w.org, Time: w.now, Actor: es.Actor{Kind: actor, ID: "bench"}, Data: data}, nil
}

// must asks a command that nobody measures.
func (w *decisionWorld) must(all ...commands.Command) error {
	for _, c := range all {
		asked, err := w.command(c, es.ActorOperator)
		if err != nil {
			return err
		}
		out, err := w.state.Decide(asked)
		if err != nil {
			return fmt.Errorf("set up %s: %w %s", asked.Type, err, refusalDetail(err))
		}
		w.applyAll(asked, out)
	}
	return nil
}

func (w *decisionWorld) applyAll(c *es.Command, out []es.Payload) {
	if len(out) == 0 {
		out = []es.Payload{es.CommandNoop{}}
	}
	for _, p := range out {
		w.state.Apply(&es.Event{Time: w.now, Actor: c.Actor, Payload: p})
	}
}

func (w *decisionWorld) setUpOrganization() error {
	if err := w.must(commands.CreateOrganization{OrganizationID: w.org, Slug: "large", Name: "Large", Plan: "enterprise", Limits: commands.Plans()["enterprise"], TimeZone: "Europe/Berlin", PostalAddress: "1 Main St"}); err != nil {
		return err
	}
	for n := range decisionBoxes {
		if err := w.addBox(n); err != nil {
			return err
		}
	}
	for n := range decisionCampaigns {
		if err := w.addCampaign(n); err != nil {
			return err
		}
	}
	return nil
}

func (w *decisionWorld) connect(n int) commands.ConnectMailbox {
	server := events.MailServer{Host: "mail.example.com", Port: 587, Security: "starttls", Secret: "mailbox/1"}
	pace := events.MailboxPace{CapPerDay: 200, GapSeconds: 30, JitterFrom: 5, JitterTo: 60}
	if n == decisionBoxes-1 {
		pace = events.MailboxPace{CapPerDay: 1_000_000}
	}
	return commands.ConnectMailbox{MailboxID: w.id("mailbox", n), Transport: events.TransportSMTP, Address: decisionSealed, AddressHash: w.hash("box", n), DomainHash: w.hash("ours", 0), SMTP: server, IMAP: server, Pace: &pace}
}

func (w *decisionWorld) addBox(n int) error {
	var checks []commands.MailboxCheck
	for _, name := range []string{events.CheckDNS, events.CheckSMTPTLS, events.CheckSMTPAuth, events.CheckSendToSelf, events.CheckIMAPAuth, events.CheckReadBack} {
		checks = append(checks, commands.MailboxCheck{Check: name, Outcome: events.CheckPassed})
	}
	w.boxes = append(w.boxes, w.id("mailbox", n))
	return w.must(w.connect(n), commands.RecordMailboxChecks{MailboxID: w.boxes[n], Checks: checks, CheckedAt: w.now})
}

func (w *decisionWorld) steps(campaign int) (steps []events.Step, templates []events.TemplateAnalysis) {
	for i := range 3 {
		id := w.id("step", 10*campaign+i)
		v := events.Variant{VariantID: es.DeriveID(id, "a"), Subject: "a", Body: "a", Weight: 1}
		steps = append(steps, events.Step{StepID: id, Kind: "email", DelayDays: min(i, 1), Variants: []events.Variant{v}})
		templates = append(templates, events.TemplateAnalysis{StepID: id, VariantID: v.VariantID, Variables: []events.TemplateVariable{{Name: "first_name"}}})
	}
	return steps, templates
}

func (w *decisionWorld) newCampaign(n int) commands.CreateCampaign {
	steps, templates := w.steps(n)
	return commands.CreateCampaign{CampaignRef: events.CampaignRef{CampaignID: w.id("campaign", n)}, Name: "C" + strconv.Itoa(n), CampaignType: "cold_outreach", CreatedBy: "person:1", Approval: events.ApproveNone, Steps: steps, Templates: templates}
}

func (w *decisionWorld) settings(capped int) events.CampaignSettings {
	s := aggregates.DefaultSettings()
	s.StopOnCompany, s.CompanyCap, s.FollowUpDays, s.Window = true, capped, 1, events.Window{Days: []int{1, 2, 3, 4, 5, 6, 7}, From: "00:00", To: "24:00"}
	return s
}

// addCampaign lets the first one be written by the mailbox without limits, and the others by four each.
func (w *decisionWorld) addCampaign(n int) error {
	c := w.id("campaign", n)
	boxes := w.boxes[4*(n%10) : 4*(n%10)+4]
	if n == 0 {
		boxes = w.boxes[decisionBoxes-1:]
	}
	w.campaigns = append(w.campaigns, c)
	return w.must(w.newCampaign(n), commands.SetCampaignSettings{CampaignID: c, CampaignSettings: w.settings(5)}, commands.AssignMailboxes{CampaignID: c, MailboxIDs: boxes})
}

// addLeads lets every one come with one of a few imports.
func (w *decisionWorld) addLeads() {
	for n := range 4 {
		w.state.Apply(&es.Event{Payload: events.ImportRequested{ImportRef: events.ImportRef{ImportID: w.id("import", n)}, OnDuplicate: events.DuplicateSkip}})
	}
	for n := range w.Leads {
		w.state.Apply(&es.Event{Payload: events.LeadCreated{LeadRef: events.LeadRef{LeadID: w.lead(n)}, AddressHash: w.hash("address", n), DomainHash: w.domain(n), FreeMail: n%freeMail == 0,
			Filled: []string{"email", "first_name"}, TimeZone: decisionZones[n%len(decisionZones)], Source: events.SourceCSVUpload, ImportID: w.id("import", n%4)}})
	}
	for n := range 4 {
		w.state.Apply(&es.Event{Payload: events.ImportCompleted{ImportRef: events.ImportRef{ImportID: w.id("import", n)}}})
	}
}

// onCampaign is which campaign a lead is on: half of them are on the first.
func onCampaign(n int) int {
	if n%2 == 0 {
		return 0
	}
	return 1 + n/2%(decisionCampaigns-1)
}

// enrollLeads puts one in ten on a second campaign, too.
func (w *decisionWorld) enrollLeads() error {
	people := w.Enrolled * 10 / 11
	on := make([][]uuid.UUID, decisionCampaigns)
	for n := range people {
		c := onCampaign(n)
		on[c] = append(on[c], w.lead(n))
		if n%10 == 0 {
			c = (c + 7) % decisionCampaigns
			on[c] = append(on[c], w.lead(n))
		}
	}
	for c, leads := range on {
		for chunk := range slices.Chunk(leads, commands.MaxItems) {
			if err := w.must(commands.EnrollLeads{CampaignID: w.campaigns[c], LeadIDs: chunk}); err != nil {
				return err
			}
		}
		if err := w.must(commands.LaunchCampaign{CampaignID: w.campaigns[c]}); err != nil {
			return err
		}
	}
	return nil
}

func refusalDetail(err error) string {
	var r *es.Refusal
	if !errors.As(err, &r) {
		return ""
	}
	return fmt.Sprintf("%+v", r.Detail)
}
