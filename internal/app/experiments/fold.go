package experiments

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
)

// ErrUnknown says that a history holds no such experiment, or not yet at the instant.
var ErrUnknown = errors.New("the history holds no such experiment")

// Fold collects what a history says of one experiment.
type Fold struct {
	id      uuid.UUID
	plan    *events.ExperimentPlan
	started time.Time
	stopped map[uuid.UUID]bool // arms
	leads   map[uuid.UUID]leadFacts
	people  map[uuid.UUID]*person
	order   []*person // as they were drawn
	sends   []send
	booked  map[uuid.UUID]*outcome // by meeting
	mails   map[uuid.UUID]*answer
}

// answer is a mail of a person, as it is understood now.
type answer struct{ human, positive *outcome }

// leadFacts are what can be filtered by.
type leadFacts struct {
	zone string
	free bool
}

// person takes part.
type person struct {
	lead     uuid.UUID
	arm      int // -1 = held out
	at       time.Time
	mailbox  uuid.UUID
	outcomes []*outcome
}

type send struct {
	by      *person
	message uuid.UUID
	mailbox uuid.UUID
	at      time.Time
}

// outcome is something that came of a message.
type outcome struct {
	metric  string
	message uuid.UUID
	at      time.Time
	off     bool // taken back
}

// NewFold begins before the first event.
func NewFold(experiment uuid.UUID) *Fold {
	return &Fold{id: experiment, stopped: map[uuid.UUID]bool{}, leads: map[uuid.UUID]leadFacts{}, people: map[uuid.UUID]*person{}, booked: map[uuid.UUID]*outcome{}, mails: map[uuid.UUID]*answer{}}
}

// Apply takes the next event, undecoded. It decodes those that it needs.
func (f *Fold) Apply(e *es.Event) error {
	if !wanted[e.Type] {
		return nil
	}
	p, err := events.Decode(e.Type, e.Data)
	if err != nil {
		return fmt.Errorf("event %d: %w", e.Oseq, err)
	}
	switch p := p.(type) {
	case events.LeadCreated:
		f.leads[p.LeadID] = leadFacts{p.TimeZone, p.FreeMail}
	case events.LeadUpdated:
		f.updateLead(p)
	case events.ExperimentEvent:
		if p.Experiment() == f.id {
			f.applyOwn(e, p)
		}
	case events.MessageRequested:
		if f.plan != nil && p.ExperimentID == f.id {
			f.draw(p.LeadID, p.ArmID, p.MailboxID, e.Time)
		}
	case events.MessageSent:
		if x := f.people[p.LeadID]; x != nil && p.ExperimentID == f.id {
			f.sends = append(f.sends, send{x, p.MessageID, p.MailboxID, p.AcceptedAt})
		}
	case events.MeetingCancelled:
		if o := f.booked[p.MeetingID]; o != nil {
			o.off = true
		}
	case events.EngagementEvent:
		f.observe(p)
	}
	return nil
}

func (f *Fold) applyOwn(e *es.Event, event events.ExperimentEvent) {
	switch p := event.(type) {
	case events.ExperimentCreated:
		f.plan = &p.ExperimentPlan
	case events.ExperimentStarted:
		f.started = p.StartedAt
	case events.ExperimentHeldOut:
		f.draw(p.LeadID, uuid.Nil, uuid.Nil, e.Time)
	case events.ExperimentArmStopped:
		f.stopped[p.ArmID] = true
	case events.ExperimentStopped, events.ExperimentDecided, events.ExperimentEvaluated: // what was thought of it then doesn't count
	}
}

func (f *Fold) updateLead(p events.LeadUpdated) {
	l := f.leads[p.LeadID]
	if p.TimeZone != nil {
		l.zone = *p.TimeZone
	}
	if p.FreeMail != nil {
		l.free = *p.FreeMail
	}
	f.leads[p.LeadID] = l
}

func (f *Fold) draw(lead, arm, mailbox uuid.UUID, at time.Time) {
	if f.people[lead] != nil || f.plan == nil {
		return
	}
	x := &person{lead: lead, arm: -1, at: at, mailbox: mailbox}
	for i, a := range f.plan.Arms {
		if a.ArmID == arm {
			x.arm = i
		}
	}
	f.people[lead] = x
	f.order = append(f.order, x)
}

// observe takes what came of any message of the campaign to somebody who takes part.
func (f *Fold) observe(event events.EngagementEvent) {
	ref := event.SentMessage()
	x := f.people[ref.LeadID]
	if x == nil || ref.CampaignID != f.plan.CampaignID {
		return
	}
	add := func(metric string, at time.Time) *outcome {
		o := &outcome{metric: metric, message: ref.MessageID, at: at}
		x.outcomes = append(x.outcomes, o)
		return o
	}
	switch p := event.(type) {
	case events.MessageReplied:
		if p.From == events.FromCompany {
			return
		}
		f.mails[p.MailID] = &answer{add(events.MetricHumanReply, p.ReceivedAt), add(events.MetricPositiveReply, p.ReceivedAt)}
		f.mails[p.MailID].human.off, f.mails[p.MailID].positive.off = !p.Human(), p.Meaning != events.MeansInterested
	case events.ReplyReclassified:
		if p.From == events.FromCompany {
			return
		}
		if f.mails[p.MailID] == nil { // it was taken for an automatic one
			f.mails[p.MailID] = &answer{add(events.MetricHumanReply, p.ReceivedAt), add(events.MetricPositiveReply, p.ReceivedAt)}
		}
		f.mails[p.MailID].human.off, f.mails[p.MailID].positive.off = !p.Human(), p.Meaning != events.MeansInterested
	case events.MeetingBooked:
		f.booked[p.MeetingID] = add(events.MetricMeeting, p.BookedAt)
	case events.MessageBounced:
		if p.Kind == events.BounceHard {
			add(events.MetricBounce, p.ReportedAt)
		}
	case events.MessageComplained:
		add(events.MetricComplaint, p.ReportedAt)
	case events.LeadUnsubscribed:
		add(events.MetricUnsubscribe, p.At)
	case events.MessageAutoReplied, events.MessageOpened, events.MessageClicked, events.HitReclassified, events.MessageDelivered, events.MessageDelayed, events.MessageDropped: // no metric
	}
}

var wanted = wantedTypes() //nolint:gochecknoglobals // a constant table

// wantedTypes are the types of events that a verdict rests on, retired ones included.
func wantedTypes() map[string]bool {
	out := map[string]bool{}
	for _, x := range events.Catalogue() {
		switch events.Newest(x.Zero).(type) {
		case events.LeadCreated, events.LeadUpdated, events.ExperimentEvent, events.MessageRequested, events.MessageSent, events.MeetingCancelled, events.EngagementEvent:
			out[x.Zero.EventType()] = true
		}
	}
	return out
}
