package commands_test

import (
	"fmt"
	"testing"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

// sends is a campaign that wrote to n people yesterday, Ann among them.
func sends(n int) facts {
	yesterday := estest.At.AddDate(0, 0, -1)
	out := running(asked(ann, 0), sentAt(ann, 0, yesterday))
	for i := range n - 1 {
		who := fmt.Sprintf("p@company%d.test", i)
		out = append(out, leadCreated(who), enrolled(who), asked(who, 0), sentAt(who, 0, yesterday))
	}
	return out
}

// TestRatesOfFew asks for what one report more does to a mailbox and a campaign: nothing where it proves nothing, and nothing
// once more where they are paused already.
func TestRatesOfFew(t *testing.T) {
	t.Parallel()
	at := estest.At
	box, of := events.MailboxRef{MailboxID: boxID(0)}, events.CampaignRef{CampaignID: campaign}
	complaint := commands.RecordComplaint{SentMessageRef: about(ann), Kind: "abuse", ReportedAt: at}
	bounce := commands.RecordBounce{SentMessageRef: about(ann), SMTPReply: events.SMTPReply{Code: 550, Enhanced: "5.1.1"}, ReportedAt: at}
	block := commands.RecordBounce{SentMessageRef: about(ann), SMTPReply: events.SMTPReply{Code: 550, Enhanced: "5.7.1"}, ReportedAt: at}
	bounced := func(kind, enhanced string) events.MessageBounced {
		return events.MessageBounced{SentMessageRef: about(ann), Kind: kind, Code: 550, Enhanced: enhanced, ReportedAt: at}
	}
	hard, blocked := bounced("hard", "5.1.1"), bounced("block", "5.7.1")
	after := func(before facts, n int, e events.Event, more ...events.Event) facts {
		out := before[:len(before):len(before)]
		for range n {
			out = append(out, e)
		}
		return append(out, more...)
	}
	said := func(e events.Event, reason, stop string, more ...events.Event) facts {
		return append(facts{e, suppressedAs(ann, reason)}, append(more, stoppedAs(ann, stop, 1, msgID(ann, 0)))...)
	}
	complained := func(more ...events.Event) facts {
		return append(said(events.MessageComplained(complaint), "complaint", "complained"), more...)
	}
	weak := events.MailboxHealthChanged{MailboxRef: box, Health: 80, Reason: "complained"}
	weaker := events.MailboxHealthChanged{MailboxRef: box, Health: 90, Reason: "blocked"}
	pausedBox := func(reason string, count, sent int) events.MailboxPaused {
		return events.MailboxPaused{MailboxRef: box, Reason: reason, Count: count, Sent: sent}
	}
	pausedCampaign := func(reason string, count, sent int) events.CampaignPaused {
		return events.CampaignPaused{CampaignRef: of, Reason: reason, Count: count, Sent: sent}
	}
	byHand := facts{events.MailboxPaused{MailboxRef: box, Reason: "manual"}, events.CampaignPaused{CampaignRef: of, Reason: "manual"}}
	unknown := commands.RecordComplaint{SentMessageRef: events.SentMessageRef{MessageID: other, LeadID: other, CampaignID: other, MailboxID: other}, Kind: "abuse", ReportedAt: at}
	stranger := commands.RecordBounce{SentMessageRef: unknown.SentMessageRef, SMTPReply: events.SMTPReply{Code: 550, Enhanced: "5.1.1"}, ReportedAt: at}
	gone := events.MessageBounced{SentMessageRef: unknown.SentMessageRef, Kind: "hard", Code: 550, Enhanced: "5.1.1", ReportedAt: at}
	// A refusal while it is sent: the send counts, though it isn't recorded yet.
	refused := commands.RecordResults{MailboxID: boxID(0), Results: []commands.SendResult{{MessageID: msgID(ann, 0), At: at, SMTPReply: events.SMTPReply{Stage: "rcpt", Code: 550, Enhanced: "5.7.1"}}}}
	s := sentAt(ann, 0, at)
	failed := events.MessageFailed{MessageRef: s.MessageRef, StepsVersion: 1, StepID: s.StepID, Step: 1, VariantID: s.VariantID, MailboxID: boxID(0), SMTPReply: refused.Results[0].SMTPReply, Permanent: true, FailedAt: at}
	atRCPT := blocked
	atRCPT.AtRCPT, atRCPT.AddressHash = true, h(ann)
	// Two mailboxes of a domain, each of which has sent too little to be judged.
	second := events.MailboxRef{MailboxID: boxID(1)}
	both := func(n int) facts {
		out := sends(30)
		out = append(out, events.MailboxAdded{MailboxRef: second, Transport: "smtp", Address: sealed, AddressHash: h("box1"), DomainHash: h("ours.test")},
			events.MailboxVerified{MailboxRef: second, Status: events.MailboxActive})
		for i := range 30 {
			who := fmt.Sprintf("q@company%d.test", i)
			s := sentAt(who, 0, at.AddDate(0, 0, -1))
			s.MailboxID = second.MailboxID
			out = append(out, leadCreated(who), enrolled(who), asked(who, 0), s)
		}
		of := hard
		of.MailboxID = second.MailboxID
		return after(out, n, of)
	}
	pausedAll := []events.Event{events.MailboxPaused{MailboxRef: box, Reason: "domain_bounce_rate", Count: 4, Sent: 60}, events.MailboxPaused{MailboxRef: second, Reason: "domain_bounce_rate", Count: 4, Sent: 60}}
	kit().Run(t, map[string]estest.Case{
		"three bounces of a domain's 60 prove nothing":      {Given: both(2), When: bounce, Then: said(hard, "bounce", "bounced"), Again: estest.OnceMore()},
		"four pause its mailboxes, of which none is judged": {Given: both(3), When: bounce, Then: said(hard, "bounce", "bounced", pausedAll...), Again: estest.OnceMore()},
		"one complaint of 200 proves nothing":               {Given: sends(200), When: complaint, Then: complained(), Again: estest.OnceMore()},
		"of 100 it warns":                                   {Given: sends(100), When: complaint, Then: complained(weak), Again: estest.OnceMore()},
		"of 50 it pauses the mailbox and the campaign":      {Given: sends(50), When: complaint, Then: complained(weak, pausedBox("complaint_rate", 1, 50), pausedCampaign("complaint_rate", 1, 50)), Again: estest.OnceMore()},
		"of 49 nobody can say":                              {Given: sends(49), When: complaint, Then: complained(), Again: estest.OnceMore()},
		"what is paused isn't paused by a complaint":        {Given: append(sends(50), byHand...), When: complaint, Then: complained(weak), Again: estest.OnceMore()},
		"a complaint about what nobody knows is recorded":   {Given: given(), When: unknown, Then: facts{events.MessageComplained(unknown)}, Again: estest.OnceMore()},
		"so is a bounce":                                    {Given: given(), When: stranger, Then: facts{gone}, Again: estest.OnceMore()},
		"two bounces of 50 prove nothing":                   {Given: after(sends(50), 1, hard), When: bounce, Then: said(hard, "bounce", "bounced"), Again: estest.OnceMore()},
		"three pause the mailbox":                           {Given: after(sends(50), 2, hard), When: bounce, Then: said(hard, "bounce", "bounced", pausedBox("bounce_rate", 3, 50)), Again: estest.OnceMore()},
		"five don't pause the campaign":                     {Given: after(sends(50), 4, hard), When: bounce, Then: said(hard, "bounce", "bounced", pausedBox("bounce_rate", 5, 50)), Again: estest.OnceMore()},
		"six do":                                            {Given: after(sends(50), 5, hard), When: bounce, Then: said(hard, "bounce", "bounced", pausedBox("bounce_rate", 6, 50), pausedCampaign("bounce_rate", 6, 50)), Again: estest.OnceMore()},
		"what is paused isn't paused by a bounce":           {Given: after(sends(50), 5, hard, byHand...), When: bounce, Then: said(hard, "bounce", "bounced"), Again: estest.OnceMore()},
		"a blocked mailbox that is paused isn't paused":     {Given: after(sends(1), 4, blocked, byHand...), When: block, Then: facts{blocked, weaker}, Again: estest.OnceMore()},
		"a campaign isn't paused for what blocks mailboxes": {Given: append(after(sends(50), 5, hard), events.MailboxRemoved{MailboxRef: box}), When: block, Then: facts{blocked}, Again: estest.OnceMore()},
		"a refusal counts with the send that it is of": {Given: after(away(), 4, blocked), When: refused,
			Then: facts{failed, atRCPT, weaker, pausedBox("blocked", 5, 1), stoppedAs(ann, "failed", 0, msgID(ann, 0))}, Again: estest.NothingToDo()},
	})
}
