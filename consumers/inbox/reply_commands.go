package inbox

import (
	"context"
	"errors"
	"slices"
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
	"outrider/internal/mail/imap"
	"outrider/internal/mail/inbound"
	"outrider/internal/pii"
)

// SentMessage is what a mail can answer.
type SentMessage struct {
	events.SentMessageRef
	To          string // the address that it went to; empty when it can't be read any more, as the lead was removed or has another address
	AddressHash string // of that address; empty when the log doesn't have it
	Subject     string
	Erased      bool // the lead was erased: only that they answered may be kept, not what
}

// receivedMail is a mail with where it came from.
type receivedMail struct {
	raw      []byte
	received time.Time
	place    []string // what makes its commands' ids
	inInbox  bool
	again    bool // it may be recorded already, under another place: mail is moved, and some folders show what lies in others
}

// recordMail records one mail of a folder.
func (m *Monitor) recordMail(ctx context.Context, b mailboxes.Mailbox, batch imap.Batch, raw imap.StoredMail) error {
	return m.recordReceived(ctx, b, receivedMail{raw: raw.Raw, received: raw.Received, inInbox: batch.Folder == imap.Inbox, again: batch.Reset || batch.Folder != imap.Inbox,
		place: []string{batch.Folder, strconv.FormatUint(uint64(batch.Next.Validity), 10), strconv.FormatUint(uint64(raw.UID), 10)}})
}

// recordReceived records one mail. A mail that is about no message of ours is skipped.
func (m *Monitor) recordReceived(ctx context.Context, b mailboxes.Mailbox, in receivedMail) error {
	x := inbound.Read(in.raw)
	if err := m.recordSelf(ctx, b, in, x); err != nil {
		return err
	}
	found := m.matchSent(b.Org, x)
	if found.by == "" {
		return nil
	}
	sent, err := m.Mail.Sent(ctx, b.Org, found.message)
	if errors.Is(err, reaction.ErrGone) {
		return nil
	}
	if err != nil {
		return err
	}
	mailID := mailIDOf(b.ID, x, in.raw)
	if in.again {
		if seen, err := m.Mail.Seen(ctx, b.Org, mailID); err != nil || seen {
			return err
		}
	}
	received := in.received.UTC().Truncate(time.Microsecond)
	told := events.Mail{MailID: mailID, ReceivedAt: received, MatchedBy: found.by}
	all, err := m.commandsFor(ctx, b, sent, x, told, found)
	if err != nil {
		return err
	}
	for _, c := range all {
		id := es.DeriveID(b.ID, slices.Concat([]string{"mail"}, in.place, []string{c.CommandType()})...)
		a, err := reaction.Submit(ctx, m.Commands, m.causeOf(b, id), id, m.Now(), c)
		if err != nil {
			return err
		}
		if a.Outcome == es.Refused {
			m.Log.Warn("what a mail says is refused", "command", c.CommandType(), "mailbox", b.ID, "place", in.place, "code", a.Code)
		}
	}
	return nil
}

// commandsFor returns the commands that follow from a mail.
func (m *Monitor) commandsFor(ctx context.Context, b mailboxes.Mailbox, sent SentMessage, x inbound.Mail, told events.Mail, found match) ([]commands.Command, error) {
	report := events.Report{MailID: told.MailID, AddressHash: sent.AddressHash}
	if found.unsubscribes {
		return []commands.Command{commands.Unsubscribe{SentMessageRef: sent.SentMessageRef, Report: report, How: events.UnsubscribeMailto, At: told.ReceivedAt}}, nil
	}
	texts, err := m.readSentTexts(ctx, b.Org, sent)
	if err != nil {
		return nil, err
	}
	v := inbound.Classify(x, inbound.Context{Mailbox: b.Address, MailboxName: b.DisplayName, Lead: sent.To, Colleague: m.isColleague(b, x.From.Address, sent.To), Quoted: found.quoted, OurSubject: sent.Subject, Sent: texts, Received: told.ReceivedAt})
	switch v.Kind {
	case inbound.DeliveryReport:
		if v.Failure == nil {
			return nil, nil
		}
		return []commands.Command{commands.RecordBounce{SentMessageRef: sent.SentMessageRef, Report: report, SMTPReply: smtpReply(*v.Failure), ReportedAt: told.ReceivedAt}}, nil
	case inbound.Complaint:
		return []commands.Command{commands.RecordComplaint{SentMessageRef: sent.SentMessageRef, Report: report, Kind: v.Complaint, ReportedAt: told.ReceivedAt}}, nil
	case inbound.OwnCopy, inbound.FromColleague:
		return nil, nil
	}
	if sent.Erased {
		return nil, nil
	}
	// One that is there: the erasure of a person may have destroyed it before the read model says so, and a new one would outlive them.
	keys, err := m.Keys.Existing(ctx, b.Org, []uuid.UUID{sent.LeadID})
	if err != nil {
		return nil, err
	}
	key, there := keys[sent.LeadID]
	if !there {
		return nil, nil
	}
	if err := m.sealMail(ctx, key, x, &told); err != nil {
		return nil, err
	}
	var j events.Judged
	if v, j, err = m.judgeReply(ctx, b.Org, key, x, texts, told.ReceivedAt, v); err != nil {
		return nil, err
	}
	if v.Kind != inbound.Reply {
		c := commands.RecordAutoReply{SentMessageRef: sent.SentMessageRef, Mail: told, OutOfOffice: v.Kind == inbound.OutOfOffice, ForGood: string(v.ForGood)}
		if c.OutOfOffice && !v.Until.IsZero() {
			c.ReturnDate = v.Until.Format(time.DateOnly)
		}
		return m.withIdentity(ctx, b, key, c.SentMessageRef, x, told, c)
	}
	// Anybody else with our signed id got it from the lead: for us it is the same person.
	from := events.FromAlias
	if strings.EqualFold(x.From.Address, sent.To) {
		from = events.FromLead
	}
	out, err := m.withIdentity(ctx, b, key, sent.SentMessageRef, x, told, commands.RecordReply{SentMessageRef: sent.SentMessageRef, Mail: told, From: from, Meaning: string(v.Class), Judged: j})
	if err != nil {
		return nil, err
	}
	if v.OptsOut {
		out = append(out, commands.Unsubscribe{SentMessageRef: sent.SentMessageRef, Report: report, How: events.UnsubscribeReply, At: told.ReceivedAt})
	}
	return out, nil
}

func (m *Monitor) sealMail(ctx context.Context, key pii.Key, x inbound.Mail, told *events.Mail) (err error) {
	if told.Subject, err = sealedtext.Seal(key, sealedtext.SubjectField, strings.ToValidUTF8(x.Subject[:min(len(x.Subject), 4<<10)], "")); err != nil {
		return err
	}
	told.Body, told.BodyRef, err = sealedtext.SealBody(ctx, m.Objects, key, x.Full)
	return err
}

// smtpReply returns the server's answer that a report is about.
func smtpReply(failure inbound.RecipientReport) events.SMTPReply {
	r := failure.Reply()
	out := events.SMTPReply{Code: r.Code, Enhanced: r.Enhanced, Text: reaction.HideAddresses(strings.ToValidUTF8(r.Text[:min(len(r.Text), 2<<10)], ""))}
	if r.AtRecipient {
		out.Stage = "rcpt"
	}
	return out
}
