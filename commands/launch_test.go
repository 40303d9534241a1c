package commands_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

func TestLaunch(t *testing.T) {
	t.Parallel()
	assigned := events.CampaignMailboxesAssigned{CampaignRef: events.CampaignRef{CampaignID: campaign}, MailboxIDs: []uuid.UUID{boxID(0)}}
	prepared := func(more ...events.Event) facts {
		return append(append(append(given(draftCampaign()), boxFacts()...), assigned), more...)
	}
	launch := commands.LaunchCampaign{CampaignID: campaign, IfVersion: ptr(2)}
	written := func(change func(*events.CampaignCreated)) facts {
		c := draftCampaign()
		change(&c)
		return append(append(given(c), boxFacts()...), assigned)
	}
	launched := events.CampaignLaunched{CampaignRef: events.CampaignRef{CampaignID: campaign}, StepsVersion: 1}
	variant := sequence(0)[0].Variants[0].VariantID
	missing := func(l ...commands.Lack) map[string]any { return map[string]any{"id": campaign, "missing": l} }
	linked := func(texts ...int) func(*events.CampaignCreated) { // those that hold link and address
		return func(c *events.CampaignCreated) {
			for _, i := range texts {
				c.Templates[i] = complete(c.Templates[i])
			}
		}
	}
	noFooter := campaignSettings()
	noFooter.UnsubscribeFooter = false
	settings := func(s events.CampaignSettings) events.CampaignSettingsChanged {
		return events.CampaignSettingsChanged{CampaignRef: events.CampaignRef{CampaignID: campaign}, CampaignSettings: s}
	}
	three := commands.LaunchCampaign{CampaignID: campaign, IfVersion: ptr(3)}
	nameless := created()
	nameless.PostalAddress = ""
	bare := facts{nameless, func() events.CampaignCreated { c := draftCampaign(); c.Steps, c.Templates = nil, nil; return c }()}
	soon := sequence(0, 1)
	// A draft of before events said what is in its templates.
	before := written(func(c *events.CampaignCreated) { c.Steps, c.Templates = sequence(0), nil })
	live := prepared(launched)
	paused, completed := events.CampaignPaused{CampaignRef: events.CampaignRef{CampaignID: campaign}, Reason: "manual"}, events.CampaignCompleted{CampaignRef: events.CampaignRef{CampaignID: campaign}, Reason: "manual"}
	with := func(before facts, more ...events.Event) facts {
		return append(before[:len(before):len(before)], more...)
	}
	revise := commands.SetCampaignSteps{CampaignID: campaign, Steps: sequence(0, 5, 5), Templates: templates(sequence(0, 5, 5)), IfVersion: ptr(3)}
	kit().Run(t, map[string]estest.Case{
		"a campaign is launched":                                                     {Given: prepared(), When: launch, Then: facts{launched}, Again: estest.NothingToDo()},
		"a launch may be of any version":                                             {Given: prepared(), When: commands.LaunchCampaign{CampaignID: campaign}, Then: facts{launched}, Again: estest.NothingToDo()},
		"another version isn't launched":                                             {Given: prepared(), When: three, Refused: "version_conflict"},
		"an unknown campaign isn't launched":                                         {Given: given(), When: launch, Refused: "not_found"},
		"a completed campaign isn't launched":                                        {Given: with(live, completed), When: launch, Refused: "wrong_status"},
		"all that is missing is named":                                               {Given: bare, When: commands.LaunchCampaign{CampaignID: campaign, IfVersion: ptr(1)}, Refused: "not_ready", Detail: missing(commands.Lack{What: "mailbox"}, commands.Lack{What: "postal_address"}, commands.Lack{What: "steps"})},
		"a mailbox must be verified":                                                 {Given: append(given(draftCampaign(), boxAdded(), boxConnected()), assigned), When: launch, Refused: "not_ready", Detail: missing(commands.Lack{What: "mailbox"})},
		"a domain that fails is named":                                               {Given: prepared(events.MailboxChecked{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Check: "dns", Outcome: "failed"}), When: launch, Refused: "not_ready", Detail: missing(commands.Lack{What: "dns", ID: boxID(0)})},
		"a domain that fails later is named":                                         {Given: prepared(domainChecked(anchor, map[string]string{"spf": "failed"})), When: launch, Refused: "not_ready", Detail: missing(commands.Lack{What: "dns", ID: boxID(0)})},
		"what is found of the domain counts more than what was found with a mailbox": {Given: prepared(events.MailboxChecked{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Check: "dns", Outcome: "failed"}, domainChecked(anchor, map[string]string{"spf": "passed"})), When: launch, Then: facts{launched}, Again: estest.NothingToDo()},
		"a domain of which nothing is known doesn't fail":                            {Given: prepared(domainChecked(anchor, map[string]string{"spf": "unknown"})), When: launch, Then: facts{launched}, Again: estest.NothingToDo()},
		"a domain that isn't known doesn't fail":                                     {Given: prepared(events.MailboxChecked{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Check: "dns", Outcome: "unknown"}), When: launch, Then: facts{launched}, Again: estest.NothingToDo()},
		"every template was looked at":                                               {Given: written(func(c *events.CampaignCreated) { c.Templates = c.Templates[1:] }), When: launch, Refused: "not_ready", Detail: missing(commands.Lack{What: "template", ID: variant})},
		"a template can be parsed":                                                   {Given: written(func(c *events.CampaignCreated) { c.Templates[0].Problem = "line 1" }), When: launch, Refused: "not_ready", Detail: missing(commands.Lack{What: "template", ID: variant, Detail: "line 1"})},
		"an unknown variable is named":                                               {Given: written(func(c *events.CampaignCreated) { c.Templates[0].Variables[0].Name = "shoe_size" }), When: launch, Refused: "not_ready", Detail: missing(commands.Lack{What: "variable", ID: variant, Detail: "shoe_size"})},
		"a custom field of a lead is known":                                          {Given: append(written(func(c *events.CampaignCreated) { c.Templates[0].Variables[0].Name = "custom.shoe_size" }), func() events.LeadCreated { l := leadCreated(ann); l.Filled = []string{"custom.shoe_size"}; return l }()), When: launch, Then: facts{launched}, Again: estest.NothingToDo()},
		"one can unsubscribe from each message":                                      {Given: append(written(linked(1, 2, 3)), settings(noFooter)), When: three, Refused: "not_ready", Detail: missing(commands.Lack{What: "unsubscribe", ID: variant}, commands.Lack{What: "postal_address", ID: variant})},
		"follow-ups aren't too soon":                                                 {Given: prepared(events.CampaignStepsChanged{CampaignRef: events.CampaignRef{CampaignID: campaign}, Steps: soon, Templates: templates(soon)}), When: three, Refused: "not_ready", Detail: missing(commands.Lack{What: "delay_days", ID: soon[1].StepID, Detail: "2"})},
		"follow-ups aren't too many":                                                 {Given: prepared(events.CampaignStepsChanged{CampaignRef: events.CampaignRef{CampaignID: campaign}, Steps: sequence(0, 2, 2, 2, 2, 2), Templates: templates(sequence(0, 2, 2, 2, 2, 2))}), When: three, Refused: "not_ready", Detail: missing(commands.Lack{What: "follow_ups", Detail: "4"})},
		"steps of a live campaign are revised":                                       {Given: live, When: revise, Then: facts{events.CampaignRevised{CampaignRef: events.CampaignRef{CampaignID: campaign}, StepsVersion: 2, Steps: revise.Steps, Templates: revise.Templates}}, Again: estest.NothingToDo()},
		"a newer campaign isn't revised":                                             {Given: with(live, settings(noFooter)), When: revise, Refused: "version_conflict"},
		"a revision lacks nothing":                                                   {Given: live, When: commands.SetCampaignSteps{CampaignID: campaign, Steps: sequence(0)}, Refused: "not_ready"},
		"a revision's steps are checked":                                             {Given: live, When: commands.SetCampaignSteps{CampaignID: campaign, Steps: make([]events.Step, 1)}, Refused: "invalid"},
		"an unknown campaign isn't revised":                                          {Given: given(), When: revise, Refused: "not_found"},
		"a completed campaign's steps stay":                                          {Given: with(live, completed), When: commands.SetCampaignSteps{CampaignID: campaign, Steps: sequence(0), Templates: templates(sequence(0))}, Refused: "wrong_status"},
		"a live campaign has its steps":                                              {Given: live, When: commands.SetCampaignSteps{CampaignID: campaign, Steps: sequence(0, 2), IfVersion: ptr(1)}, Noop: true},
		"steps of before are written once more":                                      {Given: before, When: commands.SetCampaignSteps{CampaignID: campaign, Steps: sequence(0), Templates: templates(sequence(0)), IfVersion: ptr(2)}, Then: facts{events.CampaignStepsChanged{CampaignRef: events.CampaignRef{CampaignID: campaign}, Steps: sequence(0), Templates: templates(sequence(0))}}, Again: estest.NothingToDo()},
		"and launched then":                                                          {Given: with(before, events.CampaignStepsChanged{CampaignRef: events.CampaignRef{CampaignID: campaign}, Steps: sequence(0), Templates: templates(sequence(0))}), When: three, Then: facts{events.CampaignLaunched{CampaignRef: events.CampaignRef{CampaignID: campaign}, StepsVersion: 2}}, Again: estest.NothingToDo()},
		"but not before":                                                             {Given: before, When: launch, Refused: "not_ready", Detail: missing(commands.Lack{What: "template", ID: variant}, commands.Lack{What: "template", ID: sequence(0)[0].Variants[1].VariantID})},
		"a live campaign isn't deleted":                                              {Given: live, When: commands.DeleteCampaign{CampaignID: campaign}, Refused: "wrong_status"},
		"settings are changed":                                                       {Given: prepared(), When: commands.SetCampaignSettings{CampaignID: campaign, CampaignSettings: noFooter}, Then: facts{settings(noFooter)}, Again: estest.NothingToDo()},
		"a newer campaign's settings stay":                                           {Given: prepared(), When: commands.SetCampaignSettings{CampaignID: campaign, CampaignSettings: noFooter, IfVersion: ptr(1)}, Refused: "version_conflict"},
		"an unknown campaign's settings":                                             {Given: given(), When: commands.SetCampaignSettings{CampaignID: campaign, CampaignSettings: noFooter}, Refused: "not_found"},
		"a window has days":                                                          {Given: prepared(), When: settingsBut(func(s *events.CampaignSettings) { s.Window.Days = nil }), Refused: "invalid"},
		"a week has seven days":                                                      {Given: prepared(), When: settingsBut(func(s *events.CampaignSettings) { s.Window.Days = []int{8} }), Refused: "invalid"},
		"a window begins at a time":                                                  {Given: prepared(), When: settingsBut(func(s *events.CampaignSettings) { s.Window.From = "9" }), Refused: "invalid"},
		"a window ends at a time":                                                    {Given: prepared(), When: settingsBut(func(s *events.CampaignSettings) { s.Window.To = "25:00" }), Refused: "invalid"},
		"a window ends behind its beginning":                                         {Given: prepared(), When: settingsBut(func(s *events.CampaignSettings) { s.Window.To = "09:00" }), Refused: "invalid"},
		"a holiday is a date":                                                        {Given: prepared(), When: settingsBut(func(s *events.CampaignSettings) { s.Holidays = []string{"Easter"} }), Refused: "invalid"},
		"a zone is one":                                                              {Given: prepared(), When: settingsBut(func(s *events.CampaignSettings) { s.TimeZone = "Mars/Base" }), Refused: "invalid"},
		"a company's cap is bounded":                                                 {Given: prepared(), When: settingsBut(func(s *events.CampaignSettings) { s.CompanyCap = -1 }), Refused: "invalid"},
		"a company's gap is bounded":                                                 {Given: prepared(), When: settingsBut(func(s *events.CampaignSettings) { s.CompanyGapMinutes = 1441 }), Refused: "invalid"},
		"follow-ups are bounded":                                                     {Given: prepared(), When: settingsBut(func(s *events.CampaignSettings) { s.MaxFollowUps = 20 }), Refused: "invalid"},
		"their distance is bounded":                                                  {Given: prepared(), When: settingsBut(func(s *events.CampaignSettings) { s.FollowUpDays = -1 }), Refused: "invalid"},
		"a completed campaign's settings stay":                                       {Given: with(live, completed), When: commands.SetCampaignSettings{CampaignID: campaign, CampaignSettings: noFooter}, Refused: "wrong_status"},
		"mailboxes are assigned":                                                     {Given: append(given(draftCampaign()), boxFacts()...), When: commands.AssignMailboxes{CampaignID: campaign, MailboxIDs: []uuid.UUID{boxID(0)}, IfVersion: ptr(1)}, Then: facts{assigned}, Again: estest.NothingToDo()},
		"a mailbox is assigned once":                                                 {Given: append(given(draftCampaign()), boxFacts()...), When: commands.AssignMailboxes{CampaignID: campaign, MailboxIDs: []uuid.UUID{boxID(0), boxID(0)}}, Refused: "invalid"},
		"an unknown mailbox isn't assigned":                                          {Given: given(draftCampaign()), When: commands.AssignMailboxes{CampaignID: campaign, MailboxIDs: []uuid.UUID{other}}, Refused: "not_found"},
		"nothing is assigned to a newer campaign":                                    {Given: append(given(draftCampaign()), boxFacts()...), When: commands.AssignMailboxes{CampaignID: campaign, MailboxIDs: []uuid.UUID{boxID(0)}, IfVersion: ptr(7)}, Refused: "version_conflict"},
		"nothing is assigned to an unknown campaign":                                 {Given: given(), When: commands.AssignMailboxes{CampaignID: campaign}, Refused: "not_found"},
		"a campaign is paused":                                                       {Given: live, When: commands.PauseCampaign{CampaignID: campaign}, Then: facts{paused}, Again: estest.NothingToDo()},
		"a draft isn't paused":                                                       {Given: prepared(), When: commands.PauseCampaign{CampaignID: campaign}, Refused: "wrong_status"},
		"an unknown campaign isn't paused":                                           {Given: given(), When: commands.PauseCampaign{CampaignID: campaign}, Refused: "not_found"},
		"a campaign is resumed":                                                      {Given: with(live, paused), When: commands.ResumeCampaign{CampaignRef: events.CampaignRef{CampaignID: campaign}}, Then: facts{events.CampaignResumed{CampaignRef: events.CampaignRef{CampaignID: campaign}}}, Again: estest.NothingToDo()},
		"a completed campaign isn't resumed":                                         {Given: with(live, completed), When: commands.ResumeCampaign{CampaignRef: events.CampaignRef{CampaignID: campaign}}, Refused: "wrong_status"},
		"an unknown campaign isn't resumed":                                          {Given: given(), When: commands.ResumeCampaign{CampaignRef: events.CampaignRef{CampaignID: campaign}}, Refused: "not_found"},
		"a campaign is completed":                                                    {Given: live, When: commands.CompleteCampaign{CampaignID: campaign}, Then: facts{completed}, Again: estest.NothingToDo()},
		"a draft isn't completed":                                                    {Given: prepared(), When: commands.CompleteCampaign{CampaignID: campaign}, Refused: "wrong_status"},
		"an unknown campaign isn't completed":                                        {Given: given(), When: commands.CompleteCampaign{CampaignID: campaign}, Refused: "not_found"},
		"who was left is stopped behind it":                                          {Given: running(completed), When: commands.AdvanceClock{}, Then: facts{stoppedAs(ann, "campaign_completed", 0, uuid.Nil), stoppedAs(bob, "campaign_completed", 0, uuid.Nil), events.MailboxWaited{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Rule: "nobody"}}, Again: estest.NothingToDo()},
		"a campaign in which nobody is left is idle":                                 {Given: running(stoppedAs(ann, "manual", 0, uuid.Nil), stoppedAs(bob, "manual", 0, uuid.Nil), events.MailboxWaited{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Rule: "nobody"}), When: commands.AdvanceClock{}, Then: facts{events.CampaignIdled{CampaignRef: events.CampaignRef{CampaignID: campaign}}}, Again: estest.OnceMore()},
		"a campaign ends with its last day":                                          {Given: facts{created(), func() events.CampaignCreated { c := draftCampaign(); c.EndDate = "2026-04-10"; return c }(), launched}, At: time.Date(2026, 4, 10, 22, 0, 0, 0, time.UTC), When: commands.AdvanceClock{}, Then: facts{events.CampaignCompleted{CampaignRef: events.CampaignRef{CampaignID: campaign}, Reason: "ended"}}, Again: estest.NothingToDo()},
		"and not before":                                                             {Given: facts{created(), func() events.CampaignCreated { c := draftCampaign(); c.EndDate = "2026-04-10"; return c }(), launched}, At: time.Date(2026, 4, 10, 21, 59, 59, 0, time.UTC), When: commands.AdvanceClock{}, Noop: true},
		"nobody is enrolled behind its end":                                          {Given: with(live, completed, leadCreated(ann)), When: commands.EnrollLeads{CampaignID: campaign, LeadIDs: []uuid.UUID{leadID(ann)}}, Refused: "wrong_status"},
	})
}

