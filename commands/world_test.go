package commands_test

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
)

// world runs an organisation by Decide and Apply alone, with a clock that jumps from one due time to the next: the
// writer drafts at once, the sender claims and sends at once.
type world struct {
	t         testing.TB
	state     es.State
	o         *aggregates.Organization
	now       time.Time
	decisions int
	count     map[string]int
	answer    func(s events.MessageSent) []commands.Command // what the world answers to a message
	refuse    func(r events.MessageClaimed) *events.SMTPReply
	sent      []events.MessageSent
	requested []events.MessageRequested
	queue     []events.Event
	failed    bool
	stopped   map[uuid.UUID]time.Time // leads
	halted    map[uuid.UUID]bool      // leads, campaigns and mailboxes that are paused
	silent    bool                    // the sender doesn't work
	crash     func(uuid.UUID) bool    // claims that get no result
	approval  string                  // of the campaign; empty = none
	record    func(es.Command)        // told of every command that is decided; nil = nobody
	expected  map[string]int          // collects broken rules; nil = there must be none
}

func newWorld(t testing.TB, at time.Time) *world {
	w := &world{t: t, now: at, count: map[string]int{}, stopped: map[uuid.UUID]time.Time{}, halted: map[uuid.UUID]bool{}}
	w.state = commands.Domain().New(org)
	w.o = commands.OrganizationOf(w.state)
	return w
}

// do decides a command and applies what follows.
func (w *world) do(c commands.Command) error { return w.decide(c, es.ActorOperator) }

func (w *world) decide(c commands.Command, actor string) error {
	w.t.Helper()
	kind, data, err := commands.Encode(c)
	if err != nil {
		w.t.Fatal(err)
	}
	w.decisions++
	asked := es.Command{Type: kind, Org: org, Time: w.now, Actor: es.Actor{Kind: actor, ID: "world"}, Data: data}
	if w.record != nil {
		w.record(asked)
	}
	out, err := w.state.Decide(&asked)
	if err != nil {
		if es.RefusalCode(err) == "" {
			w.t.Fatalf("%s: %v", kind, err)
		}
		return err
	}
	if len(out) == 0 {
		out = []es.Payload{es.CommandNoop{}}
	}
	for _, e := range out {
		w.count[e.EventType()]++
		w.state.Apply(&es.Event{Time: w.now, Actor: es.Actor{Kind: actor}, Payload: e})
		w.queue = append(w.queue, e)
	}
	return nil
}

func (w *world) must(c commands.Command) {
	w.t.Helper()
	if err := w.do(c); err != nil {
		w.t.Fatalf("%s: %v", c.CommandType(), describeRefusal(err))
	}
}

func describeRefusal(err error) string {
	var r *es.Refusal
	if errors.As(err, &r) {
		return fmt.Sprintf("%s %+v", r.Code, r.Detail)
	}
	return err.Error()
}

// react is what writer, sender and the world do with what has happened.
func (w *world) react() {
	for len(w.queue) > 0 {
		e := w.queue[0]
		w.queue = w.queue[1:]
		switch e := e.(type) {
		case events.MessageRequested:
			w.requested = append(w.requested, e)
			w.must(commands.DraftMessage{MessageID: e.MessageID, Draft: events.Draft{Subject: sealed, Body: sealed, Writer: "template"}})
		case events.MessageRedraftRequested:
			_ = w.do(commands.DraftMessage{MessageID: e.MessageID, Draft: events.Draft{Subject: sealed, Body: sealed, Writer: "template"}})
		case events.MessageScheduled:
			if !w.silent {
				_ = w.do(commands.ClaimMessages{MailboxID: e.MailboxID, MessageIDs: []uuid.UUID{e.MessageID}, InboxReadAt: w.now})
			}
		case events.EnrollmentPaused:
			w.halted[e.LeadID] = true
		case events.EnrollmentResumed:
			delete(w.halted, e.LeadID)
		case events.CampaignPaused:
			w.halted[e.CampaignID] = true
		case events.CampaignResumed:
			delete(w.halted, e.CampaignID)
		case events.MailboxPaused:
			w.halted[e.MailboxID] = true
		case events.MailboxResumed:
			delete(w.halted, e.MailboxID)
		case events.MessageClaimed:
			if _, stopped := w.stopped[e.LeadID]; stopped || w.halted[e.LeadID] || w.halted[e.CampaignID] || w.halted[e.MailboxID] {
				w.breach("claimed though it was stopped or paused", w.now)
			}
			if w.crash != nil && w.crash(e.MessageID) {
				continue
			}
			r := commands.SendResult{MessageID: e.MessageID, Sent: true, At: w.now.Add(time.Duration(e.MessageID[0]) * 50 * time.Millisecond)}
			if w.refuse != nil {
				if reply := w.refuse(e); reply != nil {
					r.Sent, r.SMTPReply = false, *reply
				}
			}
			w.must(commands.RecordResults{MailboxID: e.MailboxID, Results: []commands.SendResult{r}})
		case events.MessageSent:
			w.sent = append(w.sent, e)
			if w.answer != nil {
				for _, c := range w.answer(e) {
					_ = w.do(c)
				}
			}
		case events.EnrollmentStopped:
			w.stopped[e.LeadID] = w.now
		}
	}
}

