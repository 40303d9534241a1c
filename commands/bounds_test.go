package commands_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/estest"
)

// after is the state that facts leave.
func after(given facts) *aggregates.Organization {
	s := commands.Domain().New(org)
	for _, e := range given {
		s.Apply(&es.Event{Time: estest.At, Payload: e})
	}
	return commands.OrganizationOf(s)
}

// bound is a field with its outermost values, and with those just beyond.
type bound[V any] struct {
	given  facts
	with   func(V) commands.Command
	ok, no []V
}

func checkBounds[V any](t *testing.T, bounds map[string]bound[V]) {
	t.Helper()
	for field, b := range bounds {
		o := after(b.given)
		for _, v := range b.ok {
			if _, err := b.with(v).Decide(estest.At, o); err != nil {
				t.Errorf("%s %.40v is refused: %s", field, v, describeRefusal(err))
			}
		}
		for _, v := range b.no {
			if _, err := b.with(v).Decide(estest.At, o); es.RefusalCode(err) != "invalid" {
				t.Errorf("%s %.40v is taken: %v", field, v, err)
			}
		}
	}
}

// numbered returns n different ids, or names.
func numbered(n int) (ids []uuid.UUID, names []string) {
	for i := range n {
		ids, names = append(ids, es.DeriveID(org, fmt.Sprint(i))), append(names, fmt.Sprintf("n%d", i))
	}
	return ids, names
}

func names(n int) []string {
	_, out := numbered(n)
	return out
}

// steps1 changes the first step of a valid sequence.
func steps1(change func(*events.Step)) commands.Command {
	s := sequence(0)
	change(&s[0])
	return commands.SetCampaignSteps{CampaignID: campaign, Steps: s}
}

