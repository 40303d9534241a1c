package inbox

import (
	"context"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/mailboxes"
	"outrider/internal/app/sealedtext"
	"outrider/internal/es"
	"outrider/internal/linktoken"
	"outrider/internal/mail/imap"
	"outrider/internal/mail/inbound"
)

// SentMessage is what a mail can answer.
type SentMessage struct {
	events.SentMessageRef
	To      string // the lead's address
	Subject string
}

// matchSent finds the message of ours that a mail is about, by what we signed. Never by subject or sender.
func (m *Monitor) matchSent(org uuid.UUID, x inbound.Mail) (message uuid.UUID, by string, unsubscribes bool) {
	for _, id := range append([]string{x.Original.MessageID}, x.Keys.References...) {
		if t, err := m.Signer.VerifyMessageID(id); err == nil && t.Org == org {
			message, by = t.Message, "message_id"
			break
		}
	}
	for _, tag := range x.Keys.Tags {
		if t, err := m.Signer.VerifyTag(linktoken.Unsubscribe, org, tag); err == nil {
			return t.Message, "plus_address", true
		}
		if t, err := m.Signer.VerifyTag(linktoken.Reply, org, tag); err == nil && by == "" {
			message, by = t.Message, "plus_address"
		}
	}
	return message, by, false
}

// recordMail records one mail. What answers nothing of ours is passed over.
func (m *Monitor) recordMail(ctx context.Context, b mailboxes.Mailbox, batch imap.Batch, raw imap.Message) error {
	x := inbound.Read(raw.Raw)
	id, by, unsubscribes := m.matchSent(b.Org, x)
	if by == "" {
		return nil
	}
	sent, err := m.Mail.Sent(ctx, b.Org, id)
	if errors.Is(err, reaction.ErrGone) {
		return nil
	}
	if err != nil {
		return err
	}
	uid := []string{"mail", imap.Inbox, strconv.FormatUint(uint64(batch.Next.Validity), 10), strconv.FormatUint(uint64(raw.UID), 10)}
	mailID := es.DeriveID(b.ID, append([]string{"uid"}, uid...)...)
	if x.MessageID != "" {
		mailID = es.DeriveID(b.ID, "message_id", x.MessageID)
	}
	if batch.Reset {
		if seen, err := m.Mail.Seen(ctx, b.Org, mailID); err != nil || seen {
			return err
		}
	}
	received := raw.Received.UTC().Truncate(time.Microsecond)
	told := events.Mail{MailID: mailID, ReceivedAt: received, MatchedBy: by}
	all, err := m.commandsFor(ctx, b, sent, x, told, unsubscribes)
	if err != nil {
		return err
	}
	for _, c := range all {
		id := es.DeriveID(b.ID, append(uid, c.CommandType())...)
		a, err := reaction.Submit(ctx, m.Commands, m.causeOf(b, id), id, m.Now(), c)
		if err != nil {
			return err
		}
		if a.Outcome == es.Refused {
			m.Log.Warn("what a mail says is refused", "command", c.CommandType(), "mailbox", b.ID, "uid", raw.UID, "code", a.Code)
		}
	}
	return nil
}

// commandsFor is what a mail means.
func (m *Monitor) commandsFor(ctx context.Context, b mailboxes.Mailbox, sent SentMessage, x inbound.Mail, told events.Mail, unsubscribes bool) ([]commands.Command, error) {
	if unsubscribes {
		return []commands.Command{commands.Unsubscribe{SentMessageRef: sent.SentMessageRef, How: events.UnsubscribeMailto, At: told.ReceivedAt}}, nil
	}
	v := inbound.Classify(x, inbound.Context{Mailbox: b.Address, OurSubject: sent.Subject, Received: told.ReceivedAt})
	switch v.Kind {
	case inbound.DeliveryReport:
		for _, d := range x.Reports {
			if d.Failed() && (d.Recipient == "" || strings.EqualFold(d.Recipient, sent.To)) {
				return []commands.Command{commands.RecordBounce{SentMessageRef: sent.SentMessageRef, Code: replyCode(d.Diagnostic), Enhanced: d.Status, ReportedAt: told.ReceivedAt}}, nil
			}
		}
		return nil, nil
	case inbound.Complaint:
		return []commands.Command{commands.RecordComplaint{SentMessageRef: sent.SentMessageRef, Kind: x.Feedback.Type, ReportedAt: told.ReceivedAt}}, nil
	case inbound.OwnCopy:
		return nil, nil
	}
	if err := m.sealMail(ctx, b.Org, sent.LeadID, x, &told); err != nil {
		return nil, err
	}
	if v.Kind != inbound.Reply {
		c := commands.RecordAutoReply{SentMessageRef: sent.SentMessageRef, Mail: told, OutOfOffice: v.Kind == inbound.OutOfOffice}
		if c.OutOfOffice && !v.Until.IsZero() {
			c.ReturnDate = v.Until.Format(time.DateOnly)
		}
		return []commands.Command{c}, nil
	}
	// Whoever else has our signed id was given it by the lead: for us it is the same person.
	from := events.FromAlias
	if strings.EqualFold(x.From.Address, sent.To) {
		from = events.FromLead
	}
	out := []commands.Command{commands.RecordReply{SentMessageRef: sent.SentMessageRef, Mail: told, From: from}}
	if v.Class == inbound.Unsubscribe {
		out = append(out, commands.Unsubscribe{SentMessageRef: sent.SentMessageRef, How: events.UnsubscribeReply, At: told.ReceivedAt})
	}
	return out, nil
}

func (m *Monitor) sealMail(ctx context.Context, org, lead uuid.UUID, x inbound.Mail, told *events.Mail) error {
	keys, err := m.Keys.Keys(ctx, org, []uuid.UUID{lead})
	if err != nil {
		return err
	}
	if told.Subject, err = sealedtext.Seal(keys[0], sealedtext.SubjectField, strings.ToValidUTF8(x.Subject[:min(len(x.Subject), 4<<10)], "")); err != nil {
		return err
	}
	told.Body, told.BodyRef, err = sealedtext.SealBody(ctx, m.Objects, keys[0], x.Full)
	return err
}

var threeDigits = regexp.MustCompile(`\b[245]\d\d\b`)

// replyCode finds SMTP's code in a diagnostic; 0 when there is none.
func replyCode(diagnostic string) int {
	n, _ := strconv.Atoi(threeDigits.FindString(diagnostic))
	return n
}
