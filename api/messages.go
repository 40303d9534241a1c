package api

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/projections"
)

func (s *Server) listMessages(c *call) error {
	f := projections.MessageFilter{CampaignID: c.uuid("campaign_id"), LeadID: c.uuid("lead_id"), MailboxID: c.uuid("mailbox_id"), State: c.text("state")}
	data, next, err := page(s, c, c.who.Org, func(tx pgx.Tx, after int64, limit int) ([]*projections.Message, error) {
		f.After, f.Limit = after, limit
		return projections.ListMessages(c.ctx, tx, c.who.Org, f)
	}, func(m *projections.Message) int64 { return m.Oseq }, messageOf)
	if err != nil {
		return err
	}
	return c.answer(200, gen.MessagePage{Data: data, NextCursor: next})
}

// showMessage shows it with what its newest draft says.
func (s *Server) showMessage(c *call, id uuid.UUID) error {
	var row *projections.Message
	var text *projections.MessageText
	if err := s.read(c, c.who.Org, func(tx pgx.Tx) (err error) {
		if row, err = projections.GetMessage(c.ctx, tx, c.who.Org, id); err != nil {
			return err
		}
		if text, err = projections.GetMessageText(c.ctx, tx, c.who.Org, id); errors.Is(err, pgx.ErrNoRows) {
			text, err = &projections.MessageText{}, nil // not drafted yet
		}
		return err
	}); err != nil {
		return err
	}
	out, err := messageOf(row)
	if err != nil {
		return err
	}
	body, err := s.bodyOfText(c.ctx, c.who.Org, row.LeadID, text.Body, text.BodyRef)
	if err != nil {
		return err
	}
	out.Subject, out.Body = or(text.Subject), or(body)
	if text.Variables != nil {
		if err := json.Unmarshal(text.Variables, &out.Variables); err != nil {
			return fmt.Errorf("read variables: %w", err)
		}
	}
	return c.answer(200, out)
}

func (s *Server) approveMessages(c *call, body gen.MessageSelection) error {
	return s.submitSilently(c, commands.ApproveMessages{MessageIDs: body.MessageIds})
}

func (s *Server) rejectMessages(c *call, body gen.MessageSelection) error {
	return s.submitSilently(c, commands.RejectMessages{MessageIDs: body.MessageIds})
}

func redraftMessage(_ *call, id uuid.UUID) (commands.Command, error) {
	return commands.RedraftMessage{MessageID: id}, nil
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
		Step: m.Step, Steps: m.Steps, VariantID: m.VariantID, Attempt: m.Attempt, PreviousID: or(m.PreviousID), State: gen.MessageState(m.State), Reason: m.Reason, NeedsApproval: m.Approval,
		Draft: m.Draft, Writer: m.Writer, Model: m.Model, Fallback: m.Fallback, CostMicros: m.CostMicros, Earliest: m.Earliest, WaitingUntil: or(m.WaitingUntil),
		ScheduledAt: or(m.ScheduledAt), ClaimedAt: or(m.ClaimedAt), SentAt: or(m.SentAt), FailedAt: or(m.FailedAt), DoubtedAt: or(m.DoubtedAt), ResolvedBy: m.ResolvedBy, Tries: m.Tries,
		SMTP:  gen.SMTPReply{Stage: m.SMTPStage, Code: m.SMTPCode, Enhanced: m.SMTPEnhanced, Text: m.SMTPText},
		Opens: m.Opens, Clicks: m.Clicks, FirstOpenedAt: or(m.FirstOpenedAt), MachineOpenedAt: or(m.MachineOpenedAt), FirstClickedAt: or(m.FirstClickedAt),
		ScannerClickedAt: or(m.ScannerClickedAt), RepliedAt: or(m.RepliedAt), AutoRepliedAt: or(m.AutoRepliedAt), BouncedAt: or(m.BouncedAt), BounceKind: m.BounceKind,
		ComplainedAt: or(m.ComplainedAt), UnsubscribedAt: or(m.UnsubscribedAt), MeetingAt: or(m.MeetingAt), CreatedAt: m.CreatedAt, UpdatedAt: m.UpdatedAt}
	if m.Missing != nil {
		if err := json.Unmarshal(m.Missing, &out.Missing); err != nil {
			return out, fmt.Errorf("read missing variables: %w", err)
		}
	}
	return out, nil
}
