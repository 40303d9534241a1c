package main

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/logtail"
	"outrider/internal/app/replay"
	"outrider/internal/es"
	"outrider/internal/es/gateway"
	"outrider/internal/es/logtest"
	"outrider/internal/es/processor"
	"outrider/internal/es/react"
	"outrider/internal/kafka"
)

// deciding is a log with an owner that decides real commands.
type deciding struct {
	t    *testing.T
	log  kafka.Log
	gate *gateway.Gateway
	org  uuid.UUID
	now  time.Time
}

func decide(t *testing.T) *deciding {
	t.Helper()
	log := logtest.New(t, 2)
	owner, err := processor.New(processor.Config{Log: log, Domain: commands.Domain(), Report: func(what string, attrs ...any) { t.Log(append([]any{what}, attrs...)...) }})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := owner.Run(ctx); err != nil && ctx.Err() == nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { stop(); running.Wait() })
	gate, err := gateway.Open(t.Context(), gateway.Config{Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(gate.Close)
	return &deciding{t: t, log: log, gate: gate, org: uuid.New(), now: time.Now().Add(-time.Hour).UTC().Truncate(time.Microsecond)}
}

// do decides a command a minute after the last one, and gives the answer and when that was.
func (d *deciding) do(cause *es.Event, cmd commands.Command) (es.Answer, time.Time) {
	d.t.Helper()
	d.now = d.now.Add(time.Minute)
	kind, data, err := commands.Encode(cmd)
	if err != nil {
		d.t.Fatal(err)
	}
	actor := es.Actor{Kind: es.ActorOperator, ID: "test"}
	c := react.Command(cause, "test", kind+d.now.String(), actor, d.now, kind, data)
	for {
		a, err := d.gate.Submit(d.t.Context(), c)
		if err == nil && a.Outcome == es.Refused {
			d.t.Fatalf("%s is refused: %s %s", kind, a.Code, a.Detail)
		}
		if err == nil {
			return a, d.now
		}
		if d.t.Context().Err() != nil {
			d.t.Fatal(err)
		}
	}
}

func TestReplayTellsHowItStood(t *testing.T) {
	t.Parallel()
	d := decide(t)
	correlation := uuid.New()
	root := &es.Event{ID: correlation, Org: d.org, CorrelationID: correlation}
	campaign, mailbox := uuid.New(), uuid.New()
	_, created := d.do(root, commands.CreateOrganization{OrganizationID: d.org, Slug: "acme", Name: "Acme", Plan: "growth", Limits: commands.Plans()["growth"], TimeZone: "UTC"})
	d.do(root, commands.AddMailbox{MailboxRef: events.MailboxRef{MailboxID: mailbox}, Transport: events.TransportSMTP, Address: events.Sealed{K: 1, C: []byte("x")}, AddressHash: strings.Repeat("a", 32), DomainHash: strings.Repeat("b", 32)})
	lead := uuid.New()
	d.do(root, commands.CreateLead{LeadItem: commands.LeadItem{LeadID: lead, Profile: events.Sealed{K: 1, C: []byte("x")}, Filled: []string{"email"}, AddressHash: strings.Repeat("c", 32), DomainHash: strings.Repeat("d", 32), Source: events.SourceManual}})
	d.do(root, commands.CreateCampaign{CampaignRef: events.CampaignRef{CampaignID: campaign}, Name: "Spring", CampaignType: "cold_outreach", Approval: events.ApproveNone, CreatedBy: "operator:test"})
	_, enrolled := d.do(root, commands.EnrollLeads{CampaignID: campaign, LeadIDs: []uuid.UUID{lead}})
	d.do(root, commands.RenameCampaign{CampaignID: campaign, Name: "Summer"})
	answer, _ := d.do(root, commands.RemoveLead{LeadID: lead})

	end, err := replay.Run(t.Context(), d.log, d.org, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if c := end.Campaigns[0]; end.AsOf.Oseq != answer.Oseq || !end.Verified || end.Counts.Leads != 0 || c.Name != "Summer" || c.Enrolled != 0 || len(c.Enrollments) != 0 || end.Mailboxes[0].ID != mailbox {
		t.Errorf("at the end: %+v", end)
	}
	then, err := replay.Run(t.Context(), d.log, d.org, enrolled)
	if err != nil {
		t.Fatal(err)
	}
	if c := then.Campaigns[0]; then.Counts.Leads != 1 || c.Name != "Spring" || c.Enrolled != 1 || c.Enrollments["active"] != 1 || then.Counts.Enrollments["active"] != 1 || !then.AsOf.Time.Equal(enrolled) {
		t.Errorf("when the lead was enrolled: %+v", then)
	}
	var text bytes.Buffer
	if err := then.Print(&text); err != nil || !strings.Contains(text.String(), `"Spring": draft, 1 enrolled (1 active)`) {
		t.Errorf("got %s, %v", text.String(), err)
	}
	if _, err := replay.Run(t.Context(), d.log, d.org, created.Add(-time.Second)); err == nil || !strings.Contains(err.Error(), "holds nothing of organisation "+d.org.String()+" before ") {
		t.Errorf("before its begin: %v", err)
	}

	// The same by what caused it, named by the correlation, a command or an event.
	for name, id := range map[string]uuid.UUID{"correlation": correlation, "command": answer.CommandID, "event": es.DeriveID(answer.CommandID, "0")} {
		roots, err := logtail.FindTrace(t.Context(), d.log, id)
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		if err := printTrace(&text, roots); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"organization.create.v2  command ", "  +0s  organization.created.v2 #1  " + d.org.String(), "lead.remove.v1  command " + answer.CommandID.String() + " by operator:test", "  +6m0s  lead.removed.v1 #"} {
			if !strings.Contains(text.String(), want) {
				t.Errorf("by its %s, %q is missing in\n%s", name, want, text.String())
			}
		}
	}
	if _, err := logtail.FindTrace(t.Context(), d.log, uuid.New()); err == nil {
		t.Error("an id that nobody knows has a trace")
	}
}

func TestReplayRefusesABrokenChain(t *testing.T) {
	t.Parallel()
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	org := logtest.Org(0, 1)
	next := w.Next(org, org.String())
	next[0].Type, next[0].Data = "organization.trial_ended.v1", []byte(`{"organization_id":"`+org.String()+`"}`) // behind the chain's back
	w.Append(w.Records(next)...)
	if _, err := replay.Run(t.Context(), log, org, time.Time{}); err == nil || !strings.Contains(err.Error(), "the chain of organisation "+org.String()+" breaks at event 1") {
		t.Errorf("got %v", err)
	}
}
