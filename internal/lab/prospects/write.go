package prospects

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"time"
)

func (m *receivedMessage) unsubscribeMail() {
	u, err := url.Parse(m.of.mailto)
	if err != nil || u.Opaque == "" {
		m.noteLine(Line{Kind: Unable, Detail: "no mailto to unsubscribe"})
		return
	}
	to, err := url.PathUnescape(u.Opaque)
	if err != nil {
		to = u.Opaque
	}
	d := m.newDraft()
	d.of, d.to, d.from = nil, to, m.who.Address
	d.subject, d.words, d.quote = orElse(u.Query().Get("subject"), "unsubscribe"), u.Query().Get("body"), false
	if m.deliverMail(d, m.who.Address, to, Unsubscribed) {
		m.noteLine(Line{Kind: Unsubscribed, Detail: outMailto})
	}
}

func (m *receivedMessage) newDraft() *draft {
	d := &draft{who: m.who.Prospect, from: m.who.Address, to: m.of.replyTo.Address, subject: reSubject(m.of.subject), at: m.clock.Now(), of: m.of, quote: true}
	d.id = fmt.Sprintf("%016x.%x@%s", chanceFor(m.config.Seed, "id", m.who.Address, m.nth, d.at.UnixNano()).Uint64(), d.at.UnixMilli(), domainOf(m.who.Address))
	return d
}

// sendReply is a person's answer.
func (m *receivedMessage) sendReply(how string, r *rand.Rand) {
	d := m.newDraft()
	if m.who.Alias != "" {
		d.from = m.who.Alias
	}
	d.words = strings.ReplaceAll(pickOne(r, m.who.textsFor(how)), "{colleague}", "colleague."+strings.ToLower(pickOne(r, []string{"fox", "hill", "kern"}))+"@"+domainOf(m.who.Address))
	if m.deliverMail(d, d.from, d.to, Replied) {
		line := Line{Kind: Replied, Detail: how}
		if how == outNotNow {
			line.Until = askAgain(d.words, d.at)
		}
		m.noteLine(line)
		if how == outStop {
			m.noteLine(Line{Kind: Unsubscribed, Detail: outStop})
		}
	}
}

// sendAbsence is the automatic answer; it goes to the return path, from none of its own.
func (m *receivedMessage) sendAbsence(r *rand.Rand) {
	if m.mailbox == "" {
		return
	}
	d := m.newDraft()
	d.to = m.mailbox
	m.who.mu.Lock()
	back := m.who.back
	m.who.mu.Unlock()
	awayNote(d, back, r)
	if m.deliverMail(d, "", d.to, AutoReplied) {
		m.noteLine(Line{Kind: AutoReplied, Until: back})
	}
}

func (m *receivedMessage) deliverMail(d *draft, from, to, what string) bool {
	return m.noteDelivered(from, to, d.encodeMail(), what)
}

func (m *receivedMessage) noteDelivered(from, to string, message []byte, what string) bool {
	if err := m.post.sendMail(m.life, from, to, message); err != nil {
		m.noteLine(Line{Kind: Unanswered, Detail: what + ": " + err.Error()})
		return false
	}
	if r := chanceFor(m.config.Seed, "sent twice", m.who.Address, m.nth, what); doesHappen(r, m.config.Rates.SentTwice) {
		m.runLater(m.clock.Now().Add(durationBetween(r, time.Minute, 40*time.Minute)), func() {
			if err := m.post.sendMail(m.life, from, to, message); err != nil {
				m.noteLine(Line{Kind: Unanswered, Detail: what + ", again: " + err.Error()})
			}
		})
	}
	return true
}

// sendGoneNote is the automatic answer of somebody who has left.
func (m *receivedMessage) sendGoneNote(r *rand.Rand) {
	if m.mailbox == "" {
		return
	}
	d := m.newDraft()
	d.to = m.mailbox
	goneNote(d, r)
	if m.deliverMail(d, "", d.to, AutoReplied) {
		m.noteLine(Line{Kind: AutoReplied, Detail: outLeft})
	}
}

// complain has the person's provider report abuse.
func (m *receivedMessage) complain(r *rand.Rand) {
	if m.mailbox == "" {
		return
	}
	c := complaint{of: m.of, to: m.mailbox, person: m.who.Address, at: m.clock.Now(), arrived: m.arrived, form: r.IntN(complaintForms)}
	if m.noteDelivered("", m.mailbox, c.encodeComplaint(), Complained) {
		m.noteLine(Line{Kind: Complained})
	}
}

// sendReport tells the sender what became of the message.
func (m *receivedMessage) sendReport(action, status, said string, whole bool) {
	if m.mailbox == "" {
		return // nobody to tell
	}
	now := m.clock.Now()
	r := report{of: m.of, to: m.mailbox, person: m.who.Address, at: now, arrived: m.arrived, action: action, status: status, said: said, whole: whole,
		id: fmt.Sprintf("%x.%s@%s", now.UnixNano(), strings.ReplaceAll(status, ".", ""), domainOf(m.who.Address))}
	kind := Bounced
	if action == "delayed" {
		kind = Delayed
	}
	if c := chanceFor(m.config.Seed, "report", m.who.Address, m.nth, action); doesHappen(c, m.config.Rates.InWords) {
		r.program = pickOne(c, wordyPrograms(action))
	}
	if m.noteDelivered("", m.mailbox, bytes.Clone(r.encodeReport()), kind) {
		m.noteLine(Line{Kind: kind, Detail: status})
	}
}

func domainOf(address string) string {
	_, domain, _ := strings.Cut(address, "@")
	return domain
}