func TestBoundsOfCampaigns(t *testing.T) {
	t.Parallel()
	draft := given(draftCampaign())
	checkBounds(t, map[string]bound[int]{
		"steps": {draft, func(n int) commands.Command {
			return commands.SetCampaignSteps{CampaignID: campaign, Steps: sequence(make([]int, n)...)}
		}, []int{0, 20}, []int{21}},
		"delay":    {draft, func(n int) commands.Command { return steps1(func(s *events.Step) { s.DelayDays = n }) }, []int{0, 365}, []int{-1, 366}},
		"weight":   {draft, func(n int) commands.Command { return steps1(func(s *events.Step) { s.Variants[0].Weight = n }) }, []int{0, 1000}, []int{-1, 1001}},
		"variants": {draft, func(n int) commands.Command { return steps1(func(s *events.Step) { s.Variants = variants(n, 0) }) }, []int{1, 10}, []int{0, 11}},
		"text of all variants, 1 KiB less than so many": {draft, func(n int) commands.Command {
			return steps1(func(s *events.Step) {
				s.Variants = variants(8, 64<<10)
				s.Variants[0].Body = s.Variants[0].Body[1:]
				s.Variants[0].Subject = strings.Repeat("x", n)
			})
		}, []int{0, 1}, []int{2}},
		"name of a variant": {draft, func(n int) commands.Command {
			return steps1(func(s *events.Step) { s.Variants[0].Name = strings.Repeat("語", n) })
		}, []int{0, 100}, []int{101}},
		"subject": {draft, func(n int) commands.Command {
			return steps1(func(s *events.Step) { s.Variants[0].Subject = strings.Repeat("語", n) })
		}, []int{0, 1000}, []int{1001}},
		"body": {draft, func(n int) commands.Command {
			return steps1(func(s *events.Step) { s.Variants[0].Body = strings.Repeat("語", n) })
		}, []int{0, 100 << 10}, []int{100<<10 + 1}},
		"variables": {draft, func(n int) commands.Command {
			a := templates(sequence(0))
			a[0].Variables = make([]events.TemplateVariable, n)
			return commands.SetCampaignSteps{CampaignID: campaign, Steps: sequence(0), Templates: a}
		}, []int{0, 100}, []int{101}},
		"holidays": {draft, func(n int) commands.Command {
			return settingsBut(func(s *events.CampaignSettings) { s.Holidays = slices.Repeat([]string{"2026-12-25"}, n) })
		}, []int{400}, []int{401}},
		"follow-ups": {draft, func(n int) commands.Command {
			return settingsBut(func(s *events.CampaignSettings) { s.MaxFollowUps = n })
		}, []int{0, 19}, []int{-1, 20}},
		"their days": {draft, func(n int) commands.Command {
			return settingsBut(func(s *events.CampaignSettings) { s.FollowUpDays = n })
		}, []int{0, 365}, []int{-1, 366}},
		"company cap": {draft, func(n int) commands.Command {
			return settingsBut(func(s *events.CampaignSettings) { s.CompanyCap = n })
		}, []int{0, 1000}, []int{-1, 1001}},
		"company gap": {draft, func(n int) commands.Command {
			return settingsBut(func(s *events.CampaignSettings) { s.CompanyGapMinutes = n })
		}, []int{0, 1440}, []int{-1, 1441}},
		"a day of the week": {draft, func(n int) commands.Command {
			return settingsBut(func(s *events.CampaignSettings) { s.Window.Days = []int{n} })
		}, []int{1, 7}, []int{0, 8}},
		"days of the week": {draft, func(n int) commands.Command {
			return settingsBut(func(s *events.CampaignSettings) { s.Window.Days = slices.Repeat([]int{3}, n) })
		}, []int{1, 7}, []int{0, 8}},
		"minutes of a window": {draft, func(n int) commands.Command {
			return settingsBut(func(s *events.CampaignSettings) { s.Window.To = fmt.Sprintf("09:%02d", n) })
		}, []int{5}, []int{4}},
	})
	checkBounds(t, map[string]bound[string]{
		"holiday": {draft, func(s string) commands.Command {
			return settingsBut(func(c *events.CampaignSettings) { c.Holidays = []string{s} })
		}, []string{"2026-12-25"}, []string{"", "25.12."}},
		"beginning of a window": {draft, func(s string) commands.Command {
			return settingsBut(func(c *events.CampaignSettings) { c.Window.From, c.Window.To = s, "24:00" })
		}, []string{"00:00", "23:55"}, []string{"24:00", "", "9"}},
		"type": {given(), func(s string) commands.Command {
			return newCampaign(func(c *commands.CreateCampaign) { c.CampaignType = s })
		}, []string{"cold_outreach", "follow_up", "nurture"}, []string{"", "spam"}},
		"approval": {given(), func(s string) commands.Command {
			return newCampaign(func(c *commands.CreateCampaign) { c.Approval = s })
		}, []string{"none", "first", "all"}, []string{"", "last"}},
		"first day": {given(), func(s string) commands.Command {
			return newCampaign(func(c *commands.CreateCampaign) { c.StartDate = s })
		}, []string{"", "2026-04-10"}, []string{"tomorrow"}},
		"last day": {given(), func(s string) commands.Command {
			return newCampaign(func(c *commands.CreateCampaign) { c.EndDate = s })
		}, []string{"", "2026-04-10"}, []string{"tomorrow"}},
		"last day behind the 10th": {given(), func(s string) commands.Command {
			return newCampaign(func(c *commands.CreateCampaign) { c.StartDate, c.EndDate = "2026-04-10", s })
		}, []string{"", "2026-04-10", "2026-04-11"}, []string{"2026-04-09"}},
	})
	checkBounds(t, map[string]bound[uuid.UUID]{
		"id of a campaign": {given(), func(id uuid.UUID) commands.Command {
			return newCampaign(func(c *commands.CreateCampaign) { c.CampaignID = id })
		}, []uuid.UUID{other}, []uuid.UUID{uuid.Nil}},
		"id of a step": {draft, func(id uuid.UUID) commands.Command { return steps1(func(s *events.Step) { s.StepID = id }) }, []uuid.UUID{other}, []uuid.UUID{uuid.Nil}},
		"id of a second step": {draft, func(id uuid.UUID) commands.Command {
			s := sequence(0, 2)
			s[1].StepID = id
			return commands.SetCampaignSteps{CampaignID: campaign, Steps: s}
		}, []uuid.UUID{other}, []uuid.UUID{sequence(0)[0].StepID}},
		"id of a second variant": {draft, func(id uuid.UUID) commands.Command {
			return steps1(func(s *events.Step) { s.Variants[1].VariantID = id })
		}, []uuid.UUID{other}, []uuid.UUID{uuid.Nil, sequence(0)[0].Variants[0].VariantID}},
	})
	ids, _ := numbered(10_001)
	checkBounds(t, map[string]bound[[]uuid.UUID]{
		"mailboxes": {draft, func(ids []uuid.UUID) commands.Command {
			return commands.AssignMailboxes{CampaignID: campaign, MailboxIDs: ids}
		}, [][]uuid.UUID{nil}, [][]uuid.UUID{ids}},
	})
	if _, err := (commands.AssignMailboxes{CampaignID: campaign, MailboxIDs: ids[1:]}).Decide(estest.At, after(draft)); es.RefusalCode(err) != "not_found" {
		t.Errorf("10,000 mailboxes that nobody knows: %v", err)
	}
}

