package commands_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
)

// TestTicksOfAnOwner plays a small campaign through a real owner of a log, whose clock stands still while anything
// happens: no two ticks may have one id, or the second would be taken for a repeat and sending would stand still too.
func TestTicksOfAnOwner(t *testing.T) {
	t.Parallel()
	const people = 12
	p := newPartition(t)
	p.open(org, events.Limits{LeadsPerMonth: -1, Mailboxes: -1, LeadsStored: -1, ImportBytes: -1, ImportRows: -1, ImportsAtOnce: -1})
	steps, n := sequence(0, 2), 0
	send := func(c commands.Command) {
		n++
		p.send(org, es.DeriveID(org, "n", string(rune(n))), c)
	}
	send(commands.CreateCampaign{CampaignRef: events.CampaignRef{CampaignID: campaign}, Name: "Spring", CampaignType: "cold_outreach", Approval: "none", CreatedBy: "person:1", Steps: steps, Templates: templates(steps)})
	address := "1 Main St"
	send(commands.UpdateOrganization{PostalAddress: &address})
	var boxes []uuid.UUID
	for i := range 3 {
		send(connect(i, events.MailboxPace{CapPerDay: 2, GapSeconds: 600, JitterFrom: 90, JitterTo: 420}))
		send(commands.RecordMailboxChecks{MailboxID: boxID(i), Checks: passed(), CheckedAt: p.now})
		boxes = append(boxes, boxID(i))
	}
	send(commands.AssignMailboxes{CampaignID: campaign, MailboxIDs: boxes})
	for i := range people {
		send(commands.CreateLead{LeadItem: item(person(i))})
		send(commands.EnrollLeads{CampaignID: campaign, LeadIDs: []uuid.UUID{leadID(person(i))}})
	}
	send(commands.LaunchCampaign{CampaignID: campaign, IfVersion: ptr(2)})
	sent, ended, ticks, read := 0, false, map[uuid.UUID]bool{}, 0
	react := func() {
		for ; read < len(p.log); read++ {
			p.show(len(p.log))
			entry, err := es.ParseLog(p.log[read])
			if err != nil || entry.Fence || entry.Event.Org != org {
				continue
			}
			e, err := events.Decode(entry.Event.Type, entry.Event.Data)
			if err != nil {
				t.Fatal(err)
			}
			switch e := e.(type) {
			case events.MessageRequested:
				send(commands.DraftMessage{MessageID: e.MessageID, Draft: text})
			case events.MessageScheduled:
				send(commands.ClaimMessages{MailboxID: e.MailboxID, MessageIDs: []uuid.UUID{e.MessageID}, InboxReadAt: p.now})
			case events.MessageClaimed:
				send(commands.RecordResults{MailboxID: e.MailboxID, Results: []commands.SendResult{{MessageID: e.MessageID, Sent: true, At: p.now}}})
			case events.MessageSent:
				sent++
			case events.CampaignIdled:
				ended = true
			}
		}
	}
	react()
	for range 2000 {
		due := p.owner.NextDue()
		if ended || due.IsZero() {
			break
		}
		if due.After(p.now) {
			p.now = due
		}
		for _, c := range p.owner.Ticks(p.now) {
			if ticks[c.ID] {
				t.Fatalf("a second tick with one id at %s", p.now)
			}
			ticks[c.ID] = true
			r := es.CommandRecord(0, c)
			r.Offset = p.offset
			p.offset++
			p.take(p.owner.Command(r))
		}
		react()
	}
	t.Logf("%d sent with %d ticks by %s", sent, len(ticks), p.now.Format(time.DateTime))
	if sent != 2*people || !ended {
		t.Errorf("%d of %d sent, idle: %v", sent, 2*people, ended)
	}
}
