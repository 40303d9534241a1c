package analytics

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/project"
	"outrider/internal/zone"
	"outrider/projections"
)

// Engagement is the projection of what happened to messages; its runner decodes payloads (events.Decode).
func Engagement() project.Table {
	return project.Table{Name: "analytics_engagement", Version: 1, Table: "engagement", Into: "engagement (" + engagementColumns + ")", Prepare: prepareEngagement, Repair: repairEngagement,
		Amends: func(e *es.Event) bool {
			switch e.Payload.(type) {
			case events.HitReclassified, events.ReplyReclassified:
				return true
			}
			return false
		}}
}

// ReturnedWithin is how long after acceptance a bounce still says that a message was not delivered.
const ReturnedWithin = 72 * time.Hour

// cohort is what every row about a message contains of it.
type cohort struct {
	campaign, lead uuid.UUID
	version        uint32
	stepID         uuid.UUID
	step           uint16
	variant        uuid.UUID
	mailbox        uuid.UUID
	domainHash     string
	person         uint64 // stands for the lead
	experiment     uuid.UUID
	arm            uuid.UUID // that the person was drawn into when the message was asked for
	sentAt         time.Time
	sentDay        time.Time // midnight UTC of the day in the campaign's zone
	ordinal        uint64
	sent           bool // it is certain by now
}

// returnedBy reports whether what came back, or was dropped, at a time wasn't delivered.
func (c cohort) returnedBy(at time.Time) bool {
	return c.sent && !at.After(c.sentAt.Add(ReturnedWithin))
}

type row struct {
	fact             string
	about, hit       uuid.UUID
	class, value     string
	at               time.Time
	atRCPT, returned bool
	replyClass       string // of a reply: what it means
	corrected        bool   // by a person
	oseq             int64  // of the event that it comes from; 0 = the one that it is written with
	cohort
}

// key is an id within an organisation. fact tells kinds of reference apart; of a hit it is the message, of a message nothing.
type key struct {
	org  uuid.UUID
	fact string
	id   uuid.UUID
}

// hit is the current state of a fetch.
type hit struct {
	fact string
	at   time.Time
}

// cohortContext is what the rows of a range need from before it: the first event of a message determines its cohort for good.
type cohortContext struct {
	cohorts    map[key]cohort
	references map[key]string
	people     map[key]uint64 // by leads: the number of the first event about each
	hits       map[key]hit
	early      map[key][]earlyHit // by message
	zones      map[string]*time.Location
}