func variants(n, body int) (out []events.Variant) {
	ids, _ := numbered(n)
	for _, id := range ids {
		out = append(out, events.Variant{VariantID: id, Body: strings.Repeat("x", body), Weight: 1})
	}
	return out
}

func newCampaign(change func(*commands.CreateCampaign)) commands.Command {
	c := commands.CreateCampaign(campaignCreated())
	change(&c)
	return c
}

func TestBoundsOfLeads(t *testing.T) {
	t.Parallel()
	lead := func(change func(*commands.LeadItem)) commands.Command {
		x := item(ann)
		change(&x)
		return commands.CreateLead{LeadItem: x}
	}
	update := func(change func(*commands.UpdateLead)) commands.Command {
		c := commands.UpdateLead{LeadID: leadID(ann), Profile: sealed}
		change(&c)
		return c
	}
	there := given(leadCreated(ann))
	field := func(s string) commands.Command { return lead(func(x *commands.LeadItem) { x.Filled = []string{s} }) }
	tag := func(s string) commands.Command { return lead(func(x *commands.LeadItem) { x.Tags = []string{s} }) }
	source := func(s string) commands.Command { return lead(func(x *commands.LeadItem) { x.Source = s }) }
	checkBounds(t, map[string]bound[string]{
		"field":  {given(), field, []string{"a", "z", "0", "9", "custom.a_b", strings.Repeat("x", 48)}, []string{"", "`", "{", "/", ":", "A", "a-b", strings.Repeat("x", 49)}},
		"tag":    {given(), tag, []string{"x", strings.Repeat("語", 100)}, []string{"", strings.Repeat("語", 101), "\xff"}},
		"source": {given(), source, []string{"crm", "csv_upload", "manual", "api"}, []string{"", "web"}},
		"new address": {there, func(s string) commands.Command {
			return update(func(c *commands.UpdateLead) { c.AddressHash, c.DomainHash, c.FreeMail = s, h("b.test"), ptr(false) })
		}, []string{h("b@b.test")}, []string{"b@b.test"}},
		"new domain": {there, func(s string) commands.Command {
			return update(func(c *commands.UpdateLead) { c.AddressHash, c.DomainHash, c.FreeMail = h("b@b.test"), s, ptr(false) })
		}, []string{h("b.test")}, []string{"b.test", ""}},
		"domain without an address": {there, func(s string) commands.Command { return update(func(c *commands.UpdateLead) { c.DomainHash = s }) }, []string{""}, []string{h("b.test")}},
		"cleared field": {there, func(s string) commands.Command {
			return update(func(c *commands.UpdateLead) { c.Cleared = []string{s} })
		}, []string{"phone"}, []string{"", "Phone"}},
		"filled field": {there, func(s string) commands.Command {
			return update(func(c *commands.UpdateLead) { c.Filled = []string{s} })
		}, []string{"phone"}, []string{"", "Phone"}},
		"changed tag": {there, func(s string) commands.Command { return update(func(c *commands.UpdateLead) { c.Tags = []string{s} }) }, []string{"x"}, []string{""}},
	})
	checkBounds(t, map[string]bound[*bool]{
		"provider of a new address": {there, func(free *bool) commands.Command {
			return update(func(c *commands.UpdateLead) {
				c.AddressHash, c.DomainHash, c.FreeMail = h("b@b.test"), h("b.test"), free
			})
		}, []*bool{ptr(true)}, []*bool{nil}},
		"provider without an address": {there, func(free *bool) commands.Command { return update(func(c *commands.UpdateLead) { c.FreeMail = free }) }, []*bool{nil}, []*bool{ptr(true)}},
	})
	checkBounds(t, map[string]bound[int]{
		"fields": {given(), func(n int) commands.Command { return lead(func(x *commands.LeadItem) { x.Filled = names(n) }) }, []int{0, 70}, []int{71}},
		"tags":   {given(), func(n int) commands.Command { return lead(func(x *commands.LeadItem) { x.Tags = names(n) }) }, []int{0, 50}, []int{51}},
		"filled without a profile": {there, func(n int) commands.Command {
			return update(func(c *commands.UpdateLead) { c.Profile, c.Filled = events.Sealed{}, names(n) })
		}, []int{0}, []int{1}},
		"cleared without a profile": {there, func(n int) commands.Command {
			return update(func(c *commands.UpdateLead) { c.Profile, c.Cleared = events.Sealed{}, names(n) })
		}, []int{0}, []int{1}},
	})
}

