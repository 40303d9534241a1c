package reconcile

import (
	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
)

// standing is what the log says about a lead in campaigns.
type standing struct {
	running, booked   int
	enrolled, written bool
	mails             map[uuid.UUID]bool // whether a person has written it, as it is understood now
}

func (l standing) status() string {
	if l.booked > 0 {
		return "meeting_booked"
	}
	for _, human := range l.mails {
		if human {
			return "replied"
		}
	}
	if l.running == 0 {
		if l.enrolled || l.written {
			return "closed"
		}
		return "new"
	}
	if l.written {
		return "contacted"
	}
	return "in_progress"
}

func foldOutreach(s *state, e *es.Event) {
	leads := s.also.(map[item]*standing)
	change := func(lead uuid.UUID, how func(*standing)) {
		if l := leads[item{e.Org, lead}]; l != nil {
			how(l)
			s.setState(e.Org, lead, l.status())
		}
	}
	end := func(lead uuid.UUID) {
		change(lead, func(l *standing) { l.running = max(l.running-1, 0) })
	}
	switch p := events.As[events.Fact](e.Payload).(type) {
	case events.LeadCreated:
		leads[item{e.Org, p.LeadID}] = &standing{mails: map[uuid.UUID]bool{}}
		s.setState(e.Org, p.LeadID, "new")
	case events.LeadRemoved:
		delete(leads, item{e.Org, p.LeadID})
		s.dropItem(e.Org, p.LeadID)
	case events.LeadErased:
		change(p.LeadID, func(l *standing) { l.running = 0 })
	case events.EnrollmentStarted:
		change(p.LeadID, func(l *standing) { l.running++; l.enrolled = true })
	case events.EnrollmentStopped:
		end(p.LeadID)
	case events.EnrollmentCompleted:
		end(p.LeadID)
	case events.MessageSent:
		change(p.LeadID, func(l *standing) { l.written = true })
	case events.MessageReplied:
		change(p.LeadID, func(l *standing) { l.mails[p.MailID] = p.Human() })
	case events.MessageAutoReplied:
		change(p.LeadID, func(l *standing) { l.mails[p.MailID] = false })
	case events.ReplyReclassified:
		change(p.LeadID, func(l *standing) { l.mails[p.MailID] = p.Human() })
	case events.MeetingBooked:
		change(p.LeadID, func(l *standing) { l.booked++ })
	case events.MeetingCancelled:
		change(p.LeadID, func(l *standing) { l.booked = max(l.booked-1, 0) })
	case events.MeetingReplaced:
		if p.Was == events.ReplacedBooked {
			change(p.LeadID, func(l *standing) { l.booked = max(l.booked-1, 0) })
		}
	case nil, events.OrganizationEvent, events.APIKeyEvent, events.MemberEvent, events.IdentityEvent, events.LeadUpdated, events.LeadSupplemented, events.LeadRetagged, events.SuppressionEvent, events.ImportEvent, events.CampaignEvent,
		events.EnrollmentPaused, events.EnrollmentResumed, events.EnrollmentDeferred, events.EnrollmentContinued, events.EnrollmentHandedOver, events.EnrollmentMoved, events.MailboxEvent, events.MessageRequested, events.MessageDrafted, events.MessageHeld,
		events.MessageRedraftRequested, events.MessageRejected, events.MessageApprovalLapsed, events.MessageApproved, events.MessageScheduled, events.MessagePostponed, events.MessageClaimed, events.MessageDeferred,
		events.MessageFailed, events.MessageInDoubt, events.MessageResolved, events.MessageCancelled, events.MessageBounced,
		events.MessageComplained, events.LeadUnsubscribed, events.MessageDelivered, events.MessageDelayed, events.MessageDropped, events.MessageOpened, events.MessageClicked, events.HitReclassified,
		events.MeetingConfirmationClaimed, events.MeetingCancellationClaimed, events.MeetingRescheduled, events.MeetingMoveClaimed, events.MeetingPlaced, events.MeetingSlotHeld, events.MeetingOutcomeSet, events.ThreadEvent, events.BackOfficeEvent: // change nothing here
	}
}

