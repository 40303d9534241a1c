package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// maxUndo bounds how long a response can be taken back.
const maxUndo = 5 * time.Minute

// WriteResponse answers in a thread. It is sent when the time to take it back is over.
type WriteResponse struct {
	ResponseID  uuid.UUID     `json:"response_id"`
	ThreadID    uuid.UUID     `json:"thread_id"`
	MailboxID   uuid.UUID     `json:"mailbox_id"`
	MailID      uuid.UUID     `json:"mail_id,omitzero"`
	To          events.Sealed `json:"to"`
	AddressHash string        `json:"address_hash"`
	DomainHash  string        `json:"domain_hash"`
	Subject     events.Sealed `json:"subject"`
	Body        events.Sealed `json:"body,omitzero"`
	BodyRef     string        `json:"body_ref,omitzero"`
	UndoSeconds int           `json:"undo_seconds"`
}

func (WriteResponse) CommandType() string { return "response.write.v1" }

// Decide refuses who wants no more mail, whatever they have asked, and a mailbox that may not send.
func (c WriteResponse) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	t, ok := o.Threads.Get(c.ThreadID)
	if !ok {
		return nil, errNotFound(c.ThreadID)
	}
	if _, ok := o.Responses.Get(c.ResponseID); ok {
		return nil, errAlreadyExists(c.ResponseID)
	}
	if err := requireFeature(o, events.FeatureInboxReplies); err != nil {
		return nil, err
	}
	to, domain, err := c.checkFields()
	if err != nil {
		return nil, err
	}
	lead := o.Leads.Get(t.Ref().LeadID)
	if lead == nil {
		return nil, errNotFound(t.Ref().LeadID)
	}
	if o.Suppression.Covers(lead) || o.Suppression.CoversAddress(to, domain) {
		return nil, refuseAbout(lead.ID, CodeSuppressed, detailID{lead.ID})
	}
	box := o.Mailboxes.Get(c.MailboxID)
	switch {
	case box == nil:
		return nil, errNotFound(c.MailboxID)
	case !box.Sending():
		return nil, refuseAbout(c.MailboxID, CodeWrongStatus, detailStatus{c.MailboxID, box.Status()})
	}
	return oneEvent(events.ResponseWritten{ResponseRef: events.ResponseRef{ResponseID: c.ResponseID, ThreadRef: t.Ref()}, MailboxID: c.MailboxID, MailID: c.MailID, To: c.To, AddressHash: c.AddressHash,
		DomainHash: c.DomainHash, Subject: c.Subject, Body: c.Body, BodyRef: c.BodyRef, SendAt: now.Add(time.Duration(c.UndoSeconds) * time.Second)})
}

func (c WriteResponse) checkFields() (to, domain aggregates.Hash, err error) {
	to, known := aggregates.ParseHash(c.AddressHash)
	domain, domainKnown := aggregates.ParseHash(c.DomainHash)
	switch {
	case c.ResponseID == uuid.Nil:
		err = errInvalid("response_id", "is missing")
	case !known:
		err = errInvalid("address_hash", reasonHash)
	case !domainKnown:
		err = errInvalid("domain_hash", reasonHash)
	case c.To.IsZero():
		err = errInvalid("to", "is missing")
	case c.Subject.IsZero():
		err = errInvalid("subject", "is missing")
	case c.Body.IsZero() == (c.BodyRef == ""):
		err = errInvalid("body", "is required, or body_ref is")
	case len(c.Body.C) > 48<<10:
		err = errInvalid("body", "must be at most 48 KiB; a longer one goes to the blob bucket")
	case c.UndoSeconds < 0 || time.Duration(c.UndoSeconds)*time.Second > maxUndo:
		err = errInvalid("undo_seconds", "must be 0 to 300")
	default:
		err = checkText("body_ref", c.BodyRef, 0, 200)
	}
	return to, domain, err
}

// CancelResponse takes a response back.
type CancelResponse struct {
	ResponseID uuid.UUID `json:"response_id"`
}

func (CancelResponse) CommandType() string { return "response.cancel.v1" }

// Decide refuses what may have left.
func (c CancelResponse) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	r, ok := o.Responses.Get(c.ResponseID)
	switch {
	case !ok:
		return nil, errNotFound(c.ResponseID)
	case r.Away():
		return nil, refuseAbout(r.Ref().LeadID, CodeClaimed, detailID{c.ResponseID})
	}
	return oneEvent(events.ResponseCancelled{ResponseRef: r.Ref(), Reason: events.ResponseTakenBack})
}

// ClaimResponse asks for a response that is due. Only a claimed one may be sent, and only until the lease is over.
type ClaimResponse struct {
	ResponseID uuid.UUID `json:"response_id"`
}

func (ClaimResponse) CommandType() string { return "response.claim.v1" }

