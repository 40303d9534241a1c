package prospects

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"outrider/internal/lab/mailserver"
	"outrider/internal/zone"
)

// Truth is what really became of the messages, as counts of distinct ones. Of those refused at RCPT nobody but the sender knows
// the Message-ID; each refusal with 5xx is one.
type Truth struct {
	Sent          int `json:"sent"`           // taken after DATA by the mail server or by the person's
	Failed        int `json:"failed"`         // refused with 5xx, at RCPT or after DATA
	Opened        int `json:"opened"`         // images fetched by the person's own program
	MachineOpened int `json:"machine_opened"` // by a proxy; a message may be both
	Clicked       int `json:"clicked"`        // a person followed a link that answered with a redirect
	Replied       int `json:"replied"`
	AutoReplied   int `json:"auto_replied"`
	Bounced       int `json:"bounced"` // 5xx at RCPT, or a report of final failure
	Unsubscribed  int `json:"unsubscribed"`
	Meetings      int `json:"meetings"`
	Complaints    int `json:"complaints"`
	ScannerClicks int `json:"scanner_clicks"` // a filter followed a link that answered with a redirect
}

// MessagesByCount are the messages behind each count, by the names of Truth's JSON: Message-IDs without brackets, sorted; for a refusal at RCPT
// "rcpt:" and the address.
type MessagesByCount map[string][]string

// Judgement is what the journals say.
type Judgement struct {
	Truth      Truth
	Of         MessagesByCount
	Violations Violations
	Broken     []Breach       // every violation in order of time
	InFlight   int            // DATA within the lease after a stop: claimed before it, no violation
	Lost       []string       // taken by the mail server after DATA from the product, but never arrived
	Deferred   int            // refusals for now by the mail server
	InDoubt    map[string]int // messages by person whose connection was lost after DATA, whatever became of them
	Doubtful   []Line         // what people tried and got no answer to: the product may or may not know of it
	Unable     []Line         // what people wanted and the message didn't offer, or a page declined
}

// Judge derives the truth and the violations from the two journals. It knows of the product what is in Params only.
func Judge(mail []mailserver.Line, people []Line, p Params) Judgement {
	v, t := Judgement{Of: MessagesByCount{}, InDoubt: map[string]int{}}, tally{}
	arrived := v.tallyPeople(people, p, t)
	refusals := v.tallyMail(mail, p, t, arrived)
	v.tallyProvider(p, t)
	for name, set := range t {
		for id := range set {
			v.Of[name] = append(v.Of[name], id)
		}
	}
	v.Of["failed"] = append(v.Of["failed"], refusals...)
	v.Of["bounced"] = append(v.Of["bounced"], refusals...)
	for _, ids := range v.Of {
		slices.Sort(ids)
	}
	n := func(name string) int { return len(v.Of[name]) }
	v.Truth = Truth{n("sent"), n("failed"), n(Opened), n(MachineOpened), n(Clicked), n(Replied), n(AutoReplied), n(Bounced), n(Unsubscribed), n("meetings"), n("complaints"), n("scanner_clicks")}
	v.judgeMail(withProvider(people, p), p)
	return v
}

// tally holds distinct messages by the name of a count.
type tally map[string]map[string]bool

func (t tally) addMessage(name, id string) {
	if t[name] == nil {
		t[name] = map[string]bool{}
	}
	t[name][id] = true
}

// tallyPeople counts what the people's journal says, and returns the messages that arrived.
func (v *Judgement) tallyPeople(people []Line, p Params, t tally) (arrived map[string]bool) {
	arrived, others := map[string]bool{}, map[string]bool{}
	for _, l := range people {
		if others[l.MessageID] && l.MessageID != "" && l.Kind != Arrived {
			continue // what people do about mail that isn't a campaign's
		}
		switch l.Kind {
		case Arrived:
			arrived[l.MessageID] = true
			if p.notOurs(l) {
				others[l.MessageID] = true
				continue
			}
			t.addMessage("sent", l.MessageID) // also when the mail server died before it could write it down
		case Opened, MachineOpened, Clicked, Replied, AutoReplied, Bounced, Unsubscribed:
			t.addMessage(l.Kind, l.MessageID)
		case Booked:
			t.addMessage("meetings", l.MessageID)
		case Complained:
			t.addMessage("complaints", l.MessageID)
		case Scanned:
			if l.Code/100 == 3 {
				t.addMessage("scanner_clicks", l.MessageID)
			}
		case Unanswered:
			v.Doubtful = append(v.Doubtful, l)
		case Unable, Declined:
			v.Unable = append(v.Unable, l)
		}
	}
	return arrived
}

