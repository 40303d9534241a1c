package aggregates_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// TestWhatWakesAMailbox lets a mailbox wait for six hours, and asks when it is looked at after an event.
func TestWhatWakesAMailbox(t *testing.T) {
	t.Parallel()
	later, period := at.Add(6*time.Hour), time.Date(2026, 4, 30, 9, 30, 0, 0, time.UTC)
	now := time.UnixMicro(1).UTC() // at once
	second := events.MailboxRef{MailboxID: name("second")}
	inAutumn := func(who string) events.EnrollmentStarted {
		e := enroll(who)
		e.CampaignID = autumn.CampaignID
		return e
	}
	ann := person("ann")
	gap := paceOf(events.MailboxPace{CapPerDay: 9, GapSeconds: 600})
	waits := func(rule string) events.MailboxWaited {
		return events.MailboxWaited{MailboxRef: box, Rule: rule, Until: later}
	}
	paused := events.EnrollmentPaused{EnrollmentRef: enrollment("ann")}
	resumed := events.EnrollmentResumed{EnrollmentRef: enrollment("ann")}
	cancelled := events.MessageCancelled{MessageRef: mail("ann"), Reason: "manual"}
	boxPaused := events.MailboxPaused{MailboxRef: box, Reason: "manual"}
	settings := settingsOf(func(s *events.CampaignSettings) { s.CompanyCap = 7 })
	elsewhere := settings
	elsewhere.CampaignRef = autumn
	zone, title := "Asia/Tokyo", "Other"
	waited := waits("gap")
	followUp := events.MailboxWaited{MailboxRef: box, Rule: "nobody", Until: at.AddDate(0, 0, 7)}
	capped := settingsOf(func(s *events.CampaignSettings) { s.CompanyCap = 1 })
	colleagues := one(capped, lead("ann", "acme"), lead("bob", "acme"), enroll("ann"), enroll("bob"), requested("ann"), events.EnrollmentDeferred{EnrollmentRef: enrollment("bob")})
	stopped := events.EnrollmentStopped{EnrollmentRef: enrollment("ann"), Reason: "manual"}
	said := func(what string) events.Event {
		return events.CampaignReadinessChanged{CampaignRef: spring, Missing: []events.Lack{{What: what}}}
	}
	for sentence, c := range map[string]struct {
		given []events.Event
		when  events.Event
		due   time.Time
	}{
		"another pace":                                     {all(ann, one(waited)), gap, now},
		"but not while it is paused":                       {all(ann, one(boxPaused, said("mailbox"))), gap, period},
		"other settings":                                   {all(ann, one(waited)), settings, now},
		"but not those of a campaign that it isn't in":     {all(ann, one(campaignOf(autumn, twoDays), events.CampaignLaunched{CampaignRef: autumn}, waited)), elsewhere, later},
		"nor those of a draft":                             {all(ann, one(campaignOf(autumn, twoDays), events.CampaignMailboxesAssigned{CampaignRef: autumn, MailboxIDs: []uuid.UUID{box.MailboxID}}, waited)), elsewhere, later},
		"a pause of its campaign":                          {all(ann, one(waited)), events.CampaignPaused{CampaignRef: spring}, now},
		"and its end":                                      {all(ann, one(events.CampaignPaused{CampaignRef: spring}, waited)), events.CampaignResumed{CampaignRef: spring}, now},
		"not another campaign's while it sends":            {all(ann, scheduled("ann"), one(campaignOf(autumn, twoDays), events.CampaignLaunched{CampaignRef: autumn}, waited)), events.CampaignPaused{CampaignRef: autumn}, later},
		"but that of a campaign that it has people of":     {all(one(campaignOf(autumn, twoDays)), ann, scheduled("ann"), one(events.CampaignMailboxesAssigned{CampaignRef: spring}, lead("bob", "b"), enroll("bob")), sent("bob", at), one(waited)), events.CampaignPaused{CampaignRef: spring}, now},
		"another zone of the organisation":                 {all(ann, one(waited)), events.OrganizationUpdated{TimeZone: &zone}, now},
		"but not another name":                             {all(ann, one(waited)), events.OrganizationUpdated{Name: &title}, later},
		"somebody new, who waits for people":               {all(ann, one(lead("bob", "b"), waits("nobody"))), enroll("bob"), now},
		"or for the next step":                             {all(ann, one(lead("bob", "b"), waits("delay"))), enroll("bob"), now},
		"or for a window":                                  {all(ann, one(lead("bob", "b"), waits("window"))), enroll("bob"), now},
		"but not who waits for a slot":                     {all(ann, one(lead("bob", "b"), waits("cap_24h"))), enroll("bob"), later},
		"nor while the campaign is paused":                 {all(ann, one(lead("bob", "b"), events.CampaignPaused{CampaignRef: spring}, waits("nobody"))), enroll("bob"), later},
		"nor for somebody of another campaign":             {all(ann, one(lead("bob", "b"), campaignOf(autumn, twoDays), waits("nobody"))), inAutumn("bob"), later},
		"another zone of who has a message":                {all(ann, ready("ann"), one(waited)), events.LeadUpdated{LeadRef: events.LeadRef{LeadID: name("ann")}, TimeZone: &zone}, now},
		"a message that is held makes room":                {all(ann, one(requested("ann"), waited)), events.MessageHeld{MessageRef: mail("ann")}, now},
		"one that is approved may leave when it is due":    {all(ann, one(requested("ann"), waited)), events.MessageApproved{MessageRef: mail("ann")}, at},
		"and not before the gap is over":                   {all(ann, one(gap), person("bob"), sent("bob", at), one(requested("ann"), waited)), events.MessageApproved{MessageRef: mail("ann")}, at.Add(10 * time.Minute)},
		"a pause gives a slot back":                        {all(ann, scheduled("ann"), one(waited)), paused, now},
		"but only a slot":                                  {all(ann, ready("ann"), one(waited)), paused, later},
		"a message of who goes on":                         {all(ann, ready("ann"), one(paused, waited)), resumed, now},
		"but nobody without one":                           {all(ann, one(paused, waited)), resumed, later},
		"who goes on with the next step, in good time":     {all(ann, sent("ann", at), one(paused, followUp)), resumed, time.Date(2026, 4, 2, 5, 0, 0, 0, time.UTC)},
		"a message that was put off":                       {all(ann, scheduled("ann"), one(waited)), events.MessagePostponed{MessageRef: mail("ann"), Until: later}, now},
		"a message that was sent, behind the gap":          {all(ann, one(gap), claimed("ann", at), one(waited)), events.MessageSent{MessageRef: mail("ann"), AcceptedAt: at}, at.Add(10 * time.Minute)},
		"one that was deferred too":                        {all(ann, one(gap), claimed("ann", at), one(waited)), events.MessageDeferred{MessageRef: mail("ann"), DeferredAt: at, RetryAt: later}, at.Add(10 * time.Minute)},
		"and one that failed":                              {all(ann, one(gap), claimed("ann", at), one(waited)), events.MessageFailed{MessageRef: mail("ann"), FailedAt: at}, at.Add(10 * time.Minute)},
		"a doubt, behind its lease and the gap":            {all(ann, one(gap), claimed("ann", at), one(waited)), doubt("ann"), at.Add(10*time.Minute + 30*time.Second)},
		"a message that is taken back makes room":          {all(ann, ready("ann"), one(waited)), cancelled, now},
		"who leaves makes room for a colleague":            {all(colleagues, one(events.MessageCancelled{MessageRef: mail("ann"), Reason: "manual"}, waits("nobody"))), stopped, now},
		"but not in another's place":                       {all(ann, person("bob"), one(waits("nobody"))), stopped, later},
		"a mailbox that is resumed":                        {all(ann, one(boxPaused)), events.MailboxResumed{MailboxRef: box}, now},
		"a mailbox that is verified":                       {all(ann, one(events.MailboxConnected{MailboxRef: box})), events.MailboxVerified{MailboxRef: box, Status: "active"}, now},
		"a mailbox that is paused waits for a hand":        {all(ann, one(waited, said("mailbox"))), boxPaused, period},
		"and its campaign says so first":                   {all(ann, one(waited)), boxPaused, now},
		"unless another may send":                          {all(ann, mailboxOf(second, events.MailboxPace{CapPerDay: 1}), one(events.CampaignMailboxesAssigned{CampaignRef: spring, MailboxIDs: []uuid.UUID{box.MailboxID, second.MailboxID}}, waited, events.MailboxWaited{MailboxRef: second, Until: later})), boxPaused, later},
		"a domain that fails is said too":                  {all(ann, one(waited)), events.MailboxChecked{MailboxRef: box, Check: "dns", Outcome: "failed"}, now},
		"one that is connected anew must be verified":      {all(ann, one(waited, said("mailbox"))), events.MailboxConnected{MailboxRef: box, APIKey: "new"}, period},
		"a removed one is never looked at":                 {all(ann, one(waited, said("mailbox"))), events.MailboxRemoved{MailboxRef: box}, period},
		"a mailbox that is assigned":                       {all(ann, one(waited)), events.CampaignMailboxesAssigned{CampaignRef: spring, MailboxIDs: []uuid.UUID{box.MailboxID}}, now},
		"a mailbox that is taken out waits as before":      {all(ann, one(waited, said("mailbox"))), events.CampaignMailboxesAssigned{CampaignRef: spring}, later},
		"a mailbox that nobody knows":                      {all(ann, one(waited)), events.CampaignMailboxesAssigned{CampaignRef: autumn, MailboxIDs: []uuid.UUID{second.MailboxID}}, later},
		"a lease that ends":                                {all(ann, scheduled("ann"), one(waited)), claimed("ann", at)[len(claimed("ann", at))-1], at.Add(30 * time.Second)},
		"a pause that ends":                                {all(ann, one(waited)), events.EnrollmentPaused{EnrollmentRef: enrollment("ann"), Until: at.Add(time.Hour)}, at.Add(time.Hour)},
		"of two pauses the first":                          {all(ann, person("bob"), one(waited, events.EnrollmentPaused{EnrollmentRef: enrollment("bob"), Until: at.Add(time.Hour)})), events.EnrollmentPaused{EnrollmentRef: enrollment("ann"), Until: at.Add(2 * time.Hour)}, at.Add(time.Hour)},
		"a pause is over when one goes on":                 {all(ann, one(waited, events.EnrollmentPaused{EnrollmentRef: enrollment("ann"), Until: at.Add(time.Hour)})), resumed, later},
		"and when the sequence ends":                       {all(ann, person("bob"), one(waited, events.EnrollmentPaused{EnrollmentRef: enrollment("ann"), Until: at.Add(time.Hour)})), stopped, later},
		"a longer pause replaces it":                       {all(ann, one(waited, events.EnrollmentPaused{EnrollmentRef: enrollment("ann"), Until: at.Add(time.Hour)})), paused, later},
		"nothing but leases while nothing may be sent":     {all(ann, one(waited, events.EnrollmentPaused{EnrollmentRef: enrollment("ann"), Until: at.Add(time.Hour)})), events.OrganizationStatusChanged{Status: "suspended"}, period},
		"leases even then":                                 {all(ann, claimed("ann", at), one(waited)), events.OrganizationStatusChanged{Status: "cancelled"}, at.Add(30 * time.Second)},
		"a campaign that is done with everybody":           {all(ann, one(waited)), stopped, now},
		"unless it is kept open":                           {all(ann, one(settingsOf(func(s *events.CampaignSettings) { s.KeepOpen = true }), waited)), stopped, later},
		"a campaign that is completed before everybody is": {all(ann, one(waited)), events.CampaignCompleted{CampaignRef: spring}, now},
		"a company's place for who was put off is empty":   {all(colleagues, one(waits("nobody"))), events.EnrollmentStopped{EnrollmentRef: enrollment("bob"), Reason: "manual"}, later},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			h := newHouse(c.given...)
			h.apply(c.when)
			if got := h.Due(); !got.Equal(c.due) {
				t.Errorf("due %s, want %s", got, c.due)
			}
		})
	}
}

