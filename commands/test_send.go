package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

const (
	// MaxTestSends bounds the test sends of an organisation in 24 hours.
	MaxTestSends = 50

	maxTestSubject = 1000
	maxTestBody    = 102_400
)

// RequestTestSend has a text of a campaign sent to a member, or to the mailbox that sends it. No cap and no working hours hold it up, and nothing counts it.
type RequestTestSend struct {
	events.TestSendRef
	CampaignID  uuid.UUID `json:"campaign_id"`
	MailboxID   uuid.UUID `json:"mailbox_id"`
	MemberID    uuid.UUID `json:"member_id,omitzero"` // zero = the mailbox itself
	AddressHash string    `json:"address_hash"`
	DomainHash  string    `json:"domain_hash"`
	LeadID      uuid.UUID `json:"lead_id,omitzero"`
	Subject     string    `json:"subject"`
	Body        string    `json:"body"`
	FollowUp    bool      `json:"follow_up,omitzero"`
	By          string    `json:"by"`
}

func (RequestTestSend) CommandType() string { return "test_send.request.v1" }

// Decide refuses whoever is no member, an address that nothing is sent to, and more than so many a day.
func (c RequestTestSend) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if _, ok := o.Tests.Get(c.TestSendID); ok {
		return nil, errAlreadyExists(c.TestSendID)
	}
	to, known := aggregates.ParseHash(c.AddressHash)
	domain, domainKnown := aggregates.ParseHash(c.DomainHash)
	box := o.Mailboxes.Get(c.MailboxID)
	switch {
	case c.TestSendID == uuid.Nil:
		return nil, errInvalid("test_send_id", "is missing")
	case !known:
		return nil, errInvalid("address_hash", reasonHash)
	case !domainKnown:
		return nil, errInvalid("domain_hash", reasonHash)
	case o.Campaigns[c.CampaignID] == nil:
		return nil, errNotFound(c.CampaignID)
	case box == nil:
		return nil, errNotFound(c.MailboxID)
	case c.LeadID != uuid.Nil && o.Leads.Get(c.LeadID) == nil:
		return nil, errNotFound(c.LeadID)
	case c.MemberID != uuid.Nil && o.Members.RoleOf(c.MemberID) == "":
		return nil, errNotFound(c.MemberID)
	case c.MemberID == uuid.Nil && box.Address != to:
		return nil, errInvalid("address_hash", "is neither a member's nor the mailbox's")
	case !box.Sending():
		return nil, refuseAbout(c.MailboxID, CodeWrongStatus, detailStatus{c.MailboxID, box.Status()})
	case o.Suppression.CoversAddress(to, domain):
		return nil, refuseAbout(c.CampaignID, CodeSuppressed, detailID{c.MemberID})
	case o.Tests.Asked(now) >= MaxTestSends:
		return nil, refuseAbout(c.CampaignID, CodeTestLimit, detailLimit{MaxTestSends})
	}
	if err := firstError(checkText("subject", c.Subject, 1, maxTestSubject), checkText("body", c.Body, 1, maxTestBody)); err != nil {
		return nil, err
	}
	return oneEvent(events.TestSendRequested{TestSendRef: c.TestSendRef, CampaignID: c.CampaignID, MailboxID: c.MailboxID, MemberID: c.MemberID, AddressHash: c.AddressHash, LeadID: c.LeadID, Subject: c.Subject, Body: c.Body,
		FollowUp: c.FollowUp, By: c.By, RequestedAt: now})
}

// ClaimTestSend asks for a test send. Only a claimed one may be sent, and only until the lease is over.
type ClaimTestSend struct {
	events.TestSendRef
	DomainHash string `json:"domain_hash"` // of the address, which may be suppressed by now
}

func (ClaimTestSend) CommandType() string { return "test_send.claim.v1" }

// Decide checks again what may have changed: then it is over.
func (c ClaimTestSend) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	t, ok := o.Tests.Get(c.TestSendID)
	domain, known := aggregates.ParseHash(c.DomainHash)
	switch {
	case !ok:
		return nil, errNotFound(c.TestSendID)
	case t.Claimed:
		return nil, refuseAbout(c.TestSendID, CodeClaimed, detailID{c.TestSendID})
	case !known:
		return nil, errInvalid("domain_hash", reasonHash)
	}
	why := ""
	switch box := o.Mailboxes.Get(t.Mailbox); {
	case box == nil:
		why = "the mailbox was removed"
	case !box.Sending():
		why = "the mailbox is " + box.Status()
	case o.Suppression.CoversAddress(t.To, domain):
		why = "nothing may be sent to this address"
	}
	if why != "" {
		return oneEvent(events.TestSendFinished{TestSendRef: c.TestSendRef, Outcome: events.TestSendRefused, SMTPReply: events.SMTPReply{Text: why}, At: now})
	}
	return oneEvent(events.TestSendClaimed{TestSendRef: c.TestSendRef, ClaimedAt: now, LeaseUntil: now.Add(aggregates.Lease)})
}

// FinishTestSend records what became of a test send.
type FinishTestSend events.TestSendFinished

func (FinishTestSend) CommandType() string { return "test_send.finish.v1" }

// Decide has nothing to do for one that is finished.
func (c FinishTestSend) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if _, ok := o.Tests.Get(c.TestSendID); !ok {
		return nil, nil
	}
	switch {
	case c.At.IsZero():
		return nil, errInvalid("at", "is missing")
	case c.Outcome != events.TestSendSent && c.Outcome != events.TestSendRefused && c.Outcome != events.TestSendInDoubt:
		return nil, errInvalid("outcome", "must be sent, refused or in_doubt")
	}
	return oneEvent(events.TestSendFinished(c))
}
