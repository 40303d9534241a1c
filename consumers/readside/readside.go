// Package readside reads, in Postgres, what the reactors of sending need.
package readside

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/commands"
	"outrider/consumers/inbox"
	"outrider/consumers/reaction"
	"outrider/consumers/sending"
	"outrider/consumers/writing"
	"outrider/events"
	"outrider/internal/app/mailboxes"
	"outrider/internal/app/sealedtext"
	"outrider/internal/batch"
	"outrider/internal/es"
	"outrider/internal/linktoken"
	"outrider/internal/mail/imap"
	"outrider/internal/pii"
	"outrider/internal/postgres"
	"outrider/projections"
)

// Config is what the read side needs.
type Config struct {
	Pool  *pgxpool.Pool // as the api: one organisation at a time
	All   *pgxpool.Pool // as the projector: lists of all organisations
	Keys  sealedtext.Keyring
	Links linktoken.Links
	// Objects is where bodies lie that are too long for the log; nil = nowhere.
	Objects sealedtext.Objects
	// Model reports whether a language model writes for an organisation; nil = none ever does. Else Hasher and Now are needed.
	Model func(ctx context.Context, org uuid.UUID) (bool, error)
	// Hasher finds the companies of leads.
	Hasher func(ctx context.Context, org uuid.UUID) (*pii.Hasher, error)
	Now    func() time.Time
	// Ours reports whether this process serves an organisation; nil = it serves all.
	Ours func(org uuid.UUID) bool
	// Position waits until a projection shows an event.
	Position func(ctx context.Context, projection string, partition int32, pseq int64) error
	// CatchUp waits until projections show all of an organisation that the log holds now.
	CatchUp func(ctx context.Context, org uuid.UUID, projections ...string) error
}

// ReadSide implements writing.Briefs, sending.Outbox, inbox.Correspondence, sending.ScheduledMessages and sending.DoubtfulMessages.
type ReadSide struct {
	Config

	briefs    *batch.Group[uuid.UUID, uuid.UUID, readResult[writing.Brief]] // by organisation
	outgoing  *batch.Group[uuid.UUID, uuid.UUID, readResult[sending.OutgoingMessage]]
	mailboxes *batch.Group[uuid.UUID, uuid.UUID, readResult[mailboxes.Mailbox]]
}

// New returns a read side, or an error that names what is missing.
func New(c Config) (*ReadSide, error) {
	if err := (reaction.Required{"pool": c.Pool != nil, "all": c.All != nil, "keys": c.Keys != nil, "position": c.Position != nil, "catch up": c.CatchUp != nil, "hasher": c.Model == nil || c.Hasher != nil, "now": c.Model == nil || c.Now != nil}).Check("read side"); err != nil {
		return nil, err
	}
	r := &ReadSide{Config: c}
	r.briefs = batch.NewGroup(readWait, readLimit, r.readBriefs)
	r.outgoing = batch.NewGroup(readWait, readLimit, r.readOutgoing)
	r.mailboxes = batch.NewGroup(readWait, readLimit, r.readMailboxes)
	return r, nil
}

// Bounds of what is read together.
const (
	readWait  = 2 * time.Millisecond
	readLimit = 200
)

// Await waits until the projections show an event and everything before it.
func (r *ReadSide) Await(ctx context.Context, e *es.Event, projections ...string) error {
	for _, p := range projections {
		if err := r.Position(ctx, p, e.Partition, e.Pseq); err != nil {
			return err
		}
	}
	return nil
}

func (r *ReadSide) readInOrg(ctx context.Context, org uuid.UUID, read func(pgx.Tx) error) error {
	err := postgres.InOrg(ctx, r.Pool, org, read)
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("%w: %w", reaction.ErrGone, err)
	}
	return err
}

// Mailbox implements sending.Outbox and sending.ScheduledMessages.
func (r *ReadSide) Mailbox(ctx context.Context, org, mailbox uuid.UUID) (mailboxes.Mailbox, error) {
	x, err := r.mailboxes.Do(ctx, org, mailbox)
	if err != nil {
		return mailboxes.Mailbox{}, err
	}
	return x.of, x.err
}