func settingsBut(change func(*events.CampaignSettings)) commands.SetCampaignSettings {
	s := campaignSettings()
	s.UnsubscribeFooter = false
	change(&s)
	return commands.SetCampaignSettings{CampaignID: campaign, CampaignSettings: s}
}

func TestEnrollments(t *testing.T) {
	t.Parallel()
	one := []uuid.UUID{leadID(ann)}
	pausedNow := events.EnrollmentPaused{EnrollmentRef: in(ann), Reason: "manual"}
	later := events.EnrollmentPaused{EnrollmentRef: in(ann), Reason: "manual", Until: estest.At.Add(time.Hour)}
	nobody := []uuid.UUID{other}
	kit().Run(t, map[string]estest.Case{
		"a sequence is paused":            {Given: running(), When: commands.PauseEnrollments{CampaignID: campaign, LeadIDs: append(one, one...)}, Then: facts{pausedNow}, Again: estest.NothingToDo()},
		"a sequence is paused until then": {Given: running(), When: commands.PauseEnrollments{CampaignID: campaign, LeadIDs: one, Until: later.Until}, Then: facts{later}, Again: estest.NothingToDo()},
		"a pause ends in the future":      {Given: running(), When: commands.PauseEnrollments{CampaignID: campaign, LeadIDs: one, Until: estest.At}, Refused: "invalid"},
		"who isn't on it isn't paused":    {Given: running(), When: commands.PauseEnrollments{CampaignID: campaign, LeadIDs: nobody}, Refused: "not_found"},
		"somebody is paused":              {Given: running(), When: commands.PauseEnrollments{CampaignID: campaign}, Refused: "invalid"},
		"nobody pauses on no campaign":    {Given: given(), When: commands.PauseEnrollments{CampaignID: campaign, LeadIDs: one}, Refused: "not_found"},
		"a sequence is resumed":           {Given: running(pausedNow), When: commands.ResumeEnrollments{CampaignID: campaign, LeadIDs: one}, Then: facts{events.EnrollmentResumed{EnrollmentRef: in(ann), Reason: "manual"}}, Again: estest.NothingToDo()},
		"who isn't on it isn't resumed":   {Given: running(), When: commands.ResumeEnrollments{CampaignID: campaign, LeadIDs: nobody}, Refused: "not_found"},
		"a sequence is stopped":           {Given: slotted(), When: commands.StopEnrollments{CampaignID: campaign, LeadIDs: one}, Then: facts{cancelled(ann, "manual"), stoppedAs(ann, "manual", 0, uuid.Nil)}, Again: estest.NothingToDo()},
		"who isn't on it isn't stopped":   {Given: running(), When: commands.StopEnrollments{CampaignID: campaign, LeadIDs: nobody}, Refused: "not_found"},
	})
}