// TestDueOfCampaignsAndTrials asks for what is due where no mailbox is.
func TestDueOfCampaignsAndTrials(t *testing.T) {
	t.Parallel()
	period := time.Date(2026, 4, 30, 9, 30, 0, 0, time.UTC)
	dated := campaignOf(spring, twoDays)
	dated.EndDate, dated.TimeZone = "2026-04-10", "America/New_York"
	end := time.Date(2026, 4, 11, 4, 0, 0, 0, time.UTC)
	org := events.OrganizationCreated{OrganizationRef: events.OrganizationRef{OrganizationID: name("house")}, TimeZone: "Europe/Berlin", BillingAnchor: at, Limits: roomy}
	trial := org
	trial.TrialEndsAt = at.AddDate(0, 0, 14)
	launched := events.CampaignLaunched{CampaignRef: spring}
	for sentence, c := range map[string]struct {
		given []events.Event
		due   time.Time
	}{
		"nothing before there is an organisation":     {nil, time.Time{}},
		"the end of the period":                       {one(org), period},
		"the first reminder of the trial":             {one(trial), at.AddDate(0, 0, 11)},
		"the second":                                  {one(trial, events.OrganizationTrialReminded{DaysLeft: 3}), at.AddDate(0, 0, 13)},
		"the end of the trial":                        {one(trial, events.OrganizationTrialReminded{DaysLeft: 1}), at.AddDate(0, 0, 14)},
		"no reminder with a plan":                     {one(trial, events.OrganizationPlanChanged{}), at.AddDate(0, 0, 14)},
		"the next status":                             {one(org, events.OrganizationStatusChanged{Status: "past_due", Next: events.StatusStep{Status: "suspended", At: at.AddDate(0, 0, 7)}}), at.AddDate(0, 0, 7)},
		"not once it has ended":                       {one(trial, events.OrganizationTrialEnded{}), period},
		"nothing behind the end":                      {one(trial, events.OrganizationDeleted{}), time.Time{}},
		"a campaign's end, by its clock":              {one(org, dated, launched), end},
		"an idle one's too":                           {one(org, dated, launched, events.CampaignIdled{CampaignRef: spring}), end},
		"another last day":                            {one(org, dated, launched, events.CampaignUpdated{CampaignRef: spring, EndDate: new("2026-04-09")}), end.AddDate(0, 0, -1)},
		"none from now on":                            {one(org, dated, launched, events.CampaignUpdated{CampaignRef: spring, EndDate: new("")}), period},
		"another zone of its own":                     {one(org, dated, launched, events.CampaignUpdated{CampaignRef: spring, TimeZone: new("Europe/London")}), time.Date(2026, 4, 10, 23, 0, 0, 0, time.UTC)},
		"settings without a zone forget theirs":       {one(org, dated, launched, settingsOf(func(s *events.CampaignSettings) { s.TimeZone = "Europe/London" }), settingsOf(func(*events.CampaignSettings) {})), end},
		"the organisation's zone where it has none":   {one(org, func() events.Event { c := dated; c.TimeZone = ""; return c }(), launched, events.OrganizationUpdated{TimeZone: new("America/New_York")}), end},
		"a paused one's too":                          {one(org, dated, launched, events.CampaignPaused{CampaignRef: spring}), end},
		"not a draft's":                               {one(org, dated), period},
		"not a completed one's":                       {one(org, dated, launched, events.CampaignCompleted{CampaignRef: spring}), period},
		"not a deleted one's":                         {one(org, dated, events.CampaignDeleted{CampaignRef: spring}), period},
		"settings may move it to another zone":        {one(org, dated, launched, settingsOf(func(s *events.CampaignSettings) { s.TimeZone = "Europe/London" })), time.Date(2026, 4, 10, 23, 0, 0, 0, time.UTC)},
		"or leave it in the zone that it has":         {one(org, dated, launched, settingsOf(func(*events.CampaignSettings) {})), end},
		"a period that has begun ends a month behind": {one(org, events.UsagePeriodStarted{From: period, To: period.AddDate(0, 1, 0)}), period.AddDate(0, 1, 0)},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			h := emptyHouse(c.given...)
			if got := h.Due(); !got.Equal(c.due) {
				t.Errorf("due %s, want %s", got, c.due)
			}
		})
	}
	h := newHouse(person("ann")...)
	h.Ticked(at)
	h.Ticked(at.Add(-time.Hour))
	if got := h.Due(); !got.Equal(at.Add(time.Microsecond)) {
		t.Errorf("after a tick the next is due %s", got)
	}
}
