package aggregates_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// TestStops asks who is stopped with whom.
func TestStops(t *testing.T) {
	t.Parallel()
	autumn, draft := events.CampaignRef{CampaignID: name("autumn")}, events.CampaignRef{CampaignID: name("draft")}
	also := func(ref events.CampaignRef, who string) events.EnrollmentStarted {
		e := enroll(who)
		e.CampaignID = ref.CampaignID
		return e
	}
	company := settingsOf(func(s *events.CampaignSettings) { s.StopOnCompany = true })
	free := func(who string) events.LeadCreated {
		l := lead(who, "acme")
		l.FreeMail = true
		return l
	}
	h := newHouse(all(one(campaignOf(autumn, twoDays), campaignOf(draft, twoDays), company, lead("a", "acme"), lead("b", "acme"), lead("c", "acme"), free("d"), lead("e", "other"), lead("f", "acme")),
		one(enroll("a"), enroll("b"), enroll("c"), enroll("d"), enroll("e"), also(autumn, "a"), also(autumn, "b")), scheduled("b"), claimed("c", at))...)
	below := newHouse(all(one(events.SubdomainKnown{Hash: hash("eu.acme"), Parents: []string{hash("mid"), hash("acme")}}, lead("a", "eu.acme"), lead("b", "acme"), lead("c", "notacme")), one(enroll("a"), enroll("b"), enroll("c")))...)
	about := name("reply")
	for sentence, c := range map[string]struct {
		out  []events.Event
		then []string
	}{
		"a lead on both campaigns":                      {h.StopLead(name("a"), "replied", &about), []string{"stop a replied", "stop a replied"}},
		"a lead on none":                                {h.StopLead(name("f"), "replied", nil), nil},
		"a lead that nobody knows":                      {h.StopLead(name("z"), "replied", nil), nil},
		"the others of a company, where that is set":    {h.StopCompany(name("a"), &about, 10), []string{"message.cancelled.v1", "stop b same_company", "stop c same_company"}},
		"no more of them than asked for":                {h.StopCompany(name("a"), &about, 1), []string{"message.cancelled.v1", "stop b same_company"}},
		"nobody, of none":                               {h.StopCompany(name("a"), &about, 0), nil},
		"nobody else at a provider":                     {h.StopCompany(name("d"), &about, 10), nil},
		"nobody else of a lead that nobody knows":       {h.StopCompany(name("z"), &about, 10), nil},
		"whose address is suppressed":                   {h.StopSuppressed(map[aggregates.Suppression]bool{{Hash: aggregates.Hash(name("hash b"))}: false}, 10), []string{"message.cancelled.v1", "stop b suppressed", "stop b suppressed"}},
		"nobody has the address that is":                {h.StopSuppressed(map[aggregates.Suppression]bool{{Hash: aggregates.Hash(name("hash z"))}: false}, 10), nil},
		"everybody at a domain, on whatever campaign":   {h.StopSuppressed(map[aggregates.Suppression]bool{{Domain: true, Hash: aggregates.Hash(name("hash acme"))}: false}, 10), []string{"stop a suppressed", "message.cancelled.v1", "stop b suppressed", "stop c suppressed", "stop d suppressed", "stop a suppressed", "stop b suppressed"}},
		"nobody at a domain that is written as address": {h.StopSuppressed(map[aggregates.Suppression]bool{{Domain: true, Hash: aggregates.Hash(name("hash b"))}: false}, 10), nil},
		"everybody at domains, each once":               {h.StopSuppressed(map[aggregates.Suppression]bool{{Domain: true, Hash: aggregates.Hash(name("hash acme"))}: false, {Domain: true, Hash: aggregates.Hash(name("hash other"))}: false, {Hash: aggregates.Hash(name("hash b"))}: false}, 10), []string{"message.cancelled.v1", "stop b suppressed", "stop b suppressed", "stop a suppressed", "stop c suppressed", "stop d suppressed", "stop e suppressed", "stop a suppressed"}},
		"nobody below a domain without its subdomains":  {below.StopSuppressed(map[aggregates.Suppression]bool{{Domain: true, Hash: aggregates.Hash(name("hash acme"))}: false}, 10), []string{"stop b suppressed"}},
		"everybody below one with them":                 {below.StopSuppressed(map[aggregates.Suppression]bool{{Domain: true, Hash: aggregates.Hash(name("hash acme"))}: true}, 10), []string{"stop a suppressed", "stop b suppressed"}},
	} {
		if got := story(at, c.out); !slices.Equal(got, c.then) {
			t.Errorf("%s: got %q, want %q", sentence, got, c.then)
		}
		for _, e := range c.out {
			if s, ok := e.(events.EnrollmentStopped); ok && (s.Reason == "replied" || s.Reason == "same_company") && s.MessageID != about {
				t.Errorf("%s: stopped for %s", sentence, s.MessageID)
			}
		}
	}
}

