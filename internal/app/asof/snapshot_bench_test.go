package asof

import (
	"errors"
	"math/rand/v2"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/project/chtest"
	"outrider/projections"
	"outrider/projections/analytics"
)

// story is a campaign that writes once to each of n/8 leads, sealed as they are in life.
func story(org, campaign, mailbox uuid.UUID, n int, began time.Time) (all []*es.Event) {
	random := rand.New(rand.NewPCG(1, 2)) // bytes that don't compress
	sealed := func(size int) events.Sealed {
		s := events.Sealed{K: 1, C: make([]byte, size)}
		for i := range s.C {
			s.C[i] = byte(random.Uint32())
		}
		return s
	}
	hash := func(x int) string {
		return es.DeriveID(org, strconv.Itoa(x)).String()[:8] + "00000000000000000000" + "0000"
	}
	var chain es.ChainHash
	add := func(p es.Payload) {
		data, _ := es.Marshal(p)
		oseq := int64(len(all)) + 1
		e := &es.Event{ID: es.NewID(), Type: p.EventType(), Org: org, Subject: p.AggregateID(), Time: began.Add(time.Duration(oseq) * time.Second), Actor: es.Actor{Kind: es.ActorClock, ID: "clock"},
			CommandID: es.NewID(), CorrelationID: es.NewID(), CausationID: es.NewID(), Epoch: 1, Pseq: oseq, Oseq: oseq, Last: true, Data: data}
		chain, _ = es.Link(chain, e, nil)
		e.Chain = chain
		all = append(all, e)
	}
	step, variant := uuid.New(), uuid.New()
	steps := []events.Step{{StepID: step, Variants: []events.Variant{{VariantID: variant, Subject: "s", Body: "b", Weight: 1}}}}
	add(events.OrganizationCreated{OrganizationRef: events.OrganizationRef{OrganizationID: org}, Slug: "a", Name: "one", Plan: "enterprise", TimeZone: "UTC", BillingAnchor: began, Limits: commands.Plans()["enterprise"]})
	add(events.MailboxAdded{MailboxRef: events.MailboxRef{MailboxID: mailbox}, Transport: events.TransportSMTP, AddressHash: hash(-1), DomainHash: hash(-2), Address: sealed(60)})
	add(events.CampaignCreated{CampaignRef: events.CampaignRef{CampaignID: campaign}, Name: "Spring", CampaignType: "cold_outreach", Approval: events.ApproveNone, Steps: steps})
	for i := 0; len(all)+8 <= n; i++ {
		lead := uuid.New()
		in := events.MessageRef{MessageID: uuid.New(), EnrollmentID: uuid.New(), LeadID: lead, CampaignID: campaign}
		add(events.LeadCreated{LeadRef: events.LeadRef{LeadID: lead}, AddressHash: hash(i), DomainHash: hash(i / 10), Profile: sealed(250), Filled: []string{"email", "first_name"}, Source: events.SourceAPI})
		add(events.EnrollmentStarted{EnrollmentRef: events.EnrollmentRef{EnrollmentID: in.EnrollmentID, LeadID: lead, CampaignID: campaign}, Counted: true, PeriodFrom: began})
		add(events.MessageRequested{MessageRef: in, StepsVersion: 1, StepID: step, Step: 1, Steps: 1, VariantID: variant, MailboxID: mailbox, Earliest: began})
		add(events.MessageDrafted{MessageRef: in, Draft: events.Draft{Subject: sealed(60), Body: sealed(600), Writer: "template"}, Number: 1})
		add(events.MessageApproved{MessageRef: in, By: "policy"})
		add(events.MessageScheduled{MessageRef: in, MailboxID: mailbox, At: began})
		add(events.MessageClaimed{MessageRef: in, MailboxID: mailbox, ClaimedAt: began, LeaseUntil: began})
		add(events.MessageSent{MessageRef: in, Step: 1, MailboxID: mailbox, AcceptedAt: began})
	}
	return all
}

// BenchmarkThePast folds 100,000 events: run it with -benchtime 5x.
func BenchmarkThePast(b *testing.B) {
	engine := chtest.Start(b)
	table := analytics.Events()
	if err := analytics.Migrate(b.Context(), engine.Conn); err != nil {
		b.Fatal(err)
	}
	org, campaign, mailbox := uuid.New(), uuid.New(), uuid.New()
	began := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	all := story(org, campaign, mailbox, 100_000, began)
	batch, err := engine.Conn.PrepareBatch(b.Context(), "INSERT INTO "+table.Into)
	if err != nil {
		b.Fatal(err)
	}
	for _, e := range all {
		if err := table.Append(batch, e); err != nil {
			b.Fatal(err)
		}
	}
	if err := batch.Send(); err != nil {
		b.Fatal(err)
	}
	for name, decides := range map[string]bool{"resource": false, "why": true} {
		b.Run(name, func(b *testing.B) {
			used := cpu()
			for b.Loop() {
				past, err := projections.NewPast(org, campaign, nil)
				if err != nil {
					b.Fatal(err)
				}
				m := &Snapshot{at: began.AddDate(1, 0, 0), needs: projections.NeedsOf("campaigns", campaign), Past: past}
				if decides {
					m.state = commands.Domain().New(org)
				}
				_, err = m.foldEvents(b.Context(), analytics.History{Conn: engine.Conn}, org)
				if got := past.Campaign(campaign).Enrolled; m.Verifier.Oseq != int64(len(all)) || got != len(all)/8 {
					err = errors.Join(err, errors.New("folded "+strconv.FormatInt(m.Verifier.Oseq, 10)+" events, enrolled "+strconv.Itoa(got)))
				}
				past.Close()
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric((cpu()-used).Seconds()*1000/float64(b.N), "cpu-ms/op") // of this process: what a busy machine doesn't change much
			b.ReportMetric(float64(len(all))*float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// cpu is what this process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