func (r *ReadSide) readMailboxes(ctx context.Context, org uuid.UUID, ids []uuid.UUID) ([]readResult[mailboxes.Mailbox], error) {
	var rows projections.Set[projections.Mailbox]
	var domains map[string]*projections.SenderDomain
	if err := r.readInOrg(ctx, org, func(tx pgx.Tx) (err error) {
		if domains, err = projections.SenderDomains(ctx, tx, org); err != nil {
			return err
		}
		rows, err = projections.Mailboxes(ctx, tx, org, ids)
		return err
	}); err != nil {
		return nil, err
	}
	opened := map[uuid.UUID]readResult[mailboxes.Mailbox]{}
	for id, row := range rows {
		m, err := r.openMailbox(ctx, row)
		if err == nil {
			err = m.SetDomain(domains[row.DomainHash])
		}
		opened[id] = readResult[mailboxes.Mailbox]{m, err}
	}
	out := make([]readResult[mailboxes.Mailbox], len(ids))
	for i, id := range ids {
		var there bool
		if out[i], there = opened[id]; !there {
			out[i].err = fmt.Errorf("mailbox %s: %w", id, reaction.ErrGone)
		}
	}
	return out, nil
}

// openMailbox returns a row's mailbox; ErrGone for one that was removed, was never connected or can't be read any more.
func (r *ReadSide) openMailbox(ctx context.Context, m *projections.Mailbox) (out mailboxes.Mailbox, err error) {
	gone := fmt.Errorf("mailbox %s: %w", m.MailboxID, reaction.ErrGone)
	if m.RemovedAt != nil || m.Address == nil || len(m.Connection) == 0 {
		return out, gone
	}
	found, err := r.Keys.Existing(ctx, m.OrgID, []uuid.UUID{m.MailboxID})
	if err != nil {
		return out, err
	}
	key, ok := found[m.MailboxID]
	if !ok {
		return out, gone
	}
	var c events.MailboxConnected
	if err := json.Unmarshal(m.Connection, &c); err != nil {
		return out, fmt.Errorf("read how mailbox %s is connected: %w", m.MailboxID, err)
	}
	if out, err = mailboxes.Letterhead(m, nil); err != nil {
		return out, err
	}
	for _, s := range []struct {
		to   *mailboxes.MailServer
		from events.MailServer
	}{{&out.SMTP, c.SMTP}, {&out.IMAP, c.IMAP}} {
		*s.to = mailboxes.MailServer{Host: s.from.Host, Port: s.from.Port, Security: s.from.Security, Secret: s.from.Secret}
		if s.from.Username.IsZero() {
			continue
		}
		name, err := key.Open(projections.MailboxUsernameField, pii.Sealed(s.from.Username))
		if err != nil {
			return out, fmt.Errorf("open the user of mailbox %s: %w", m.MailboxID, err)
		}
		s.to.Username = string(name)
	}
	out.Unread = m.Unread
	marks := map[string]projections.InboxMark{}
	if err := json.Unmarshal(m.Inbox, &marks); err != nil {
		return out, fmt.Errorf("read marks of mailbox %s: %w", m.MailboxID, err)
	}
	for _, list := range []struct {
		from json.RawMessage
		to   any
	}{{m.Folders, &out.Folders}, {m.ReadFolders, &out.ReadFolders}} {
		if len(list.from) > 0 {
			if err := json.Unmarshal(list.from, list.to); err != nil {
				return out, fmt.Errorf("read folders of mailbox %s: %w", m.MailboxID, err)
			}
		}
	}
	out.Others = map[string]imap.Cursor{}
	for folder, mark := range marks {
		out.Others[folder] = imap.Cursor{Validity: uint32(mark.UIDValidity), Next: uint32(mark.UID) + 1} // both came from 32 bits
	}
	out.Cursor = out.Others[imap.Inbox]
	delete(out.Others, imap.Inbox)
	return out, nil
}

