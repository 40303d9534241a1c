package aggregates

import (
	"bytes"
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// Response is what a member has written in a thread, until it is finished.
type Response struct {
	ref     events.ResponseRef
	mailbox uuid.UUID
	to      Hash
	domain  Hash
	state   uint8
	tries   uint8
	claimed int64
	at      int64 // when the clock must look at it: to send it, to say so again, or at the end of the lease; 0 = never
}

// Responses of an organisation that aren't finished, by id.
type Responses map[uuid.UUID]Response

const (
	responseWaits = iota // can be taken back
	responseDue
	responseClaimed
	responseInDoubt
)

// dueAgain is how long a response may be due without a claim before the clock says so again.
const dueAgain = 2 * minute

// Get returns a response that isn't finished, and whether there is one.
func (r Responses) Get(id uuid.UUID) (Response, bool) {
	x, ok := r[id]
	return x, ok
}

// Ref returns its ids.
func (r Response) Ref() events.ResponseRef { return r.ref }

// Mailbox returns the mailbox that sends it.
func (r Response) Mailbox() uuid.UUID { return r.mailbox }

// To returns the address that it goes to.
func (r Response) To() (address, domain Hash) { return r.to, r.domain }

// Due reports whether it is time to send it.
func (r Response) Due() bool { return r.state == responseDue }

// Away reports whether it may have left.
func (r Response) Away() bool { return r.state >= responseClaimed }

// InDoubt reports whether nobody knows what became of it.
func (r Response) InDoubt() bool { return r.state == responseInDoubt }

// Tries returns how often it was deferred.
func (r Response) Tries() int { return int(r.tries) }

// ClaimedAt returns when it was claimed.
func (r Response) ClaimedAt() time.Time { return toTime(r.claimed) }

// dueAt returns the earliest time at which the clock must look at one; 0 = never. Leases also end where nothing may be sent.
func (r Responses) dueAt(sending bool) (earliest int64) {
	for _, x := range r {
		if x.at != 0 && (sending || x.state == responseClaimed) && (earliest == 0 || x.at < earliest) {
			earliest = x.at
		}
	}
	return earliest
}

func (o *Organization) applyResponse(event events.ThreadEvent) {
	switch e := event.(type) {
	case events.ResponseWritten:
		putInMap((*map[uuid.UUID]Response)(&o.Responses), e.ResponseID, Response{ref: e.ResponseRef, mailbox: e.MailboxID, to: hashOf(e.AddressHash), domain: hashOf(e.DomainHash), at: toMicros(e.SendAt)})
	case events.ResponseDue:
		o.onResponse(e.ResponseRef, func(r *Response) { r.state, r.at = responseDue, toMicros(e.At)+dueAgain })
	case events.ResponseClaimed:
		o.onResponse(e.ResponseRef, func(r *Response) {
			r.state, r.claimed, r.at = responseClaimed, toMicros(e.ClaimedAt), toMicros(e.LeaseUntil)
		})
	case events.ResponseDeferred:
		o.onResponse(e.ResponseRef, func(r *Response) { r.state, r.tries, r.at = responseWaits, r.tries+1, toMicros(e.RetryAt) })
	case events.ResponseInDoubt:
		o.onResponse(e.ResponseRef, func(r *Response) {
			o.countResponse(r.ref, r.mailbox, r.at)
			r.state, r.at = responseInDoubt, 0
		})
	case events.ResponseSent:
		if r, ok := o.Responses[e.ResponseID]; ok && !r.InDoubt() { // else it was counted with the doubt
			o.countResponse(r.ref, r.mailbox, toMicros(e.AcceptedAt))
		}
		delete(o.Responses, e.ResponseID)
	case events.ResponseResolved:
		if !e.Sent {
			delete(o.Responses, e.ResponseID)
		}
	case events.ResponseFailed:
		delete(o.Responses, e.ResponseID)
	case events.ResponseCancelled:
		delete(o.Responses, e.ResponseID)
	case events.ThreadStatusSet, events.ThreadAssigned, events.ThreadMarked, events.ThreadMailIdentified, events.ReferralSettled, events.ThreadNoted, events.ThreadNoteRemoved: // change nothing here
	}
}

func (o *Organization) onResponse(ref events.ResponseRef, do func(*Response)) {
	if r, ok := o.Responses[ref.ResponseID]; ok {
		do(&r)
		o.Responses[ref.ResponseID] = r
	}
}

// countResponse counts a response among what its mailbox has sent, so that campaigns make room for it; no cap holds it up itself.
func (o *Organization) countResponse(ref events.ResponseRef, mailbox uuid.UUID, at int64) {
	o.onMailbox(mailbox, func(m *Mailbox) {
		m.countAttempt(ref.ResponseID, at)
		m.Rate.dayAt(toTime(at)).sent++
		o.wakeMailbox(m, m.free)
	})
}

// paceResponses says which responses are due, and which leases are over.
func (p *pacer) paceResponses(sending bool) {
	var due []Response
	for _, r := range p.o.Responses {
		if r.at != 0 && r.at <= p.now && (sending || r.state == responseClaimed) {
			due = append(due, r)
		}
	}
	slices.SortFunc(due, func(a, b Response) int {
		if a.at != b.at {
			return int(min(max(a.at-b.at, -1), 1))
		}
		return bytes.Compare(a.ref.ResponseID[:], b.ref.ResponseID[:])
	})
	for _, r := range due[:min(len(due), max(p.left, 0))] {
		p.left--
		if r.state == responseClaimed {
			p.addEvent(events.ResponseInDoubt{ResponseRef: r.ref, MailboxID: r.mailbox, ClaimedAt: toTime(r.claimed)})
			continue
		}
		p.addEvent(events.ResponseDue{ResponseRef: r.ref, MailboxID: r.mailbox, At: p.time})
	}
}
