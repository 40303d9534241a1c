package aggregates

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/stats"
)

// Parts of the health of a mailbox or a sending domain.
const (
	PartHardBounces    = "hard_bounces"
	PartSoftBounces    = "soft_bounces"
	PartComplaints     = "complaints"
	PartBlocks         = "blocks"    // refused for our reputation (5.7.x)
	PartDeferrals      = "deferrals" // put off for it (4.7.x)
	PartReplies        = "replies"
	PartAuthentication = "authentication"
)

// HealthPart is what one thing adds to the health, which begins at 100.
type HealthPart struct {
	Part      string
	Count, Of int
	Low, High float64 // Wilson interval of Count of Of, 95 %; both 0 where there are too few
	Enough    bool    // else it says nothing, and has no points
	Points    float64 // 0 or less, but for replies
	Outcome   string  // of the check, of authentication
	Limit     float64 // from which on the mailbox is stopped, a share or a number; 0 = it never is for this
}

// Health is a sum of named parts over seven days.
type Health struct {
	Score  int // 0 to 100
	Counts Counts
	Parts  []HealthPart
}

// healthRates are parts that are rates: what the lower end of the interval costs per percent, at most so much, and the limit per 100,000.
var healthRates = []struct { //nolint:gochecknoglobals // a constant table
	part          string
	perCent, most float64
	limit         int64
	of            func(Counts) int
}{
	{PartHardBounces, -15, -60, MailboxBounceLimit, func(c Counts) int { return c.Bounced }},
	{PartSoftBounces, -2, -15, 0, func(c Counts) int { return c.Soft }},
	{PartComplaints, -200, -60, ComplaintLimit, func(c Counts) int { return c.Complained }},
	{PartReplies, 2, 10, 0, func(c Counts) int { return c.Replied }},
}

// healthCounts are parts that a provider has said in so many words, so that each of them counts.
var healthCounts = []struct { //nolint:gochecknoglobals // a constant table
	part       string
	each, most float64
	limit      int
	of         func(Counts) int
}{
	{PartBlocks, -10, -50, BlockLimit, func(c Counts) int { return c.Blocked }},
	{PartDeferrals, -3, -20, 0, func(c Counts) int { return c.Deferred }},
}

// HealthOf adds up the health from counts and the outcome of the check of the sender's domain.
func HealthOf(n Counts, dns string) (h Health) {
	h.Counts = n
	sum := 100.0
	for _, r := range healthRates {
		p := HealthPart{Part: r.part, Count: r.of(n), Of: n.Sent, Enough: n.Sent >= LeastSends, Limit: float64(r.limit) / 100_000}
		if p.Enough {
			i := stats.Wilson(stats.Arm{N: max(n.Sent, p.Count), Successes: p.Count}, 0.95)
			p.Low, p.High = i.Low, i.High
			if p.Points = r.perCent * 100 * i.Low; r.most < 0 {
				p.Points = max(p.Points, r.most)
			} else {
				p.Points = min(p.Points, r.most)
			}
		}
		h.Parts, sum = append(h.Parts, p), sum+p.Points
	}
	for _, r := range healthCounts {
		p := HealthPart{Part: r.part, Count: r.of(n), Of: n.Sent, Enough: true, Limit: float64(r.limit)}
		p.Points = max(r.each*float64(p.Count), r.most)
		h.Parts, sum = append(h.Parts, p), sum+p.Points
	}
	p := HealthPart{Part: PartAuthentication, Outcome: dns, Enough: dns == events.CheckPassed || dns == events.CheckFailed}
	if dns == events.CheckFailed {
		p.Points = -30
	}
	h.Parts, sum = append(h.Parts, p), sum+p.Points
	h.Score = int(min(max(sum, 0), 100) + 0.5)
	return h
}

// HealthAt returns the health of a mailbox at a time.
func (m *Mailbox) HealthAt(now time.Time) Health {
	return HealthOf(m.Rate.At(now), m.checks[events.CheckDNS])
}

// DomainCounts adds up the counts of the mailboxes of a domain, and says how many there are.
func (o *Organization) DomainCounts(domain Hash, now time.Time) (n Counts, mailboxes int) {
	for _, m := range o.Mailboxes.order {
		if m.Domain == domain {
			n = n.add(m.Rate.At(now))
			mailboxes++
		}
	}
	return n, mailboxes
}

// DomainHealth is the health of a sending domain; of its check the worst outcome that is known.
func (o *Organization) DomainHealth(domain Hash, now time.Time) Health {
	dns := ""
	for _, m := range o.Mailboxes.order {
		if m.Domain == domain && m.checks[events.CheckDNS] != "" && dns != events.CheckFailed {
			dns = m.checks[events.CheckDNS]
		}
	}
	n, _ := o.DomainCounts(domain, now)
	return HealthOf(n, dns)
}

