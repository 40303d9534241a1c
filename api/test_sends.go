package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/leads"
	"outrider/internal/identity"
	"outrider/projections"
)

// MessagesAsSent returns the bytes of a message that was written, as they leave; pgx.ErrNoRows for one whose text isn't there.
type MessagesAsSent func(ctx context.Context, org, message uuid.UUID) ([]byte, error)

// showAsSent shows a message as it leaves.
func showAsSent(s *Server, c *call, id uuid.UUID) error {
	if err := s.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		_, err := projections.GetMessage(c.ctx, tx, c.who.Org, id)
		return err
	}); err != nil {
		return err
	}
	if s.cfg.AsSent == nil {
		return newProblem(codeUnavailable, "messages can't be shown as they leave here")
	}
	raw, err := s.cfg.AsSent(c.ctx, c.who.Org, id)
	if err != nil {
		return err
	}
	out, err := asSent(raw)
	if err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, out)
}

// testHandlers have texts of campaigns sent to members.
type testHandlers struct{ *Server }

func forTests(handle func(*testHandlers, *call, uuid.UUID) error) handler {
	return withID(func(s *Server, c *call, id uuid.UUID) error { return handle(&testHandlers{s}, c, id) })
}

// create has a text sent as a preview of it shows it.
func (h *testHandlers) create(c *call, id uuid.UUID) error {
	var body gen.TestSendCreate
	if err := c.decodeBody(&body); err != nil {
		return err
	}
	if body.LeadID != uuid.Nil && !c.who.Has(identity.LeadsRead) {
		return forbiddenProblem("scope "+string(identity.LeadsRead)+" to fill in what is a lead's", identity.LeadsRead)
	}
	campaign, err := h.loadCampaign(c, id)
	if err != nil {
		return err
	}
	asked, err := askedOf(c, campaign, gen.PreviewCreate{LeadID: body.LeadID, StepID: body.StepID, VariantID: body.VariantID, Subject: body.Subject, Body: body.Body, MailboxID: body.MailboxID, FollowUp: body.FollowUp})
	if err != nil {
		return err
	}
	if asked.Mailbox == uuid.Nil {
		return invalidField("mailbox_id", "the campaign has no mailbox to send from")
	}
	if _, err := h.readAsked(c, campaign, asked); err != nil { // a text that can't be read is refused now, and not by mail
		return err
	}
	in, err := h.beginOwn(c)
	if err != nil {
		return err
	}
	who := c.actorOf()
	cmd := commands.RequestTestSend{TestSendRef: events.TestSendRef{TestSendID: in.newID("test")}, CampaignID: id, MailboxID: asked.Mailbox, LeadID: asked.Lead, Subject: asked.Subject, Body: asked.Body, FollowUp: asked.FollowUp,
		By: who.Kind + ":" + who.ID}
	member, address, err := h.recipientOf(c, body, asked.Mailbox)
	if err != nil {
		return err
	}
	cmd.MemberID = member
	hasher, err := h.vault.Hasher(in.ctx, in.org)
	if err != nil {
		return err
	}
	cmd.AddressHash, cmd.DomainHash, _ = leads.Hashes(hasher, address)
	a, err := h.submitCommand(in, cmd)
	if err != nil {
		return err
	}
	return h.showAfterChange(c, "test_sends", a, func() error {
		out, err := h.load(c, cmd.TestSendID)
		if err != nil {
			return err
		}
		return c.answerCreated(out, "/v1/test-sends/"+cmd.TestSendID.String(), 0)
	})
}

// recipientOf returns who gets a test: the caller unless another member is named, or the mailbox itself (uuid.Nil).
func (h *testHandlers) recipientOf(c *call, body gen.TestSendCreate, mailbox uuid.UUID) (member uuid.UUID, address string, err error) {
	if member = body.MemberID; member == uuid.Nil && !body.ToMailbox {
		member = c.who.Person
	}
	if member == uuid.Nil && !body.ToMailbox {
		return member, "", invalidField("member_id", "is missing: a key has no address of its own")
	}
	if member != uuid.Nil && body.ToMailbox {
		return member, "", invalidField("member_id", "either a member or the mailbox itself")
	}
	err = h.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		if body.ToMailbox {
			box, err := projections.GetMailbox(c.ctx, tx, c.who.Org, mailbox)
			if err == nil {
				address = valueOrZero(box.Address)
			}
			return err
		}
		row, err := projections.GetMember(c.ctx, tx, c.who.Org, member)
		if err != nil || row.Profile == nil {
			return err
		}
		var p projections.MemberProfile
		err = json.Unmarshal([]byte(*row.Profile), &p)
		address = p.Email
		return err
	})
	if err == nil && address == "" {
		err = newProblem(commands.CodeNotFound, "the address is not known")
	}
	return member, address, err
}

func (h *testHandlers) load(c *call, id uuid.UUID) (out gen.TestSend, err error) {
	err = h.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		row, err := projections.GetTestSend(c.ctx, tx, c.who.Org, id)
		if err == nil {
			out, err = h.testOf(row)
		}
		return err
	})
	return out, err
}

func (h *testHandlers) testOf(row *projections.TestSend) (gen.TestSend, error) {
	return gen.TestSend{ID: row.TestSendID, CampaignID: row.CampaignID, MailboxID: row.MailboxID, MemberID: valueOrZero(row.MemberID), LeadID: valueOrZero(row.LeadID), State: gen.TestSendState(row.StateAt(h.now())),
		AskedBy: row.AskedBy, FinishedAt: valueOrZero(row.FinishedAt), SMTP: gen.SMTPReply{Stage: row.SMTPStage, Code: row.SMTPCode, Enhanced: row.SMTPEnhanced, Text: row.SMTPText}, CreatedAt: row.CreatedAt}, nil
}

func (h *testHandlers) show(c *call, id uuid.UUID) error {
	out, err := h.load(c, id)
	if err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, out)
}

func (h *testHandlers) list(c *call, id uuid.UUID) error {
	if _, err := h.loadCampaign(c, id); err != nil {
		return err
	}
	data, next, err := listPage(h.readSide, c, c.who.Org, func(tx pgx.Tx, after int64, limit int) ([]*projections.TestSend, error) {
		return projections.ListTestSends(c.ctx, tx, c.who.Org, id, after, limit)
	}, func(row *projections.TestSend) int64 { return row.Oseq }, h.testOf)
	if err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, gen.TestSendPage{Data: data, NextCursor: next})
}
