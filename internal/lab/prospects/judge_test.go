package prospects_test

import (
	"fmt"
	"testing"
	"time"

	"outrider/internal/lab/mailserver"
	"outrider/internal/lab/prospects"
)

// arrivals: a message to p<n>@x.example from jane at each time after the start.
func arrivals(after ...time.Duration) (out []prospects.Line) {
	for i, d := range after {
		out = append(out, prospects.Line{At: start.Add(d), Kind: prospects.Arrived, Person: fmt.Sprintf("p%d@x.example", i), Mailbox: sender, MessageID: fmt.Sprintf("%d@acme.test", i), Digest: fmt.Sprint(i)})
	}
	return out
}

// tagged gives each message a return path of its own.
func tagged(lines []prospects.Line) []prospects.Line {
	for i := range lines {
		lines[i].Mailbox = fmt.Sprintf("Jane+%d@acme.test", i)
	}
	return lines
}

func TestViolations(t *testing.T) {
	t.Parallel()
	work := prospects.DayPart{Days: []time.Weekday{1, 2, 3, 4, 5}, From: 9 * time.Hour, To: 17 * time.Hour}
	// to sends a further message to p0.
	to := func(after time.Duration, id, digest string) prospects.Line {
		return prospects.Line{At: start.Add(after), Kind: prospects.Arrived, Person: "p0@x.example", Mailbox: sender, MessageID: id, Digest: digest}
	}
	did := func(after time.Duration, kind, detail string, more ...func(*prospects.Line)) prospects.Line {
		l := prospects.Line{At: start.Add(after), Kind: kind, Detail: detail, Person: "p0@x.example", MessageID: "0@acme.test"}
		for _, m := range more {
			m(&l)
		}
		return l
	}
	box := func(limit int, gap time.Duration, zone string) prospects.Params {
		return prospects.Params{Mailboxes: map[string]prospects.MailboxPromise{sender: {Cap: limit, Gap: gap, Zone: zone}}}
	}
	dst := time.Date(2026, 10, 24, 22, 5, 0, 0, time.UTC).Sub(start) // just after midnight in Berlin, before summer time ends
	poll := prospects.Params{Poll: 5 * time.Minute}
	for name, c := range map[string]struct {
		people   []prospects.Line
		params   prospects.Params
		want     prospects.Violations
		inFlight int
	}{
		"nothing":                          {people: arrivals(0, time.Hour), params: box(2, time.Hour, "")},
		"the same message twice":           {people: append(arrivals(0), to(time.Hour, "0@acme.test", "x")), want: prospects.Violations{SentTwice: 1}},
		"the same words under another id":  {people: append(arrivals(0), to(time.Hour, "1@acme.test", "0")), want: prospects.Violations{SentTwice: 1}},
		"a follow-up":                      {people: append(arrivals(0), to(time.Hour, "1@acme.test", "1"))},
		"too early":                        {people: arrivals(0, 9*time.Minute), params: box(9, 10*time.Minute, ""), want: prospects.Violations{UnderGap: 1}},
		"too early, by plus-addresses":     {people: tagged(arrivals(0, 9*time.Minute)), params: box(9, 10*time.Minute, ""), want: prospects.Violations{UnderGap: 1}},
		"just in time":                     {people: arrivals(0, 10*time.Minute), params: box(9, 10*time.Minute, "")},
		"three of two a day":               {people: arrivals(0, time.Hour, 2*time.Hour), params: box(2, 0, ""), want: prospects.Violations{OverMailboxCap: 1}},
		"three in 24 hours over midnight":  {people: arrivals(6*time.Hour, 7*time.Hour, 29*time.Hour), params: box(2, 0, ""), want: prospects.Violations{OverMailboxCap: 1}},
		"after 24 hours":                   {people: arrivals(0, time.Hour, 24*time.Hour), params: box(2, 0, "")},
		"two of one on a day of 25 hours":  {people: arrivals(dst, dst+24*time.Hour+30*time.Minute), params: box(1, 0, "Europe/Berlin"), want: prospects.Violations{OverMailboxCap: 1}},
		"a weekend":                        {people: arrivals(5 * 24 * time.Hour), params: prospects.Params{Window: work}, want: prospects.Violations{OutsideWindow: 1}},
		"the last second":                  {people: arrivals(8*time.Hour - time.Second), params: prospects.Params{Window: work}},
		"closing time":                     {people: arrivals(8 * time.Hour), params: prospects.Params{Window: work}, want: prospects.Violations{OutsideWindow: 1}},
		"night where the person lives":     {people: arrivals(0), params: prospects.Params{Window: work, Zones: map[string]string{"p0@x.example": "America/New_York"}}, want: prospects.Violations{OutsideWindow: 1}},
		"more people than paid for":        {people: arrivals(0, 1, 2), params: prospects.Params{Quota: prospects.Quota{Leads: 2}}, want: prospects.Violations{OverQuota: 1}},
		"more in the next period":          {people: arrivals(0, 1, 2), params: prospects.Params{Quota: prospects.Quota{Leads: 2, Periods: []time.Time{start.Add(-1), start.Add(2)}}}},
		"after a one-click unsubscribe":    {people: append(arrivals(0), did(time.Hour, prospects.Unsubscribed, "one_click"), to(2*time.Hour, "1", "1")), params: poll, want: prospects.Violations{SentAfterStop: 1}},
		"claimed before it":                {people: append(arrivals(0), did(time.Hour, prospects.Unsubscribed, "one_click"), to(time.Hour+20*time.Second, "1", "1")), params: poll, inFlight: 1},
		"in the same instant":              {people: append(arrivals(0), did(time.Hour, prospects.Unsubscribed, "one_click"), to(time.Hour, "1", "1")), params: poll},
		"after a meeting":                  {people: append(arrivals(0), did(time.Hour, prospects.Booked, ""), to(2*time.Hour, "1", "1")), params: poll, want: prospects.Violations{SentAfterStop: 1}},
		"after an answer that was read":    {people: append(arrivals(0), did(time.Hour, prospects.Replied, "interested"), to(2*time.Hour, "1", "1")), params: poll, want: prospects.Violations{SentAfterStop: 1}},
		"before the answer could be read":  {people: append(arrivals(0), did(time.Hour, prospects.Replied, "interested"), to(time.Hour+4*time.Minute, "1", "1")), params: poll},
		"after a report of a full mailbox": {people: append(arrivals(0), did(time.Hour, prospects.Bounced, "5.2.2"), to(2*time.Hour, "1", "1")), params: poll},
		"after a report of failure":        {people: append(arrivals(0), did(time.Hour, prospects.Bounced, "5.1.1"), to(2*time.Hour, "1", "1")), params: poll, want: prospects.Violations{SentAfterStop: 1}},
		"after a report of delay":          {people: append(arrivals(0), did(time.Hour, prospects.Delayed, "4.2.2"), to(2*time.Hour, "1", "1")), params: poll},
		"while somebody is away":           {people: append(arrivals(0), did(time.Hour, prospects.AutoReplied, "", func(l *prospects.Line) { l.Until = start.AddDate(0, 0, 3) }), to(48*time.Hour, "1", "1")), params: poll, want: prospects.Violations{SentAfterStop: 1}},
		"when they are back":               {people: append(arrivals(0), did(time.Hour, prospects.AutoReplied, "", func(l *prospects.Line) { l.Until = start.AddDate(0, 0, 3) }), to(96*time.Hour, "1", "1")), params: poll},
		"another's stop":                   {people: append(arrivals(0, 2*time.Hour), did(time.Hour, prospects.Booked, "")), params: poll},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := prospects.Judge(nil, c.people, c.params)
			if v.Violations != c.want || v.InFlight != c.inFlight || v.Violations.Any() != (len(v.Broken) > 0) {
				t.Errorf("got %+v (%v), %d in flight; want %+v", v.Violations, v.Broken, v.InFlight, c.want)
			}
		})
	}
}

