package projections

import (
	"cmp"
	"encoding/json"
	"slices"

	"outrider/events"
)

// MaxTags bounds the tags of a lead.
const MaxTags = 50

// replaceWords applies an update.
func (l *Lead) replaceWords(w events.LeadWords) {
	setIfGiven(&l.LawfulBasis, w.LawfulBasis)
	setIfGiven(&l.CRMID, w.CRMID)
	if w.Tags != nil {
		l.Tags = orEmpty(w.Tags)
	}
}

// supplementWords applies what a row of a file adds, or the first words of a new lead.
func (l *Lead) supplementWords(w events.LeadWords) {
	l.LawfulBasis = cmp.Or(deref(w.LawfulBasis), l.LawfulBasis, w.DefaultLawfulBasis)
	l.CRMID = cmp.Or(deref(w.CRMID), l.CRMID)
	l.addTags(w.Tags)
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func (l *Lead) addTags(tags []string) {
	for _, tag := range tags {
		if len(l.Tags) < MaxTags && !slices.Contains(l.Tags, tag) {
			l.Tags = append(l.Tags, tag)
		}
	}
}

// Forget removes everything personal from a lead's row: the person was erased.
func (l *Lead) Forget() {
	for _, v := range l.personalFields() {
		*v.to = nil
	}
	l.Custom, l.Search = json.RawMessage(`{}`), ""
	l.LeadScores = unscored
	l.Tags, l.CRMID, l.LawfulBasis, l.TimeZone = []string{}, "", "", ""
}
