package aggregates_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/snapshot/graph"
)

// TestIndexesFindWhatAWalkFinds asks an organisation anything, and looks at its indexes after every event, also of what was restored
// from a snapshot: they hold what the events say.
func TestIndexesFindWhatAWalkFinds(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	rapid.Check(t, func(r *rapid.T) {
		w := newIndexWorld(r)
		for range rapid.IntRange(40, 120).Draw(r, "commands") {
			w.ask(w.draw())
			if rapid.IntRange(0, 19).Draw(r, "snapshot") == 0 {
				w.o = restored(r, w.o)
				w.check("a snapshot")
			}
		}
		for _, e := range w.events {
			seen[e.EventType()]++
		}
	})
	t.Logf("%v", seen)
	if testing.Short() {
		return // a fifth of the checks, in which the rarest events needn't happen
	}
	for _, e := range []events.Event{events.EnrollmentStarted{}, events.EnrollmentStopped{}, events.EnrollmentCompleted{}, events.EnrollmentPaused{}, events.EnrollmentDeferred{}, events.LeadUpdated{}, events.LeadRemoved{},
		events.MessageSent{}, events.SubdomainKnown{}, events.SuppressionAdded{}, events.MailboxRemoved{}, events.CampaignCompleted{}} {
		if seen[e.EventType()] == 0 {
			t.Errorf("%s never happened: %v", e.EventType(), seen)
		}
	}
}

