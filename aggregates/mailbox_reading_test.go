package aggregates_test

import (
	"testing"
	"time"

	"outrider/aggregates"
	"outrider/events"
)

func TestWhySaysThatTheMailboxCannotBeRead(t *testing.T) {
	t.Parallel()
	since := at.Add(-time.Hour)
	failed := events.MailboxReadingFailed{MailboxRef: box, Reason: events.ReadingUnreachable, Since: since, TriedAt: at}
	why := func(more ...events.Event) aggregates.Explanation {
		x, ok := aggregates.WhyLead(at, newHouse(all(one(person("a")...), scheduled("a"), more)...).Organization, spring.CampaignID, name("a"))
		if !ok {
			t.Fatal("nothing is said")
		}
		return x
	}
	if got := why(failed); got.Bound != aggregates.RuleInbox || !got.NotBefore.IsZero() {
		t.Errorf("it waits for %q until %s", got.Bound, got.NotBefore)
	}
	last := why(failed).Rules[len(why(failed).Rules)-1]
	if last.Rule != aggregates.RuleInbox || !last.Binds || last.Inputs["reason"] != events.ReadingUnreachable || last.Inputs["since"] != since.UTC() {
		t.Errorf("%+v", last)
	}
	for name, after := range map[string]events.Event{"it can be read again": events.MailboxReadingRecovered{MailboxRef: box, ReadAt: at}, "it is connected anew": events.MailboxConnected{MailboxRef: box}} {
		for _, r := range why(failed, after).Rules {
			if r.Rule == aggregates.RuleInbox {
				t.Errorf("%s: %+v", name, r)
			}
		}
	}
	if _, until := newHouse(one(failed)...).Mailboxes.Get(box.MailboxID).ReadingFailure(); !until.Equal(since) {
		t.Errorf("since %s", until)
	}
}