func TestWhatWasSentAndDidNotArriveIsLost(t *testing.T) {
	t.Parallel()
	mail := []mailserver.Line{
		{Kind: mailserver.Accepted, By: mailserver.BySubmission, MessageID: "<0@acme.test>"},
		{Kind: mailserver.Accepted, By: mailserver.BySubmission, MessageID: "<9@acme.test>"},
		{Kind: mailserver.Uncertain, By: mailserver.BySubmission, MessageID: "<1@acme.test>"}, // arrived
		{Kind: mailserver.Uncertain, By: mailserver.BySubmission, MessageID: "<7@acme.test>"}, // did not
		{Kind: mailserver.Accepted, By: mailserver.ByMX, MessageID: "<answer@x.example>"},
		{Kind: mailserver.Refused, By: mailserver.BySubmission, Stage: mailserver.AtRcpt, Code: 452, To: []string{"full@x.example"}},
		{Kind: mailserver.Refused, By: mailserver.BySubmission, Stage: mailserver.AtRcpt, Code: 550, To: []string{"No@x.example"}},
		{Kind: mailserver.Refused, By: mailserver.BySubmission, Stage: mailserver.AtData, Code: 554, MessageID: "<8@acme.test>"},
	}
	v := prospects.Judge(mail, arrivals(0, 1), prospects.Params{})
	if (v.Truth != prospects.Truth{Sent: 3, Failed: 2, Bounced: 1}) || fmt.Sprint(v.Lost) != "[9@acme.test]" {
		t.Errorf("%+v %v", v.Truth, v.Lost)
	}
}
