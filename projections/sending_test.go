package projections_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"

	"outrider/aggregates"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/pii"
	"outrider/projections"
)

// outreach is a campaign in the making: names of things and facts about them.
type outreach struct {
	*log
	f                      *fixture
	org, campaign, mailbox uuid.UUID
	keys                   map[pii.Ref]pii.Key
}

func newOutreach(t fataler, f *fixture) *outreach {
	o := &outreach{log: newLog(t), f: f, org: uuid.New(), campaign: uuid.New(), mailbox: uuid.New(), keys: map[pii.Ref]pii.Key{}}
	o.add(o.org, events.OrganizationCreated{OrganizationRef: events.OrganizationRef{OrganizationID: o.org}, Slug: "o", Name: "O", Plan: "p", TimeZone: "UTC", BillingAnchor: at(0).AddDate(0, -2, -3)})
	o.add(o.org, events.CampaignCreated{CampaignRef: events.CampaignRef{CampaignID: o.campaign}, Name: "c", CampaignType: events.ColdOutreach, Approval: events.ApproveNone, Steps: []events.Step{}})
	o.add(o.org, events.MailboxAdded{MailboxRef: events.MailboxRef{MailboxID: o.mailbox}, Transport: events.TransportSMTP, Address: o.seal(o.mailbox, projections.MailboxAddressField, "us@example.com"), AddressHash: "a", DomainHash: "d"})
	return o
}

func (o *outreach) seal(subject uuid.UUID, field, plain string) events.Sealed {
	s, key, err := o.f.sealed(context.Background(), o.org, subject, field, plain)
	if err != nil {
		o.t.Fatalf("%v", err)
	}
	o.keys[key.Ref] = key
	return s
}

func (o *outreach) name(kind string, n int) uuid.UUID { return es.DeriveID(o.org, kind, fmt.Sprint(n)) }

// ref names message n; three are of one lead.
func (o *outreach) ref(n int) events.MessageRef {
	return events.MessageRef{MessageID: o.name("message", n), EnrollmentID: o.name("enrollment", n/3), LeadID: o.name("lead", n/3), CampaignID: o.campaign}
}

func (o *outreach) answered(n int) events.SentMessageRef {
	r := o.ref(n)
	return events.SentMessageRef{MessageID: r.MessageID, LeadID: r.LeadID, CampaignID: o.campaign, MailboxID: o.mailbox}
}

func (o *outreach) requested(n int) events.MessageRequested {
	return events.MessageRequested{MessageRef: o.ref(n), StepsVersion: 1, StepID: o.name("step", n%3), Step: n%3 + 1, Steps: 3, VariantID: o.name("variant", n%3), MailboxID: o.mailbox, Earliest: at(n)}
}

func (o *outreach) drafted(n, number int, subject, body string) events.MessageDrafted {
	return events.MessageDrafted{MessageRef: o.ref(n), Number: number, Draft: events.Draft{Subject: o.seal(o.ref(n).LeadID, projections.SubjectField, subject), Body: o.seal(o.ref(n).LeadID, projections.BodyField, body),
		Writer: "template", Variables: []string{"first_name"}, CostMicros: 5}}
}

func (o *outreach) sent(n int, when time.Time) events.MessageSent {
	r := o.requested(n)
	return events.MessageSent{MessageRef: r.MessageRef, StepsVersion: 1, StepID: r.StepID, Step: r.Step, VariantID: r.VariantID, MailboxID: o.mailbox, ProviderID: "<x>", AcceptedAt: when}
}

func (o *outreach) mail(n int, id uuid.UUID, body string) events.Mail {
	lead := o.ref(n).LeadID
	return events.Mail{MailID: id, ReceivedAt: at(len(o.events)), Subject: o.seal(lead, projections.SubjectField, "Re: hello"), Body: o.seal(lead, projections.BodyField, body), MatchedBy: "message_id"}
}

func get[V any](t testing.TB, o *outreach, query func(ctx context.Context, tx pgx.Tx) (V, error)) V {
	t.Helper()
	return read(t, o.f, o.org, query)
}

