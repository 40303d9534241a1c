package mailboxes

import (
	"encoding/json"
	"fmt"

	"outrider/events"
	"outrider/projections"
)

// Letterhead returns of a mailbox what its messages show of it: address, name, signature, whether tags come back, and what is known of its domain (nil = nothing). How its
// servers are reached isn't in it.
func Letterhead(m *projections.Mailbox, domain *projections.SenderDomain) (out Mailbox, err error) {
	out = Mailbox{Org: m.OrgID, ID: m.MailboxID, DomainHash: m.DomainHash}
	if m.Address != nil {
		out.Address = *m.Address
	}
	if m.DisplayName != nil {
		out.DisplayName = *m.DisplayName
	}
	if out.Signature, out.KeepCopies, err = LetterOf(m); err != nil {
		return out, err
	}
	if err := out.setTags(m.Checks); err != nil {
		return out, err
	}
	return out, out.SetDomain(domain)
}

// SetDomain fills in what is known of a mailbox's domain, as far as it was seen to work.
func (m *Mailbox) SetDomain(d *projections.SenderDomain) error {
	if d == nil {
		return nil
	}
	if len(d.Signing) > 0 && d.Passes(events.DomainCheckSigning) {
		var s events.SenderDomainSigningSet
		if err := json.Unmarshal(d.Signing, &s); err != nil {
			return fmt.Errorf("read key of domain %s: %w", d.DomainID, err)
		}
		m.Signing = Signing{Domain: d.Name, Selector: s.Selector, Secret: s.Secret}
	}
	if tracking, ok := d.Check(events.DomainCheckTracking); ok && tracking.Outcome == events.CheckPassed && tracking.Name == d.Host {
		m.LinkHost = d.Host
	}
	return nil
}

// setTags fills in what the checks of a mailbox found out about its address with a tag.
func (m *Mailbox) setTags(checks json.RawMessage) error {
	found := map[string]projections.MailboxCheck{}
	if err := json.Unmarshal(checks, &found); err != nil {
		return fmt.Errorf("read checks of mailbox %s: %w", m.ID, err)
	}
	tagged, tried := found[events.CheckTaggedAddress]
	m.NoTags = tagged.Outcome != events.CheckPassed
	if back := found[events.CheckReadBack]; !tried && back.Outcome == events.CheckPassed {
		m.TagsUntried = back.CheckedAt
	}
	return nil
}