func TestBoundsOfMailboxes(t *testing.T) {
	t.Parallel()
	pace := func(change func(*events.MailboxPace)) commands.Command {
		p := events.MailboxPace{CapPerDay: 50}
		change(&p)
		return commands.SetMailboxPace{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, MailboxPace: p}
	}
	server := func(change func(*events.MailServer)) commands.Command {
		c := connect(0, quick)
		change(&c.SMTP)
		return c
	}
	box := append(given(), boxFacts()...)
	const most = 1_000_000
	checkBounds(t, map[string]bound[int]{
		"cap of a day":   {box, func(n int) commands.Command { return pace(func(p *events.MailboxPace) { p.CapPerDay = n }) }, []int{1, most}, []int{0, most + 1}},
		"cap of an hour": {box, func(n int) commands.Command { return pace(func(p *events.MailboxPace) { p.CapPerHour = n }) }, []int{0, most}, []int{-1, most + 1}},
		"gap":            {box, func(n int) commands.Command { return pace(func(p *events.MailboxPace) { p.GapSeconds = n }) }, []int{0, 86400}, []int{-1, 86401}},
		"jitter from": {box, func(n int) commands.Command {
			return pace(func(p *events.MailboxPace) { p.JitterFrom, p.JitterTo = n, 10 })
		}, []int{0, 10}, []int{-1, 11}},
		"jitter to": {box, func(n int) commands.Command { return pace(func(p *events.MailboxPace) { p.JitterTo = n }) }, []int{0, 86400}, []int{-1, 86401}},
		"warm-up": {box, func(n int) commands.Command {
			return pace(func(p *events.MailboxPace) { p.WarmupStart, p.WarmupPerDay = n, 1 })
		}, []int{0, most}, []int{-1, most + 1}},
		"its rise": {box, func(n int) commands.Command {
			return pace(func(p *events.MailboxPace) { p.WarmupStart, p.WarmupPerDay = 10, n })
		}, []int{1, most}, []int{-1, 0, most + 1}},
		"warm-up that stands": {box, func(n int) commands.Command { return pace(func(p *events.MailboxPace) { p.WarmupStart = n }) }, []int{0, 50, 51}, []int{1, 49}},
		"port":                {given(), func(n int) commands.Command { return server(func(s *events.MailServer) { s.Port = n }) }, []int{1, 65535}, []int{0, 65536}},
		"slots": {given(), func(n int) commands.Command {
			return bookable(func(h *events.BookingHours) { h.SlotMinutes, h.Windows[0].To = n, "18:00" })
		}, []int{5, 480}, []int{4, 481}},
		"notice": {given(), func(n int) commands.Command {
			return bookable(func(h *events.BookingHours) { h.NoticeMinutes, h.DaysAhead = n, 60 })
		}, []int{0, 43200}, []int{-1, 43201}},
		"a slot in the window": {given(), func(n int) commands.Command { return bookable(func(h *events.BookingHours) { h.SlotMinutes = n }) }, []int{5, 120}, []int{121, 480}},
		"notice of one day": {given(), func(n int) commands.Command {
			return bookable(func(h *events.BookingHours) { h.NoticeMinutes, h.DaysAhead = n, 1 })
		}, []int{0, 1439}, []int{1440, 43200}},
		"a buffer before": {given(), func(n int) commands.Command { return bookable(func(h *events.BookingHours) { h.BufferBefore = n }) }, []int{0, 240}, []int{-1, 241}},
		"a buffer after":  {given(), func(n int) commands.Command { return bookable(func(h *events.BookingHours) { h.BufferAfter = n }) }, []int{0, 240}, []int{-1, 241}},
		"days ahead":      {given(), func(n int) commands.Command { return bookable(func(h *events.BookingHours) { h.DaysAhead = n }) }, []int{1, 365}, []int{0, 366}},
	})
	checkBounds(t, map[string]bound[string]{
		"security": {given(), func(s string) commands.Command { return server(func(x *events.MailServer) { x.Security = s }) }, []string{"tls", "starttls", "none"}, []string{"", "ssl"}},
		"transport": {given(), func(s string) commands.Command {
			return commands.AddMailbox{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Transport: s, Address: sealed, AddressHash: h("box0"), DomainHash: h("ours.test")}
		}, []string{"smtp", "sendgrid"}, []string{"", "pigeon"}},
	})
}

