package chaos

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"outrider/internal/es"
	"outrider/internal/es/reader"
	"outrider/internal/lab/mailserver"
	"outrider/projections"
)

// decision is what the log says of a command.
type decision struct {
	outcome es.Outcome
	pseq    int64
}

// history is what the log says of an organisation.
type history struct {
	oseq             int64
	chain            es.ChainHash
	leads, mailboxes int // used of its limits
	most             struct{ leads, mailboxes, seats int }
	limits           struct {
		LeadsPerMonth int `json:"leads_per_month"`
		Mailboxes     int `json:"mailboxes"`
		Seats         int `json:"seats"`
	}
}

// logContent is what the log says.
type logContent struct {
	events       int64
	commands     map[uuid.UUID]decision
	orgs         map[uuid.UUID]*history
	unsubscribed map[uuid.UUID]bool // by lead
	people       personGaps
	bills        map[uuid.UUID]*billed
	told         map[uuid.UUID][]toldEvent // of organisations that have webhooks
	hooked       map[string]int64          // oseq with which a webhook was added
	flags        flags
	members      members
	ai           aiCalls
	budgets      aiBudgets
	grid         sentByGrid
	scratch      []byte
}

// auditLog reads the whole log by the rule and looks whether it agrees with itself.
func (s *system) auditLog(ctx context.Context, res *Result) (*logContent, error) {
	x := &logContent{commands: map[uuid.UUID]decision{}, orgs: map[uuid.UUID]*history{}, unsubscribed: map[uuid.UUID]bool{}, people: newPersonGaps(), bills: map[uuid.UUID]*billed{},
		told: map[uuid.UUID][]toldEvent{}, hooked: map[string]int64{}, flags: newFlags(), members: members{}, ai: aiCalls{}, budgets: aiBudgets{}, grid: newSentByGrid()}
	for _, h := range s.endpoints.hooks {
		x.told[h.org] = nil
	}
	log := s.log
	for p := range log.Partitions {
		var pseq int64
		var open []*es.Event
		end, sum, err := reader.Scan(ctx, log, reader.Config{Partition: p, From: es.StartCheckpoint(), Decode: projections.Decode}, 0, func(_ context.Context, b reader.Batch) error {
			for _, e := range b.Events {
				if e.Pseq != pseq+1 {
					res.addFinding(&res.Gaps, "partition %d goes from pseq %d to %d", p, pseq, e.Pseq)
				}
				pseq = e.Pseq
				if open = append(open, e); e.Last {
					x.seeCommand(p, log.Partitions, open, res)
					open = nil
				}
			}
			return nil
		})
		if err != nil && !errors.Is(err, es.ErrLoss) {
			return x, fmt.Errorf("read partition %d of the log: %w", p, err)
		}
		if err != nil {
			res.addFinding(&res.Gaps, "partition %d: %v", p, err)
		}
		res.Records += sum.Records
		res.Voids += sum.Voids
		res.Epochs += end.Epoch
	}
	res.Events = x.events
	for org, h := range x.orgs {
		if l := h.limits; l.LeadsPerMonth >= 0 && h.most.leads > l.LeadsPerMonth || l.Mailboxes >= 0 && h.most.mailboxes > l.Mailboxes || l.Seats >= 0 && h.most.seats > l.Seats {
			res.addFinding(&res.OverQuota, "organisation %s has had %d leads of %d, %d mailboxes of %d and %d members with %d seats", org, h.most.leads, l.LeadsPerMonth, h.most.mailboxes, l.Mailboxes, h.most.seats, l.Seats)
		}
	}
	return x, nil
}

