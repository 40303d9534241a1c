package reconcile

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
	"outrider/projections/analytics"
)

// outcomes are what became of a message, by the names of figures; the classes of fetches as they are known now.
type outcomes struct {
	is     map[string]bool
	opens  map[uuid.UUID]string
	clicks map[uuid.UUID]string
	mails  map[uuid.UUID]bool // whether a person has written it
	sent   time.Time          // that its cohort begins; zero = none has begun
}

// outcomesOf is what the families that compare outcomes remember of messages. The read models in Postgres know a message from its request on; figures
// from the moment on at which it left, was refused or is in doubt, and events of one command belong together there.
type outcomesOf struct {
	messages map[item]*outcomes
	figures  bool
}

// names lists what became of a message.
func (o *outcomes) names() (out []string) {
	for name := range o.is {
		out = append(out, name)
	}
	add := func(classes map[uuid.UUID]string, people, machines string) {
		var human, other bool
		for _, class := range classes {
			human, other = human || class == events.ClassHuman, other || class != events.ClassHuman
		}
		if human {
			out = append(out, people)
		}
		if other {
			out = append(out, machines)
		}
	}
	for _, human := range o.mails {
		if name := map[bool]string{true: "replied", false: "auto_replied"}[human]; !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	add(o.opens, "opened", "machine_opened")
	add(o.clicks, "clicked", "scanner_clicked")
	return out
}

func (m *outcomesOf) message(org, id uuid.UUID) *outcomes { return m.messages[item{org, id}] }

func (m *outcomesOf) begin(org, id uuid.UUID) *outcomes {
	o := m.messages[item{org, id}]
	if o == nil {
		o = &outcomes{is: map[string]bool{}, opens: map[uuid.UUID]string{}, clicks: map[uuid.UUID]string{}, mails: map[uuid.UUID]bool{}}
		m.messages[item{org, id}] = o
	}
	return o
}

func beginOutcomes(figures bool) func() any {
	return func() any { return &outcomesOf{map[item]*outcomes{}, figures} }
}

// countOutcomes counts what became of each message, each outcome by itself.
func (m *outcomesOf) countOutcomes(to tallies) {
	for x, o := range m.messages {
		for _, name := range o.names() {
			to.addTally(x.org, name, 1, hashOf(x.id.String(), name))
		}
	}
}

// foldOutcomes folds the events of a command: first what begins a message, then what became of it.
func foldOutcomes(s *state, command []*es.Event) {
	m := s.also.(*outcomesOf)
	for _, e := range command {
		left := func(id uuid.UUID, outcome string, at time.Time) {
			o := m.message(e.Org, id)
			if m.figures {
				o = m.begin(e.Org, id)
			}
			if o != nil {
				o.is[outcome] = true
				if o.sent.IsZero() {
					o.sent = at
				}
			}
		}
		switch p := events.As[events.MessageEvent](e.Payload).(type) {
		case events.MessageRequested:
			if !m.figures {
				m.begin(e.Org, p.MessageID)
			}
		case events.MessageSent:
			left(p.MessageID, "sent", p.AcceptedAt)
		case events.MessageFailed:
			left(p.MessageID, "failed", p.FailedAt)
		case events.MessageInDoubt:
			left(p.MessageID, "in_doubt", p.ClaimedAt)
		case events.MessageDrafted, events.MessageHeld, events.MessageRedraftRequested, events.MessageApproved, events.MessageScheduled, events.MessagePostponed, events.MessageClaimed,
			events.MessageDeferred, events.MessageResolved, events.MessageRejected, events.MessageApprovalLapsed, events.MessageCancelled: // change nothing here
		}
	}
	for _, e := range command {
		m.foldAnswer(e)
	}
}

func (m *outcomesOf) foldAnswer(e *es.Event) {
	about := func(id uuid.UUID, do func(*outcomes)) {
		if o := m.message(e.Org, id); o != nil {
			do(o)
		}
	}
	is := func(id uuid.UUID, outcome string) { about(id, func(o *outcomes) { o.is[outcome] = true }) }
	switch p := events.As[events.EngagementEvent](e.Payload).(type) {
	case events.MessageOpened:
		about(p.MessageID, func(o *outcomes) { o.opens[p.HitID] = p.Class })
	case events.MessageClicked:
		about(p.MessageID, func(o *outcomes) { o.clicks[p.HitID] = p.Class })
	case events.HitReclassified:
		about(p.MessageID, func(o *outcomes) {
			for _, classes := range []map[uuid.UUID]string{o.opens, o.clicks} {
				if _, ok := classes[p.HitID]; ok {
					classes[p.HitID] = p.Class
				}
			}
		})
	case events.MessageReplied:
		about(p.MessageID, func(o *outcomes) { o.mails[p.MailID] = p.Human() })
	case events.ReplyReclassified: // it counts as what it is known to be now
		about(p.MessageID, func(o *outcomes) { o.mails[p.MailID] = p.Human() })
	case events.MessageAutoReplied:
		about(p.MessageID, func(o *outcomes) { o.mails[p.MailID] = false })
	case events.MessageBounced:
		about(p.MessageID, func(o *outcomes) {
			if !p.OfDrop() { // of which the event before speaks
				o.is["bounced"] = true
				m.comeBack(o, !p.AtRCPT, p.ReportedAt)
			}
		})
	case events.MessageComplained:
		is(p.MessageID, "complained")
	case events.LeadUnsubscribed:
		is(p.MessageID, "unsubscribed")
	case events.MeetingBooked:
		is(p.MessageID, "meetings")
	case events.MessageDelivered:
		if !m.figures {
			is(p.MessageID, "delivered")
		}
	case events.MessageDropped:
		about(p.MessageID, func(o *outcomes) {
			o.is["dropped"] = true
			m.comeBack(o, true, p.DroppedAt)
		})
	case events.MessageDelayed:
		is(p.MessageID, "delayed")
	}
}

// comeBack notes that a message wasn't delivered, where figures say so.
func (m *outcomesOf) comeBack(o *outcomes, had bool, at time.Time) {
	if m.figures && had && o.is["sent"] && !at.After(o.sent.Add(stillReturns)) {
		o.is["came_back"] = true
	}
}

// stillReturns is how long after it was taken a message that comes back wasn't delivered.
const stillReturns = 72 * time.Hour

// Outcomes as the read model shows them: each by the time at which it came.
const outcomesShown = `select org_id, message_id::text as key, outcome as state from read.messages, unnest(array_remove(array[case when sent_at is not null then 'sent' end, case when failed_at is not null then 'failed' end,
	case when doubted_at is not null then 'in_doubt' end, case when first_opened_at is not null then 'opened' end, case when machine_opened_at is not null then 'machine_opened' end,
	case when first_clicked_at is not null then 'clicked' end, case when scanner_clicked_at is not null then 'scanner_clicked' end, case when replied_at is not null then 'replied' end,
	case when auto_replied_at is not null then 'auto_replied' end, case when bounced_at is not null then 'bounced' end, case when complained_at is not null then 'complained' end,
	case when unsubscribed_at is not null then 'unsubscribed' end, case when meeting_at is not null then 'meetings' end,
	case when delivered_at is not null then 'delivered' end, case when dropped_at is not null then 'dropped' end, case when delayed_at is not null then 'delayed' end], null)) outcome`

// figuresShown are the figures as they are counted from rows, with those rows' messages.
func figuresShown() string {
	return `SELECT org, outcome AS state, toInt64(count()), sum(reinterpretAsUInt64(reverse(substring(MD5(concat(toString(about), ':', outcome)), 1, 8)))) FROM (
		SELECT DISTINCT org, about, ` + analytics.OutcomesOfRow() + ` AS outcome FROM (SELECT org, about, fact, argMax(e.class, e.oseq) AS class, argMax(e.reply_class, e.oseq) AS reply_class, max(e.returned) AS returned FROM engagement AS e
			WHERE {past} AND fact NOT IN ('organization', 'campaign', 'settings', 'lead', 'arm') GROUP BY org, about, fact, hit)) GROUP BY org, outcome`
}
