package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/profile"
	"outrider/internal/zone"
	"outrider/projections"
)

func (s *Server) listMessages(c *call) error {
	f := projections.MessageFilter{Search: c.textParam("q"), CampaignID: c.uuidParam("campaign_id"), LeadID: c.uuidParam("lead_id"), MailboxID: c.uuidParam("mailbox_id"), State: c.textParam("state"),
		NeedsApproval: c.boolParam("needs_approval"), Outcome: c.textParam("outcome"), StepID: c.uuidParam("step_id"), VariantID: c.uuidParam("variant_id"), StepsVersion: c.numberParam("version", 0)}
	if err := errors.Join(checkDate("day_from", c.textParam("day_from")), checkDate("day_to", c.textParam("day_to"))); err != nil {
		return malformedProblem("query parameter day_from or day_to: is not a day of the calendar")
	}
	drafts := map[uuid.UUID]waitingDraft{}
	texts, people := projections.Set[projections.MessageText]{}, projections.Set[projections.NamedLead]{}
	data, next, total, err := listSorted(s.readSide, c, func(tx pgx.Tx, l projections.Listing) (page *projections.Page[projections.Message], err error) {
		if f.SentFrom, f.SentTo, err = daysAsked(c, tx); err != nil {
			return nil, err
		}
		if page, err = projections.ListMessages(c.ctx, tx, c.who.Org, f, l); err != nil {
			return nil, err
		}
		if c.includes("text") {
			if texts, err = projections.MessageTexts(c.ctx, tx, c.who.Org, idsOf(page.Rows, func(m *projections.Message) uuid.UUID { return m.MessageID })); err != nil {
				return nil, err
			}
		}
		if drafts, err = waitingDrafts(c, tx, page.Rows, s.now()); err != nil {
			return nil, err
		}
		if c.includes("lead") {
			people, err = projections.NamesOfLeads(c.ctx, tx, c.who.Org, idsOf(page.Rows, func(m *projections.Message) uuid.UUID { return m.LeadID }))
		}
		return page, err
	}, func(m *projections.Message) (gen.Message, error) {
		out, err := messageOf(m)
		if err != nil {
			return out, err
		}
		out.SlotLostAt, out.Unsupported = drafts[m.MessageID].slotLostAt, drafts[m.MessageID].unsupported
		if lead := people[m.LeadID]; lead != nil {
			out.LeadName, out.LeadEmail, out.CompanyName = fullName(lead.FirstName, lead.LastName), valueOrZero(lead.Email), valueOrZero(lead.Company)
		}
		if text := texts[m.MessageID]; text != nil {
			body, err := s.bodies.open(c.ctx, c.who.Org, m.LeadID, text.Body, text.BodyRef)
			if err != nil {
				return out, err
			}
			out.Subject, out.Body = valueOrZero(text.Subject), valueOrZero(body)
		}
		return out, nil
	})
	if err != nil {
		return err
	}
	return c.answerJSON(200, gen.MessagePage{Data: data, NextCursor: next, Total: total})
}

// daysAsked is the time from day_from to the end of day_to, in the organisation's zone; zero where they are absent.
func daysAsked(c *call, tx pgx.Tx) (from, to time.Time, err error) {
	first, last := c.textParam("day_from"), c.textParam("day_to")
	if first == "" && last == "" {
		return from, to, nil
	}
	org, err := projections.GetOrganization(c.ctx, tx, c.who.Org)
	if err != nil {
		return from, to, err
	}
	loc, err := zone.Load(org.TimeZone)
	if err != nil {
		loc = time.UTC
	}
	if first != "" {
		from, _ = time.ParseInLocation(time.DateOnly, first, loc) // checked
	}
	if last != "" {
		to, _ = time.ParseInLocation(time.DateOnly, last, loc)
		to = to.AddDate(0, 0, 1)
	}
	return from, to, nil
}

// showMessage shows it with what its newest draft says.
func (s *Server) showMessage(c *call, id uuid.UUID) error {
	var row *projections.Message
	var text *projections.MessageText
	var rejected string
	var drafts map[uuid.UUID]waitingDraft
	if err := s.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		if row, err = projections.GetMessage(c.ctx, tx, c.who.Org, id); err != nil {
			return err
		}
		if drafts, err = waitingDrafts(c, tx, []*projections.Message{row}, s.now()); err != nil {
			return err
		}
		if text, err = projections.GetMessageText(c.ctx, tx, c.who.Org, id); errors.Is(err, pgx.ErrNoRows) {
			text, err = &projections.MessageText{}, nil // not drafted yet
		}
		if err == nil {
			rejected, err = projections.RejectionOf(c.ctx, tx, c.who.Org, id)
		}
		return err
	}); err != nil {
		return err
	}
	out, err := messageOf(row)
	if err != nil {
		return err
	}
	body, err := s.bodies.open(c.ctx, c.who.Org, row.LeadID, text.Body, text.BodyRef)
	if err != nil {
		return err
	}
	out.SlotLostAt, out.Unsupported = drafts[id].slotLostAt, drafts[id].unsupported
	out.Subject, out.Body, out.RejectedReason = valueOrZero(text.Subject), valueOrZero(body), rejected
	if text.Variables != nil {
		if err := json.Unmarshal(text.Variables, &out.Variables); err != nil {
			return fmt.Errorf("read variables: %w", err)
		}
	}
	return c.answerJSON(200, out)
}