// Connected implements inbox.Correspondence.
func (r *ReadSide) Connected(ctx context.Context) (out []mailboxes.Mailbox, err error) {
	rows, err := projections.ConnectedMailboxes(ctx, r.All)
	for _, row := range rows {
		if !r.isOurs(row.OrgID) {
			continue
		}
		m, err := r.openMailbox(ctx, row)
		if errors.Is(err, reaction.ErrGone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, err
}

// MailboxesOf lists the mailboxes of an organisation, whether they are read from a server or not.
func (r *ReadSide) MailboxesOf(ctx context.Context, org uuid.UUID) (out []mailboxes.Mailbox, err error) {
	var rows []*projections.Mailbox
	if err := r.readInOrg(ctx, org, func(tx pgx.Tx) (err error) {
		rows, err = projections.MailboxesOf(ctx, tx, org)
		return err
	}); err != nil {
		return nil, err
	}
	for _, row := range rows {
		m, err := r.openMailbox(ctx, row)
		if errors.Is(err, reaction.ErrGone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

// Overdue implements sending.ScheduledMessages.
func (r *ReadSide) Overdue(ctx context.Context, before time.Time) (out []sending.Due, err error) {
	rows, err := projections.ScheduledBefore(ctx, r.All, before, 10*commands.MaxItems)
	return r.ownDue(rows), err
}

// Doubtful implements sending.DoubtfulMessages.
func (r *ReadSide) Doubtful(ctx context.Context, since time.Time) (out []sending.Due, err error) {
	rows, err := projections.DoubtfulSince(ctx, r.All, since, 10*commands.MaxItems)
	return r.ownDue(rows), err
}

// DoubtfulResponses implements sending.DoubtfulMessages.
func (r *ReadSide) DoubtfulResponses(ctx context.Context, since time.Time) (out []sending.Due, err error) {
	rows, err := projections.ResponsesInDoubt(ctx, r.All, since, commands.MaxItems)
	for _, x := range rows {
		if r.isOurs(x.OrgID) {
			out = append(out, sending.Due{Org: x.OrgID, Mailbox: x.MailboxID, Message: x.ResponseID})
		}
	}
	return out, err
}

func (r *ReadSide) ownDue(rows []*projections.Pending) (out []sending.Due) {
	for _, p := range rows {
		if r.isOurs(p.OrgID) {
			out = append(out, sending.Due{Org: p.OrgID, Mailbox: p.MailboxID, Message: p.MessageID})
		}
	}
	return out
}

func (r *ReadSide) isOurs(org uuid.UUID) bool { return r.Ours == nil || r.Ours(org) }

// Sent implements inbox.Correspondence. A message that isn't shown is gone only once the read models show all that the log holds: what answers it is never read again after that.
func (r *ReadSide) Sent(ctx context.Context, org, message uuid.UUID) (inbox.SentMessage, error) {
	out, err := r.readSent(ctx, org, message)
	if !errors.Is(err, reaction.ErrGone) {
		return out, err
	}
	if err := r.CatchUp(ctx, org, "messages"); err != nil {
		return out, err
	}
	return r.readSent(ctx, org, message)
}

func (r *ReadSide) readSent(ctx context.Context, org, message uuid.UUID) (out inbox.SentMessage, err error) {
	err = r.readInOrg(ctx, org, func(tx pgx.Tx) error {
		m, err := projections.GetMessage(ctx, tx, org, message)
		if err != nil {
			return err
		}
		lead, err := projections.GetLead(ctx, tx, org, m.LeadID)
		if errors.Is(err, pgx.ErrNoRows) { // removed: what it sent is still answered
			lead, err = &projections.Lead{}, nil
		}
		if err != nil {
			return err
		}
		text, err := projections.GetMessageText(ctx, tx, org, message)
		if err != nil {
			return err
		}
		out = inbox.SentMessage{AddressHash: m.AddressHash, Erased: lead.ErasedAt != nil, SentMessageRef: events.SentMessageRef{MessageID: message, LeadID: m.LeadID, CampaignID: m.CampaignID, MailboxID: m.MailboxID}, To: deref(lead.Email), Subject: deref(text.Subject)}
		if m.AddressHash != "" && lead.AddressHash != "" && lead.AddressHash != m.AddressHash {
			out.To = "" // it went to an address that the lead no longer has
		}
		return nil
	})
	return out, err
}

// Seen implements inbox.Correspondence.
func (r *ReadSide) Seen(ctx context.Context, org, mail uuid.UUID) (seen bool, err error) {
	err = r.readInOrg(ctx, org, func(tx pgx.Tx) (err error) {
		seen, err = projections.HasInboxItem(ctx, tx, org, mail)
		return err
	})
	return seen, err
}

func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
