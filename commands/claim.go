package commands

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
	"outrider/internal/es"
)

const (
	// MaxClaims bounds the claims of an organisation that may be said.
	MaxClaims = 500
	// MaxClaimItems bounds those of one command.
	MaxClaimItems = 200

	maxClaimText   = 500
	maxClaimSource = 500
)

// ClaimID returns the id of a claim, which follows from its campaign (uuid.Nil = all) and its words as it was first approved: the same sentence is approved once.
func ClaimID(org, campaign uuid.UUID, text string) uuid.UUID {
	return es.DeriveID(org, "claim", campaign.String(), strings.ToLower(text))
}

// ClaimItem is a sentence that may be said about the organisation.
type ClaimItem struct {
	ClaimID    uuid.UUID `json:"claim_id"`
	CampaignID uuid.UUID `json:"campaign_id,omitzero"` // zero = all
	Text       string    `json:"text"`
	Source     string    `json:"source"`
	ValidUntil time.Time `json:"valid_until,omitzero"` // zero = for good
}

// ApproveClaims lets messages say sentences about the organisation.
type ApproveClaims struct {
	Claims []ClaimItem `json:"claims"`
}

func (ApproveClaims) CommandType() string { return "claim.approve.v1" }

// Decide has nothing to do for claims that are approved so. One that is approved with another source or end is refused if it comes alone, and left as it is among several. One that
// was retired is approved again.
func (c ApproveClaims) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if len(c.Claims) == 0 || len(c.Claims) > MaxClaimItems {
		return nil, errInvalid("claims", "must be 1 to "+strconv.Itoa(MaxClaimItems))
	}
	live, seen := o.Known.LiveClaims(), map[uuid.UUID]bool{}
	var out []events.Event
	for i, item := range c.Claims {
		at := ""
		if len(c.Claims) > 1 {
			at = "claims." + strconv.Itoa(i) + "."
		}
		if err := item.checkFields(now, o, at); err != nil {
			return nil, err
		}
		is, known := o.Known.Claim(item.ClaimID)
		switch {
		case seen[item.ClaimID], known && !is.Retired && is.Says(item.Text, item.Source, item.ValidUntil):
			continue
		case known && !is.Retired && len(c.Claims) == 1:
			return nil, errAlreadyExists(item.ClaimID)
		case known && !is.Retired:
			continue
		}
		seen[item.ClaimID] = true
		if live++; live > MaxClaims {
			return nil, errInvalid("claims", "at most "+strconv.Itoa(MaxClaims)+" may be said; retire some")
		}
		out = append(out, approvedClaim(events.ClaimRef{ClaimID: item.ClaimID, CampaignID: item.CampaignID}, is, item))
	}
	return out, nil
}

// approvedClaim is the version of a claim that follows another one. While the words stay, what rests on them stands: the version keeps its id.
func approvedClaim(ref events.ClaimRef, is aggregates.KnownClaim, item ClaimItem) events.ClaimApproved {
	e := events.ClaimApproved{ClaimRef: ref, Version: is.Version + 1, Text: item.Text, Source: item.Source, ValidUntil: item.ValidUntil}
	if e.VersionID = is.VersionID; is.Version == 0 || is.Retired || !is.HasText(item.Text) {
		e.VersionID = es.DeriveID(ref.ClaimID, "version", strconv.Itoa(e.Version))
	}
	return e
}

func (c ClaimItem) checkFields(now time.Time, o *aggregates.Organization, at string) error {
	switch {
	case c.ClaimID == uuid.Nil:
		return errInvalid(at+"claim_id", "is missing")
	case c.CampaignID != uuid.Nil && o.Campaigns[c.CampaignID] == nil:
		return errNotFound(c.CampaignID)
	}
	return firstError(checkText(at+"text", c.Text, 1, maxClaimText), checkText(at+"source", c.Source, 1, maxClaimSource), checkClaimEnd(at, now, c.ValidUntil))
}

func checkClaimEnd(at string, now, until time.Time) error {
	if !until.IsZero() && !until.After(now) {
		return errInvalid(at+"valid_until", "must be in the future")
	}
	return nil
}

// EditClaim approves another version of a claim.
type EditClaim struct {
	ClaimID    uuid.UUID `json:"claim_id"`
	Text       string    `json:"text"`
	Source     string    `json:"source"`
	ValidUntil time.Time `json:"valid_until,omitzero"`
	IfVersion  *int      `json:"if_version,omitzero"`
}