func TestAMessageIsFollowedFromItsRequestToItsAnswer(t *testing.T) {
	t.Parallel()
	o := newOutreach(t, setup(t))
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("Dear Zoë,\n  how are you? ", 40)
	lead := o.ref(0).LeadID
	o.add(o.org, o.f.lead(t, o.org, lead, `{"email":"zoe@example.com"}`))
	o.add(o.org, events.CampaignLaunched{CampaignRef: events.CampaignRef{CampaignID: o.campaign}, StepsVersion: 1}, events.EnrollmentStarted{EnrollmentRef: events.EnrollmentRef{EnrollmentID: o.ref(0).EnrollmentID, LeadID: lead, CampaignID: o.campaign}, Counted: true, PeriodFrom: at(0)},
		o.requested(0), events.MessageHeld{MessageRef: o.ref(0), Reason: "missing_variable", Missing: []string{"city"}})
	o.f.store(t, o.events)
	message := func() *projections.Message {
		return get(t, o, func(ctx context.Context, tx pgx.Tx) (*projections.Message, error) {
			return projections.GetMessage(ctx, tx, o.org, o.ref(0).MessageID)
		})
	}
	if m := message(); m.State != projections.MessageHeld || m.Reason != "missing_variable" || string(m.Missing) != `["city"]` || m.Step != 1 || m.Steps != 3 {
		t.Errorf("held: %+v", m)
	}
	n := len(o.events)
	o.add(o.org, o.drafted(0, 1, "first", "x"), o.drafted(0, 2, "Hello Zoë", string(z.EncodeAll([]byte(long), nil))), events.MessageApproved{MessageRef: o.ref(0), By: "policy"},
		events.MessageScheduled{MessageRef: o.ref(0), MailboxID: o.mailbox, At: at(50)}, events.MessagePostponed{MessageRef: o.ref(0), MailboxID: o.mailbox, Rule: "cap", Until: at(60)},
		events.MessageScheduled{MessageRef: o.ref(0), MailboxID: o.mailbox, At: at(61)}, events.MessageClaimed{MessageRef: o.ref(0), MailboxID: o.mailbox, ClaimedAt: at(61), LeaseUntil: at(91)}, o.sent(0, at(62)))
	hit := func(n int, class string) events.MessageOpened {
		return events.MessageOpened{SentMessageRef: o.answered(0), HitID: o.name("hit", n), Class: class, At: at(100 + n)}
	}
	o.add(o.org, hit(1, events.ClassProxy), hit(2, events.ClassHuman), hit(3, events.ClassHuman), events.MessageClicked{SentMessageRef: o.answered(0), HitID: o.name("hit", 9), Class: events.ClassScanner, At: at(109)})
	mail := o.mail(0, o.name("mail", 1), "Yes,\n\n let us talk. "+long)
	o.add(o.org, events.MessageReplied{SentMessageRef: o.answered(0), Mail: mail, From: events.FromLead, Meaning: events.MeansMaybeUnsubscribe}, events.MessageReplied{SentMessageRef: o.answered(0), Mail: mail, From: events.FromLead}) // read twice
	o.add(o.org, events.EnrollmentStopped{EnrollmentRef: events.EnrollmentRef{EnrollmentID: o.ref(0).EnrollmentID, LeadID: lead, CampaignID: o.campaign}, Reason: events.StopReplied, Step: 1, MessageID: o.ref(0).MessageID})
	o.add(o.org, events.MeetingBooked{SentMessageRef: o.answered(0), MeetingID: o.name("meeting", 1), StartsAt: at(500), EndsAt: at(900), Details: o.seal(lead, projections.MeetingField, `{"name":"Zoë"}`), BookedAt: at(300)})
	o.add(o.org, events.MailboxVerified{MailboxRef: events.MailboxRef{MailboxID: o.mailbox}, Status: events.MailboxWarming, WarmupFrom: at(1)}, events.MailboxChecked{MailboxRef: events.MailboxRef{MailboxID: o.mailbox}, Check: events.CheckDNS, Outcome: events.CheckPassed, CheckedAt: at(2)},
		events.MailboxPaused{MailboxRef: events.MailboxRef{MailboxID: o.mailbox}, Reason: events.PausedManual}, events.MailboxWarmedUp{MailboxRef: events.MailboxRef{MailboxID: o.mailbox}}, events.MailboxResumed{MailboxRef: events.MailboxRef{MailboxID: o.mailbox}},
		events.MailboxRead{MailboxRef: events.MailboxRef{MailboxID: o.mailbox}, Folder: "INBOX", UIDValidity: 7, UID: 12, ReadAt: at(3)}, events.MailboxMailUnreadable{MailboxRef: events.MailboxRef{MailboxID: o.mailbox}, Folder: "INBOX", UIDValidity: 7, UID: 11, Reason: "damaged"}, events.CampaignPaused{CampaignRef: events.CampaignRef{CampaignID: o.campaign}, Reason: events.PausedManual})
	o.f.store(t, o.events[n:])
	m := message()
	if m.State != projections.MessageSent || m.Draft != 2 || m.CostMicros != 10 || !m.SentAt.Equal(at(62)) || !m.ScheduledAt.Equal(at(61)) || m.WaitingUntil != nil || m.Reason != "" || m.Opens != 2 ||
		!m.FirstOpenedAt.Equal(at(102)) || !m.MachineOpenedAt.Equal(at(101)) || m.FirstClickedAt != nil || !m.ScannerClickedAt.Equal(at(109)) || m.RepliedAt == nil || !m.MeetingAt.Equal(at(300)) {
		t.Errorf("sent: %+v", m)
	}
	n = len(o.events)
	o.add(o.org, events.HitReclassified{SentMessageRef: o.answered(0), HitID: o.name("hit", 2), Class: events.ClassScanner, Reason: "burst"})
	o.f.store(t, o.events[n:])
	if m := message(); m.Opens != 1 || !m.FirstOpenedAt.Equal(at(103)) || !m.MachineOpenedAt.Equal(at(101)) {
		t.Errorf("corrected: %+v", m)
	}
	words := get(t, o, func(ctx context.Context, tx pgx.Tx) (*projections.MessageText, error) {
		return projections.GetMessageText(ctx, tx, o.org, o.ref(0).MessageID)
	})
	if text(words.Subject) != "Hello Zoë" || text(words.Body) != long {
		t.Errorf("text: %q %q", text(words.Subject), text(words.Body))
	}
	inbox := get(t, o, func(ctx context.Context, tx pgx.Tx) ([]*projections.InboxEntry, error) {
		page, err := projections.ListInbox(ctx, tx, o.org, projections.InboxFilter{CampaignID: o.campaign, Meaning: events.MeansMaybeUnsubscribe}, projections.Listing{Limit: 10})
		return page.Rows, err
	})
	if len(inbox) != 1 || inbox[0].Replies != 1 || inbox[0].LastMeans != events.MeansMaybeUnsubscribe || text(inbox[0].Subject) != "Re: hello" || !strings.HasPrefix(text(inbox[0].Snippet), "Yes, let us talk. Dear Zoë, how") || len([]rune(text(inbox[0].Snippet))) != 160 {
		t.Errorf("inbox: %+v", inbox)
	}
	enrolled := get(t, o, func(ctx context.Context, tx pgx.Tx) (*projections.Enrollment, error) {
		return projections.GetEnrollment(ctx, tx, o.org, o.ref(0).EnrollmentID)
	})
	if enrolled.State != projections.EnrollmentStopped || enrolled.Reason != events.StopReplied || enrolled.Step != 1 || enrolled.Steps != 3 || *enrolled.MailboxID != o.mailbox || *enrolled.StoppedBy != m.MessageID {
		t.Errorf("enrollment: %+v", enrolled)
	}
	box := get(t, o, func(ctx context.Context, tx pgx.Tx) (*projections.Mailbox, error) {
		return projections.GetMailbox(ctx, tx, o.org, o.mailbox)
	})
	var checks map[string]projections.MailboxCheck
	if err := json.Unmarshal(box.Checks, &checks); err != nil || box.Status != events.MailboxActive || text(box.Address) != "us@example.com" || checks[events.CheckDNS].Outcome != events.CheckPassed || box.Sent != 1 || !box.InboxReadAt.Equal(at(3)) {
		t.Errorf("mailbox: %+v %v", box, err)
	}
	var passedOver []projections.UnreadableMail
	if err := json.Unmarshal(box.Unreadable, &passedOver); err != nil || len(passedOver) != 1 || passedOver[0].Folder != "INBOX" || passedOver[0].UID != 11 || passedOver[0].Reason != "damaged" || passedOver[0].At.IsZero() {
		t.Errorf("passed over: %+v %v", passedOver, err)
	}
	c := get(t, o, func(ctx context.Context, tx pgx.Tx) (*projections.Campaign, error) {
		return projections.GetCampaign(ctx, tx, o.org, o.campaign)
	})
	if c.Status != events.CampaignIsPaused || c.PauseReason != events.PausedManual || c.Version != 3 || c.LaunchedAt == nil {
		t.Errorf("campaign: %+v", c)
	}
	usage := get(t, o, func(ctx context.Context, tx pgx.Tx) ([]*projections.Usage, error) {
		return projections.ListUsage(ctx, tx, o.org, 5)
	})
	if len(usage) == 0 || usage[len(usage)-1].EmailsSent+usage[0].EmailsSent != 1 {
		t.Errorf("usage: %+v", usage[0])
	}
	totals := get(t, o, func(ctx context.Context, tx pgx.Tx) (*projections.MessageTotals, error) {
		return projections.CountMessages(ctx, tx, o.org, o.campaign)
	})
	if want := (projections.MessageTotals{Messages: 1, Sent: 1, Opened: 1, MachineOpened: 1, Replied: 1, Meetings: 1, ScannerClicked: 1}); *totals != want {
		t.Errorf("totals: %+v", totals)
	}
	var told []string
	for _, e := range get(t, o, func(ctx context.Context, tx pgx.Tx) ([]*projections.TimelineEntry, error) {
		return projections.TimelineOf(ctx, tx, o.org, []uuid.UUID{lead}, nil, 0, 100)
	}) {
		told = append(told, e.Type[:strings.LastIndex(e.Type, ".v")])
		if s := string(e.Detail); strings.Contains(s, "Zo") || strings.Contains(s, "@") {
			t.Errorf("%s tells something personal: %s", e.Type, s)
		}
	}
	if got := strings.Join(told, " "); got != "lead.created enrollment.started message.requested message.held message.drafted message.drafted message.approved message.scheduled message.postponed message.scheduled "+
		"message.claimed message.sent message.opened message.opened message.opened message.clicked message.replied message.replied enrollment.stopped meeting.booked message.hit_reclassified" {
		t.Errorf("timeline: %s", got)
	}
	n = len(o.events)
	o.add(o.org, events.LeadErased{LeadRef: events.LeadRef{LeadID: lead}})
	o.f.store(t, o.events[n:])
	all := get(t, o, dump)
	if strings.Contains(all, "Zoë") || strings.Contains(all, "Re: hello") || strings.Contains(all, "zoe@") {
		t.Errorf("something personal has outlived its erasure:\n%s", all)
	}
}