// TestRedrafts asks whose message is written anew when a lead has changed.
func TestRedrafts(t *testing.T) {
	t.Parallel()
	ann := person("a")
	for sentence, c := range map[string]struct {
		given []events.Event
		n     int
	}{
		"nobody without a message": {ann, 0},
		"one that is written now":  {all(ann, one(requested("a"))), 0},
		"one that was held":        {all(ann, one(requested("a"), events.MessageHeld{MessageRef: mail("a")})), 1},
		"a draft":                  {all(ann, one(requested("a"), events.MessageDrafted{MessageRef: mail("a")})), 1},
		"one that is approved":     {all(ann, ready("a")), 1},
		"not what has a slot":      {all(ann, scheduled("a")), 0},
		"nor what is claimed":      {all(ann, claimed("a", at)), 0},
	} {
		if got := newHouse(c.given...).Redrafts(name("a")); len(got) != c.n {
			t.Errorf("%s: %d redrafts", sentence, len(got))
		}
	}
}

// TestFactsAboutNobody are passed over: what they are about is gone, or was never there.
func TestFactsAboutNobody(t *testing.T) {
	t.Parallel()
	nowhere, nothing := events.CampaignRef{CampaignID: name("nowhere")}, events.MailboxRef{MailboxID: name("nothing")}
	strange := enroll("a")
	strange.CampaignID = nowhere.CampaignID
	unasked := requested("a")
	unasked.CampaignID = nowhere.CampaignID
	unboxed := requested("a")
	unboxed.MailboxID = nothing.MailboxID
	unplanned := requested("b")
	h := newHouse(person("a")...)
	due := h.Due()
	h.apply(strange, enroll("nobody"), enroll("a"), unasked, unboxed, unplanned, doubt("a"), events.EnrollmentPaused{EnrollmentRef: enrollment("b")}, events.MailboxRemoved{MailboxRef: nothing}, events.MailboxPaused{MailboxRef: nothing},
		events.CampaignPaused{CampaignRef: nowhere}, events.CampaignDeleted{CampaignRef: nowhere}, events.CampaignMailboxesAssigned{CampaignRef: spring, MailboxIDs: []uuid.UUID{nothing.MailboxID, box.MailboxID}},
		events.LeadRemoved{LeadRef: events.LeadRef{LeadID: name("b")}}, events.LeadUpdated{LeadRef: events.LeadRef{LeadID: name("b")}, AddressHash: hash("b")},
		events.MessageResolved{MessageRef: mail("b")}, events.EnrollmentStopped{EnrollmentRef: enrollment("b")}, events.APIKeyRevoked{APIKeyRef: events.APIKeyRef{KeyID: name("key")}})
	c := h.Campaigns[spring.CampaignID]
	if c.Active() != 1 || c.Enrolled() != 1 || len(h.Messages) != 0 || len(c.Mailboxes()) != 1 || h.Leads.Len() != 1 || h.Leads.Get(name("a")).Enrollments != 1 || !h.Due().Equal(due) {
		t.Errorf("they left something: %d active of %d, %d messages, %d mailboxes, %d leads", c.Active(), c.Enrolled(), len(h.Messages), len(c.Mailboxes()), h.Leads.Len())
	}
}

// TestLeadsComeAndGo asks what is known of a person who leaves, and comes again.
func TestLeadsComeAndGo(t *testing.T) {
	t.Parallel()
	remove := func(who string) events.LeadRemoved {
		return events.LeadRemoved{LeadRef: events.LeadRef{LeadID: name(who)}}
	}
	h := newHouse(all(person("a"), person("b"), scheduled("b"), one(lead("c", "acme")))...)
	c := h.Campaigns[spring.CampaignID]
	h.apply(remove("b"), remove("c"))
	if c.Has(h.Leads.Get(name("b"))) || c.Active() != 1 || len(h.Messages) != 0 || h.Leads.Len() != 1 {
		t.Errorf("who was removed is still there: %d active, %d messages, %d leads", c.Active(), len(h.Messages), h.Leads.Len())
	}
	if got, ok := h.Leads.AddressOf(name("b")); !ok || got.String() != hash("b") {
		t.Error("who was written to can't unsubscribe any more")
	}
	if _, ok := h.Leads.AddressOf(name("c")); ok {
		t.Error("an address that nobody wrote to is remembered")
	}
	if h.Leads.ByAddress(aggregates.Hash(name("hash b"))) != nil {
		t.Error("a removed lead's address isn't free")
	}
	h.apply(lead("b", "acme"))
	h.apply(remove("b"))
	if _, ok := h.Leads.AddressOf(name("b")); ok {
		t.Error("who came again and went is remembered as on a campaign")
	}
	// An address that moved to somebody else stays theirs.
	free := false
	h.apply(lead("d", "acme"), events.LeadUpdated{LeadRef: events.LeadRef{LeadID: name("d")}, AddressHash: hash("e"), DomainHash: hash("acme"), FreeMail: &free})
	next := lead("x", "acme")
	next.AddressHash = hash("d")
	h.apply(next, remove("d"))
	if l := h.Leads.ByAddress(aggregates.Hash(name("hash d"))); l == nil || l.ID != name("x") {
		t.Error("an address that another lead has now was taken from them")
	}
	// The last one who leaves ends the campaign's work.
	h.apply(events.MailboxWaited{MailboxRef: box, Rule: "nobody"}, remove("a"))
	if c.Enrolled() != 0 || c.Active() != 0 || len(h.Pace(at)) != 0 {
		t.Errorf("%d enrolled, %q to do", c.Enrolled(), story(at, h.Pace(at)))
	}
}

