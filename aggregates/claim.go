package aggregates

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// KnownClaim is what decisions need to know of a claim about the organisation itself.
type KnownClaim struct {
	Ref       events.ClaimRef
	Version   int
	VersionID uuid.UUID // that may be said while it isn't retired
	Retired   bool
	until     int64 // 0 = for good
	says      [sha256.Size]byte
	text      [sha256.Size]byte
}

// Says reports whether a claim's version has this text, source and end.
func (c KnownClaim) Says(text, source string, until time.Time) bool {
	return c.says == digestOf([]string{text, source, until.UTC().Format(time.RFC3339Nano)})
}

// HasText reports whether a claim's version has this text.
func (c KnownClaim) HasText(text string) bool { return c.text == digestOf(text) }

// over reports whether a claim may be said no more.
func (c KnownClaim) over(now time.Time) bool {
	return c.Retired || c.until != 0 && c.until <= toMicros(now)
}

// knownClaims are the claims of an organisation.
type knownClaims struct {
	byID  map[uuid.UUID]KnownClaim
	saidA map[uuid.UUID]uuid.UUID // claims by the versions of them that may be said
	end   int64                   // of the one whose time is over next; 0 = of none
}

// Claim returns a claim, and whether there is one.
func (k *Known) Claim(id uuid.UUID) (KnownClaim, bool) {
	c, ok := k.claims.byID[id]
	return c, ok
}

// LiveClaims counts those that aren't retired.
func (k *Known) LiveClaims() int { return len(k.claims.saidA) }

// ClaimsOver returns the claims whose time is over, and that nobody has retired, in order.
func (k *Known) ClaimsOver(now time.Time) (out []KnownClaim) {
	if k.claims.end == 0 || k.claims.end > toMicros(now) {
		return nil
	}
	for _, c := range k.claims.byID {
		if !c.Retired && c.over(now) {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b KnownClaim) int { return bytes.Compare(a.Ref.ClaimID[:], b.Ref.ClaimID[:]) })
	return out
}

// MaySay reports whether a fact, or a version of a claim, may be said in a message of a campaign.
func (k *Known) MaySay(id, campaign uuid.UUID, now time.Time) bool {
	if f, ok := k.facts[id]; ok {
		return !f.Stale && (f.Expires.IsZero() || now.Before(f.Expires))
	}
	claim, ok := k.claims.saidA[id]
	if !ok {
		return false
	}
	c := k.claims.byID[claim]
	return !c.over(now) && (c.Ref.CampaignID == uuid.Nil || c.Ref.CampaignID == campaign)
}

// IsClaim reports whether an id is that of a version of a claim that may be said.
func (k *Known) IsClaim(id uuid.UUID) bool {
	_, ok := k.claims.saidA[id]
	return ok
}

func (k *knownClaims) applyEvent(event events.ClaimEvent) {
	switch e := event.(type) {
	case events.ClaimApproved:
		k.approve(e)
	case events.ClaimRetired:
		k.retire(e)
	}
}

func (k *knownClaims) approve(e events.ClaimApproved) {
	is := k.byID[e.ClaimID]
	delete(k.saidA, is.VersionID)
	is = KnownClaim{Ref: e.ClaimRef, Version: e.Version, VersionID: e.VersionID, text: digestOf(e.Text), says: digestOf([]string{e.Text, e.Source, e.ValidUntil.UTC().Format(time.RFC3339Nano)})}
	if !e.ValidUntil.IsZero() {
		is.until = toMicros(e.ValidUntil)
	}
	putInMap(&k.byID, e.ClaimID, is)
	putInMap(&k.saidA, e.VersionID, e.ClaimID)
	k.findEnd()
}

func (k *knownClaims) retire(e events.ClaimRetired) {
	is, ok := k.byID[e.ClaimID]
	if !ok {
		return
	}
	is.Retired = true
	k.byID[e.ClaimID] = is
	delete(k.saidA, is.VersionID)
	k.findEnd()
}

func (k *knownClaims) findEnd() {
	k.end = 0
	for _, c := range k.byID {
		if !c.Retired && c.until != 0 && (k.end == 0 || c.until < k.end) {
			k.end = c.until
		}
	}
}