// However the facts of sending are cut into batches, with and without the keys of the erased: the rows are the same.
func TestRowsOfSendingFollowFromTheLogAlone(t *testing.T) {
	t.Parallel()
	f := setup(t)
	rapid.Check(t, func(rt *rapid.T) {
		o := newOutreach(rt, f)
		erased := map[uuid.UUID]bool{}
		for range rapid.IntRange(20, 150).Draw(rt, "facts") {
			o.random(rt, erased)
		}
		var each, cuts []int
		for i := range o.events {
			each = append(each, i)
			if rapid.IntRange(0, 5).Draw(rt, "cut") == 0 {
				cuts = append(cuts, i)
			}
		}
		all := keyring{o.keys, func(pii.Ref) bool { return false }}
		want := f.outcome(t.Context(), rt, all, o.events, each...)
		same := func(how, got string) {
			if got != want {
				rt.Fatalf("%s:\n%s", how, difference(want, got))
			}
		}
		same("in one batch", f.outcome(t.Context(), rt, all, o.events))
		same("cut at random", f.outcome(t.Context(), rt, all, o.events, cuts...))
		same("cut at random while keys go", f.outcome(t.Context(), rt, keyring{o.keys, func(r pii.Ref) bool { return erased[r.Subject] }}, o.events, cuts...))
	})
}

