package aggregates

import (
	"slices"
	"sort"
)

// slots counts what a mailbox could send in the day by some of its own rules, if there were people without end. What the slots of the day
// begin with is what was sent already. All that may leave at one instant is counted at once: a mailbox without a gap has few of them,
// whatever its cap.
func (d *planDay) slots(b *planBox, from int64, names ...string) int {
	var rules []rule
	for _, r := range mailboxRules {
		if slices.Contains(names, r.name) {
			rules = append(rules, r)
		}
	}
	m, n := b.real.shadowOn(d.slate[:0]), b.sent
	for _, s := range b.sends { // what leaves before the day, and what is leaving now
		if s.At < b.from || s.At == d.now {
			m.sendVirtually(s.At)
			n += countIf(s.At >= b.from)
		}
	}
	oneByOne := slices.Contains(names, RuleGap) && m.gapOnAverage() > 0
	for n < b.planned {
		at, _ := ruleContext{o: d.o, m: m, at: from, days: d.days}.firstFree(rules)
		if at >= b.to {
			break
		}
		more := 1
		if !oneByOne {
			more = d.roomAt(m, at, rules, b.planned-n)
		}
		for range more {
			m.sendVirtually(at)
		}
		from = at
		n += more
	}
	d.slate = m.sends
	return n
}

// roomAt returns how many may leave at an instant at which one may, and no more than most.
func (d *planDay) roomAt(m *Mailbox, at int64, rules []rule, most int) int {
	fits := func(others int) bool {
		q := ruleContext{o: d.o, m: m, at: at, claimed: others, days: d.days}
		return !slices.ContainsFunc(rules, func(r rule) bool { return r.until(&q) > at })
	}
	low, high := 1, 2 // low fit
	for high <= most && fits(high-1) {
		low, high = high, 2*high
	}
	high = min(high, most+1)
	return low + sort.Search(high-low-1, func(i int) bool { return !fits(low + i) })
}