func prepareEngagement(ctx context.Context, conn driver.Conn, batch []*es.Event) (func(driver.Batch, *es.Event) error, error) {
	p, err := loadCohortContext(ctx, conn, batch)
	if err != nil {
		return nil, err
	}
	rows := make(map[*es.Event][]row)
	first := 0
	for i, e := range batch { // by command, whose events belong together: a bounce may come before its failure
		if !e.Last {
			continue
		}
		command := batch[first : i+1]
		first = i + 1
		for _, e := range command {
			if r, ok := p.originRow(e); ok {
				rows[e] = append(append(rows[e], r), p.lateRows(e.Org, r)...)
			}
		}
		for _, e := range command {
			if r, ok := p.engagementRow(e); ok {
				rows[e] = append(rows[e], r)
			}
		}
	}
	return func(b driver.Batch, e *es.Event) error {
		if e.Payload == nil {
			return fmt.Errorf("event %s is not decoded", e.ID)
		}
		for _, r := range rows[e] {
			if err := b.Append(e.Org, r.fact, r.about, cmp.Or(r.oseq, e.Oseq), r.hit, r.class, r.at, r.value, r.atRCPT, r.returned, r.campaign, r.lead, r.version, r.stepID, r.step, r.variant, r.mailbox, r.domainHash,
				r.sentAt, r.sentDay, r.ordinal, e.Partition, e.Pseq, r.replyClass, r.corrected, r.person, r.experiment, r.arm); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// originRow returns the row for an event that cohorts are made of, and remembers it.
func (p *cohortContext) originRow(e *es.Event) (row, bool) {
	reference := func(fact string, id uuid.UUID, value string) (row, bool) {
		p.references[key{e.Org, fact, id}] = value
		if k := (key{e.Org, fact, id}); fact == refLead && p.people[k] == 0 {
			p.people[k] = uint64(e.Oseq)
		}
		return row{fact: fact, about: id, value: value, at: e.Time}, true
	}
	message := func(fact string, r events.MessageRef, version int, stepID uuid.UUID, step int, variant, mailbox uuid.UUID, at time.Time) (row, bool) {
		k := key{e.Org, "", r.MessageID}
		c, ok := p.cohorts[k]
		if !ok {
			c = cohort{campaign: r.CampaignID, lead: r.LeadID, version: uint32(version), stepID: stepID, step: uint16(step), variant: variant, mailbox: mailbox,
				domainHash: p.references[key{e.Org, refLead, r.LeadID}], person: p.personOf(e.Org, r.LeadID), sentAt: at, sentDay: p.dayOfSending(e.Org, r.CampaignID, at), ordinal: uint64(e.Oseq)}
			c.experiment, c.arm = armOf(p.references[key{e.Org, refArm, r.MessageID}])
		}
		c.sent = c.sent || fact == factSent
		p.cohorts[k] = c
		return row{fact: fact, about: r.MessageID, at: at, cohort: c}, true
	}
	switch v := events.As[events.Fact](e.Payload).(type) {
	case events.OrganizationCreated:
		return reference(refOrganization, e.Org, v.TimeZone)
	case events.OrganizationUpdated:
		if v.TimeZone != nil {
			return reference(refOrganization, e.Org, *v.TimeZone)
		}
	case events.CampaignCreated:
		return reference(refCampaign, v.CampaignID, v.TimeZone)
	case events.CampaignUpdated:
		if v.TimeZone != nil {
			return reference(refCampaign, v.CampaignID, *v.TimeZone)
		}
	case events.CampaignSettingsChanged:
		return reference(refSettings, v.CampaignID, v.TimeZone)
	case events.LeadCreated:
		return reference(refLead, v.LeadID, v.DomainHash)
	case events.LeadUpdated:
		if v.DomainHash != "" {
			return reference(refLead, v.LeadID, v.DomainHash)
		}
	case events.MessageRequested:
		if v.ArmID != uuid.Nil {
			return reference(refArm, v.MessageID, v.ExperimentID.String()+"/"+v.ArmID.String())
		}
	case events.MessageSent:
		return message(factSent, v.MessageRef, v.StepsVersion, v.StepID, v.Step, v.VariantID, v.MailboxID, v.AcceptedAt)
	case events.MessageFailed:
		return message(factFailed, v.MessageRef, v.StepsVersion, v.StepID, v.Step, v.VariantID, v.MailboxID, v.FailedAt)
	case events.MessageInDoubt:
		return message(factDoubt, v.MessageRef, v.StepsVersion, v.StepID, v.Step, v.VariantID, v.MailboxID, v.ClaimedAt)
	case events.UsagePeriodStarted, events.QuotaRefused, events.QuotaWarned, events.ExportRequested, events.ExportCompleted, events.ExportFailed, events.ExportDiscarded, events.ExportDownloaded, events.PersonalDataDownloaded, events.BulkRequested, events.BulkChunkRecorded, events.BulkCompleted, events.BookingHoursSet, events.OrganizationPersonGapSet, events.OrganizationReplyUndoSet, events.OrganizationPacingSet, events.OrganizationHolidaysSet, events.OrganizationPlanChanged, events.OrganizationTrialReminded, events.OrganizationTrialEnded,
		events.OrganizationStatusChanged, events.OrganizationSlugChanged, events.OrganizationDeletionRequested, events.OrganizationRestored, events.OrganizationDeleted, events.APIKeyEvent, events.MemberEvent, events.IdentityEvent, events.LeadSupplemented, events.LeadRetagged, events.LeadRemoved, events.LeadErased,
		events.SuppressionEvent, events.ImportEvent, events.CampaignRenamed, events.CampaignStepsChanged, events.CampaignDeleted,
		events.CampaignMailboxesAssigned, events.CampaignApprovalSet, events.CampaignPacingSet, events.CampaignBookingSet, events.CampaignArchived, events.CampaignUnarchived, events.CampaignLaunchRequested, events.CampaignLaunchRequestDropped, events.CampaignEntrySet, events.CampaignLaunched, events.CampaignRevised, events.CampaignPaused, events.CampaignResumed,
		events.CampaignIdled, events.CampaignReactivated, events.CampaignReadinessChanged,
		events.CampaignCompleted, events.EnrollmentBatchRecorded, events.EnrollmentMovesRecorded, events.EnrollmentEvent, events.MailboxEvent,
		events.MessageDrafted, events.MessageHeld, events.MessageRedraftRequested, events.MessageRejected, events.MessageApprovalLapsed, events.MessageApproved, events.MessageScheduled,
		events.MessagePostponed, events.MessageClaimed, events.MessageDeferred, events.MessageResolved, events.MessageCancelled,
		events.EngagementEvent, events.MeetingEvent, events.ThreadEvent, events.BackOfficeEvent: // change nothing here
	}
	return row{}, false
}

// engagementRow returns the row for an event about a message that has left or was refused; there is none for an event about no message.
func (p *cohortContext) engagementRow(e *es.Event) (row, bool) {
	a, ok := projections.Answering(e)
	if !ok {
		return row{}, false
	}
	c, ok := p.cohorts[key{e.Org, "", a.MessageID}]
	if !ok {
		return p.earlyRow(e, a.MessageID)
	}
	r := row{about: a.MessageID, cohort: c}
	switch v := events.As[events.EngagementEvent](e.Payload).(type) {
	case events.MessageOpened:
		r.fact, r.hit, r.class, r.at = factOpen, v.HitID, v.Class, v.At
		p.rememberHit(e.Org, a.MessageID, v.HitID, hit{r.fact, r.at})
	case events.MessageClicked:
		r.fact, r.hit, r.class, r.at = factClick, v.HitID, v.Class, v.At
		p.rememberHit(e.Org, a.MessageID, v.HitID, hit{r.fact, r.at})
	case events.HitReclassified:
		h, ok := p.hits[key{e.Org, a.MessageID.String(), v.HitID}]
		if !ok {
			return row{}, false
		}
		r.fact, r.hit, r.class, r.at = h.fact, v.HitID, v.Class, h.at
	case events.MessageReplied:
		r.fact, r.hit, r.class, r.at, r.replyClass = factReply, v.MailID, v.From, v.ReceivedAt, v.Meaning
	case events.ReplyReclassified:
		r.fact, r.hit, r.class, r.at, r.replyClass, r.corrected = factReply, v.MailID, v.From, v.ReceivedAt, v.Meaning, true
	case events.MessageAutoReplied:
		r.fact, r.hit, r.at, r.replyClass = factReply, v.MailID, v.ReceivedAt, events.MeansAutomatic
		if v.OutOfOffice {
			r.replyClass = events.MeansOutOfOffice
		}
	case events.MessageBounced:
		if v.OfDrop() {
			return row{}, false
		}
		r.fact, r.class, r.at, r.atRCPT = factBounce, v.Kind, v.ReportedAt, v.AtRCPT
		r.returned = !v.AtRCPT && c.returnedBy(v.ReportedAt)
	case events.MessageDropped:
		r.fact, r.class, r.at, r.returned = factDrop, v.Reason, v.DroppedAt, c.returnedBy(v.DroppedAt)
	case events.MessageDelayed:
		r.fact, r.at = factDelay, v.DelayedAt
	case events.MessageComplained:
		r.fact, r.class, r.at = factComplaint, v.Kind, v.ReportedAt
	case events.LeadUnsubscribed:
		r.fact, r.class, r.at = factUnsubscribe, v.How, v.At
	case events.MeetingBooked:
		r.fact, r.at = factMeeting, v.BookedAt
	case events.MessageDelivered: // not every provider tells, so delivered is what didn't come back
		return row{}, false
	}
	return r, true
}

func (p *cohortContext) rememberHit(org, message, id uuid.UUID, h hit) {
	k := key{org, message.String(), id}
	if _, ok := p.hits[k]; !ok {
		p.hits[k] = h
	}
}

// dayOfSending returns the date in the campaign's zone, or else the organisation's, or else UTC.
func (p *cohortContext) dayOfSending(org, campaign uuid.UUID, at time.Time) time.Time {
	name := cmp.Or(p.references[key{org, refSettings, campaign}], p.references[key{org, refCampaign, campaign}], p.references[key{org, refOrganization, org}])
	l, ok := p.zones[name]
	if !ok {
		var err error
		if l, err = zone.Load(name); err != nil {
			l = time.UTC
		}
		p.zones[name] = l
	}
	y, m, d := at.In(l).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// personOf returns the number that stands for a lead in sets of people: that of the first event about it, which no other event has. Of a lead of
// which none is known the id itself gives one, beyond all of those: of no such id is the first bit of its second half 0.
func (p *cohortContext) personOf(org, lead uuid.UUID) uint64 {
	if n := p.people[key{org, refLead, lead}]; n > 0 {
		return n
	}
	return binary.BigEndian.Uint64(lead[8:]) | 1<<63
}

// armOf reads the value of refArm; "" = of no experiment.
func armOf(value string) (experiment, arm uuid.UUID) {
	of, drawn, _ := strings.Cut(value, "/")
	experiment, _ = uuid.Parse(of) // written by us; zero = none
	arm, _ = uuid.Parse(drawn)
	return experiment, arm
}
