package aggregates_test

import (
	"fmt"
	"testing"
	"time"

	"outrider/aggregates"
	"outrider/events"
)

// TestManyWhoWaitAreLetInTickByTick lets settings make room for 1,200 people, each of whom waits for a colleague.
func TestManyWhoWaitAreLetInTickByTick(t *testing.T) {
	t.Parallel()
	h := newHouse(settingsOf(func(s *events.CampaignSettings) { s.CompanyCap = 1 }))
	const companies = 1200
	for n := range companies {
		first, second, at := fmt.Sprint("first ", n), fmt.Sprint("second ", n), fmt.Sprint("company ", n)
		h.apply(lead(first, at), lead(second, at), enroll(first), enroll(second), requested(first), events.EnrollmentDeferred{EnrollmentRef: enrollment(second)})
	}
	c := h.Campaigns[spring.CampaignID]
	h.apply(settingsOf(func(s *events.CampaignSettings) { s.CompanyCap = 1; s.KeepOpen = true }))
	if n := aggregates.Deferred(c); n != companies {
		t.Fatalf("settings that make no room let %d in", companies-n)
	}
	h.apply(settingsOf(func(s *events.CampaignSettings) { s.CompanyCap = 2 }))
	now, before := at, companies
	for ticks := 0; aggregates.Deferred(c) > 0; ticks++ {
		left := aggregates.Deferred(c)
		if before-left > 500 || left == before || h.Due().After(now.Add(time.Millisecond)) || ticks > 5 {
			t.Fatalf("after %d ticks %d wait, %d before; due %s", ticks, left, before, h.Due())
		}
		before, now = left, now.Add(time.Second)
		h.Ticked(now)
		h.Ticked(now) // with the second event of the same tick
	}
	if before > 500 {
		t.Errorf("the last %d came at once", before)
	}
}