// digest is a hash of an address or a domain in an organisation.
type digest struct {
	org  uuid.UUID
	hash string
}

// covered holds who has which address and domain, and what is suppressed.
type covered struct {
	of      map[item][2]string // address and domain of each lead
	having  map[digest]map[uuid.UUID]bool
	reasons map[digest]string
	far     map[digest]bool // suppressed domains with subdomains
	above   map[digest][]string
	below   map[digest][]string
}

func beginCovered() any {
	return &covered{map[item][2]string{}, map[digest]map[uuid.UUID]bool{}, map[digest]string{}, map[digest]bool{}, map[digest][]string{}, map[digest][]string{}}
}

func foldCovered(s *state, e *es.Event) {
	c := s.also.(*covered)
	switch p := events.As[events.Fact](e.Payload).(type) {
	case events.LeadCreated:
		c.giveHashes(e.Org, p.LeadID, p.AddressHash, p.DomainHash)
		c.showCover(s, e.Org, p.LeadID)
	case events.LeadUpdated:
		if _, known := c.of[item{e.Org, p.LeadID}]; known && p.AddressHash != "" {
			c.takeHashes(e.Org, p.LeadID)
			c.giveHashes(e.Org, p.LeadID, p.AddressHash, p.DomainHash)
			c.showCover(s, e.Org, p.LeadID)
		}
	case events.LeadRemoved:
		c.takeHashes(e.Org, p.LeadID)
		s.dropItem(e.Org, p.LeadID)
	case events.SuppressionAdded:
		c.reasons[digest{e.Org, p.Hash}], c.far[digest{e.Org, p.Hash}] = p.Reason, p.Subdomains
		c.showAll(s, e.Org, p.Hash)
	case events.SuppressionRemoved:
		delete(c.reasons, digest{e.Org, p.Hash})
		c.showAll(s, e.Org, p.Hash)
	case events.SubdomainKnown:
		c.above[digest{e.Org, p.Hash}] = p.Parents
		for _, h := range p.Parents {
			c.below[digest{e.Org, h}] = append(c.below[digest{e.Org, h}], p.Hash)
		}
		c.showAll(s, e.Org, p.Hash)
	case nil, events.OrganizationEvent, events.APIKeyEvent, events.MemberEvent, events.IdentityEvent, events.LeadErased, events.LeadSupplemented, events.LeadRetagged, events.SuppressionChunkRecorded, events.ImportEvent, events.CampaignEvent, events.EnrollmentEvent,
		events.MailboxEvent, events.MessageEvent, events.EngagementEvent, events.MeetingEvent, events.ThreadEvent, events.BackOfficeEvent: // change nothing here
	}
}

func (c *covered) giveHashes(org, lead uuid.UUID, address, domain string) {
	c.of[item{org, lead}] = [2]string{address, domain}
	for _, h := range []string{address, domain} {
		if c.having[digest{org, h}] == nil {
			c.having[digest{org, h}] = map[uuid.UUID]bool{}
		}
		c.having[digest{org, h}][lead] = true
	}
}

func (c *covered) takeHashes(org, lead uuid.UUID) {
	for _, h := range c.of[item{org, lead}] {
		delete(c.having[digest{org, h}], lead)
	}
	delete(c.of, item{org, lead})
}

func (c *covered) showAll(s *state, org uuid.UUID, hash string) {
	for _, h := range append([]string{hash}, c.below[digest{org, hash}]...) {
		for lead := range c.having[digest{org, h}] {
			c.showCover(s, org, lead)
		}
	}
}

func (c *covered) showCover(s *state, org, lead uuid.UUID) {
	for i, h := range c.of[item{org, lead}] {
		if reason, there := c.reasons[digest{org, h}]; there {
			s.setState(org, lead, []string{"address", "domain"}[i]+"/"+reason)
			return
		}
	}
	for _, h := range c.above[digest{org, c.of[item{org, lead}][1]}] {
		if reason, there := c.reasons[digest{org, h}]; there && c.far[digest{org, h}] {
			s.setState(org, lead, "domain/"+reason)
			return
		}
	}
	s.setState(org, lead, "/")
}