// Decide checks again what was checked when it was written: what no longer may be sent is cancelled, and is tried later where the mailbox may send later.
func (c ClaimResponse) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	r, ok := o.Responses.Get(c.ResponseID)
	switch {
	case !ok:
		return nil, errNotFound(c.ResponseID)
	case r.Away():
		return nil, refuseAbout(r.Ref().LeadID, CodeClaimed, detailID{c.ResponseID})
	case !r.Due():
		return nil, refuseAbout(r.Ref().LeadID, CodeNotScheduled, detailID{c.ResponseID})
	}
	cancel := func(reason string) ([]events.Event, error) {
		return oneEvent(events.ResponseCancelled{ResponseRef: r.Ref(), Reason: reason})
	}
	lead, box := o.Leads.Get(r.Ref().LeadID), o.Mailboxes.Get(r.Mailbox())
	to, domain := r.To()
	switch {
	case lead == nil:
		return cancel(events.ResponseLeadRemoved)
	case o.Suppression.Covers(lead) || o.Suppression.CoversAddress(to, domain):
		return cancel(events.ResponseSuppressed)
	case box == nil:
		return cancel(events.ResponseMailboxRemoved)
	case !box.Sending():
		return oneEvent(responseRefused(r, events.SMTPReply{Text: "the mailbox is " + box.Status()}, false, now))
	}
	return oneEvent(events.ResponseClaimed{ResponseRef: r.Ref(), MailboxID: box.ID, ClaimedAt: now, LeaseUntil: now.Add(aggregates.Lease)})
}

// responseRefused returns what follows when a response was not taken: it is tried again, or fails.
func responseRefused(r aggregates.Response, reply events.SMTPReply, forGood bool, at time.Time) events.Event {
	if forGood || r.Tries() >= maxTries {
		return events.ResponseFailed{ResponseRef: r.Ref(), MailboxID: r.Mailbox(), SMTPReply: reply, Permanent: forGood, FailedAt: at}
	}
	return events.ResponseDeferred{ResponseRef: r.Ref(), MailboxID: r.Mailbox(), SMTPReply: reply, Tries: r.Tries() + 1, DeferredAt: at, RetryAt: at.Add(retryAfter(r.Tries()))}
}

// RecordResponseResult records what became of a claimed response.
type RecordResponseResult struct {
	ResponseID uuid.UUID `json:"response_id"`
	Sent       bool      `json:"sent"`
	At         time.Time `json:"at"`
	events.SMTPReply
}

func (RecordResponseResult) CommandType() string { return "response.record_result.v1" }

// Decide accepts a result also after the lease. A known one changes nothing.
func (c RecordResponseResult) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if c.At.IsZero() {
		return nil, errInvalid("at", "is missing")
	}
	r, ok := o.Responses.Get(c.ResponseID)
	if !ok || !r.Away() {
		return nil, nil
	}
	var out []events.Event
	if r.InDoubt() {
		out = append(out, events.ResponseResolved{ResponseRef: r.Ref(), Sent: c.Sent, By: events.ResolvedByProvider})
		if !c.Sent {
			return out, nil
		}
	}
	if c.Sent {
		return append(out, responseSent(r, c.At)), nil
	}
	forGood := c.Code >= 500 && bounceKind(c.SMTPReply) != events.BounceSoft && c.Stage != "auth" || c.Stage == events.StageCompose
	return append(out, responseRefused(r, c.SMTPReply, forGood, c.At)), nil
}

func responseSent(r aggregates.Response, at time.Time) events.Event {
	to, _ := r.To()
	return events.ResponseSent{ResponseRef: r.Ref(), MailboxID: r.Mailbox(), AddressHash: to.String(), AcceptedAt: at}
}

// ResolveResponse records whether a response in doubt was sent.
type ResolveResponse struct {
	ResponseID uuid.UUID `json:"response_id"`
	Sent       bool      `json:"sent"`
	By         string    `json:"by"`
}

func (ResolveResponse) CommandType() string { return "response.resolve.v1" }

// Decide takes it out of doubt. One that wasn't sent is over: its thread needs an answer again.
func (c ResolveResponse) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	r, ok := o.Responses.Get(c.ResponseID)
	switch {
	case !ok:
		return nil, errNotFound(c.ResponseID)
	case !r.InDoubt():
		return nil, refuseAbout(r.Ref().LeadID, CodeNotInDoubt, detailID{c.ResponseID})
	case c.By != events.ResolvedByPerson && c.By != events.ResolvedBySent:
		return nil, errInvalid("by", "must be sent_folder or person")
	}
	out := []events.Event{events.ResponseResolved{ResponseRef: r.Ref(), Sent: c.Sent, By: c.By}}
	if c.Sent {
		out = append(out, responseSent(r, r.ClaimedAt()))
	}
	return out, nil
}
