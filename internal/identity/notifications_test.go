package identity_test

import (
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/internal/identity"
)

func TestMailsOfNotificationsAreClaimedOnce(t *testing.T) {
	t.Parallel()
	f := setupPeople(t)
	s := identity.NewPersonSettings(f.pool, f.clock.Now)
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	note := func(notices ...uuid.UUID) {
		t.Helper()
		var mails []identity.NotificationMail
		for _, id := range notices {
			mails = append(mails, identity.NotificationMail{Org: f.org, Person: f.ann, Notice: id, Kind: identity.NotifyMentions, Line: "A note names you.", Path: "/inbox", At: now, DueAt: now})
		}
		check(t, s.NoteMails(t.Context(), mails))
	}
	claim := func(at time.Time) []identity.NotificationMail {
		t.Helper()
		out, err := s.ClaimMails(t.Context(), at)
		check(t, err)
		return out
	}
	first, second := uuid.New(), uuid.New()
	note(first, second)
	note(first) // again, as after a crash
	if got := claim(now.Add(-time.Second)); len(got) != 0 {
		t.Errorf("before it is due %d are claimed", len(got))
	}
	var mu sync.Mutex
	var all []identity.NotificationMail
	var running sync.WaitGroup
	for range 8 {
		running.Go(func() {
			out, err := s.ClaimMails(t.Context(), now)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, out...)
		})
	}
	running.Wait()
	if len(all) != 2 || all[0].Notice == all[1].Notice || all[0].Tries != 1 {
		t.Fatalf("claimed at once by eight: %+v", all)
	}
	check(t, s.ReleaseMails(t.Context(), all[:1], now.Add(time.Minute)))
	if got := claim(now.Add(time.Minute)); len(got) != 1 || got[0].Notice != all[0].Notice || got[0].Tries != 2 {
		t.Errorf("given back, claimed is %+v", got)
	}
	check(t, s.EndMails(t.Context(), all, now))
	third := uuid.New()
	note(third)
	if got := claim(now.Add(5 * time.Minute)); len(got) != 0 {
		t.Errorf("soon after a mail there is another: %+v", got)
	}
	if got := claim(now.Add(20 * time.Minute)); len(got) != 1 || got[0].Notice != third {
		t.Errorf("later claimed is %+v", got)
	}
	check(t, s.ForgetMails(t.Context(), now.Add(time.Second)))
	note(first)
	if got := claim(now.Add(time.Hour)); len(got) != 1 {
		t.Errorf("what was forgotten isn't there: %+v", got)
	}
}

func TestMailsOfNotificationsAreEnded(t *testing.T) {
	t.Parallel()
	f := setupPeople(t)
	s := identity.NewPersonSettings(f.pool, f.clock.Now)
	check(t, s.Set(t.Context(), f.ann, f.org, identity.SettingNotifications, json.RawMessage(`{"replies": {"app": false, "mail": true}, "when": "daily"}`)))
	told := func(org uuid.UUID) []identity.NotifiedMember {
		t.Helper()
		out, err := s.MembersToNotify(t.Context(), org, uuid.Nil)
		check(t, err)
		return out
	}
	if got := told(f.org); len(got) != 1 || got[0].Email != "ann@example.com" || got[0].Role != identity.RoleAdmin || !got[0].Choices.ByMail("replies") || !got[0].Choices.ByMail("mentions") || got[0].Choices.ByMail("imports") || !got[0].Choices.Daily() {
		t.Fatalf("members are %+v", got)
	}
	if got := told(uuid.New()); len(got) != 0 {
		t.Errorf("elsewhere there are %+v", got)
	}
	for range 2 {
		check(t, s.StopNotificationMails(t.Context(), f.ann, f.org))
	}
	got := told(f.org)[0].Choices
	for _, kind := range identity.NotificationKinds() {
		if got.ByMail(kind) {
			t.Errorf("%s are mailed still", kind)
		}
	}
	var replies struct{ App bool }
	if check(t, json.Unmarshal(got["replies"], &replies)); replies.App || !got.Daily() {
		t.Errorf("what was chosen besides is gone: %s", got)
	}
	check(t, s.StopNotificationMails(t.Context(), uuid.New(), f.org)) // who is gone
	check(t, f.SetMembership(t.Context(), f.org, f.ann, "", 99))
	if got := told(f.org); len(got) != 0 {
		t.Errorf("who has left is told: %+v", got)
	}
}