func (c Counts) add(b Counts) Counts {
	return Counts{c.Sent + b.Sent, c.Bounced + b.Bounced, c.Complained + b.Complained, c.Blocked + b.Blocked, c.Soft + b.Soft, c.Deferred + b.Deferred, c.Replied + b.Replied}
}

// MailboxesOfDomain returns the ids of the mailboxes of a domain.
func (o *Organization) MailboxesOfDomain(domain Hash) (out []uuid.UUID) {
	for _, m := range o.Mailboxes.order {
		if m.Domain == domain {
			out = append(out, m.ID)
		}
	}
	return out
}

// DomainLeastMailboxes is how many mailboxes a domain must have for a signal of its own: that of one is the mailbox's.
const DomainLeastMailboxes = 2

// StopsFor returns the reason for which counts stop a mailbox or a domain; empty = none.
func StopsFor(n Counts) string {
	switch {
	case n.Blocked >= BlockLimit:
		return events.PausedBlocked
	case Exceeds(n.Complained, n.Sent, ComplaintLimit):
		return events.PausedComplaintRate
	case Exceeds(n.Bounced, n.Sent, MailboxBounceLimit):
		return events.PausedBounceRate
	}
	return ""
}

// restAfterPause is how long a mailbox that a rule has paused rests at least.
const restAfterPause = 3 * 24 * hour

// MayRequalify reports whether a mailbox that is paused for a reason goes on by itself, if it warms up by stages.
func MayRequalify(reason string) bool {
	switch reason {
	case events.PausedBounceRate, events.PausedComplaintRate, events.PausedBlocked, events.PausedDomainBounceRate, events.PausedDomainComplaintRate, events.PausedDomainBlocked:
		return true
	}
	return false
}

// requalifiesAt returns when a mailbox that a rule has paused goes on by itself: after a rest, on the first day on which what is still counted would
// not stop it; ok = it does.
func (o *Organization) requalifiesAt(m *Mailbox, now int64) (int64, bool) {
	if m.warmup == nil || !MayRequalify(m.Paused) {
		return 0, false
	}
	newest := m.Rate.newestDay()
	for days := int64(0); days < 9; days++ {
		at := (newest + days) * 24 * hour
		if at >= newest*24*hour+restAfterPause && StopsFor(m.Rate.At(toTime(max(at, 1)))) == "" {
			return at, true
		}
	}
	return now, true
}

// RequalifiesAt is requalifiesAt of a time; zero = it doesn't go on by itself.
func (o *Organization) RequalifiesAt(m *Mailbox, now time.Time) time.Time {
	at, ok := o.requalifiesAt(m, toMicros(now))
	if !ok {
		return time.Time{}
	}
	return toTime(at)
}

// newestDay is the number of the last day on which something was counted.
func (r *Rate) newestDay() (day int64) {
	for _, d := range r.days {
		day = max(day, int64(d.day))
	}
	return day
}

// CountedAs returns the part of a mailbox's health that counts an event, of which mailbox, and on which day; "" = no part does.
func CountedAs(event events.Event) (part string, mailbox uuid.UUID, at time.Time) {
	switch e := events.Newest(event).(type) {
	case events.MessageBounced:
		return map[string]string{events.BounceHard: PartHardBounces, events.BounceSoft: PartSoftBounces, events.BounceBlock: PartBlocks}[e.Kind], e.MailboxID, e.ReportedAt
	case events.MessageComplained:
		return PartComplaints, e.MailboxID, e.ReportedAt
	case events.MessageReplied:
		return PartReplies, e.MailboxID, e.ReceivedAt
	case events.ReplyReclassified: // CorrectedAnswers says which event of an answer counts
		if e.Human() {
			return PartReplies, e.MailboxID, e.ReceivedAt
		}
	case events.MessageDeferred:
		if strings.HasPrefix(e.Enhanced, "4.7.") {
			return PartDeferrals, e.MailboxID, e.DeferredAt
		}
	case events.MailboxChecked:
		if e.Check == events.CheckDNS {
			return PartAuthentication, e.MailboxID, e.CheckedAt
		}
	}
	return "", uuid.Nil, time.Time{}
}

// CountsFrom returns the beginning of the seven days that are counted at a time.
func CountsFrom(now time.Time) time.Time {
	return time.Unix((now.Unix()/86400-6)*86400, 0).UTC()
}
