package commands_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/estest"
)

func TestCampaign(t *testing.T) {
	t.Parallel()
	create := commands.CreateCampaign(campaignCreated())
	but := func(change func(*commands.CreateCampaign)) commands.CreateCampaign {
		c := create
		c.Steps = steps()
		change(&c)
		return c
	}
	variant := func(change func(*events.Variant)) commands.CreateCampaign {
		return but(func(c *commands.CreateCampaign) { change(&c.Steps[0].Variants[0]) })
	}
	step := func(change func(*events.Step)) commands.CreateCampaign {
		return but(func(c *commands.CreateCampaign) { change(&c.Steps[0]) })
	}
	oneDay := func(c *commands.CreateCampaign) { c.StartDate, c.EndDate = "2026-02-02", "2026-02-02" }
	// 20 steps, of which the first has ten variants, and 512 KiB of text.
	largest := func(c *commands.CreateCampaign) {
		c.Steps = make([]events.Step, 20)
		for i := range c.Steps {
			id := es.DeriveID(campaign, "step", strconv.Itoa(i))
			c.Steps[i] = events.Step{StepID: id, Kind: events.StepEmail, DelayDays: 365, Variants: []events.Variant{{VariantID: es.DeriveID(id, "0"), Weight: 1000}}}
		}
		for j := 1; j < 10; j++ {
			c.Steps[0].Variants = append(c.Steps[0].Variants, events.Variant{VariantID: es.DeriveID(campaign, "variant", strconv.Itoa(j))})
		}
		for i := range 5 {
			c.Steps[i].Variants[0].Body = strings.Repeat("x", 100<<10)
		}
		c.Steps[5].Variants[0].Body = strings.Repeat("x", 12<<10)
	}
	renamed := events.CampaignRenamed{CampaignRef: events.CampaignRef{CampaignID: campaign}, Name: "Summer"}
	ann := "ann@example.com"
	kit().Run(t, map[string]estest.Case{
		"a campaign is created":                    {Given: given(), When: create, Then: facts{campaignCreated()}, Again: estest.NothingToDo()},
		"another campaign under its id is refused": {Given: given(campaignCreated()), When: but(func(c *commands.CreateCampaign) { c.Name = "x" }), Refused: "already_exists", Detail: map[string]uuid.UUID{"id": campaign}},
		"a campaign has an id":                     {Given: given(), When: but(func(c *commands.CreateCampaign) { c.CampaignID = uuid.Nil }), Refused: "invalid"},
		"a campaign has a name":                    {Given: given(), When: but(func(c *commands.CreateCampaign) { c.Name = "" }), Refused: "invalid"},
		"a campaign has a type":                    {Given: given(), When: but(func(c *commands.CreateCampaign) { c.CampaignType = "spam" }), Refused: "invalid"},
		"a campaign has an approval policy":        {Given: given(), When: but(func(c *commands.CreateCampaign) { c.Approval = "" }), Refused: "invalid"},
		"a start is a date":                        {Given: given(), When: but(func(c *commands.CreateCampaign) { c.StartDate = "2026-02-30" }), Refused: "invalid"},
		"an end is a date":                         {Given: given(), When: but(func(c *commands.CreateCampaign) { c.EndDate = "soon" }), Refused: "invalid"},
		"an end isn't before the start":            {Given: given(), When: but(func(c *commands.CreateCampaign) { c.StartDate, c.EndDate = "2026-02-02", "2026-02-01" }), Refused: "invalid"},
		"a campaign may last one day":              {Given: given(), When: but(oneDay), Then: facts{events.CampaignCreated(but(oneDay))}, Again: estest.NothingToDo()},
		"bounds are included":                      {Given: given(), When: but(largest), Then: facts{events.CampaignCreated(but(largest))}, Again: estest.NothingToDo()},
		"all texts together are bounded":           {Given: given(), When: but(func(c *commands.CreateCampaign) { largest(c); c.Steps[19].Variants[0].Body += "x" }), Refused: "invalid"},
		"a step doesn't wait longer than a year":   {Given: given(), When: step(func(s *events.Step) { s.DelayDays = 366 }), Refused: "invalid"},
		"a step has at most ten variants": {Given: given(), When: but(func(c *commands.CreateCampaign) {
			largest(c)
			c.Steps[0].Variants = append(c.Steps[0].Variants, events.Variant{VariantID: other})
		}), Refused: "invalid"},
		"a variant's weight is bounded":       {Given: given(), When: variant(func(v *events.Variant) { v.Weight = 1001 }), Refused: "invalid"},
		"a draft may have no steps":           {Given: given(), When: but(func(c *commands.CreateCampaign) { c.Steps = nil }), Then: facts{func() events.CampaignCreated { e := campaignCreated(); e.Steps = nil; return e }()}, Again: estest.NothingToDo()},
		"a step has an id of its own":         {Given: given(), When: but(func(c *commands.CreateCampaign) { c.Steps = append(c.Steps, c.Steps[0]) }), Refused: "invalid"},
		"a step is of a kind":                 {Given: given(), When: step(func(s *events.Step) { s.Kind = "fax" }), Refused: "invalid"},
		"a step doesn't go back in time":      {Given: given(), When: step(func(s *events.Step) { s.DelayDays = -1 }), Refused: "invalid"},
		"a step has a variant":                {Given: given(), When: step(func(s *events.Step) { s.Variants = nil }), Refused: "invalid"},
		"a variant has an id of its own":      {Given: given(), When: variant(func(v *events.Variant) { v.VariantID = uuid.Nil }), Refused: "invalid"},
		"a variant's weight isn't negative":   {Given: given(), When: variant(func(v *events.Variant) { v.Weight = -1 }), Refused: "invalid"},
		"a body isn't endless":                {Given: given(), When: variant(func(v *events.Variant) { v.Body = string(make([]byte, 200<<10)) }), Refused: "invalid"},
		"there are at most 20 steps":          {Given: given(), When: but(func(c *commands.CreateCampaign) { c.Steps = make([]events.Step, 21) }), Refused: "invalid"},
		"a campaign is renamed":               {Given: given(campaignCreated()), When: commands.RenameCampaign{CampaignID: campaign, Name: "Summer", IfVersion: ptr(1)}, Then: facts{renamed}, Again: estest.NothingToDo()},
		"a newer campaign isn't renamed":      {Given: given(campaignCreated(), renamed), When: commands.RenameCampaign{CampaignID: campaign, Name: "Fall", IfVersion: ptr(1)}, Refused: "version_conflict"},
		"a campaign keeps a name":             {Given: given(campaignCreated()), When: commands.RenameCampaign{CampaignID: campaign}, Refused: "invalid"},
		"an unknown campaign isn't renamed":   {Given: given(), When: commands.RenameCampaign{CampaignID: campaign, Name: "x"}, Refused: "not_found"},
		"steps are changed":                   {Given: given(campaignCreated()), When: commands.SetCampaignSteps{CampaignID: campaign, Steps: []events.Step{}}, Then: facts{events.CampaignStepsChanged{CampaignRef: events.CampaignRef{CampaignID: campaign}, Steps: []events.Step{}}}, Again: estest.NothingToDo()},
		"the same steps are no change":        {Given: given(campaignCreated()), When: commands.SetCampaignSteps{CampaignID: campaign, Steps: steps()}, Noop: true},
		"a newer campaign's steps stay":       {Given: given(campaignCreated(), renamed), When: commands.SetCampaignSteps{CampaignID: campaign, IfVersion: ptr(1)}, Refused: "version_conflict"},
		"changed steps are checked":           {Given: given(campaignCreated()), When: commands.SetCampaignSteps{CampaignID: campaign, Steps: make([]events.Step, 1)}, Refused: "invalid"},
		"newly known texts are a change":      {Given: given(campaignCreated()), When: commands.SetCampaignSteps{CampaignID: campaign, Steps: steps(), Templates: templates(steps())}, Then: facts{events.CampaignStepsChanged{CampaignRef: events.CampaignRef{CampaignID: campaign}, Steps: steps(), Templates: templates(steps())}}, Again: estest.NothingToDo()},
		"what is known of no text is refused": {Given: given(campaignCreated()), When: commands.SetCampaignSteps{CampaignID: campaign, Steps: steps(), Templates: templates(sequence(0))}, Refused: "invalid"},
		"a text is known once":                {Given: given(), When: but(func(c *commands.CreateCampaign) { c.Templates = append(templates(steps()), templates(steps())...) }), Refused: "invalid"},
		"a text's names are bounded": {Given: given(), When: but(func(c *commands.CreateCampaign) {
			c.Templates = templates(steps())
			c.Templates[0].Variables = make([]events.TemplateVariable, 101)
		}), Refused: "invalid"},
		"what is wrong with a text is bounded": {Given: given(), When: but(func(c *commands.CreateCampaign) {
			c.Templates = templates(steps())
			c.Templates[0].Problem = strings.Repeat("x", 1001)
		}), Refused: "invalid"},
		"it was created, whatever its texts held":   {Given: given(campaignCreated()), When: but(func(c *commands.CreateCampaign) { c.Templates = templates(steps()) }), Noop: true},
		"an unknown campaign's steps":               {Given: given(), When: commands.SetCampaignSteps{CampaignID: campaign}, Refused: "not_found"},
		"a draft is deleted":                        {Given: given(campaignCreated()), When: commands.DeleteCampaign{CampaignID: campaign}, Then: facts{events.CampaignDeleted{CampaignRef: events.CampaignRef{CampaignID: campaign}}}, Again: estest.RefusedAs("not_found")},
		"a newer draft isn't deleted":               {Given: given(campaignCreated(), renamed), When: commands.DeleteCampaign{CampaignID: campaign, IfVersion: ptr(1)}, Refused: "version_conflict"},
		"a draft with leads isn't deleted":          {Given: given(campaignCreated(), leadCreated(ann), started(ann, true)), When: commands.DeleteCampaign{CampaignID: campaign}, Refused: "in_use", Detail: map[string]any{"id": campaign, "enrolled": 1}},
		"a draft whose lead is gone may be deleted": {Given: given(campaignCreated(), leadCreated(ann), started(ann, true), events.LeadErased{LeadRef: events.LeadRef{LeadID: leadID(ann)}}), When: commands.DeleteCampaign{CampaignID: campaign}, Then: facts{events.CampaignDeleted{CampaignRef: events.CampaignRef{CampaignID: campaign}}}, Again: estest.RefusedAs("not_found")},
		"an unknown campaign isn't deleted":         {Given: given(), When: commands.DeleteCampaign{CampaignID: campaign}, Refused: "not_found"},
	})
}

