package commands

import (
	"cmp"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// checkFields returns the address's hash, or what is wrong. The edge has checked the profile before it sealed it.
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
		checkZone("time_zone", i.TimeZone),
		checkText("crm_id", i.CRMID, 0, 200),
		checkText("lawful_basis", i.LawfulBasis, 0, 100),
	)
}

// createdEvent uses the zone of the import when the row has none; im = nil: the lead comes from no import.
func (i LeadItem) createdEvent(importID uuid.UUID, im *aggregates.Import) events.Event {
	if im != nil {
		i.TimeZone = cmp.Or(i.TimeZone, im.TimeZone)
	}
	if i.isPlain() {
		return i.plainCreatedEvent(importID, im)
	}
	return events.LeadCreated{LeadRef: events.LeadRef{LeadID: i.LeadID}, AddressHash: i.AddressHash, DomainHash: i.DomainHash, FreeMail: i.FreeMail, Profile: i.Profile,
		Filled: i.Filled, TimeZone: i.TimeZone, Source: i.Source, ImportID: importID, Row: i.Row}
}

// supplementedEvent returns what a row adds to an existing lead: blanks never overwrite.
func (i LeadItem) supplementedEvent(importID uuid.UUID, im *aggregates.Import) events.Event {
	if i.isPlain() {
		return i.plainSupplementedEvent(importID, im)
	}
	return events.LeadSupplemented{LeadRef: events.LeadRef{LeadID: i.LeadID}, Profile: i.Profile, Filled: i.Filled, TimeZone: i.TimeZone, DefaultTimeZone: im.TimeZone, ImportID: importID, Row: i.Row}
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
		checkOptionalZone("time_zone", c.TimeZone),
		checkOptional("crm_id", c.CRMID, 0, 200),
		checkOptional("lawful_basis", c.LawfulBasis, 0, 100),
	)
}