func (s *Server) approveMessages(c *call, body gen.MessageSelection) error {
	edits, err := s.approvals().measureEdits(c, body.MessageIds)
	if err != nil {
		return err
	}
	return s.submitSilently(c, commands.ApproveMessages{MessageIDs: body.MessageIds, Edits: edits})
}

// redraftMessage asks for another draft, and says what it should be like if the caller does.
func redraftMessage(s *Server, c *call) error {
	id, err := c.pathID()
	if err != nil {
		return err
	}
	var body gen.RedraftCreate
	if c.raw != nil {
		if err := c.decodeBody(&body); err != nil {
			return err
		}
	}
	var cmd commands.Command = commands.RedraftMessage{MessageID: id}
	if wish := profile.CleanText(body.Instruction); wish != "" {
		drafts := []commands.RejectedDraft{{MessageID: id}}
		if err := noteReason(s, c, drafts, wish); err != nil {
			return err
		}
		cmd = commands.RejectDrafts{Then: events.RejectedRedraft, Drafts: drafts}
	}
	return messageCommand(func(*call, uuid.UUID) (commands.Command, error) { return cmd, nil })(s, c)
}

func resolveMessage(_ *call, id uuid.UUID, body gen.MessageResolution) (commands.Command, error) {
	return commands.ResolveMessage{MessageID: id, Sent: body.Sent, By: events.ResolvedByPerson}, nil
}

// messageCommand submits a command about a message, and shows the message.
func messageCommand(cmd commandOf) handler {
	return submitAndShow("messages", (*Server).showMessage, cmd)
}

func messageOf(m *projections.Message) (gen.Message, error) {
	out := gen.Message{ID: m.MessageID, EnrollmentID: m.EnrollmentID, LeadID: m.LeadID, CampaignID: m.CampaignID, MailboxID: m.MailboxID, StepsVersion: m.StepsVersion, StepID: m.StepID,
		Step: m.Step, Steps: m.Steps, VariantID: m.VariantID, Attempt: m.Attempt, PreviousID: valueOrZero(m.PreviousID), State: gen.MessageState(m.State), Reason: m.Reason, NeedsApproval: m.Approval,
		Draft: m.Draft, Writer: m.Writer, Model: m.Model, Fallback: m.Fallback, CostMicros: m.CostMicros, Earliest: m.Earliest, WaitingUntil: valueOrZero(m.WaitingUntil),
		ScheduledAt: valueOrZero(m.ScheduledAt), ClaimedAt: valueOrZero(m.ClaimedAt), SentAt: valueOrZero(m.SentAt), FailedAt: valueOrZero(m.FailedAt), DoubtedAt: valueOrZero(m.DoubtedAt), ResolvedBy: m.ResolvedBy, Tries: m.Tries,
		SMTP:  gen.SMTPReply{Stage: m.SMTPStage, Code: m.SMTPCode, Enhanced: m.SMTPEnhanced, Text: m.SMTPText},
		Opens: m.Opens, Clicks: m.Clicks, FirstOpenedAt: valueOrZero(m.FirstOpenedAt), MachineOpenedAt: valueOrZero(m.MachineOpenedAt), FirstClickedAt: valueOrZero(m.FirstClickedAt),
		ScannerClickedAt: valueOrZero(m.ScannerClickedAt), RepliedAt: valueOrZero(m.RepliedAt), AutoRepliedAt: valueOrZero(m.AutoRepliedAt), BouncedAt: valueOrZero(m.BouncedAt), BounceKind: m.BounceKind,
		ComplainedAt: valueOrZero(m.ComplainedAt), UnsubscribedAt: valueOrZero(m.UnsubscribedAt), MeetingAt: valueOrZero(m.MeetingAt),
		DeliveredAt: valueOrZero(m.DeliveredAt), DelayedAt: valueOrZero(m.DelayedAt), Delays: m.Delays, DroppedAt: valueOrZero(m.DroppedAt), DropReason: m.DropReason, CreatedAt: m.CreatedAt, UpdatedAt: m.UpdatedAt}
	if m.Missing != nil {
		if err := json.Unmarshal(m.Missing, &out.Missing); err != nil {
			return out, fmt.Errorf("read missing variables: %w", err)
		}
	}
	return out, nil
}