func TestMailbox(t *testing.T) {
	t.Parallel()
	added := events.MailboxAdded{MailboxRef: events.MailboxRef{MailboxID: other}, Transport: "smtp", Address: sealed, AddressHash: h("me@example.com"), DomainHash: h("example.com")}
	add := commands.AddMailbox(added)
	but := func(change func(*commands.AddMailbox)) commands.AddMailbox {
		c := add
		change(&c)
		return c
	}
	second := but(func(c *commands.AddMailbox) { c.MailboxID, c.AddressHash = upload, h("you@example.com") })
	detail := events.QuotaDetail{Limit: "mailboxes", Used: 1, Max: 1, Requested: 1, Plan: "starter"}
	refused := events.QuotaRefused{OrganizationRef: events.OrganizationRef{OrganizationID: org}, QuotaDetail: detail, At: estest.At}
	kit().Run(t, map[string]estest.Case{
		"a mailbox is added":                      {Given: given(), When: add, Then: facts{added}, Again: estest.NothingToDo()},
		"a mailbox beyond the plan leaves a fact": {Given: given(added), When: second, Then: facts{refused}, Again: estest.RefusedAs("quota_exceeded")},
		"within a minute there is no second fact": {Given: given(added, refused), At: estest.At.Add(59e9), When: second, Refused: "quota_exceeded", Detail: detail},
		"after a minute there is": {Given: given(added, refused), At: estest.At.Add(60e9), When: second,
			Then: facts{events.QuotaRefused{OrganizationRef: events.OrganizationRef{OrganizationID: org}, QuotaDetail: detail, At: estest.At.Add(60e9)}}, Again: estest.RefusedAs("quota_exceeded")},
		"a removed mailbox gives its place back": {Given: given(added, events.MailboxRemoved{MailboxRef: events.MailboxRef{MailboxID: other}}), When: second, Then: facts{events.MailboxAdded(second)}, Again: estest.NothingToDo()},
		"an address is one mailbox":              {Given: given(added), When: but(func(c *commands.AddMailbox) { c.MailboxID = upload }), Refused: "already_exists", Detail: map[string]uuid.UUID{"id": other}},
		"a mailbox id is one address":            {Given: given(added), When: but(func(c *commands.AddMailbox) { c.AddressHash = h("x") }), Refused: "already_exists"},
		"a mailbox has an id":                    {Given: given(), When: but(func(c *commands.AddMailbox) { c.MailboxID = uuid.Nil }), Refused: "invalid"},
		"a mailbox's address hash is checked":    {Given: given(), When: but(func(c *commands.AddMailbox) { c.AddressHash = "" }), Refused: "invalid"},
		"a mailbox's domain hash is checked":     {Given: given(), When: but(func(c *commands.AddMailbox) { c.DomainHash = "" }), Refused: "invalid"},
		"a transport is smtp or sendgrid":        {Given: given(), When: but(func(c *commands.AddMailbox) { c.Transport = "pigeon" }), Refused: "invalid"},
		"a mailbox has an address":               {Given: given(), When: but(func(c *commands.AddMailbox) { c.Address = events.Sealed{} }), Refused: "invalid"},
		"a mailbox is removed":                   {Given: given(added), When: commands.RemoveMailbox{MailboxRef: events.MailboxRef{MailboxID: other}}, Then: facts{events.MailboxRemoved{MailboxRef: events.MailboxRef{MailboxID: other}}}, Again: estest.RefusedAs("not_found")},
		"an unknown mailbox isn't removed":       {Given: given(), When: commands.RemoveMailbox{MailboxRef: events.MailboxRef{MailboxID: other}}, Refused: "not_found"},
	})
}

