package commands_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

// complete is what is known of a text that says who writes, and how to get no more.
func complete(t events.TemplateAnalysis) events.TemplateAnalysis {
	t.UnsubscribeLink = true
	t.Variables = append(t.Variables[:len(t.Variables):len(t.Variables)], events.TemplateVariable{Name: "postal_address"})
	return t
}

func completeTemplates(steps []events.Step) []events.TemplateAnalysis {
	all := templates(steps)
	for i := range all {
		all[i] = complete(all[i])
	}
	return all
}

// TestTheGateStandsWhileACampaignIsLive asks of every command that changes what a launch has looked at.
func TestTheGateStandsWhileACampaignIsLive(t *testing.T) {
	t.Parallel()
	ref := events.CampaignRef{CampaignID: campaign}
	launched := events.CampaignLaunched{CampaignRef: ref, StepsVersion: 1}
	assigned := events.CampaignMailboxesAssigned{CampaignRef: ref, MailboxIDs: []uuid.UUID{boxID(0)}}
	idle, paused := events.CampaignIdled{CampaignRef: ref}, events.CampaignPaused{CampaignRef: ref, Reason: "manual"}
	completed := events.CampaignCompleted{CampaignRef: ref, Reason: "manual"}
	boxPaused := events.MailboxPaused{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Reason: "manual"}
	draft := func(change func(*events.CampaignCreated), more ...events.Event) facts {
		c := draftCampaign()
		if change != nil {
			change(&c)
		}
		return append(append(append(given(c), boxFacts()...), assigned), more...)
	}
	live := func(more ...events.Event) facts { return draft(nil, append([]events.Event{launched}, more...)...) }
	full := func(c *events.CampaignCreated) { c.Templates = completeTemplates(c.Steps) }
	missing := func(l ...commands.Lack) map[string]any { return map[string]any{"id": campaign, "missing": l} }
	set := func(change func(*events.CampaignSettings)) commands.SetCampaignSettings {
		s := campaignSettings()
		change(&s)
		return commands.SetCampaignSettings{CampaignID: campaign, CampaignSettings: s}
	}
	changed := func(c commands.SetCampaignSettings) facts {
		return facts{events.CampaignSettingsChanged{CampaignRef: ref, CampaignSettings: c.CampaignSettings}}
	}
	noFooter := set(func(s *events.CampaignSettings) { s.UnsubscribeFooter = false })
	noFollowUps := set(func(s *events.CampaignSettings) { s.MaxFollowUps = 0 })
	slower := set(func(s *events.CampaignSettings) { s.FollowUpDays = 5 })
	otherDays := set(func(s *events.CampaignSettings) { s.Window.Days = []int{1} })
	steps := sequence(0, 2)
	unweighted := sequence(0, 2)
	unweighted[1].Variants[0].Weight, unweighted[1].Variants[1].Weight = 0, 0
	first := sequence(0)[0].Variants
	texts := func(of []events.Step) (out []commands.Lack) {
		for _, s := range of {
			for _, v := range s.Variants {
				out = append(out, commands.Lack{What: "unsubscribe", ID: v.VariantID}, commands.Lack{What: "postal_address", ID: v.VariantID})
			}
		}
		return out
	}
	address := func(s string) commands.UpdateOrganization { return commands.UpdateOrganization{PostalAddress: &s} }
	moved := func(s string) facts {
		return facts{events.OrganizationUpdated{OrganizationRef: events.OrganizationRef{OrganizationID: org}, PostalAddress: &s}}
	}
	noAddress := missing(commands.Lack{What: "postal_address"})
	noBox := missing(commands.Lack{What: "mailbox"})
	assign := func(ids ...uuid.UUID) commands.AssignMailboxes {
		return commands.AssignMailboxes{CampaignID: campaign, MailboxIDs: ids}
	}
	second := events.MailboxRef{MailboxID: boxID(1)}
	secondAdded := events.MailboxAdded{MailboxRef: second, Transport: "smtp", Address: sealed, AddressHash: h("box1"), DomainHash: h("ours.test")}
	secondFails := []events.Event{secondAdded, events.MailboxVerified{MailboxRef: second, Status: "active", WarmupFrom: anchor}, events.MailboxChecked{MailboxRef: second, Check: "dns", Outcome: "failed"}}
	launch, resume := commands.LaunchCampaign{CampaignID: campaign}, commands.ResumeCampaign{CampaignRef: ref}
	over := func(c *events.CampaignCreated) { c.EndDate = "2025-02-01" }
	endOn := func(s string) commands.UpdateCampaign {
		return commands.UpdateCampaign{CampaignID: campaign, EndDate: &s}
	}
	blank := created()
	blank.PostalAddress = " \u00a0\n"
	ofOld := func(more ...events.Event) facts {
		return live(append([]events.Event{leadCreated(ann), enrolled(ann), events.CampaignRevised{CampaignRef: ref, StepsVersion: 2, Steps: steps, Templates: completeTemplates(steps)}}, more...)...)
	}
	kit().Run(t, map[string]estest.Case{
		"a launch wants a last day that isn't over":         {Given: draft(over), When: launch, Refused: "not_ready", Detail: missing(commands.Lack{What: "end_date", Detail: "2025-02-01"})},
		"the last day itself isn't":                         {Given: draft(func(c *events.CampaignCreated) { c.EndDate = "2026-04-10" }), At: time.Date(2026, 4, 10, 21, 59, 0, 0, time.UTC), When: launch, Then: facts{launched}, Again: estest.NothingToDo()},
		"by the campaign's clock":                           {Given: draft(func(c *events.CampaignCreated) { c.EndDate = "2026-04-10" }), At: time.Date(2026, 4, 10, 22, 0, 0, 0, time.UTC), When: launch, Refused: "not_ready", Detail: missing(commands.Lack{What: "end_date", Detail: "2026-04-10"})},
		"a launch wants somebody to get a step":             {Given: draft(func(c *events.CampaignCreated) { c.Steps = unweighted }), When: launch, Refused: "not_ready", Detail: missing(commands.Lack{What: "weight", ID: steps[1].StepID})},
		"an address of blanks is none":                      {Given: append(facts{blank}, draft(nil)[1:]...), When: launch, Refused: "not_ready", Detail: noAddress},
		"a mailbox that is suspended doesn't send":          {Given: draft(nil, boxPaused), When: launch, Refused: "not_ready", Detail: noBox},
		"each message says who writes and how to get away":  {Given: draft(nil, changed(noFooter)...), When: launch, Refused: "not_ready", Detail: missing(texts(steps)...)},
		"by itself where no footer does":                    {Given: draft(full, changed(noFooter)...), When: launch, Then: facts{launched}, Again: estest.NothingToDo()},
		"a draft's footer may go":                           {Given: draft(nil), When: noFooter, Then: changed(noFooter), Again: estest.NothingToDo()},
		"a live campaign's may not":                         {Given: live(), When: noFooter, Refused: "not_ready", Detail: missing(texts(steps)...)},
		"nor an idle one's":                                 {Given: live(idle), When: noFooter, Refused: "not_ready"},
		"nor one's that is paused":                          {Given: live(paused), When: noFooter, Refused: "not_ready"},
		"unless each message has both":                      {Given: draft(full, launched), When: noFooter, Then: changed(noFooter), Again: estest.NothingToDo()},
		"also those of who is on older steps":               {Given: ofOld(), When: noFooter, Refused: "not_ready", Detail: missing(texts(steps)...)},
		"but of nobody who is through with them":            {Given: ofOld(stoppedAs(ann, "manual", 0, uuid.Nil)), When: noFooter, Then: changed(noFooter), Again: estest.NothingToDo()},
		"a live campaign's follow-ups aren't too many":      {Given: live(), When: noFollowUps, Refused: "not_ready", Detail: missing(commands.Lack{What: "follow_ups", Detail: "0"})},
		"nor too soon":                                      {Given: live(), When: slower, Refused: "not_ready", Detail: missing(commands.Lack{What: "delay_days", ID: steps[1].StepID, Detail: "5"})},
		"what a mailbox lacks keeps nobody from the rest":   {Given: live(boxPaused), When: otherDays, Then: changed(otherDays), Again: estest.NothingToDo()},
		"nor from other steps":                              {Given: live(boxPaused), When: commands.SetCampaignSteps{CampaignID: campaign, Steps: sequence(0), Templates: templates(sequence(0))}, Then: facts{events.CampaignRevised{CampaignRef: ref, StepsVersion: 2, Steps: sequence(0), Templates: templates(sequence(0))}}, Again: estest.NothingToDo()},
		"other steps have weight too":                       {Given: live(), When: commands.SetCampaignSteps{CampaignID: campaign, Steps: unweighted, Templates: templates(unweighted)}, Refused: "not_ready", Detail: missing(commands.Lack{What: "weight", ID: steps[1].StepID})},
		"and are known, though the old ones weren't":        {Given: draft(func(c *events.CampaignCreated) { c.Templates = nil }, launched), When: commands.SetCampaignSteps{CampaignID: campaign, Steps: sequence(0)}, Refused: "not_ready", Detail: missing(commands.Lack{What: "template", ID: first[0].VariantID}, commands.Lack{What: "template", ID: first[1].VariantID})},
		"a live campaign keeps a mailbox":                   {Given: live(), When: assign(), Refused: "not_ready", Detail: noBox},
		"that may send":                                     {Given: live(secondAdded), When: assign(boxID(1)), Refused: "not_ready", Detail: noBox},
		"and whose domain doesn't fail":                     {Given: live(secondFails...), When: assign(boxID(0), boxID(1)), Refused: "not_ready", Detail: missing(commands.Lack{What: "dns", ID: boxID(1)})},
		"a live campaign keeps the address":                 {Given: live(), When: address(""), Refused: "not_ready", Detail: noAddress},
		"an address of nothing to read is none":             {Given: live(), When: address("-\u200b"), Refused: "not_ready", Detail: noAddress},
		"an idle campaign keeps it too":                     {Given: live(idle), When: address(" "), Refused: "not_ready", Detail: noAddress},
		"and one that is paused":                            {Given: live(paused), When: address(""), Refused: "not_ready", Detail: noAddress},
		"a draft doesn't":                                   {Given: draft(nil), When: address(""), Then: moved(""), Again: estest.NothingToDo()},
		"nor one that is completed":                         {Given: live(completed), When: address(""), Then: moved(""), Again: estest.NothingToDo()},
		"it may be another":                                 {Given: live(), When: address(" 2 Side St\n"), Then: moved("2 Side St"), Again: estest.NothingToDo()},
		"the last day of a live campaign lies ahead":        {Given: live(), When: endOn("2026-03-30"), Refused: "not_ready", Detail: missing(commands.Lack{What: "end_date", Detail: "2026-03-30"})},
		"a draft's need not yet":                            {Given: draft(nil), When: endOn("2026-03-30"), Then: facts{events.CampaignUpdated{CampaignRef: ref, EndDate: ptr("2026-03-30")}}, Again: estest.NothingToDo()},
		"a campaign is resumed with all that a launch asks": {Given: live(paused, boxPaused), When: resume, Refused: "not_ready", Detail: noBox},
		"not behind its last day":                           {Given: draft(func(c *events.CampaignCreated) { c.EndDate = "2026-04-10" }, launched, paused), At: time.Date(2026, 4, 11, 0, 0, 0, 0, time.UTC), When: resume, Refused: "not_ready"},
		"an idle one has nothing to resume":                 {Given: live(idle), When: resume, Noop: true},
		"nor to launch":                                     {Given: live(idle), When: launch, Noop: true},
		"it can be paused":                                  {Given: live(idle), When: commands.PauseCampaign{CampaignID: campaign}, Then: facts{paused}, Again: estest.NothingToDo()},
		"and completed":                                     {Given: live(idle), When: commands.CompleteCampaign{CampaignID: campaign}, Then: facts{completed}, Again: estest.NothingToDo()},
		"a mailbox is removed from its campaigns": {Given: live(), When: commands.RemoveMailbox{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}},
			Then: facts{events.CampaignMailboxesAssigned{CampaignRef: ref, MailboxIDs: []uuid.UUID{}}, events.MailboxRemoved{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}}}, Again: estest.RefusedAs("not_found")},
		"a campaign that has none left says so": {Given: live(events.CampaignMailboxesAssigned{CampaignRef: ref}, events.MailboxRemoved{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}}), When: commands.AdvanceClock{},
			Then: facts{events.CampaignReadinessChanged{CampaignRef: ref, Missing: []commands.Lack{{What: "mailbox"}}}}, Again: estest.NothingToDo()},
		"and that it has one again": {Given: live(boxPaused, events.CampaignReadinessChanged{CampaignRef: ref, Missing: []commands.Lack{{What: "mailbox"}}}, events.MailboxResumed{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}}), When: commands.AdvanceClock{},
			Then: facts{events.CampaignReadinessChanged{CampaignRef: ref}, events.MailboxWaited{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Rule: "nobody"}}, Again: estest.NothingToDo()},
	})
}