// until runs by the clock, from one due time to the next.
func (w *world) until(end time.Time) {
	w.t.Helper()
	w.react()
	var last time.Time
	ticks, sent := 0, len(w.sent)
	for idle := 0; ; {
		due := w.state.Due()
		if due.IsZero() || due.After(end) {
			w.now = end
			return
		}
		if !due.After(last) {
			w.t.Fatalf("due stays at %s", due)
		}
		last = due
		if due.After(w.now) {
			w.now = due
		}
		if ticks++; len(w.sent) > sent {
			ticks, sent = 0, len(w.sent)
		} else if ticks > 2_000 {
			w.t.Fatalf("%d ticks in a row have sent nothing at %s", ticks, w.now)
		}
		before := w.count["command.noop.v1"]
		if err := w.decide(commands.AdvanceClock{}, es.ActorClock); err != nil {
			w.t.Fatal(err)
		}
		if idle += w.count["command.noop.v1"] - before; idle > 5 {
			w.t.Fatalf("ticks have nothing to do at %s, due %s", w.now, w.state.Due())
		}
		w.react()
	}
}

func boxID(n int) uuid.UUID { return es.DeriveID(org, "mailbox", fmt.Sprint(n)) }

func connect(n int, pace events.MailboxPace) commands.ConnectMailbox {
	server := events.MailServer{Host: "mail.example.com", Port: 587, Security: "starttls", Secret: "mailbox/1"}
	return commands.ConnectMailbox{MailboxID: boxID(n), Transport: "smtp", Address: sealed, AddressHash: h(fmt.Sprint("box", n)), DomainHash: h("ours.test"), SMTP: server, IMAP: server, Pace: &pace}
}

func passed() (out []commands.MailboxCheck) {
	for _, name := range []string{"dns", "smtp_tls", "smtp_auth", "send_to_self", "imap_auth", "read_back"} {
		out = append(out, commands.MailboxCheck{Check: name, Outcome: "passed"})
	}
	return out
}

func sequence(delays ...int) (out []events.Step) {
	for i, d := range delays {
		id := es.DeriveID(campaign, "step", fmt.Sprint(i))
		out = append(out, events.Step{StepID: id, Kind: "email", DelayDays: d, Variants: []events.Variant{
			{VariantID: es.DeriveID(id, "a"), Subject: "a", Body: "a", Weight: 1}, {VariantID: es.DeriveID(id, "b"), Subject: "b", Body: "b", Weight: 1}}})
	}
	return out
}

func templates(steps []events.Step) (out []events.TemplateAnalysis) {
	for _, s := range steps {
		for _, v := range s.Variants {
			out = append(out, events.TemplateAnalysis{StepID: s.StepID, VariantID: v.VariantID, Variables: []events.TemplateVariable{{Name: "first_name"}}})
		}
	}
	return out
}

// setUp makes an organisation with mailboxes and people on a campaign that is launched. zone gives a person's zone.
func (w *world) setUp(boxes, people int, pace events.MailboxPace, steps []events.Step, zone func(int) string, settings *events.CampaignSettings) {
	w.t.Helper()
	none := events.Limits{LeadsPerMonth: -1, Mailboxes: -1, Seats: -1, APIRequestsPerMinute: -1, AIBudgetMicros: -1, LeadsStored: -1, ImportBytes: -1, ImportRows: -1, ImportsAtOnce: -1}
	w.must(commands.CreateOrganization{OrganizationID: org, Slug: "acme", Name: "Acme", Plan: "enterprise", Limits: none, TimeZone: "Europe/Berlin", PostalAddress: "1 Main St"})
	w.must(commands.CreateCampaign{CampaignRef: events.CampaignRef{CampaignID: campaign}, Name: "Spring", CampaignType: "cold_outreach", CreatedBy: "person:1", Approval: cmp.Or(w.approval, events.ApproveNone), Steps: steps, Templates: templates(steps)})
	var ids []uuid.UUID
	for n := range boxes {
		w.must(connect(n, pace))
		w.must(commands.RecordMailboxChecks{MailboxID: boxID(n), Checks: passed(), CheckedAt: w.now})
		ids = append(ids, boxID(n))
	}
	if settings != nil {
		w.must(commands.SetCampaignSettings{CampaignID: campaign, CampaignSettings: *settings})
	}
	w.must(commands.AssignMailboxes{CampaignID: campaign, MailboxIDs: ids})
	w.enroll(people, zone)
	w.must(commands.LaunchCampaign{CampaignID: campaign})
}

func person(n int) string { return fmt.Sprintf("p%d@c%d.test", n, n/2) }

func (w *world) enroll(people int, zone func(int) string) {
	w.t.Helper()
	var leads []uuid.UUID
	for n := range people {
		x := item(person(n))
		x.TimeZone = zone(n)
		w.must(commands.CreateLead{LeadItem: x})
		leads = append(leads, leadID(person(n)))
	}
	for chunk := range slices.Chunk(leads, 500) {
		w.must(commands.EnrollLeads{CampaignID: campaign, LeadIDs: chunk})
	}
}

func roll(id uuid.UUID) uint32 { return binary.BigEndian.Uint32(id[8:12]) % 1000 }
