package commands_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/events"
)

// TestPacingKeepsEveryRule plays short campaigns of any shape, in weeks where clocks change, with senders that stall and
// crash, people who leave, and pauses; whatever happens, nothing that arrives breaks a rule.
func TestPacingKeepsEveryRule(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		start := rapid.SampledFrom([]time.Time{time.Date(2026, 3, 5, 3, 0, 0, 0, time.UTC), time.Date(2026, 3, 26, 22, 0, 0, 0, time.UTC),
			time.Date(2026, 10, 23, 5, 0, 0, 0, time.UTC), time.Date(2026, 10, 29, 5, 0, 0, 0, time.UTC)}).Draw(r, "start")
		jitter := rapid.IntRange(0, 300).Draw(r, "jitter_from")
		pace := events.MailboxPace{CapPerDay: rapid.IntRange(1, 25).Draw(r, "cap"), CapPerHour: rapid.IntRange(0, 6).Draw(r, "hour"),
			GapSeconds: rapid.SampledFrom([]int{0, 30, 600, 3000}).Draw(r, "gap"), JitterFrom: jitter, JitterTo: jitter + rapid.IntRange(0, 300).Draw(r, "jitter_to")}
		s := settingsDrawn(r)
		zones := []string{"", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Cairo"}
		zone := func(n int) string { return zones[n%len(zones)] }
		people := rapid.IntRange(1, 60).Draw(r, "people")
		w := newWorld(t, start)
		stall := map[uuid.UUID]bool{}
		chance := rapid.IntRange(0, 5).Draw(r, "crash")
		w.crash = func(id uuid.UUID) bool { return int(id[1])%20 < chance && !stall[id] }
		w.refuse = func(c events.MessageClaimed) *events.SMTPReply {
			switch id := c.MessageID; {
			case id[2] < 10:
				return &events.SMTPReply{Stage: "rcpt", Code: 550, Enhanced: "5.1.1"}
			case id[2] < 30 && w.o.Messages[id].Tries() == 0:
				return &events.SMTPReply{Stage: "rcpt", Code: 451, Enhanced: "4.7.1"}
			}
			return nil
		}
		w.setUp(rapid.IntRange(1, 3).Draw(r, "mailboxes"), people, pace, sequence(0, 2, 3), zone, &s)
		for range rapid.IntRange(3, 12).Draw(r, "turns") {
			w.turn(r, people)
		}
		w.silent = false
		w.until(w.now.AddDate(0, 0, 10))
		w.judge(pace, zone)
		if w.failed {
			r.Fatalf("a rule is broken")
		}
	})
}

func settingsDrawn(r *rapid.T) events.CampaignSettings {
	s := aggregates.DefaultSettings()
	hours := []events.Window{{Days: []int{1, 2, 3, 4, 5}, From: "09:00", To: "17:00"}, {Days: []int{1, 2, 3, 4, 5, 6, 7}, From: "00:00", To: "24:00"},
		{Days: []int{6, 7}, From: "01:30", To: "03:30"}, {Days: []int{1, 2, 3, 4, 5, 6, 7}, From: "02:15", To: "02:45"}, {Days: []int{1, 5, 7}, From: "23:00", To: "24:00"}}
	s.Window = rapid.SampledFrom(hours).Draw(r, "window")
	s.CompanyCap = rapid.IntRange(0, 2).Draw(r, "company_cap")
	s.CompanyGapMinutes = rapid.SampledFrom([]int{0, 30, 300}).Draw(r, "company_gap")
	return s
}

// turn is something that happens, and some time that passes.
func (w *world) turn(r *rapid.T, people int) {
	lead := leadID(person(rapid.IntRange(0, people-1).Draw(r, "who")))
	one := []uuid.UUID{lead}
	box := boxID(0)
	about := events.SentMessageRef{MessageID: other, LeadID: lead, CampaignID: campaign, MailboxID: box}
	do := []commands.Command{
		commands.StopEnrollments{CampaignID: campaign, LeadIDs: one},
		commands.PauseEnrollments{CampaignID: campaign, LeadIDs: one},
		commands.ResumeEnrollments{CampaignID: campaign, LeadIDs: one},
		commands.RecordReply{SentMessageRef: about, Mail: events.Mail{ReceivedAt: w.now}, From: "lead"},
		commands.RecordAutoReply{SentMessageRef: about, Mail: events.Mail{ReceivedAt: w.now}, OutOfOffice: true},
		commands.Unsubscribe{SentMessageRef: about, How: "page", At: w.now},
		commands.PauseCampaign{CampaignID: campaign}, commands.ResumeCampaign{CampaignRef: events.CampaignRef{CampaignID: campaign}},
		commands.PauseMailbox{MailboxID: box}, commands.ResumeMailbox{MailboxRef: events.MailboxRef{MailboxID: box}},
		commands.AddSuppressions{Items: []commands.SuppressionItem{{Kind: "domain", Hash: h(domainOf(person(0))), Reason: "manual"}}},
		commands.UpdateLead{LeadID: lead, TimeZone: ptr("Europe/London"), Profile: sealed},
		commands.RemoveLead{LeadID: lead},
		commands.ChangeStatus{Status: "suspended"}, commands.ChangeStatus{Status: "active"},
	}
	c := do[rapid.IntRange(0, len(do)-1).Draw(r, "turn")]
	if u, ok := c.(commands.UpdateLead); ok {
		u.TimeZone = nil // the judge knows people's zones from the start
		c = u
	}
	_ = w.do(c)
	w.silent = rapid.IntRange(0, 9).Draw(r, "silent") == 0
	w.until(w.now.Add(time.Duration(rapid.IntRange(1, 72*60).Draw(r, "minutes")) * time.Minute))
	if rapid.Bool().Draw(r, "late claim") {
		for id, m := range w.o.Messages {
			if m.Scheduled() {
				_ = w.do(commands.ClaimMessages{MailboxID: m.Mailbox().ID, MessageIDs: []uuid.UUID{id}, InboxReadAt: w.now})
			}
		}
		w.react()
	}
	if rapid.Bool().Draw(r, "resolve") {
		for id, m := range w.o.Messages {
			if m.InDoubt() && id[3]%2 == 0 {
				_ = w.do(commands.ResolveMessage{MessageID: id, Sent: id[3]%4 == 0, By: "person"})
			}
		}
		w.react()
	}
}