// seeCommand takes the events of one.
func (x *logContent) seeCommand(p, partitions int32, events []*es.Event, res *Result) {
	last := events[len(events)-1]
	h := x.orgs[last.Org]
	if h == nil {
		h = &history{}
		h.limits.LeadsPerMonth, h.limits.Mailboxes, h.limits.Seats = -1, -1, -1
		x.orgs[last.Org] = h
	}
	for _, e := range events {
		x.events++
		if e.Oseq != h.oseq+1 || e.CommandID != last.CommandID || es.PartitionOf(e.Org, partitions) != p {
			res.addFinding(&res.Gaps, "event %s (%s) of organisation %s has oseq %d after %d", e.ID, e.Type, e.Org, e.Oseq, h.oseq)
		}
		var link es.ChainHash
		if link, x.scratch = es.Link(h.chain, e, x.scratch); link != e.Chain {
			res.addFinding(&res.ChainBreaks, "the chain of organisation %s breaks at oseq %d", e.Org, e.Oseq)
		}
		h.oseq, h.chain = e.Oseq, e.Chain
		x.seeFact(h, e, res)
		if err := x.seeTold(e); err != nil {
			res.addFinding(&res.DeliveriesLost, "%v", err)
		}
	}
	if before, ok := x.commands[last.CommandID]; ok {
		res.addFinding(&res.Duplicated, "command %s counts at pseq %d and at %d of partition %d (%s)", last.CommandID, before.pseq, last.Pseq, p, last.Type)
		return
	}
	a, err := es.AnswerOf(events)
	if err != nil {
		res.addFinding(&res.Gaps, "command %s: %v", last.CommandID, err)
	}
	x.commands[last.CommandID] = decision{a.Outcome, last.Pseq}
}

// seeFact counts what the audit asks for later.
func (x *logContent) seeFact(h *history, e *es.Event, res *Result) {
	var of struct {
		Counted bool      `json:"counted"`
		LeadID  uuid.UUID `json:"lead_id"`
	}
	switch e.Type {
	case "organization.created.v1", "organization.created.v2":
		var made struct {
			Limits any `json:"limits"`
		}
		made.Limits = &h.limits
		_ = es.Unmarshal(e.Data, &made) // what can't be read has no limits
		x.flags.see(e)
	case "enrollment.started.v1":
		if es.Unmarshal(e.Data, &of) == nil && of.Counted {
			h.leads++
		}
	case "mailbox.added.v1":
		h.mailboxes++
		x.grid.see(e)
	case "mailbox.removed.v1":
		h.mailboxes--
	case "lead.unsubscribed.v1", "lead.unsubscribed.v2", "suppression.added.v1", "suppression.added.v2": // who opted out in a CRM is suppressed, and told so by the link
		if es.Unmarshal(e.Data, &of) == nil && of.LeadID != uuid.Nil {
			x.unsubscribed[of.LeadID] = true
		}
	case "organization.plan_changed.v1", "organization.plan_changed.v2", "flag.created.v1", "flag.changed.v1", "flag.killed.v1", "flag.revived.v1", "flag.schedule_reached.v1":
		x.flags.see(e)
	case "flag.switched.v1":
		res.Flags++
		x.flags.see(e)
	case "ai.settings_changed.v1", "ai.settings_changed.v2":
		x.budgets.see(e, res)
	case "ai_call.reserved.v1", "ai_call.settled.v1":
		x.ai.see(e)
		x.budgets.see(e, res)
	case "message.delivered.v1":
		x.grid.see(e)
	case "member.joined.v1", "member.provisioned.v1", "member.role_changed.v1", "ownership.transferred.v1", "member.left.v1", "member.removed.v1", "member.erased.v1":
		x.members.see(e, res)
	case "billing.subscription_recorded.v1", "billing.invoice_recorded.v1":
		x.seeBill(e)
	case "organization.person_gap_set.v1":
		x.people.seeGap(e)
	case "message.sent.v1", "message.sent.v2", "message.sent.v3":
		res.Sent++
		x.people.seeSent(e, res)
		x.grid.see(e)
	}
	h.most.leads, h.most.mailboxes, h.most.seats = max(h.most.leads, h.leads), max(h.most.mailboxes, h.mailboxes), max(h.most.seats, len(x.members[e.Org]))
}

// auditMail looks for messages that left more than once in the mail server's journal.
func (s *system) auditMail(res *Result) error {
	lines, err := mailserver.ReadJournal(s.mail.Journal())
	if err != nil {
		return err
	}
	times := map[string]int{}
	for _, l := range lines {
		if id := strings.Trim(l.MessageID, "<>"); l.Kind == mailserver.Accepted && id != "" {
			times[id]++
		}
	}
	var twice []string
	for id, n := range times {
		if n > 1 {
			twice = append(twice, id)
		}
	}
	slices.Sort(twice)
	for _, id := range twice {
		res.addFinding(&res.SentTwice, "message %s left %d times", id, times[id])
	}
	return nil
}