func bookable(change func(*events.BookingHours)) commands.Command {
	hours := events.BookingHours{Windows: []events.Window{{Days: []int{1, 2, 3, 4, 5}, From: "10:00", To: "12:00"}}, SlotMinutes: 30, NoticeMinutes: 60, DaysAhead: 14}
	change(&hours)
	return commands.SetBookingHours{BookingHours: hours}
}

func TestBoundsOfOrganizations(t *testing.T) {
	t.Parallel()
	organization := func(change func(*commands.CreateOrganization)) commands.Command {
		c := commands.CreateOrganization{OrganizationID: org, Slug: "acme", Name: "Acme", Plan: "starter", Limits: limits, TimeZone: "UTC"}
		change(&c)
		return c
	}
	key := func(change func(*commands.IssueAPIKey)) commands.Command {
		c := commands.IssueAPIKey{KeyID: other, Name: "key", Scopes: []string{"leads:read"}}
		change(&c)
		return c
	}
	checkBounds(t, map[string]bound[string]{
		"slug": {nil, func(s string) commands.Command {
			return organization(func(c *commands.CreateOrganization) { c.Slug = s })
		},
			[]string{"ab", "a-b", "a1", strings.Repeat("x", 40)}, []string{"a", "-ab", "ab-", "a_b", strings.Repeat("x", 41)}},
		"name": {nil, func(s string) commands.Command {
			return organization(func(c *commands.CreateOrganization) { c.Name = s })
		}, []string{"A", strings.Repeat("語", 200)}, []string{"", "  ", "\xff", strings.Repeat("語", 201)}},
		"postal address": {nil, func(s string) commands.Command {
			return organization(func(c *commands.CreateOrganization) { c.PostalAddress = s })
		}, []string{"", " ", strings.Repeat("語", 500)}, []string{strings.Repeat("語", 501)}},
		"scope": {given(), func(s string) commands.Command { return key(func(c *commands.IssueAPIKey) { c.Scopes = []string{s} }) }, []string{"x", strings.Repeat("x", 64)}, []string{"", strings.Repeat("x", 65)}},
	})
	checkBounds(t, map[string]bound[int]{
		"trial": {nil, func(n int) commands.Command {
			return organization(func(c *commands.CreateOrganization) { c.TrialDays = n })
		}, []int{0, 366}, []int{-1, 367}},
		"seats": {nil, func(n int) commands.Command {
			return organization(func(c *commands.CreateOrganization) { c.Limits.Seats = int64(n) })
		}, []int{-1, 0}, []int{-2}},
		"networks": {given(), func(n int) commands.Command { return key(func(c *commands.IssueAPIKey) { c.Networks = n }) }, []int{0, 50}, []int{-1, 51}},
		"scopes":   {given(), func(n int) commands.Command { return key(func(c *commands.IssueAPIKey) { c.Scopes = names(n) }) }, []int{1, 50}, []int{0, 51}},
	})
	checkBounds(t, map[string]bound[time.Time]{
		"end of an old secret": {given(events.APIKeyIssued{APIKeyRef: events.APIKeyRef{KeyID: other}, Name: "key"}), func(at time.Time) commands.Command {
			return commands.RotateAPIKey{KeyID: other, RotationID: org, OldUntil: at}
		},
			[]time.Time{{}, estest.At.Add(commands.MaxKeyOverlap + time.Hour)}, []time.Time{estest.At.Add(commands.MaxKeyOverlap + time.Hour + 1)}},
		"end of a key": {given(), func(at time.Time) commands.Command { return key(func(c *commands.IssueAPIKey) { c.ExpiresAt = at }) }, []time.Time{{}, estest.At.Add(1)}, []time.Time{estest.At}},
	})
}