// TestALeadMoves asks where a person stands who got another zone, or another company.
func TestALeadMoves(t *testing.T) {
	t.Parallel()
	capped := settingsOf(func(s *events.CampaignSettings) { s.CompanyCap = 1 })
	moved := func(who, company string, free bool) events.LeadUpdated {
		return events.LeadUpdated{LeadRef: events.LeadRef{LeadID: name(who)}, AddressHash: hash("new " + who), DomainHash: hash(company), FreeMail: &free}
	}
	tokyo := "Asia/Tokyo"
	a, b := []events.Event{lead("a", "acme"), enroll("a")}, []events.Event{lead("b", "acme"), enroll("b")}
	for sentence, c := range map[string]struct {
		given []events.Event
		then  []string
	}{
		"another zone has another window":                {all(person("a"), one(events.LeadUpdated{LeadRef: events.LeadRef{LeadID: name("a")}, TimeZone: &tokyo})), []string{"wait window 12h30m0s"}},
		"who is written to leaves the company that room": {all(one(capped), a, b, one(requested("a"), events.EnrollmentDeferred{EnrollmentRef: enrollment("b"), Active: 1}, moved("a", "other", false))), []string{"ask b 1", "wait nobody"}},
		"and takes it at another":                        {all(one(capped), a, person("c"), one(requested("a"), moved("a", "at c", false))), []string{"defer c 1", "wait nobody"}},
		"but none at a provider":                         {all(one(capped), a, person("c"), one(requested("a"), moved("a", "at c", true))), []string{"ask c 1", "wait nobody"}},
		"who waits for a place may find one elsewhere":   {all(one(capped), a, b, one(requested("a"), events.EnrollmentDeferred{EnrollmentRef: enrollment("b"), Active: 1}, moved("b", "other", false))), []string{"ask b 1", "wait nobody"}},
		"who moved nowhere stands where they stood":      {all(person("a"), person("b"), one(events.LeadUpdated{LeadRef: events.LeadRef{LeadID: name("a")}, TimeZone: new(string)})), []string{"ask a 1", "ask b 1", "wait nobody"}},
	} {
		if got := story(at, newHouse(c.given...).Pace(at)); !slices.Equal(got, c.then) {
			t.Errorf("%s: got %q, want %q", sentence, got, c.then)
		}
	}
}

// TestPlacesAtACompany asks who gets the place that somebody leaves.
func TestPlacesAtACompany(t *testing.T) {
	t.Parallel()
	in := func(who string) []events.Event { return one(lead(who, "acme"), enroll(who)) }
	deferred := func(who string) events.EnrollmentDeferred {
		return events.EnrollmentDeferred{EnrollmentRef: enrollment(who), Active: 1}
	}
	stop := func(who string) events.EnrollmentStopped {
		return events.EnrollmentStopped{EnrollmentRef: enrollment(who)}
	}
	capped := settingsOf(func(s *events.CampaignSettings) { s.CompanyCap = 1 })
	full := all(one(capped), in("a"), in("b"), in("c"), in("d"), sent("a", at.Add(-time.Hour)), one(deferred("b"), deferred("c"), deferred("d")))
	for sentence, c := range map[string]struct {
		given []events.Event
		then  []string
	}{
		"who waited first":                              {all(full, one(stop("a"))), []string{"ask b 1", "wait nobody"}},
		"not who has left":                              {all(full, one(stop("b"), stop("a"))), []string{"ask c 1", "wait nobody"}},
		"nor who left from between":                     {all(full, one(stop("c"), stop("a"))), []string{"ask b 1", "wait nobody"}},
		"nobody while all go on":                        {full, []string{"wait delay 43h30m0s"}},
		"nobody when somebody leaves who had none":      {all(full, one(stop("d"))), []string{"wait delay 43h30m0s"}},
		"the place is that of people, not of steps":     {all(one(settingsOf(func(s *events.CampaignSettings) { s.CompanyCap = 2 })), in("a"), in("b"), sent("a", at.AddDate(0, 0, -5)), one(requested("b"))), []string{"ask a 2", "wait nobody"}},
		"two who had a place leave one when one leaves": {all(one(settingsOf(func(s *events.CampaignSettings) { s.CompanyCap = 2 })), in("a"), in("b"), in("c"), in("d"), one(requested("a"), requested("b"), deferred("c"), deferred("d"), stop("a"))), []string{"ask c 1", "wait nobody"}},
	} {
		if got := story(at, newHouse(c.given...).Pace(at)); !slices.Equal(got, c.then) {
			t.Errorf("%s: got %q, want %q", sentence, got, c.then)
		}
	}
}