func TestACampaignIsUpdated(t *testing.T) {
	t.Parallel()
	ref := events.CampaignRef{CampaignID: campaign}
	launched, completed := events.CampaignLaunched{CampaignRef: ref, StepsVersion: 1}, events.CampaignCompleted{CampaignRef: ref, Reason: "manual"}
	live := append(append(given(draftCampaign()), boxFacts()...), events.CampaignMailboxesAssigned{CampaignRef: ref, MailboxIDs: []uuid.UUID{boxID(0)}}, launched)
	all := commands.UpdateCampaign{CampaignID: campaign, CampaignType: ptr("nurture"), TimeZone: ptr("Asia/Tokyo"), StartDate: ptr("2026-05-01"), EndDate: ptr("2026-06-01"), Approval: ptr("all"), IfVersion: ptr(3)}
	updated := events.CampaignUpdated{CampaignRef: ref, CampaignType: all.CampaignType, TimeZone: all.TimeZone, StartDate: all.StartDate, EndDate: all.EndDate, Approval: all.Approval}
	but := func(change func(*commands.UpdateCampaign)) commands.UpdateCampaign {
		c := commands.UpdateCampaign{CampaignID: campaign}
		change(&c)
		return c
	}
	dated := append(live[:len(live):len(live)], updated)
	kit().Run(t, map[string]estest.Case{
		"all of it, while it is live":       {Given: live, When: all, Then: facts{updated}, Again: estest.NothingToDo()},
		"only what differs":                 {Given: live, When: but(func(c *commands.UpdateCampaign) { c.Approval, c.CampaignType = ptr("none"), ptr("follow_up") }), Then: facts{events.CampaignUpdated{CampaignRef: ref, CampaignType: ptr("follow_up")}}, Again: estest.NothingToDo()},
		"a date is taken away":              {Given: dated, When: but(func(c *commands.UpdateCampaign) { c.EndDate = ptr("") }), Then: facts{events.CampaignUpdated{CampaignRef: ref, EndDate: ptr("")}}, Again: estest.NothingToDo()},
		"it begins before it ends":          {Given: dated, When: but(func(c *commands.UpdateCampaign) { c.StartDate = ptr("2026-06-02") }), Refused: "invalid"},
		"and ends behind its begin":         {Given: dated, When: but(func(c *commands.UpdateCampaign) { c.EndDate = ptr("2026-04-30") }), Refused: "invalid"},
		"a type is one":                     {Given: live, When: but(func(c *commands.UpdateCampaign) { c.CampaignType = ptr("spam") }), Refused: "invalid"},
		"so is an approval":                 {Given: live, When: but(func(c *commands.UpdateCampaign) { c.Approval = ptr("maybe") }), Refused: "invalid"},
		"and a zone":                        {Given: live, When: but(func(c *commands.UpdateCampaign) { c.TimeZone = ptr("Mars/Base") }), Refused: "invalid"},
		"a start is a date":                 {Given: live, When: but(func(c *commands.UpdateCampaign) { c.StartDate = ptr("soon") }), Refused: "invalid"},
		"a newer campaign stays":            {Given: dated, When: but(func(c *commands.UpdateCampaign) { c.Approval, c.IfVersion = ptr("first"), ptr(3) }), Refused: "version_conflict"},
		"an unknown one isn't updated":      {Given: given(), When: all, Refused: "not_found"},
		"nor one that is completed":         {Given: append(live[:len(live):len(live)], completed), When: all, Refused: "wrong_status"},
		"a person sees the next message":    {Given: running(events.CampaignUpdated{CampaignRef: ref, Approval: ptr("all")}, stoppedAs(bob, "manual", 0, uuid.Nil)), When: commands.AdvanceClock{}, Then: facts{askedForApproval(ann), events.MailboxWaited{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Rule: "nobody"}}, Again: estest.NothingToDo()},
		"who is enrolled wakes an idle one": {Given: append(live[:len(live):len(live)], events.CampaignIdled{CampaignRef: ref}, leadCreated(ann)), When: commands.EnrollLeads{CampaignID: campaign, LeadIDs: []uuid.UUID{leadID(ann)}}, Then: facts{events.CampaignReactivated{CampaignRef: ref}, started(ann, true)}, Again: estest.NothingToDo()},
	})
}

func askedForApproval(address string) events.MessageRequested {
	e := asked(address, 0)
	e.Approval = true
	return e
}
