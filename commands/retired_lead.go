package commands

import (
	"cmp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// Older programs send tags, CRM ids, lawful bases and the names of own fields in plain text. What they send is decided as it always
// was, and recorded as it always was: nobody but the edge can seal it.

// isPlain reports whether an older program sent the item.
func (i LeadItem) isPlain() bool {
	return len(i.Tags) > 0 || i.CRMID != "" || i.LawfulBasis != "" || namesOwnFields(i.Filled)
}

func (c UpdateLead) isPlain() bool {
	return c.Tags != nil || c.CRMID != nil || c.LawfulBasis != nil || namesOwnFields(c.Filled) || namesOwnFields(c.Cleared)
}

func namesOwnFields(fields []string) bool {
	return slices.ContainsFunc(fields, func(f string) bool { return strings.HasPrefix(f, events.OwnFieldName) })
}

func (i LeadItem) plainCreatedEvent(importID uuid.UUID, im *aggregates.Import) events.LeadCreatedV1 {
	if im != nil {
		i.LawfulBasis = cmp.Or(i.LawfulBasis, im.LawfulBasis)
	}
	return events.LeadCreatedV1{LeadID: i.LeadID, AddressHash: i.AddressHash, DomainHash: i.DomainHash, FreeMail: i.FreeMail, Profile: i.Profile,
		Filled: i.Filled, TimeZone: i.TimeZone, Tags: i.Tags, Source: i.Source, CRMID: i.CRMID, LawfulBasis: i.LawfulBasis, ImportID: importID, Row: i.Row}
}

func (i LeadItem) plainSupplementedEvent(importID uuid.UUID, im *aggregates.Import) events.LeadSupplementedV1 {
	return events.LeadSupplementedV1{LeadID: i.LeadID, Profile: i.Profile, Filled: i.Filled, TimeZone: i.TimeZone, LawfulBasis: i.LawfulBasis, CRMID: i.CRMID,
		AddedTags: i.Tags, DefaultTimeZone: im.TimeZone, DefaultLawfulBasis: im.LawfulBasis, ImportID: importID, Row: i.Row}
}

func (c UpdateLead) plainEvent() events.LeadUpdatedV1 {
	return events.LeadUpdatedV1{LeadID: c.LeadID, Profile: c.Profile, Filled: c.Filled, Cleared: c.Cleared, AddressHash: c.AddressHash, DomainHash: c.DomainHash, FreeMail: c.FreeMail,
		TimeZone: c.TimeZone, Tags: c.Tags, LawfulBasis: c.LawfulBasis, CRMID: c.CRMID}
}
