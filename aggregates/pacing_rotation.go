package aggregates

import (
	"math"
	"slices"
	"strings"
)

// weightOf says how soon a mailbox's turn comes: its health, up to twice that the longer it has sent nothing.
func (p *pacer) weightOf(m *Mailbox) int64 {
	idle := min(max(p.now-m.gapFrom, 0), 24*hour) / minute
	return int64(m.Health+1) * (24*60 + idle)
}

// rotate puts the mailboxes that are due in the order of their turns, if they take turns.
func (p *pacer) rotate(due []*timer) {
	if !p.o.pacing.shared.set.Rotate {
		return
	}
	slices.SortStableFunc(due, func(a, b *timer) int {
		if a.mailbox == nil || b.mailbox == nil {
			return 0
		}
		return int(min(max(p.weightOf(b.mailbox)-p.weightOf(a.mailbox), -1), 1))
	})
}

// shareOf is how many new people a mailbox may take at once, so that something is left for the others that could write to them.
func (p *pacer) shareOf(m *Mailbox) int {
	if !p.o.pacing.shared.set.Rotate || len(m.campaigns) == 0 {
		return math.MaxInt
	}
	var people, all int64
	seen := map[*Mailbox]bool{}
	for _, c := range m.campaigns {
		for _, l := range c.lines {
			people += int64(l.count)
		}
		for _, x := range c.mailboxes {
			if x.Sending() && !seen[x] {
				seen[x] = true
				all += p.weightOf(x)
			}
		}
	}
	if all == 0 {
		return math.MaxInt
	}
	return int((people*p.weightOf(m) + all - 1) / all)
}

// preferProvider looks among the next of the same line for somebody whose mail the mailbox's own provider takes.
func (c *candidates) preferProvider(x *candidate) (ahead bool) {
	s := &c.p.o.pacing.shared
	mine := providerOfHost(c.m.connection.SMTP.Host)
	if !s.set.MatchProvider || mine == "" || x.e.step > 0 || s.nameOf(x.e.lead) == mine {
		return false
	}
	for i := range mostMatched {
		e := x.line.at(c.p.cursor[x.line] + i)
		switch {
		case e == nil || e.dueAt() > x.e.dueAt():
			return false
		case c.p.taken[e] || s.nameOf(e.lead) != mine:
			continue
		}
		if at, _ := c.opensFor(e); at <= c.end {
			x.e, x.at = e, at
			return true
		}
	}
	return false
}

// mostMatched is how many of a line are looked at for one of the mailbox's provider.
const mostMatched = 50

func (s *shared) nameOf(l *Lead) string {
	if n := s.provider[l.Domain]; n > 0 {
		return s.set.Providers[n-1].Provider
	}
	return ""
}

// providerOfHost is whose mail server a mailbox sends by; empty = another's.
func providerOfHost(host string) string {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	for _, x := range []struct{ domain, provider string }{
		{"gmail.com", "google"}, {"googlemail.com", "google"}, {"google.com", "google"}, {"office365.com", "microsoft"}, {"outlook.com", "microsoft"}, {"office.com", "microsoft"},
	} {
		if host == x.domain || strings.HasSuffix(host, "."+x.domain) {
			return x.provider
		}
	}
	return ""
}
