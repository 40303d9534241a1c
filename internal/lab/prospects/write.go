package prospects

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
)

func (m *mailed) unsubscribeMail() {
	u, err := url.Parse(m.of.mailto)
	if err != nil || u.Opaque == "" {
		m.note(Line{Kind: Unable, Detail: "no mailto to unsubscribe"})
		return
	}
	to, err := url.PathUnescape(u.Opaque)
	if err != nil {
		to = u.Opaque
	}
	d := m.draft()
	d.of, d.to, d.from = nil, to, m.who.Address
	d.subject, d.words, d.quote = orElse(u.Query().Get("subject"), "unsubscribe"), u.Query().Get("body"), false
	if m.deliver(d, m.who.Address, to, Unsubscribed) {
		m.note(Line{Kind: Unsubscribed, Detail: outMailto})
	}
}

func (m *mailed) draft() *draft {
	d := &draft{who: m.who.Person, from: m.who.Address, to: m.of.replyTo.Address, subject: reSubject(m.of.subject), at: m.clock.Now(), of: m.of, quote: true}
	d.id = fmt.Sprintf("%016x.%x@%s", chance(m.config.Seed, "id", m.who.Address, m.nth, d.at.UnixNano()).Uint64(), d.at.UnixMilli(), domainOf(m.who.Address))
	return d
}

// reply is a person's answer.
func (m *mailed) reply(how string, r *rand.Rand) {
	d := m.draft()
	if m.who.Alias != "" {
		d.from = m.who.Alias
	}
	d.words = pick(r, sayings(how))
	if m.deliver(d, d.from, d.to, Replied) {
		m.note(Line{Kind: Replied, Detail: how})
		if how == outStop {
			m.note(Line{Kind: Unsubscribed, Detail: outStop})
		}
	}
}

// away is the automatic answer; it goes to the return path, from none of its own.
func (m *mailed) away(r *rand.Rand) {
	if m.mailbox == "" {
		return
	}
	d := m.draft()
	d.to = m.mailbox
	m.who.mu.Lock()
	back := m.who.back
	m.who.mu.Unlock()
	awayNote(d, back, r)
	if m.deliver(d, "", d.to, AutoReplied) {
		m.note(Line{Kind: AutoReplied, Until: back})
	}
}

func (m *mailed) deliver(d *draft, from, to, what string) bool {
	return m.delivered(from, to, d.bytes(), what)
}

func (m *mailed) delivered(from, to string, message []byte, what string) bool {
	if err := m.post.send(m.life, from, to, message); err != nil {
		m.note(Line{Kind: Unanswered, Detail: what + ": " + err.Error()})
		return false
	}
	return true
}

// report tells the sender what became of the message.
func (m *mailed) report(action, status, said string, whole bool) {
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
	if m.delivered("", m.mailbox, bytes.Clone(r.bytes()), kind) {
		m.note(Line{Kind: kind, Detail: status})
	}
}

func domainOf(address string) string {
	_, domain, _ := strings.Cut(address, "@")
	return domain
}
