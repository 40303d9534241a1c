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
	f := projections.MessageFilter{Search: c.textParam("q"), CampaignID: c.uuidParam("campaign_id"), LeadID: c.uuidParam("lead_id"), MailboxID: c.uuidParam("mailbox_id"), State: c.textParam("state")}
	data, next, total, err := listSorted(s.readSide, c, func(tx pgx.Tx, l projections.Listing) (*projections.Page[projections.Message], error) {
		return projections.ListMessages(c.ctx, tx, c.who.Org, f, l)
	}, messageOf)
	if err != nil {
		return err
	}
	return c.answerJSON(200, gen.MessagePage{Data: data, NextCursor: next, Total: total})
}

// showMessage shows it with what its newest draft says.
func (s *Server) showMessage(c *call, id uuid.UUID) error {
	var row *projections.Message
	var text *projections.MessageText
	if err := s.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
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
	body, err := s.bodies.open(c.ctx, c.who.Org, row.LeadID, text.Body, text.BodyRef)
	if err != nil {
		return err
	}
	out.Subject, out.Body = valueOrZero(text.Subject), valueOrZero(body)
	if text.Variables != nil {
		if err := json.Unmarshal(text.Variables, &out.Variables); err != nil {
			return fmt.Errorf("read variables: %w", err)
		}
	}
	return c.answerJSON(200, out)
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
		Step: m.Step, Steps: m.Steps, VariantID: m.VariantID, Attempt: m.Attempt, PreviousID: valueOrZero(m.PreviousID), State: gen.MessageState(m.State), Reason: m.Reason, NeedsApproval: m.Approval,
		Draft: m.Draft, Writer: m.Writer, Model: m.Model, Fallback: m.Fallback, CostMicros: m.CostMicros, Earliest: m.Earliest, WaitingUntil: valueOrZero(m.WaitingUntil),
		ScheduledAt: valueOrZero(m.ScheduledAt), ClaimedAt: valueOrZero(m.ClaimedAt), SentAt: valueOrZero(m.SentAt), FailedAt: valueOrZero(m.FailedAt), DoubtedAt: valueOrZero(m.DoubtedAt), ResolvedBy: m.ResolvedBy, Tries: m.Tries,
		SMTP:  gen.SMTPReply{Stage: m.SMTPStage, Code: m.SMTPCode, Enhanced: m.SMTPEnhanced, Text: m.SMTPText},
		Opens: m.Opens, Clicks: m.Clicks, FirstOpenedAt: valueOrZero(m.FirstOpenedAt), MachineOpenedAt: valueOrZero(m.MachineOpenedAt), FirstClickedAt: valueOrZero(m.FirstClickedAt),
		ScannerClickedAt: valueOrZero(m.ScannerClickedAt), RepliedAt: valueOrZero(m.RepliedAt), AutoRepliedAt: valueOrZero(m.AutoRepliedAt), BouncedAt: valueOrZero(m.BouncedAt), BounceKind: m.BounceKind,
		ComplainedAt: valueOrZero(m.ComplainedAt), UnsubscribedAt: valueOrZero(m.UnsubscribedAt), MeetingAt: valueOrZero(m.MeetingAt), CreatedAt: m.CreatedAt, UpdatedAt: m.UpdatedAt}
	if m.Missing != nil {
		if err := json.Unmarshal(m.Missing, &out.Missing); err != nil {
			return out, fmt.Errorf("read missing variables: %w", err)
		}
	}
	return out, nil
}
