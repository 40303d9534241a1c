package forecast

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
	"outrider/internal/es"
)

// WhatIf is what would be different; zero values aren't.
type WhatIf struct {
	CapPerDay     int            // of each mailbox that it is about
	MoreMailboxes int            // like the first one, and warmed up
	Window        *events.Window // of the campaign, or of all
	MorePeople    int            // on the campaign
	NewPeople     *int           // a day, of the campaign
}

// IsZero reports whether nothing would be different.
func (w WhatIf) IsZero() bool { return w == WhatIf{} }

// apply changes a copy by the events that would change the organisation.
func (w WhatIf) apply(o *aggregates.Organization, of Of, now time.Time) {
	campaigns := o.LiveCampaigns()
	if c := o.Campaigns[of.Campaign]; c != nil {
		campaigns = []*aggregates.Campaign{c}
	}
	if c := o.Campaigns[of.Campaign]; c != nil && !c.Live() { // as if it were launched now
		o.Apply(events.CampaignLaunched{CampaignRef: events.CampaignRef{CampaignID: c.ID}, StepsVersion: c.StepsVersion})
	}
	if w.CapPerDay > 0 {
		for _, m := range o.Mailboxes.All() {
			if of.Mailbox == uuid.Nil || m.ID == of.Mailbox {
				pace := m.Pace
				pace.CapPerDay = w.CapPerDay
				o.Apply(events.MailboxPaceSet{MailboxRef: events.MailboxRef{MailboxID: m.ID}, MailboxPace: pace})
			}
		}
	}
	for _, c := range campaigns {
		ref := events.CampaignRef{CampaignID: c.ID}
		if w.Window != nil {
			s := c.Settings
			s.Window = *w.Window
			o.Apply(events.CampaignSettingsChanged{CampaignRef: ref, CampaignSettings: s})
		}
		if w.NewPeople != nil {
			p := c.Pacing
			p.NewPeoplePerDay = *w.NewPeople
			o.Apply(events.CampaignPacingSet{CampaignRef: ref, CampaignPacing: p})
		}
		w.addMailboxes(o, c, now)
	}
	if len(campaigns) > 0 {
		w.addPeople(o, campaigns[0])
	}
}

func (w WhatIf) addMailboxes(o *aggregates.Organization, c *aggregates.Campaign, now time.Time) {
	if w.MoreMailboxes == 0 || len(c.Mailboxes()) == 0 {
		return
	}
	like := c.Mailboxes()[0]
	var ids []uuid.UUID
	for _, m := range c.Mailboxes() {
		ids = append(ids, m.ID)
	}
	for i := range w.MoreMailboxes {
		ref := events.MailboxRef{MailboxID: es.DeriveID(c.ID, "more mailboxes", strconv.Itoa(i))}
		hash := aggregates.Hash(ref.MailboxID).String()
		o.Apply(events.MailboxAdded{MailboxRef: ref, Transport: like.Transport, AddressHash: hash, DomainHash: like.Domain.String()})
		o.Apply(events.MailboxPaceSet{MailboxRef: ref, MailboxPace: like.Pace})
		o.Apply(events.MailboxVerified{MailboxRef: ref, Status: events.MailboxActive, WarmupFrom: now})
		ids = append(ids, ref.MailboxID)
	}
	o.Apply(events.CampaignMailboxesAssigned{CampaignRef: events.CampaignRef{CampaignID: c.ID}, MailboxIDs: ids})
}

func (w WhatIf) addPeople(o *aggregates.Organization, c *aggregates.Campaign) {
	for i := range w.MorePeople {
		lead := es.DeriveID(c.ID, "more people", strconv.Itoa(i))
		hash := aggregates.Hash(lead).String()
		o.Apply(events.LeadCreated{LeadRef: events.LeadRef{LeadID: lead}, AddressHash: hash, DomainHash: hash})
		o.Apply(events.EnrollmentStarted{EnrollmentRef: events.EnrollmentRef{EnrollmentID: aggregates.EnrollmentID(c.ID, lead), LeadID: lead, CampaignID: c.ID}})
	}
	if w.MorePeople > 0 && c.Status == events.CampaignIsIdle {
		o.Apply(events.CampaignReactivated{CampaignRef: events.CampaignRef{CampaignID: c.ID}})
	}
}