// random adds something that may happen to one of a few messages, in any order; an erased person gets no new text.
func (o *outreach) random(rt *rapid.T, erased map[uuid.UUID]bool) {
	n := rapid.IntRange(0, 5).Draw(rt, "message")
	r, a := o.ref(n), o.answered(n)
	in := events.EnrollmentRef{EnrollmentID: r.EnrollmentID, LeadID: r.LeadID, CampaignID: r.CampaignID}
	hit := o.name("hit", n*10+rapid.IntRange(0, 3).Draw(rt, "hit"))
	class := rapid.SampledFrom([]string{events.ClassHuman, events.ClassProxy, events.ClassScanner}).Draw(rt, "class")
	when := at(rapid.IntRange(0, 4_000_000).Draw(rt, "when"))
	choice := rapid.IntRange(0, 22).Draw(rt, "what")
	if erased[r.LeadID] && choice >= 1 && choice <= 5 {
		return
	}
	id := o.name("mail", n*10+rapid.IntRange(0, 2).Draw(rt, "mail"))
	pick := []func() es.Payload{
		func() es.Payload { return o.requested(n) },
		func() es.Payload { return o.drafted(n, 1, "s\x00", "b") },
		func() es.Payload {
			return events.MessageReplied{SentMessageRef: a, Mail: o.mail(n, id, "reply"), From: events.FromLead}
		},
		func() es.Payload {
			return events.MessageAutoReplied{SentMessageRef: a, Mail: o.mail(n, id, "away"), OutOfOffice: true}
		},
		nil,
		func() es.Payload {
			return events.MeetingBooked{SentMessageRef: a, MeetingID: o.name("meeting", n), StartsAt: when, EndsAt: when, BookedAt: when, Details: o.seal(r.LeadID, projections.MeetingField, "{}")}
		},
		func() es.Payload { return o.sent(n, when) },
		func() es.Payload { return events.MessageFailed{MessageRef: r, MailboxID: o.mailbox, FailedAt: when} },
		func() es.Payload { return events.MessageInDoubt{MessageRef: r, MailboxID: o.mailbox, ClaimedAt: when} },
		func() es.Payload { return events.MessageOpened{SentMessageRef: a, HitID: hit, Class: class, At: when} },
		func() es.Payload { return events.MessageClicked{SentMessageRef: a, HitID: hit, Class: class, At: when} },
		func() es.Payload { return events.HitReclassified{SentMessageRef: a, HitID: hit, Class: class} },
		func() es.Payload {
			return events.MessageBounced{SentMessageRef: a, Kind: events.BounceHard, ReportedAt: when}
		},
		func() es.Payload { return events.LeadUnsubscribed{SentMessageRef: a, At: when} },
		func() es.Payload {
			return events.MeetingCancelled{MeetingRef: events.MeetingRef{MeetingID: o.name("meeting", n), LeadID: r.LeadID}}
		},
		func() es.Payload {
			return events.EnrollmentStarted{EnrollmentRef: events.EnrollmentRef{EnrollmentID: r.EnrollmentID, LeadID: r.LeadID, CampaignID: o.campaign}, PeriodFrom: at(0)}
		},
		func() es.Payload { return events.EnrollmentPaused{EnrollmentRef: in, Reason: "manual", Until: when} },
		func() es.Payload { return events.EnrollmentStopped{EnrollmentRef: in, Reason: "manual"} },
		func() es.Payload { return events.LeadRemoved{LeadRef: events.LeadRef{LeadID: r.LeadID}} },
		func() es.Payload {
			erased[r.LeadID] = true
			return events.LeadErased{LeadRef: events.LeadRef{LeadID: r.LeadID}}
		},
		func() es.Payload {
			return events.MailboxPaused{MailboxRef: events.MailboxRef{MailboxID: o.mailbox}, Reason: "manual"}
		},
		func() es.Payload {
			return events.MailboxVerified{MailboxRef: events.MailboxRef{MailboxID: o.mailbox}, Status: events.MailboxActive}
		},
		func() es.Payload {
			return events.CampaignRevised{CampaignRef: events.CampaignRef{CampaignID: o.campaign}, StepsVersion: n + 2, Steps: []events.Step{}}
		},
	}
	if choice == 4 { // a lead's own facts are another test's
		choice = 6
	}
	o.add(o.org, pick[choice]())
}

func TestABillingPeriodBeginsWhereTheDomainSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		anchor := time.Unix(rapid.Int64Range(1_600_000_000, 1_900_000_000).Draw(rt, "anchor"), 0)
		when := anchor.Add(time.Duration(rapid.Int64Range(-100, 2_000).Draw(rt, "hours")) * 7 * time.Hour)
		if want, _ := aggregates.PeriodAt(anchor, when); !projections.PeriodFrom(anchor, when).Equal(want) {
			rt.Fatalf("anchor %v, at %v: %v, want %v", anchor, when, projections.PeriodFrom(anchor, when), want)
		}
	})
}
