package aggregates

import "time"

// MailboxToday is what a mailbox may send on its day, and what is left of it.
type MailboxToday struct {
	Cap, Sent, Left int
	Rule            string    // what holds it now; "" = nothing
	Until           time.Time // when that ends, if the time alone decides
}

// TodayOf asks the rules for a mailbox as it is now. It changes nothing.
func TodayOf(now time.Time, o *Organization, m *Mailbox) (t MailboxToday) {
	at := toMicros(now)
	t.Cap = o.CapAt(m, now)
	t.Sent = m.sentSince(startOfDay(now, 0, o.mailboxZone(m)).UnixMicro()-1) + m.claimed
	if m.Sending() {
		t.Left = max(t.Cap-t.Sent, 0)
	}
	slot, rule := o.nextSlot(m, at, 0)
	if slot > at {
		t.Rule = rule
	}
	if slot > at && slot != never {
		t.Until = toTime(slot)
	}
	return t
}
