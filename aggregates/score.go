package aggregates

import (
	"crypto/sha256"
	"slices"
	"time"

	"outrider/events"
)

// Scores are the rules by which leads are scored, and how far all leads were scored by them. What they make of each lead is with the lead.
type Scores struct {
	Version int // of the rules; 0 = there are none

	digest  [sha256.Size]byte
	ages    bool
	open    bool  // all leads are being scored,
	through int64 // and were up to there
	at      int64 // when that began
}

// HasRules reports whether these rules hold.
func (s *Scores) HasRules(rules events.ScoreRules) bool {
	return s.Version > 0 && s.digest == digestOf(rules)
}

// Through returns how far all leads were scored since it was last begun, and whether that still goes on.
func (s *Scores) Through() (oseq int64, open bool) { return s.through, s.open }

// scoredAgain is how long after the last time all leads are scored again where time alone can change a score.
const scoredAgain = 24 * time.Hour

// dueAt returns when all leads are to be scored again; 0 = never.
func (s *Scores) dueAt() int64 {
	if !s.ages || s.open {
		return 0
	}
	return s.at + scoredAgain.Microseconds()
}

// ScoringDue returns what has all leads scored again, if it is time.
func (o *Organization) ScoringDue(now time.Time) (due events.ScoringDue, is bool) {
	if at := o.Scores.dueAt(); at == 0 || at > toMicros(now) || !o.maySend() {
		return due, false
	}
	return events.ScoringDue{ScoreRulesRef: o.ScoreRules(), Version: o.Scores.Version, Leads: o.Leads.Len(), At: now}, true
}

// ScoreRules names the rules.
func (o *Organization) ScoreRules() events.ScoreRulesRef {
	return events.ScoreRulesRef{RulesID: events.ScoreRulesID(o.ID)}
}

// LeadScore is what the rules made of a lead.
type LeadScore struct {
	Version       int // of the rules, modulo 65,536; 0 = it has no score
	Lead, Intent  int
	Qualification string
}

// packedScore is a LeadScore in four bytes, as there are many leads: version, both scores in seven bits each, and the qualification.
type packedScore uint32

var qualifications = [...]string{"", events.LeadUnqualified, events.LeadNeedsReview, events.LeadQualified} //nolint:gochecknoglobals // a constant table

func packScore(s LeadScore) packedScore {
	return packedScore(s.Version)<<16 | packedScore(s.Lead&0x7f)<<9 | packedScore(s.Intent&0x7f)<<2 | packedScore(max(slices.Index(qualifications[:], s.Qualification), 0))
}

func (p packedScore) unpack() LeadScore {
	return LeadScore{Version: int(p >> 16), Lead: int(p >> 9 & 0x7f), Intent: int(p >> 2 & 0x7f), Qualification: qualifications[p&3]}
}

// Score returns what the rules made of a lead.
func (l *Lead) Score() LeadScore { return l.score.unpack() }

// HasScore reports whether a lead has exactly this score.
func (l *Lead) HasScore(s LeadScore) bool { return l.score == packScore(s) }

// applyScore takes the rules, or what they make of a lead.
func (o *Organization) applyScore(event events.ScoreEvent) {
	s := &o.Scores
	switch e := event.(type) {
	case events.ScoreRulesSet:
		*s = Scores{Version: e.Version, digest: digestOf(e.ScoreRules), ages: e.Ages, open: true, at: toMicros(e.At)}
	case events.ScoringDue:
		s.open, s.through, s.at = true, 0, toMicros(e.At)
	case events.ScoresApplied:
		if e.Version == s.Version {
			s.through, s.open = e.Through, !e.Last
		}
	case events.LeadScored:
		lead := o.Leads.byID[e.LeadID]
		if lead == nil {
			return
		}
		lead.score = packScore(LeadScore{e.Version, e.LeadScore, e.IntentScore, e.Qualification})
		for _, x := range o.enrollmentsOf(lead) {
			if !isOpenEntry(x.campaign.Entry) {
				o.lookAtEntry(x)
			}
		}
	}
}

// setEntry replaces which leads a campaign takes.
func (o *Organization) setEntry(c *Campaign, entry events.CampaignEntry) {
	c.Entry = entry
	for x := range c.people.all() {
		o.lookAtEntry(x)
	}
	o.wakeMailboxesOf(c)
}

// lookAtEntry puts somebody into line or takes them out of it, as the score of their lead or what their campaign demands has changed.
func (o *Organization) lookAtEntry(x *Enrollment) {
	o.takeOutOfLine(x)
	o.placeInLine(x)
	switch {
	case x.message == nil:
	case !x.campaign.Takes(x.lead) && x.message.state == messageScheduled:
		o.takeSlotBack(x.message)
	default:
		o.wakeMailbox(x.message.mailbox, soon)
	}
}

// isOpenEntry reports whether all leads are taken.
func isOpenEntry(e events.CampaignEntry) bool {
	return e.MinLeadScore == 0 && e.MinIntentScore == 0 && len(e.Qualifications) == 0
}

// Takes reports whether a lead's score is enough for the campaign.
func (c *Campaign) Takes(l *Lead) bool {
	if isOpenEntry(c.Entry) {
		return true
	}
	s := l.Score()
	return s.Lead >= c.Entry.MinLeadScore && s.Intent >= c.Entry.MinIntentScore && (len(c.Entry.Qualifications) == 0 || slices.Contains(c.Entry.Qualifications, s.Qualification))
}

// scoreRule holds back whose score isn't enough for the campaign; another score, or another demand, ends that.
func scoreRule(q *ruleContext) int64 {
	if !isOpenEntry(q.e.campaign.Entry) && q.explaining {
		s := q.e.lead.Score()
		noteInput(q, "lead_score", s.Lead)
		noteInput(q, "intent_score", s.Intent)
		noteInput(q, "qualification", s.Qualification)
		noteInput(q, "min_lead_score", q.e.campaign.Entry.MinLeadScore)
		noteInput(q, "min_intent_score", q.e.campaign.Entry.MinIntentScore)
		noteInput(q, "qualifications", q.e.campaign.Entry.Qualifications)
	}
	return neverIf(!q.e.campaign.Takes(q.e.lead), q.at)
}