func TestBoundsOfMessages(t *testing.T) {
	t.Parallel()
	draft := func(change func(*commands.DraftMessage)) commands.Command {
		c := commands.DraftMessage{MessageID: msgID(ann, 0), Draft: text}
		change(&c)
		return c
	}
	requested := running(asked(ann, 0))
	checkBounds(t, map[string]bound[int]{
		"body": {requested, func(n int) commands.Command {
			return draft(func(c *commands.DraftMessage) { c.Body.C = make([]byte, n) })
		}, []int{48 << 10}, []int{48<<10 + 1}},
		"variables": {requested, func(n int) commands.Command {
			return draft(func(c *commands.DraftMessage) { c.Variables = names(n) })
		}, []int{0, 200}, []int{201}},
		"missing values": {requested, func(n int) commands.Command {
			return commands.HoldMessage{MessageID: msgID(ann, 0), Reason: "missing_variable", Missing: names(n)}
		}, []int{0, 200}, []int{201}},
		"cost": {requested, func(n int) commands.Command { return draft(func(c *commands.DraftMessage) { c.CostMicros = int64(n) }) }, []int{0}, []int{-1}},
		"link of a hit": {requested, func(n int) commands.Command {
			return commands.RecordHits{Hits: []commands.Hit{{SentMessageRef: about(ann), HitID: other, Link: ptr(n), Class: "human"}}}
		}, []int{0}, []int{-1}},
		"people": {running(), func(n int) commands.Command {
			ids, _ := numbered(n)
			return commands.StopEnrollments{CampaignID: campaign, LeadIDs: append(ids, leadID(ann))}
		}, []int{0, commands.MaxItems - 1}, []int{commands.MaxItems}},
	})
	checkBounds(t, map[string]bound[string]{
		"writer": {requested, func(s string) commands.Command { return draft(func(c *commands.DraftMessage) { c.Writer = s }) }, []string{"template", "llm", "person"}, []string{"", "monkey"}},
		"class of a hit": {requested, func(s string) commands.Command {
			return commands.RecordHits{Hits: []commands.Hit{{SentMessageRef: about(ann), HitID: other, Class: s}}}
		}, []string{"human", "proxy", "scanner"}, []string{"", "cat"}},
		"outcome of a check": {append(given(), boxFacts()...), func(s string) commands.Command {
			return commands.RecordMailboxChecks{MailboxID: boxID(0), Checks: []commands.MailboxCheck{{Check: "dns", Outcome: s}}}
		}, []string{"passed", "failed", "unknown"}, []string{"", "maybe"}},
	})
	checkBounds(t, map[string]bound[events.SentMessageRef]{
		"what a reply answers": {requested, func(r events.SentMessageRef) commands.Command {
			return commands.RecordReply{SentMessageRef: r, From: "lead"}
		}, []events.SentMessageRef{about(ann)},
			[]events.SentMessageRef{{MessageID: msgID(ann, 0)}, {LeadID: leadID(ann)}}},
	})
}

