package prospects_test

import (
	"testing"
	"time"

	"outrider/internal/lab/mailserver"
	"outrider/internal/lab/prospects"
)

// TestAProviderIsJudgedByWhatItTook: what arrives late or twice is its own doing, and what it was given twice isn't.
func TestAProviderIsJudgedByWhatItTook(t *testing.T) {
	t.Parallel()
	took := func(after time.Duration, id, digest, doubt string) prospects.Line {
		return prospects.Line{At: start.Add(after), Kind: prospects.HandedOver, Person: "p0@x.example", Mailbox: sender, MessageID: id, Digest: digest, Detail: doubt}
	}
	of := func(after time.Duration, kind, id, detail string) prospects.Line {
		return prospects.Line{At: start.Add(after), Kind: kind, Person: "p0@x.example", Mailbox: "jane+sg-1@acme.test", MessageID: id, Detail: detail, Code: 550}
	}
	for name, c := range map[string]struct {
		provider, people []prospects.Line
		want             prospects.Violations
		truth            prospects.Truth
		deferred, doubts int
	}{
		"it arrives late, and twice": {provider: []prospects.Line{took(0, "a", "1", ""), took(10*time.Minute, "b", "2", "")},
			people: []prospects.Line{of(12*time.Minute, prospects.Arrived, "b", ""), of(13*time.Minute, prospects.Arrived, "a", ""), of(14*time.Minute, prospects.Arrived, "a", "")}, truth: prospects.Truth{Sent: 2}},
		"it is given one twice":         {provider: []prospects.Line{took(0, "a", "1", "cut"), took(20*time.Minute, "a", "1", "")}, want: prospects.Violations{SentTwice: 1}, truth: prospects.Truth{Sent: 1}, doubts: 1},
		"the same words under other id": {provider: []prospects.Line{took(0, "a", "1", ""), took(20*time.Minute, "b", "1", "")}, want: prospects.Violations{SentTwice: 1}, truth: prospects.Truth{Sent: 2}},
		"too early":                     {provider: []prospects.Line{took(0, "a", "1", ""), took(time.Minute, "b", "2", "")}, want: prospects.Violations{UnderGap: 1}, truth: prospects.Truth{Sent: 2}},
		"after one came back": {provider: []prospects.Line{took(0, "a", "1", ""), of(time.Hour, prospects.Returned, "a", "5.1.1"), took(20*time.Hour, "b", "2", "")},
			people: []prospects.Line{of(time.Hour, prospects.Refused, "", "5.1.1")}, want: prospects.Violations{SentAfterStop: 1}, truth: prospects.Truth{Sent: 2, Bounced: 1}},
		"after one was blocked": {provider: []prospects.Line{took(0, "a", "1", ""), of(time.Hour, prospects.Returned, "a", "5.7.1"), took(20*time.Hour, "b", "2", "")},
			people: []prospects.Line{of(time.Hour, prospects.Refused, "", "5.7.1")}, truth: prospects.Truth{Sent: 2, Bounced: 1}},
		"after a stop":      {provider: []prospects.Line{took(0, "a", "1", ""), took(20*time.Hour, "b", "2", "")}, people: []prospects.Line{of(time.Hour, prospects.Booked, "a", "")}, want: prospects.Violations{SentAfterStop: 1}, truth: prospects.Truth{Sent: 2, Meetings: 1}},
		"it took none once": {provider: []prospects.Line{of(0, prospects.PutOff, "", ""), took(time.Hour, "a", "1", "")}, truth: prospects.Truth{Sent: 1}, deferred: 1},
	} {
		v := prospects.Judge(nil, c.people, prospects.Params{Provider: c.provider, Poll: 10 * time.Minute, Mailboxes: map[string]prospects.MailboxPromise{sender: {Gap: 10 * time.Minute}}, NotOurs: mailserver.Line.IsToSelf})
		doubts := 0
		for _, n := range v.InDoubt {
			doubts += n
		}
		if v.Violations != c.want || v.Truth != c.truth || v.Deferred != c.deferred || doubts != c.doubts {
			t.Errorf("%s: %+v, %+v, %d put off, %d in doubt", name, v.Violations, v.Truth, v.Deferred, doubts)
		}
	}
}