func TestEnrollment(t *testing.T) {
	t.Parallel()
	before := given(campaignCreated())
	for n := range 6 {
		before = append(before, leadCreated(address(n)))
	}
	with := func(more ...events.Event) facts { return append(before[:len(before):len(before)], more...) }
	enroll := func(ns ...int) commands.EnrollLeads {
		c := commands.EnrollLeads{CampaignID: campaign}
		for _, n := range ns {
			c.LeadIDs = append(c.LeadIDs, leadID(address(n)))
		}
		return c
	}
	s := func(n int) events.EnrollmentStarted { return started(address(n), true) }
	batch := func(enrolled, already int, refused ...events.RefusedLead) events.EnrollmentBatchRecorded {
		return events.EnrollmentBatchRecorded{CampaignRef: events.CampaignRef{CampaignID: campaign}, Enrolled: enrolled, Already: already, Refused: refused}
	}
	no := func(n int, code string) events.RefusedLead {
		return events.RefusedLead{LeadID: leadID(address(n)), Code: code}
	}
	quota := func(used, requested int64) events.QuotaRefused {
		return events.QuotaRefused{OrganizationRef: events.OrganizationRef{OrganizationID: org}, QuotaDetail: events.QuotaDetail{Limit: "leads_per_month", Used: used, Max: 3, Requested: requested, Plan: "starter"}, At: estest.At}
	}
	suppress := func(kind, what string) events.SuppressionAdded {
		return events.SuppressionAdded{SuppressionRef: events.SuppressionRef{SuppressionID: aggregates.SuppressionID(org, kind, h(what))}, Kind: kind, Hash: h(what), Reason: "manual"}
	}
	second := campaignCreated()
	second.CampaignID = other
	earlier := s(0)
	earlier.PeriodFrom = anchor.AddDate(0, -1, 0)
	elsewhere := func(n int) events.EnrollmentStarted {
		e := started(address(n), true)
		e.CampaignID, e.EnrollmentID = other, commands.EnrollmentID(other, e.LeadID)
		return e
	}
	kit().Run(t, map[string]estest.Case{
		"a lead is enrolled":                                  {Given: before, When: enroll(0), Then: facts{s(0)}, Again: estest.NothingToDo()},
		"several are answered by a batch":                     {Given: before, When: enroll(0, 1), Then: facts{s(0), s(1), batch(2, 0)}, Again: estest.NothingToDo()},
		"a lead counts once in a period":                      {Given: with(second, elsewhere(0), elsewhere(1), elsewhere(2)), When: enroll(0), Then: facts{started(address(0), false)}, Again: estest.NothingToDo()},
		"a lead counts once though it was removed meanwhile":  {Given: with(s(0), s(1), s(2), events.LeadRemoved{LeadRef: events.LeadRef{LeadID: leadID(address(0))}}, leadCreated(address(0))), When: enroll(0), Then: facts{started(address(0), false)}, Again: estest.NothingToDo()},
		"another period counts anew":                          {Given: with(second, func() events.EnrollmentStarted { e := elsewhere(0); e.PeriodFrom = earlier.PeriodFrom; return e }()), When: enroll(0), Then: facts{s(0)}, Again: estest.NothingToDo()},
		"the quota admits in order and says who is left":      {Given: with(s(0)), When: enroll(1, 2, 3, 4), Then: facts{s(1), s(2), quota(3, 4), batch(2, 0, no(3, "quota_exceeded"), no(4, "quota_exceeded"))}, Again: estest.RefusedAs("quota_exceeded")},
		"within a minute a batch leaves no second quota fact": {Given: with(s(0), quota(3, 1)), When: enroll(1, 2, 3, 4), Then: facts{s(1), s(2), batch(2, 0, no(3, "quota_exceeded"), no(4, "quota_exceeded"))}, Again: estest.RefusedAs("quota_exceeded")},
		"a batch is refused whole when nobody fits":           {Given: with(s(0), s(1), s(2)), When: enroll(3, 4), Then: facts{quota(3, 2)}, Again: estest.RefusedAs("quota_exceeded")},
		"a lead beyond the quota is refused":                  {Given: with(s(0), s(1), s(2)), When: enroll(3), Then: facts{quota(3, 1)}, Again: estest.RefusedAs("quota_exceeded")},
		"a smaller plan takes nothing away":                   {Given: with(s(0), s(1), events.OrganizationPlanChanged{OrganizationRef: events.OrganizationRef{OrganizationID: org}, Plan: "starter", Limits: events.Limits{LeadsPerMonth: 1}}), When: enroll(3), Refused: "", Then: facts{func() events.QuotaRefused { q := quota(2, 1); q.Max = 1; return q }()}, Again: estest.RefusedAs("quota_exceeded")},
		"no limit lets all in":                                {Given: with(s(0), s(1), s(2), events.OrganizationPlanChanged{OrganizationRef: events.OrganizationRef{OrganizationID: org}, Plan: "e", Limits: events.Limits{LeadsPerMonth: -1}}), When: enroll(3, 4), Then: facts{s(3), s(4), batch(2, 0)}, Again: estest.NothingToDo()},
		"a suppressed address isn't enrolled":                 {Given: with(suppress("address", address(0))), When: enroll(0), Refused: "suppressed", Detail: map[string]uuid.UUID{"id": leadID(address(0))}},
		"a suppressed domain isn't enrolled":                  {Given: with(suppress("domain", "example.com")), When: enroll(0, 1), Then: facts{batch(0, 0, no(0, "suppressed"), no(1, "suppressed"))}, Again: estest.OnceMore()},
		"a lifted suppression lets in":                        {Given: with(suppress("domain", "example.com"), events.SuppressionRemoved{SuppressionRef: events.SuppressionRef{SuppressionID: aggregates.SuppressionID(org, "domain", h("example.com"))}, Kind: "domain", Hash: h("example.com")}), When: enroll(0), Then: facts{s(0)}, Again: estest.NothingToDo()},
		"an unknown lead isn't enrolled":                      {Given: before, When: enroll(7), Refused: "not_found"},
		"who is named twice is enrolled once":                 {Given: with(s(1)), When: enroll(0, 0, 1, 7), Then: facts{s(0), batch(1, 2, no(7, "not_found"))}, Again: estest.OnceMore()},
		"an unknown campaign takes nobody":                    {Given: given(leadCreated(address(0))), When: enroll(0), Refused: "not_found"},
		"nobody is too few":                                   {Given: before, When: enroll(), Refused: "invalid"},
		"more than 500 are too many":                          {Given: before, When: commands.EnrollLeads{CampaignID: campaign, LeadIDs: make([]uuid.UUID, 501)}, Refused: "invalid"},
	})
}
