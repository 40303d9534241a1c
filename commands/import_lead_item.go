package commands

import (
	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// checkFields returns the address, or says what is wrong. The edge has checked the profile before it sealed it.
func (i LeadItem) checkFields() (aggregates.Hash, error) {
	address, ok := aggregates.ParseHash(i.AddressHash)
	switch {
	case i.LeadID == uuid.Nil:
		return address, errInvalid("lead_id", "is missing")
	case !ok:
		return address, errInvalid("address_hash", reasonHash)
	case !validHash(i.DomainHash):
		return address, errInvalid("domain_hash", reasonHash)
	case i.Profile.IsZero():
		return address, errInvalid("profile", "is missing")
	case !validFields(i.Filled):
		return address, errInvalid("filled", reasonFields)
	case !validTags(i.Tags):
		return address, errInvalid("tags", reasonTags)
	case !validSource(i.Source):
		return address, errInvalid("source", reasonSource)
	}
	return address, firstError(
		checkText("time_zone", i.TimeZone, 0, 64),
		checkText("crm_id", i.CRMID, 0, 200),
		checkText("lawful_basis", i.LawfulBasis, 0, 100),
	)
}

func (i LeadItem) createdEvent(importID uuid.UUID) events.LeadCreated {
	return events.LeadCreated{LeadRef: events.LeadRef{LeadID: i.LeadID}, AddressHash: i.AddressHash, DomainHash: i.DomainHash, FreeMail: i.FreeMail, Profile: i.Profile,
		Filled: i.Filled, TimeZone: i.TimeZone, Tags: i.Tags, Source: i.Source, CRMID: i.CRMID, LawfulBasis: i.LawfulBasis, ImportID: importID, Row: i.Row}
}

// updatedEvent is what a row changes of a lead that is there: blanks never overwrite.
func (i LeadItem) updatedEvent(importID uuid.UUID) events.LeadUpdated {
	return events.LeadUpdated{LeadRef: events.LeadRef{LeadID: i.LeadID}, Profile: i.Profile, Filled: i.Filled, TimeZone: unlessEmpty(i.TimeZone), Tags: i.Tags,
		LawfulBasis: unlessEmpty(i.LawfulBasis), CRMID: unlessEmpty(i.CRMID), ImportID: importID, Row: i.Row}
}

func unlessEmpty(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func (c UpdateLead) checkFields() error {
	switch {
	case c.AddressHash != "" && (!validHash(c.AddressHash) || !validHash(c.DomainHash) || c.FreeMail == nil):
		return errInvalid("address_hash", "comes with domain_hash and free_mail; "+reasonHash)
	case c.AddressHash == "" && (c.DomainHash != "" || c.FreeMail != nil):
		return errInvalid("domain_hash", "comes with address_hash")
	case c.Profile.IsZero() && len(c.Filled)+len(c.Cleared) > 0:
		return errInvalid("profile", "is missing: filled and cleared are about it")
	case !validFields(c.Filled):
		return errInvalid("filled", reasonFields)
	case !validFields(c.Cleared):
		return errInvalid("cleared", reasonFields)
	case !validTags(c.Tags):
		return errInvalid("tags", reasonTags)
	}
	return firstError(
		checkOptional("time_zone", c.TimeZone, 0, 64),
		checkOptional("crm_id", c.CRMID, 0, 200),
		checkOptional("lawful_basis", c.LawfulBasis, 0, 100),
	)
}
