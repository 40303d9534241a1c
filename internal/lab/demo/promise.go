package demo

import (
	"math"
	"slices"
	"time"
)

// Window is when messages may arrive, by the wall clock of who gets them.
type Window struct {
	Days     []time.Weekday
	From, To time.Duration // since midnight
}

// Promise is all that plan, mailboxes and campaign promise.
type Promise struct {
	Start, End time.Time
	Zone       string // of the organisation, its mailboxes, and people whose zone is unknown
	Window     Window
	Delays     []int // business days before each step
	Mailboxes  int
	Pace       Pace
	People     int // that the plan admits; negative = all
	CompanyCap int // people of a company in the sequence at once; 0 = no limit
	CompanyGap time.Duration
}

// Admitted are the people that the plan lets in.
func (p Promise) Admitted(people []Lead) []Lead {
	if p.People >= 0 && len(people) > p.People {
		return people[:p.People]
	}
	return people
}

func (w Window) isWorkday(t time.Time) bool { return slices.Contains(w.Days, t.Weekday()) }

// opensOn is the first instant of the window on a day that is n business days behind t's.
func (w Window) opensOn(t time.Time, n int, zone *time.Location) time.Time {
	local := t.In(zone)
	day := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, zone)
	for n > 0 {
		day = day.AddDate(0, 0, 1)
		if w.isWorkday(day) {
			n--
		}
	}
	return w.on(day, w.From)
}

func (w Window) on(day time.Time, clock time.Duration) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 0, int(clock/time.Minute), 0, 0, day.Location())
}

// part is what of [from, to) lies in the window, in a zone. The span is an hour at most.
func (w Window) part(from, to time.Time, zone *time.Location) (time.Time, time.Duration) {
	day := from.In(zone)
	if !w.isWorkday(day) {
		return from, 0
	}
	opens, closes := w.on(day, w.From), w.on(day, w.To)
	if opens.Before(from) {
		opens = from
	}
	if closes.After(to) {
		closes = to
	}
	return opens, max(closes.Sub(opens), 0)
}

// MailboxesFor is how many mailboxes write to all of these people in the time, with room to spare: about three fifths of what they could
// send. It is at least 1, and at most the limit (negative: none). Where companies, not mailboxes, hold people back, more don't help.
func (p Promise) MailboxesFor(people []Lead, limit int) int {
	bound := func(n int) int {
		if limit >= 0 {
			n = min(n, limit)
		}
		return max(n, 1)
	}
	people = p.Admitted(people)
	perDay := math.Min(float64(p.Pace.PerDay), float64(p.Window.To-p.Window.From)/float64(max(p.Pace.each(), time.Millisecond)))
	days := 0
	for t := p.Start; t.Before(p.End); t = t.AddDate(0, 0, 1) {
		if p.Window.isWorkday(t) {
			days++
		}
	}
	p.Mailboxes = bound(int(math.Ceil(float64(len(people)*len(p.Delays)) / (perDay * float64(max(days, 1)) * 0.6))))
	for all := p.Firsts(people); all < len(people); {
		more := p
		if more.Mailboxes = bound(p.Mailboxes + p.Mailboxes/4 + 1); more.Mailboxes == p.Mailboxes {
			break
		}
		n := more.Firsts(people)
		if n <= all {
			break
		}
		p.Mailboxes, all = more.Mailboxes, n
	}
	return p.Mailboxes
}
