package aggregates

import (
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// KnownFact is what decisions need to know of a fact.
type KnownFact struct {
	Ref        events.FactRef
	Stale      bool
	Confidence uint8     // in percent
	Expires    time.Time // from then on it may not be said any more; zero = never
}

// Known are the facts of an organisation, the companies that they are about, and what it may say about itself.
type Known struct {
	facts     map[uuid.UUID]KnownFact
	count     map[uuid.UUID]int         // of the facts that aren't stale, by who they are about
	ofLead    map[uuid.UUID][]uuid.UUID // all, by lead
	companies map[uuid.UUID]Hash        // their domains
	judged    map[uuid.UUID]judgedDraft // by message
	claims    knownClaims
	answers   knownAnswers

	Research researches
}

// Fact returns a fact, and whether there is one.
func (k *Known) Fact(id uuid.UUID) (KnownFact, bool) {
	f, ok := k.facts[id]
	return f, ok
}

// Count returns how many facts about a lead or a company may be said.
func (k *Known) Count(subject uuid.UUID) int { return k.count[subject] }

// HasCompany reports whether there is a record of a company.
func (k *Known) HasCompany(id uuid.UUID) bool {
	_, ok := k.companies[id]
	return ok
}

// DomainOf returns the domain of a company of which there is a record.
func (k *Known) DomainOf(company uuid.UUID) (Hash, bool) {
	h, ok := k.companies[company]
	return h, ok
}

func (k *Known) applyFact(event events.FactEvent) {
	switch e := event.(type) {
	case events.FactFound:
		old, ok := k.facts[e.FactID]
		if !ok && e.LeadID != uuid.Nil {
			putInMap(&k.ofLead, e.LeadID, append(k.ofLead[e.LeadID], e.FactID))
		}
		if !ok || old.Stale {
			putInMap(&k.count, e.Subject(), k.count[e.Subject()]+1)
		}
		putInMap(&k.facts, e.FactID, KnownFact{Ref: e.FactRef, Confidence: uint8(min(max(e.Confidence, 0), 100)), Expires: e.ExpiresAt})
	case events.FactStale:
		if old, ok := k.facts[e.FactID]; ok && !old.Stale {
			old.Stale = true
			k.facts[e.FactID] = old
			k.count[old.Ref.Subject()]--
		}
	case events.CompanyRecorded:
		putInMap(&k.companies, e.CompanyID, hashOf(e.DomainHash))
	}
}

func (k *Known) applyEvidence(event events.EvidenceEvent) {
	switch e := event.(type) {
	case events.EvidenceRecorded:
		k.judge(e)
	case events.EvidenceOverruled:
		k.overrule(e.MessageID)
	case events.DraftEditMeasured: // changes nothing here
	}
}

// forget takes away what is known of a person.
func (k *Known) forget(lead uuid.UUID) {
	for _, id := range k.ofLead[lead] {
		delete(k.facts, id)
	}
	delete(k.ofLead, lead)
	delete(k.count, lead)
	k.Research.forget(lead)
}
