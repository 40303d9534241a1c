package prospects

import (
	"math/rand/v2"
	"time"

	"outrider/internal/lab/mailserver"
)

const (
	noteEvery = 7 * 24 * time.Hour // an automatic answer goes to the same sender no more often (RFC 3834)
	day       = 24 * time.Hour
)

// receivedMessage is one message in one person's hands.
type receivedMessage struct {
	*Simulator
	who     *prospectMemory
	of      *receivedMail
	mailbox string // the envelope's sender
	nth     int    // of this person's messages, from 1
	arrived time.Time
}

// receiveMail writes the arrival down and puts what the person will do on the clock. All chances are drawn here, in a fixed order, so
// they depend on the seed, the address and the number of the message only.
func (s *Simulator) receiveMail(k *prospectMemory, mailbox string, l *receivedMail) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := s.journal.writeLine(Line{Kind: Arrived, Person: k.Address, Mailbox: mailbox, MessageID: l.messageID, Digest: l.digestLinks(), Size: len(l.raw), Calendar: mailserver.BringsAppointment(l.raw)}); err != nil {
		return err
	}
	copyOf := orElse(l.messageID, l.digestLinks())
	if k.messages[copyOf] {
		return nil // a second copy; mail programs show one
	}
	k.messages[copyOf] = true
	k.arrivals++
	m := &receivedMessage{s, k, l, mailbox, k.arrivals, s.clock.Now()}
	if k.arrivals == 1 && k.Away > 0 {
		k.back = firstDayBack(m.arrived.Add(k.Away))
	}
	r := chanceFor(s.config.Seed, "message", k.Address, m.nth)
	switch k.Takes {
	case isUnknownLate:
		s.runLater(m.arrived.Add(durationBetween(r, 5*time.Second, 10*time.Minute)), func() { m.sendReport("failed", "5.1.1", "550 5.1.1 User unknown", r.IntN(2) == 0) })
	case isFullLate:
		const said = "452 4.2.2 Mailbox full"
		s.runLater(m.arrived.Add(4*time.Hour), func() { m.sendReport("delayed", "4.2.2", said, false) })
		s.runLater(m.arrived.Add(2*day), func() { m.sendReport("failed", "5.2.2", said, true) })
	default:
		m.scheduleTrouble(chanceFor(s.config.Seed, "trouble of message", k.Address, m.nth))
		if !k.Gone {
			m.scheduleBehaviour(r)
		}
	}
	return nil
}

// queuedFor is how long a server that is overrun keeps a message back.
const queuedFor = 26 * time.Hour

// scheduleTrouble puts on the clock what programs will do about the message.
func (m *receivedMessage) scheduleTrouble(r *rand.Rand) {
	k := m.who
	twice, again := doesHappen(r, m.config.Rates.Twice), durationBetween(r, time.Minute, 20*time.Minute)
	crawl, note := durationBetween(r, 5*time.Minute, 30*time.Minute), durationBetween(r, 2*time.Second, time.Minute)
	words := r.Uint64()
	if k.Queues {
		const said = "421 4.4.1 Connection timed out"
		for _, after := range []time.Duration{4 * time.Hour, 24 * time.Hour} {
			m.runLater(m.arrived.Add(after), func() { m.sendReport("delayed", "4.4.1", said, false) })
		}
		m.arrived = m.arrived.Add(queuedFor)
	}
	if twice {
		m.runLater(m.arrived.Add(again), func() {
			m.noteLine(Line{Kind: Duplicated})
			if k.Scanned {
				m.scanLinks(chanceFor(words, "scan"))
			}
		})
	}
	if k.Crawls {
		m.runLater(m.arrived.Add(crawl), func() { m.crawlLinks(chanceFor(words, "crawl")) })
	}
	if k.Gone {
		m.runLater(m.arrived.Add(note), func() { m.sendGoneNote(chanceFor(words, "gone")) })
	}
}

// firstDayBack: nobody is back at a weekend.
func firstDayBack(t time.Time) time.Time {
	t = time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, time.UTC)
	for t.Weekday() == time.Saturday || t.Weekday() == time.Sunday {
		t = t.AddDate(0, 0, 1)
	}
	return t
}

func (m *receivedMessage) scheduleBehaviour(r *rand.Rand) {
	k, rates := m.who, m.config.Rates
	scan, private := durationBetween(r, 2*time.Second, 8*time.Second), durationBetween(r, 3*time.Second, 10*time.Minute)
	note, words := durationBetween(r, 2*time.Second, time.Minute), r.Uint64()
	read, reads := durationAround(r, 4*time.Hour, 2*time.Minute, 3*day), doesHappen(r, rates.Reads)
	click, clicks := durationBetween(r, 20*time.Second, 90*time.Second), doesHappen(r, rates.Clicks)
	decide, morning := durationBetween(r, 2*time.Minute, 90*time.Minute), durationBetween(r, 8*time.Hour, 12*time.Hour)

	if k.Scanned {
		m.runLater(m.arrived.Add(scan), func() { m.scanLinks(chanceFor(words, "scan")) })
	}
	if k.Images == byApple {
		m.runLater(m.arrived.Add(private), func() { m.openMail(MachineOpened) })
	}
	when := m.arrived.Add(read)
	if k.back.After(m.arrived) {
		from := plainAddress(m.mailbox)
		if last, ok := k.noted[from]; !ok || m.arrived.Sub(last) >= noteEvery {
			k.noted[from] = m.arrived
			m.runLater(m.arrived.Add(note), func() { m.sendAbsence(chanceFor(words, "away")) })
		}
		if back := k.back.Add(morning); when.Before(back) {
			when = back
		}
	}
	if m.asksCurious() {
		k.Outcome, k.OnNth = outNotInterested, 1
	}
	decides := k.Outcome != noOutcome && m.nth == k.OnNth
	if !reads && !decides {
		return
	}
	switch k.Images {
	case byMailer:
		m.runLater(when, func() { m.openMail(Opened) })
	case byProxy:
		m.runLater(when, func() { m.openMail(MachineOpened) })
	}
	if clicks {
		m.runLater(when.Add(click), func() { m.clickLink(chanceFor(words, "click")) })
	}
	if decides {
		m.runLater(when.Add(decide), func() { m.decideReactions(chanceFor(words, "decide")) })
	}
}

// decideReactions does what the person does in the end, once.
func (m *receivedMessage) decideReactions(r *rand.Rand) {
	m.who.mu.Lock()
	over := m.who.over
	m.who.over = true
	m.who.mu.Unlock()
	if over {
		return
	}
	switch m.who.Outcome {
	case outBooks:
		m.bookMeeting(r)
	case outOneClick:
		m.oneClick()
	case outPage:
		m.unsubscribePage(r)
	case outMailto:
		m.unsubscribeMail()
	case outComplains:
		m.complain(r)
	default:
		m.sendReply(m.who.Outcome, r)
	}
}

// noteLine writes a line about this message.
func (m *receivedMessage) noteLine(l Line) {
	l.Person, l.Mailbox, l.MessageID = m.who.Address, m.mailbox, m.of.messageID
	_ = m.journal.writeLine(l) // the disk is full or the end has come; the judge sees what is missing
}
