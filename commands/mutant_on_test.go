//go:build mutants

package commands_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/lab/mutants"
)

// TestMutantsBreakTheirRule plays one small world with each check left out: its rule is broken, and no other. Not parallel:
// what is left out is left out for the whole process.
func TestMutantsBreakTheirRule(t *testing.T) {
	for check, want := range map[string][]string{
		"":       nil,
		"stop":   {"claimed though it was stopped or paused", "sent after a stop"},
		"gap":    {"under the gap"},
		"cap":    {"over the cap in 24 hours", "over the cap in an hour", "over the cap of a day"},
		"window": {"outside the window of Europe/Berlin"},
		"claim":  {"a step sent twice"},
	} {
		t.Run(check, func(t *testing.T) {
			leaveOut(t, check)
			w := newWorld(t, time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC)) // a Monday
			w.expected = map[string]int{}
			addresses := map[uuid.UUID]string{}
			for n := range 40 {
				addresses[leadID(person(n))] = person(n)
			}
			w.answer = func(s events.MessageSent) []commands.Command {
				about := events.SentMessageRef{MessageID: s.MessageID, LeadID: s.LeadID, CampaignID: s.CampaignID, MailboxID: s.MailboxID}
				said := []commands.Command{
					commands.RecordReply{SentMessageRef: about, Mail: events.Mail{ReceivedAt: w.now}, From: "lead"},
					commands.Unsubscribe{SentMessageRef: about, How: "one_click", At: w.now},
					commands.AddSuppressions{Items: []commands.SuppressionItem{{Kind: "address", Hash: h(addresses[s.LeadID]), Reason: "manual"}}},
				}
				if n := int(roll(s.MessageID)) % 12; n < len(said) && s.Step < 3 {
					w.stopped[s.LeadID] = w.now
					return said[n : n+1]
				}
				return nil
			}
			pace := events.MailboxPace{CapPerDay: 12, CapPerHour: 3, GapSeconds: 900, JitterTo: 60}
			berlin := func(int) string { return "" }
			w.setUp(1, 40, pace, sequence(0, 2, 2), berlin, nil)
			w.until(w.now.AddDate(0, 0, 12))
			w.judge(pace, berlin)
			if got := slices.Sorted(maps.Keys(w.expected)); !slices.Equal(got, want) || len(w.sent) < 60 {
				t.Errorf("of %d sent: broken %v, want %v", len(w.sent), w.expected, want)
			}
		})
	}
}

func TestMutantOfTheQuotaEnrolsMoreThanThePlanHas(t *testing.T) {
	for check, want := range map[string]int{"": 1, "quota": 3} {
		t.Run(check, func(t *testing.T) {
			leaveOut(t, check)
			w := newWorld(t, anchor)
			w.must(commands.CreateOrganization{OrganizationID: org, Slug: "acme", Name: "Acme", Plan: "starter", Limits: events.Limits{LeadsPerMonth: 1, Mailboxes: 1, LeadsStored: -1, ImportBytes: -1, ImportRows: -1, ImportsAtOnce: -1}, TimeZone: "UTC"})
			w.must(commands.CreateCampaign{CampaignRef: events.CampaignRef{CampaignID: campaign}, Name: "Spring", CampaignType: "cold_outreach", CreatedBy: "person:1", Approval: events.ApproveNone})
			var leads []uuid.UUID
			for n := range 3 {
				w.must(commands.CreateLead{LeadItem: item(person(n))})
				leads = append(leads, leadID(person(n)))
			}
			w.must(commands.EnrollLeads{CampaignID: campaign, LeadIDs: leads})
			if got := w.count["enrollment.started.v1"]; got != want {
				t.Errorf("%d enrolled, want %d", got, want)
			}
			w.must(connect(0, quick))
			if _ = w.do(connect(1, quick)); w.count["mailbox.added.v1"] != 1 {
				t.Error("the plan's mailboxes aren't kept")
			}
		})
	}
}

// TestMutantOfMembersLetsMoreInThanThereAreSeats, and the last owner go: both are what the crew of chaos asks for in its first turns.
func TestMutantOfMembersLetsMoreInThanThereAreSeats(t *testing.T) {
	for check, want := range map[string][2]int{"": {3, 0}, "members": {4, 1}} {
		t.Run(check, func(t *testing.T) {
			leaveOut(t, check)
			w := newWorld(t, anchor)
			w.must(commands.CreateOrganization{OrganizationID: org, Slug: "acme", Name: "Acme", Plan: "crew", Limits: events.Limits{Seats: 3, LeadsStored: -1}, TimeZone: "UTC"})
			for n := range byte(4) {
				invitation, person, hash := uuid.UUID{1, n}, uuid.UUID{2, n}, h(string('a'+rune(n)))
				w.must(commands.InviteMember{InvitationID: invitation, AddressHash: hash, Details: sealed, Role: []string{"owner", "member", "member", "member"}[n]})
				_ = w.do(commands.AcceptInvitation{InvitationID: invitation, PersonID: person, AddressHash: hash, Profile: sealed})
			}
			_ = w.do(commands.ChangeMemberRole{PersonID: uuid.UUID{2, 0}, Role: "member"})
			if got := [2]int{w.count["member.joined.v1"], w.count["member.role_changed.v1"]}; got != want {
				t.Errorf("%d joined and the owner changed %d times, want %v", got[0], got[1], want)
			}
		})
	}
}

func TestMutantMustBeKnown(t *testing.T) {
	if err := mutants.LeaveOut("brakes"); err == nil {
		t.Error("brakes can be left out")
	}
}

func leaveOut(t *testing.T, check string) {
	t.Helper()
	if err := mutants.LeaveOut(check); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = mutants.LeaveOut("") })
}