func (EditClaim) CommandType() string { return "claim.edit.v1" }

// Decide also takes up the drafts that say what it said before, where the words have changed.
func (c EditClaim) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is, ok := o.Known.Claim(c.ClaimID)
	switch {
	case !ok:
		return nil, errNotFound(c.ClaimID)
	case is.Retired:
		return nil, refuseAbout(c.ClaimID, CodeWrongStatus, detailStatus{c.ClaimID, "retired"})
	case is.Says(c.Text, c.Source, c.ValidUntil):
		return nil, nil
	}
	item := ClaimItem{ClaimID: c.ClaimID, Text: c.Text, Source: c.Source, ValidUntil: c.ValidUntil}
	if err := firstError(checkVersion(c.ClaimID, c.IfVersion, is.Version), item.checkFields(now, o, "")); err != nil {
		return nil, err
	}
	e := approvedClaim(is.Ref, is, item)
	out := []events.Event{e}
	if e.VersionID != is.VersionID {
		out = append(out, lapsedDrafts(o, []uuid.UUID{is.VersionID}, events.LapsedClaimChanged)...)
	}
	return out, nil
}

// RetireClaim says that a claim may be said no more.
type RetireClaim struct {
	ClaimID uuid.UUID `json:"claim_id"`
}

func (RetireClaim) CommandType() string { return "claim.retire.v1" }

// Decide has nothing to do for one that is retired.
func (c RetireClaim) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is, ok := o.Known.Claim(c.ClaimID)
	switch {
	case !ok:
		return nil, errNotFound(c.ClaimID)
	case is.Retired:
		return nil, nil
	}
	return retireClaim(o, is, events.ClaimWithdrawn, events.LapsedClaimRetired), nil
}

func retireClaim(o *aggregates.Organization, is aggregates.KnownClaim, reason, lapsed string) []events.Event {
	return append([]events.Event{events.ClaimRetired{ClaimRef: is.Ref, Version: is.Version, Reason: reason}}, lapsedDrafts(o, []uuid.UUID{is.VersionID}, lapsed)...)
}

// expireClaims retires the claims whose time is over.
func expireClaims(now time.Time, o *aggregates.Organization) (out []events.Event) {
	for _, is := range o.Known.ClaimsOver(now) {
		out = append(out, retireClaim(o, is, events.ClaimExpired, events.LapsedClaimExpired)...)
	}
	return out
}

// lapsedDrafts takes up the messages that say something which may not be said any more, and haven't left.
func lapsedDrafts(o *aggregates.Organization, ids []uuid.UUID, reason string) (out []events.Event) {
	for _, id := range o.Known.Saying(ids) {
		if msg := o.Messages[id]; msg != nil && !msg.Away() {
			out = append(out, lapsedDraft(o, msg, reason)...)
		}
	}
	return out
}

// changedFieldDrafts takes up the drafts that may say what a field of their lead said, as fields count as facts: those with a slot, and those that a person wrote.
func changedFieldDrafts(o *aggregates.Organization, lead uuid.UUID, fields []string) (out []events.Event) {
	if !slices.ContainsFunc(fields, func(f string) bool { return slices.Contains(saidFields(), f) }) {
		return nil
	}
	for _, m := range o.JudgedApart(lead) {
		out = append(out, lapsedDraft(o, m, events.LapsedLeadChanged)...)
	}
	return out
}

// saidFields are the fields of a lead that messages say of them, or call them by.
func saidFields() []string {
	return []string{"first_name", "last_name", "company_name", "job_title", "city"}
}

// lapsedDraft takes a slot back, and has a draft written again; what a person wrote waits for a person.
func lapsedDraft(o *aggregates.Organization, msg *aggregates.Message, reason string) (out []events.Event) {
	if msg.Scheduled() {
		out = append(out, events.MessagePostponed{MessageRef: msg.Ref(), MailboxID: msg.Mailbox().ID, Rule: aggregates.RuleDraft})
	}
	waiting := []string{"requested"}
	if msg.Edited() {
		waiting = []string{"requested", "held"} // it is edited before it can leave, and judged then
	}
	switch {
	case slices.Contains(waiting, msg.State()) || msg.Edited() && msg.Waiting() && o.Known.Lapsed(msg.ID):
		return out
	case msg.Edited():
		return append(out, events.MessageApprovalLapsed{MessageRef: msg.Ref(), Reason: reason})
	}
	return append(out, events.MessageRedraftRequested{MessageRef: msg.Ref(), Reason: reason})
}