// tallyMail counts what the mail server's journal says, and returns those it refused at RCPT.
func (v *Judgement) tallyMail(mail []mailserver.Line, p Params, t tally, arrived map[string]bool) (refusals []string) {
	for _, l := range mail {
		id := strings.Trim(l.MessageID, "<>")
		switch {
		case l.By != mailserver.BySubmission || p.NotOurs != nil && p.NotOurs(l):
		case l.Kind == mailserver.Accepted:
			t.addMessage("sent", id)
			if !arrived[id] {
				v.Lost = append(v.Lost, id)
			}
		case l.Kind == mailserver.Uncertain, l.Kind == mailserver.Unheard:
			for _, to := range l.To {
				v.InDoubt[strings.ToLower(to)]++
			}
		case l.Kind != mailserver.Refused:
		case isForNow(l):
			v.Deferred++
		case l.Stage == mailserver.AtRcpt:
			refusals = append(refusals, "rcpt:"+strings.ToLower(l.To[0]))
		default:
			t.addMessage("failed", id)
			if strings.HasPrefix(l.Enhanced, "5.7.") {
				t.addMessage(Bounced, id)
			}
		}
	}
	return refusals
}

// isForNow reports whether what was refused may be tried again: a full mailbox too, whatever the first digit says.
func isForNow(l mailserver.Line) bool { return l.Code < 500 || l.Enhanced == "5.2.2" }

// Violations are counts of messages.
type Violations struct {
	SentTwice      int `json:"sent_twice"`
	SentAfterStop  int `json:"sent_after_stop"`
	OverMailboxCap int `json:"over_mailbox_cap"`
	UnderGap       int `json:"under_gap"`
	OutsideWindow  int `json:"outside_window"`
	OverQuota      int `json:"over_quota"`
}

// Any says whether there is one.
func (v Violations) Any() bool { return v != Violations{} }

// Breach is one violation.
type Breach struct {
	Rule    string // a name of Violations' JSON
	Message Line
	Why     string
}

// stopPeriod says from when on a person must not be written to.
type stopPeriod struct {
	from  time.Time
	until time.Time // zero: for ever
	why   string
}

func isStop(people []Line, p Params) map[string][]stopPeriod {
	out := map[string][]stopPeriod{}
	for _, l := range people {
		s := stopPeriod{from: l.At, why: l.Kind + " " + l.Detail}
		switch l.Kind {
		case Bounced:
			if strings.HasPrefix(l.Detail, "5.2.2") {
				continue // a full mailbox is tried again later; it ends nothing
			}
			s.from = l.At.Add(p.Poll)
		case Replied:
			s.from, s.until = l.At.Add(p.Poll), l.Until
		case AutoReplied:
			s.from, s.until = l.At.Add(p.Poll), l.Until
		case Unsubscribed:
			if l.Detail == outMailto || l.Detail == outStop {
				s.from = l.At.Add(p.Poll)
			}
		case Booked:
		case Complained:
			s.from = l.At.Add(p.Poll)
		case Refused:
			if l.Code < 500 || l.Detail == "5.2.2" {
				continue
			}
		default:
			continue
		}
		out[l.Person] = append(out[l.Person], s)
	}
	return out
}

func loadZone(name string) *time.Location {
	if l, err := zone.Load(name); err == nil {
		return l
	}
	return time.UTC
}

func sortedArrivals(people []Line) (out []Line) {
	for _, l := range people {
		if l.Kind == Arrived {
			out = append(out, l)
		}
	}
	slices.SortStableFunc(out, func(a, b Line) int { return cmp.Compare(a.At.UnixNano(), b.At.UnixNano()) })
	return out
}