func restored(t rapid.TB, o *aggregates.Organization) *aggregates.Organization {
	type kept struct{ O *aggregates.Organization }
	plan, err := graph.New(&kept{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	to, got := bufio.NewWriter(&b), kept{}
	if err := errors.Join(plan.Write(to, &kept{o}), to.Flush(), plan.Read(bufio.NewReader(&b), &got)); err != nil {
		t.Fatal(err)
	}
	return got.O
}

// indexWorld is an organisation, and what a walk through its events finds.
type indexWorld struct {
	t      *rapid.T
	o      *aggregates.Organization
	now    time.Time
	events []events.Event
	asked  int

	on     map[uuid.UUID]map[uuid.UUID]bool // by lead and campaign: true = not at its end
	since  map[uuid.UUID][]uuid.UUID        // leads of a campaign in the order in which they were enrolled
	domain map[uuid.UUID]string
	from   map[uuid.UUID]uuid.UUID // import
	above  map[string][]string
}

func newIndexWorld(t *rapid.T) *indexWorld {
	w := &indexWorld{t: t, o: aggregates.NewOrganization(name("house")), now: at, on: map[uuid.UUID]map[uuid.UUID]bool{}, since: map[uuid.UUID][]uuid.UUID{}, domain: map[uuid.UUID]string{}, from: map[uuid.UUID]uuid.UUID{}, above: map[string][]string{}}
	w.apply(events.OrganizationCreated{OrganizationRef: events.OrganizationRef{OrganizationID: name("house")}, TimeZone: "Europe/Berlin", BillingAnchor: at, Limits: commands.Plans()["enterprise"]})
	for n := range 3 {
		ref := events.CampaignRef{CampaignID: name(fmt.Sprint("campaign ", n))}
		box := events.MailboxRef{MailboxID: name(fmt.Sprint("box ", n))}
		s := aggregates.DefaultSettings()
		s.StopOnCompany, s.CompanyCap, s.Window = n == 1, n+1, events.Window{Days: []int{1, 2, 3, 4, 5, 6, 7}, From: "00:00", To: "24:00"}
		w.apply(campaignOf(ref, twoDays[:1+n%2]), events.CampaignSettingsChanged{CampaignRef: ref, CampaignSettings: s})
		w.apply(mailboxOf(box, events.MailboxPace{CapPerDay: 20})...)
		w.apply(events.CampaignMailboxesAssigned{CampaignRef: ref, MailboxIDs: []uuid.UUID{box.MailboxID}}, events.CampaignLaunched{CampaignRef: ref})
	}
	w.apply(events.ImportRequested{ImportRef: events.ImportRef{ImportID: name("import")}, OnDuplicate: events.DuplicateSkip})
	return w
}

func (w *indexWorld) number(of string, most int) int { return rapid.IntRange(0, most).Draw(w.t, of) }
func (w *indexWorld) person() string                 { return fmt.Sprint("p", w.number("person", 11)) }
func (w *indexWorld) campaign() uuid.UUID {
	return name(fmt.Sprint("campaign ", w.number("campaign", 2)))
}
func (w *indexWorld) company() string { return hash(fmt.Sprint("company ", w.number("company", 3))) }

func (w *indexWorld) item() commands.LeadItem {
	who := w.person()
	return commands.LeadItem{LeadID: name(who), AddressHash: hash(who), DomainHash: w.company(), FreeMail: w.number("free", 5) == 0, Profile: events.Sealed{K: 1, C: []byte{1}}, Source: events.SourceAPI}
}

func (w *indexWorld) draw() commands.Command {
	sealed := events.Sealed{K: 1, C: []byte{1}}
	campaign, some := w.campaign(), []uuid.UUID{name(w.person()), name(w.person()), name(w.person())}
	about := events.SentMessageRef{MessageID: name("message"), LeadID: some[0], CampaignID: campaign}
	for _, id := range slices.SortedFunc(mapKeys(w.o.Messages), func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }) {
		if m := w.o.Messages[id]; m.State() == "requested" && w.number("write", 1) == 0 {
			return commands.DraftMessage{MessageID: id, Draft: events.Draft{Subject: sealed, Body: sealed, Writer: "template"}}
		} else if m.Scheduled() {
			return commands.ClaimMessages{MailboxID: m.Mailbox().ID, MessageIDs: []uuid.UUID{id}, InboxReadAt: w.now}
		} else if m.Claimed() && w.number("result", 3) > 0 {
			return commands.RecordResults{MailboxID: m.Mailbox().ID, Results: []commands.SendResult{{MessageID: id, Sent: true, At: w.now}}}
		}
	}
	switch w.number("what", 21) {
	case 0, 1, 2:
		return commands.CreateLead{LeadItem: w.item()}
	case 3:
		item := w.item()
		item.Source, item.Row = events.SourceCSVUpload, 1
		return commands.ImportLeads{ImportID: name("import"), Chunk: w.number("chunk", 1000), Rows: 1, OnDuplicate: events.DuplicateSkip, Items: []commands.LeadItem{item}}
	case 4, 5, 6, 7:
		return commands.EnrollLeads{CampaignID: campaign, LeadIDs: some}
	case 8:
		return commands.UpdateLead{LeadID: some[0], AddressHash: hash("new " + w.person()), DomainHash: w.company(), FreeMail: new(false), TimeZone: new([]string{"", "Asia/Tokyo"}[w.number("zone", 1)])}
	case 9:
		return commands.RemoveLead{LeadID: some[0]}
	case 10:
		return commands.StopEnrollments{CampaignID: campaign, LeadIDs: some[:1]}
	case 11:
		return commands.PauseEnrollments{CampaignID: campaign, LeadIDs: some, Until: w.now.Add(time.Duration(w.number("hours", 9)+1) * time.Hour)}
	case 12:
		return commands.ResumeEnrollments{CampaignID: campaign, LeadIDs: some}
	case 13:
		return commands.AddSuppressions{Items: []commands.SuppressionItem{{Kind: events.SuppressDomain, Hash: w.company(), Reason: events.SuppressedManual, Subdomains: w.number("wide", 1) == 0}}}
	case 14:
		return commands.KnowSubdomains{Items: []commands.Subdomain{{Hash: w.company(), Parents: []string{w.company()}}}}
	case 15:
		return commands.RecordReply{SentMessageRef: about, Mail: events.Mail{MailID: es.DeriveID(name("mail"), fmt.Sprint(w.asked))}, From: events.FromLead}
	case 16:
		return []commands.Command{commands.UndoImport{ImportID: name("import")}, commands.UndoImportChunk{ImportID: name("import"), Chunk: w.asked, LeadIDs: some}, commands.CompleteUndo{ImportID: name("import")}}[w.number("undo", 2)]
	case 17:
		return []commands.Command{commands.RemoveMailbox{MailboxRef: events.MailboxRef{MailboxID: name(fmt.Sprint("box ", w.number("box", 2)))}}, commands.CompleteCampaign{CampaignID: campaign}, commands.EraseLead{LeadID: some[0]}}[w.number("ends", 2)]
	case 19:
		settings := aggregates.DefaultSettings()
		settings.CompanyCap, settings.StopOnCompany, settings.Window = w.number("cap", 4), w.number("stops", 1) == 0, w.o.Campaigns[campaign].Settings.Window
		return commands.SetCampaignSettings{CampaignID: campaign, CampaignSettings: settings}
	case 18:
		w.now = w.now.Add(time.Duration(w.number("later", 72)) * time.Hour)
	}
	if due := w.o.Due(); due.After(w.now) {
		w.now = due
	}
	return commands.AdvanceClock{}
}

func mapKeys[K comparable, V any](m map[K]V) func(func(K) bool) {
	return func(yield func(K) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// ask decides a command and applies what it decided.
func (w *indexWorld) ask(c commands.Command) {
	w.asked++
	out, err := c.Decide(w.now, w.o)
	if err != nil && es.RefusalCode(err) == "" {
		w.t.Fatal(err)
	}
	if _, tick := c.(commands.AdvanceClock); tick {
		w.o.Ticked(w.now)
	}
	w.apply(out...)
}

func (w *indexWorld) apply(all ...events.Event) {
	for _, e := range all {
		w.o.Apply(e)
		w.events = append(w.events, e)
		w.walk(e)
		w.check(e.EventType())
	}
}

// walk takes from an event what the indexes are about.
func (w *indexWorld) walk(e events.Event) {
	end := func(r events.EnrollmentRef) {
		if on := w.on[r.LeadID]; on[r.CampaignID] {
			on[r.CampaignID] = false
		}
	}
	switch e := e.(type) {
	case events.LeadCreated:
		w.domain[e.LeadID], w.on[e.LeadID] = e.DomainHash, map[uuid.UUID]bool{}
		if e.ImportID != uuid.Nil {
			w.from[e.LeadID] = e.ImportID
		}
	case events.LeadUpdated:
		if e.AddressHash != "" {
			w.domain[e.LeadID] = e.DomainHash
		}
	case events.LeadRemoved:
		w.forget(e.LeadID)
	case events.LeadErased:
		w.forget(e.LeadID)
	case events.EnrollmentStarted:
		w.on[e.LeadID][e.CampaignID] = true
		w.since[e.CampaignID] = append(w.since[e.CampaignID], e.LeadID)
	case events.EnrollmentStopped:
		end(e.EnrollmentRef)
	case events.EnrollmentCompleted:
		end(e.EnrollmentRef)
	case events.SubdomainKnown:
		w.above[e.Hash] = e.Parents
	}
}

func (w *indexWorld) forget(lead uuid.UUID) {
	delete(w.domain, lead)
	delete(w.on, lead)
	delete(w.from, lead)
	for c := range w.since {
		w.since[c] = slices.DeleteFunc(w.since[c], func(x uuid.UUID) bool { return x == lead })
	}
}

// check compares the indexes with what was walked.
func (w *indexWorld) check(after string) {
	got, faults := aggregates.WalkIndexes(w.o)
	for id := range got.ByDomain { // in the order of enrolling, which no promise is about
		slices.SortFunc(got.ByDomain[id], compareIDs)
	}
	want := aggregates.Walked{ByLead: map[uuid.UUID][]uuid.UUID{}, Past: map[uuid.UUID][]uuid.UUID{}, ByDomain: map[aggregates.Hash][]uuid.UUID{}, ByCampaign: map[uuid.UUID][]uuid.UUID{}, Imports: map[uuid.UUID]int{name("import"): 0}, Below: map[aggregates.Hash][]aggregates.Hash{}}
	if w.o.Imports.Get(name("import")) == nil {
		clear(want.Imports)
	}
	for id := range w.o.Campaigns {
		want.ByCampaign[id] = nil
		for _, lead := range w.since[id] {
			if w.on[lead][id] {
				want.ByCampaign[id] = append(want.ByCampaign[id], lead)
			}
		}
	}
	for lead, on := range w.on {
		for n := range 3 {
			c := name(fmt.Sprint("campaign ", n))
			if active, was := on[c]; active {
				want.ByLead[lead] = append(want.ByLead[lead], c)
			} else if was {
				want.Past[lead] = append(want.Past[lead], c)
			}
		}
		slices.SortFunc(want.Past[lead], compareIDs)
		if domain, _ := aggregates.ParseHash(w.domain[lead]); len(want.ByLead[lead]) > 0 {
			want.ByDomain[domain] = append(want.ByDomain[domain], lead)
		}
	}
	for id := range want.ByDomain {
		slices.SortFunc(want.ByDomain[id], compareIDs)
	}
	for _, im := range w.from {
		want.Imports[im]++
	}
	for domain, parents := range w.above {
		h, _ := aggregates.ParseHash(domain)
		for _, p := range parents {
			above, _ := aggregates.ParseHash(p)
			want.Below[above] = append(want.Below[above], h)
		}
	}
	for _, all := range []map[aggregates.Hash][]aggregates.Hash{want.Below, got.Below} {
		for h := range all {
			all[h] = slices.Clone(all[h])
			slices.SortFunc(all[h], func(a, b aggregates.Hash) int { return bytes.Compare(a[:], b[:]) })
		}
	}
	dropEmpty(want.Past)
	dropEmpty(got.Past)
	if len(faults) > 0 || !reflect.DeepEqual(got, want) {
		w.t.Fatalf("after %s: %v\n got %+v\nwant %+v", after, faults, got, want)
	}
}

func dropEmpty(m map[uuid.UUID][]uuid.UUID) {
	for k, v := range m {
		if len(v) == 0 {
			delete(m, k)
		}
	}
}

func compareIDs(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }
