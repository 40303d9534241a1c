package api

import (
	"errors"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/leads"
	"outrider/internal/app/sealedtext"
	"outrider/internal/mail/compose"
	"outrider/projections"
)

// answeredMail is what an answer goes to.
type answeredMail struct {
	thread  *projections.InboxThread
	lead    *projections.Lead // nil once it was removed
	item    *projections.InboxItem
	address string
	undo    int // seconds for which it can be taken back unless the answer says otherwise
}

func (x *inboxHandlers) createReply(c *call, id uuid.UUID, body gen.InboxReplyCreate) error {
	if compose.IsBlank(body.Text) {
		return invalidField("text", "is blank")
	}
	if err := x.awaitIn(c, "organizations"); err != nil {
		return err
	}
	to, err := x.readAnswered(c, id, body.ItemID)
	if err != nil {
		return err
	}
	in, err := x.beginOwn(c)
	if err != nil {
		return err
	}
	cmd, err := x.responseTo(in, to, body)
	if err != nil {
		return err
	}
	a, err := x.submitCommand(in, cmd)
	if err != nil {
		return explainSuppressed(err, to.lead)
	}
	c.Set("Location", "/v1/inbox/replies/"+cmd.ResponseID.String())
	return x.showAfterChange(c, "inbox", a, func() error {
		r, err := x.readReply(c, cmd.ResponseID)
		if err != nil {
			return err
		}
		shown, err := x.replyOf(c, r)
		if err != nil {
			return err
		}
		return c.answerCreated(shown, "/v1/inbox/replies/"+cmd.ResponseID.String(), 0)
	})
}

// readAnswered reads a thread and the mail in it that is answered; uuid.Nil = the newest answer of a person.
func (x *inboxHandlers) readAnswered(c *call, id, item uuid.UUID) (to answeredMail, err error) {
	if err := x.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		if to.thread, err = projections.GetInboxThread(c.ctx, tx, c.who.Org, id); err != nil {
			return err
		}
		if item == uuid.Nil {
			to.item, err = projections.LastReply(c.ctx, tx, c.who.Org, id)
		} else if to.item, err = projections.GetInboxItem(c.ctx, tx, c.who.Org, item); err == nil && to.item.ThreadID != id {
			return pgx.ErrNoRows
		}
		if err != nil {
			return err
		}
		org, err := projections.GetOrganization(c.ctx, tx, c.who.Org)
		if err != nil {
			return err
		}
		to.undo = org.ReplyUndoSeconds
		to.lead, err = projections.GetLead(c.ctx, tx, c.who.Org, to.thread.LeadID)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	}); err != nil {
		return to, err
	}
	if to.address = headerOf(to.item).From; to.address == "" && to.lead != nil { // recorded before answers were named
		to.address = valueOrZero(to.lead.Email)
	}
	if to.address == "" || to.item.MailboxID == nil {
		return to, newProblem(commands.CodeNotFound, "the address that this came from is not known any more")
	}
	return to, nil
}

func (x *inboxHandlers) responseTo(in *writeRequest, to answeredMail, body gen.InboxReplyCreate) (cmd commands.WriteResponse, err error) {
	cmd = commands.WriteResponse{ResponseID: in.newID("reply"), ThreadID: to.thread.ThreadID, MailboxID: *to.item.MailboxID, MailID: to.item.ItemID, UndoSeconds: to.undo}
	if body.UndoSeconds != nil {
		cmd.UndoSeconds = *body.UndoSeconds
	}
	hasher, err := x.vault.Hasher(in.ctx, in.org)
	if err != nil {
		return cmd, err
	}
	cmd.AddressHash, cmd.DomainHash, _ = leads.Hashes(hasher, to.address)
	key, err := x.keyOfLead(in, to.thread.LeadID)
	if err != nil {
		return cmd, err
	}
	subject := body.Subject
	if subject == "" {
		subject = compose.ReplySubject(valueOrZero(to.item.Subject))
	}
	for _, text := range []struct {
		to          *events.Sealed
		field, text string
	}{{&cmd.To, projections.AddressField, to.address}, {&cmd.Subject, projections.SubjectField, strings.TrimSpace(subject)}, {&cmd.Body, projections.BodyField, body.Text}} {
		if *text.to, err = sealedtext.Seal(key, text.field, text.text); err != nil {
			return cmd, err
		}
	}
	return cmd, nil
}

// explainSuppressed says why nothing may be sent to a person.
func explainSuppressed(err error, lead *projections.Lead) error {
	var p *problem
	if !errors.As(err, &p) || p.Code != commands.CodeSuppressed {
		return err
	}
	p.Detail = "nothing may be sent to this address"
	if lead == nil {
		return p
	}
	switch lead.SuppressedReason {
	case "":
	case events.SuppressedUnsubscribe:
		p.Detail = "this person has unsubscribed: no answer may be sent, unless the suppression is removed because they have asked for mail again"
	case events.SuppressedComplaint:
		p.Detail = "this person has reported our mail as spam: no answer may be sent"
	default:
		p.Detail += ": " + lead.SuppressedReason
	}
	return p
}

func (x *inboxHandlers) showReply(c *call, id uuid.UUID) error {
	r, err := x.readReply(c, id)
	if err != nil {
		return err
	}
	out, err := x.replyOf(c, r)
	if err != nil {
		return err
	}
	return c.answerJSON(200, out)
}

func (x *inboxHandlers) readReply(c *call, id uuid.UUID) (r *projections.Response, err error) {
	err = x.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		r, err = projections.GetResponse(c.ctx, tx, c.who.Org, id)
		return err
	})
	return r, err
}

func (x *inboxHandlers) replyOf(c *call, r *projections.Response) (gen.InboxReply, error) {
	body, err := x.bodies.open(c.ctx, c.who.Org, r.LeadID, r.Body, r.BodyRef)
	return gen.InboxReply{ID: r.ResponseID, ThreadID: r.ThreadID, LeadID: r.LeadID, MailboxID: r.MailboxID, ItemID: valueOrZero(r.MailID), State: gen.InboxReplyState(r.State), Reason: r.Reason, UndoUntil: r.SendAt,
		To: valueOrZero(r.To), Subject: valueOrZero(r.Subject), Text: valueOrZero(body), Author: r.AuthorKind + ":" + r.AuthorID, Tries: r.Tries, SentAt: valueOrZero(r.SentAt),
		SMTP: gen.SMTPReply{Stage: r.SMTPStage, Code: r.SMTPCode, Enhanced: r.SMTPEnhanced, Text: r.SMTPText}, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt}, err
}

// responseItem shows an answer of ours in its thread.
func (x *inboxHandlers) responseItem(c *call, r *projections.Response) (gen.InboxItem, error) {
	reply, err := x.replyOf(c, r)
	out := gen.InboxItem{ID: r.ResponseID, Direction: gen.InboxItemDirectionOut, MailboxID: r.MailboxID, State: r.State, ReceivedAt: r.CreatedAt, Subject: reply.Subject, Body: reply.Text, Text: reply.Text, Reply: reply}
	if r.SentAt != nil {
		out.ReceivedAt = *r.SentAt
	}
	return out, err
}

func cancelReply(_ *call, id uuid.UUID) (commands.Command, error) {
	return commands.CancelResponse{ResponseID: id}, nil
}

func resolveReply(_ *call, id uuid.UUID, body gen.MessageResolution) (commands.Command, error) {
	return commands.ResolveResponse{ResponseID: id, Sent: body.Sent, By: events.ResolvedByPerson}, nil
}