func TestBoundsOfImports(t *testing.T) {
	t.Parallel()
	request := func(change func(*commands.RequestImport)) commands.Command {
		c := commands.RequestImport{ImportRef: events.ImportRef{ImportID: upload}, FileName: "a.csv", Bytes: 1, Blob: "blob", Mapping: map[string]string{"Mail": "email"}, OnDuplicate: "skip", Source: "api"}
		change(&c)
		return c
	}
	requested := given(requested(nil))
	undoing := append(requested[:len(requested):len(requested)], events.ImportUndoRequested{ImportRef: events.ImportRef{ImportID: upload}})
	chunk := func(n, items, rejected int) commands.Command {
		c := commands.ImportLeads{ImportID: upload, Chunk: n, Rows: items + rejected, OnDuplicate: "skip", Items: make([]commands.LeadItem, items)}
		if rejected > 0 {
			c.Rejected = []events.RefusedRows{{Code: "email_invalid", Rows: events.Rows{{1, rejected}}}}
		}
		return c
	}
	undo := func(n int) commands.Command {
		return commands.UndoImportChunk{ImportID: upload, Chunk: n, LeadIDs: []uuid.UUID{other}}
	}
	checkBounds(t, map[string]bound[int]{
		"bytes":             {given(), func(n int) commands.Command { return request(func(c *commands.RequestImport) { c.Bytes = int64(n) }) }, []int{0}, []int{-1}},
		"header row":        {given(), func(n int) commands.Command { return request(func(c *commands.RequestImport) { c.HeaderRow = &n }) }, []int{0, 1}, []int{-1}},
		"chunk":             {requested, func(n int) commands.Command { return chunk(n, 1, 0) }, []int{0, aggregates.MaxBit}, []int{-1, aggregates.MaxBit + 1}},
		"chunk of an undo":  {undoing, undo, []int{0, aggregates.MaxBit}, []int{-1, aggregates.MaxBit + 1}},
		"rows":              {requested, func(n int) commands.Command { return chunk(0, n, 0) }, []int{1, commands.MaxItems}, []int{0, commands.MaxItems + 1}},
		"rows that are bad": {requested, func(n int) commands.Command { return chunk(0, 0, n) }, []int{1, 10 * commands.MaxItems}, []int{0, 10*commands.MaxItems + 1}},
		"columns": {given(), func(n int) commands.Command {
			return request(func(c *commands.RequestImport) {
				c.Mapping = map[string]string{}
				for _, name := range names(n) {
					c.Mapping[name] = "email"
				}
			})
		}, []int{1, 200}, []int{0, 201}},
	})
	checkBounds(t, map[string]bound[string]{
		"what is done with duplicates": {given(), func(s string) commands.Command { return request(func(c *commands.RequestImport) { c.OnDuplicate = s }) }, []string{"skip", "update"}, []string{"", "merge"}},
	})
}

func TestClip(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		most int
		want string
	}{{"", 0, ""}, {"abc", 3, "abc"}, {"abcd", 3, "abc"}, {"äöü", 3, "äöü"}, {"äöü", 2, "äö"}, {"äöü", 0, ""}} {
		if got := commands.Clip(c.text, c.most); got != c.want {
			t.Errorf("%d characters of %q: got %q, want %q", c.most, c.text, got, c.want)
		}
	}
}

func TestBoundsOfTimeZones(t *testing.T) {
	t.Parallel()
	known, unknown := []string{"UTC", "Europe/Berlin", "Australia/Lord_Howe"}, []string{"Local", "localtime", "posixrules", "right/UTC", "Europe/Atlantis", "europe/berlin", "+02:00"}
	checkBounds(t, map[string]bound[string]{
		"an organisation's": {nil, func(s string) commands.Command {
			return commands.CreateOrganization{OrganizationID: org, Slug: "acme", Name: "Acme", Plan: "starter", Limits: limits, TimeZone: s}
		}, known, append(unknown, "")},
		"a new one of an organisation": {given(), func(s string) commands.Command { return commands.UpdateOrganization{TimeZone: &s} }, known, append(unknown, "")},
		"a lead's": {given(), func(s string) commands.Command {
			return createLead("ann@example.com", func(i *commands.LeadItem) { i.TimeZone = s })
		}, append(known, ""), unknown},
		"a new one of a lead": {given(leadCreated(ann)), func(s string) commands.Command {
			return commands.UpdateLead{LeadID: leadID(ann), TimeZone: &s}
		}, append(known, ""), unknown},
		"an import's": {given(), func(s string) commands.Command {
			return commands.RequestImport{ImportRef: events.ImportRef{ImportID: upload}, FileName: "a.csv", Bytes: 1, Blob: "blob", Mapping: map[string]string{"Mail": "email"}, OnDuplicate: "skip", Source: "api", TimeZone: s}
		}, append(known, ""), unknown},
		"a campaign's": {given(), func(s string) commands.Command {
			c := commands.CreateCampaign(campaignCreated())
			c.TimeZone = s
			return c
		}, append(known, ""), unknown},
	})
}
