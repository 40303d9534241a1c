package consumers

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
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/pii"
	"outrider/internal/postgres"
	"outrider/projections"
)

// Reads is the read side of the reactors of sending, in Postgres: what Briefs, Outbox, Correspondence, Scheduled and Doubts ask for.
type Reads struct {
	Pool  *pgxpool.Pool // as the api: one organisation at a time
	All   *pgxpool.Pool // as the projector: lists of all organisations
	Keys  Keyring
	Links Links
	Model bool // a language model writes
	// Ours says whether this process looks after an organisation; nil = after all.
	Ours func(org uuid.UUID) bool
	// Position waits until a projection shows an event.
	Position func(ctx context.Context, projection string, partition int32, pseq int64) error

	briefs  gatherer[uuid.UUID, uuid.UUID, outcome[Brief]] // by organisation
	letters gatherer[uuid.UUID, uuid.UUID, outcome[Letter]]
	boxes   gatherer[uuid.UUID, uuid.UUID, outcome[Mailbox]]
}

// Bounds of what is read together.
const (
	readWait = 2 * time.Millisecond
	readMost = 200
)

// Ready makes it usable.
func (r *Reads) Ready() *Reads {
	r.briefs.wait, r.briefs.most, r.briefs.work = readWait, readMost, r.readBriefs
	r.letters.wait, r.letters.most, r.letters.work = readWait, readMost, r.readLetters
	r.boxes.wait, r.boxes.most, r.boxes.work = readWait, readMost, r.readMailboxes
	return r
}

// Await waits until the projections show an event and all before it.
func (r *Reads) Await(ctx context.Context, e *es.Event, projections ...string) error {
	for _, p := range projections {
		if err := r.Position(ctx, p, e.Partition, e.Pseq); err != nil {
			return err
		}
	}
	return nil
}

func (r *Reads) in(ctx context.Context, org uuid.UUID, read func(pgx.Tx) error) error {
	err := postgres.InOrg(ctx, r.Pool, org, read)
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("%w: %w", ErrGone, err)
	}
	return err
}

// Mailbox is Outbox's and Scheduled's.
func (r *Reads) Mailbox(ctx context.Context, org, mailbox uuid.UUID) (Mailbox, error) {
	x, err := r.boxes.do(ctx, org, mailbox)
	if err != nil {
		return Mailbox{}, err
	}
	return x.of, x.err
}

func (r *Reads) readMailboxes(ctx context.Context, org uuid.UUID, ids []uuid.UUID) ([]outcome[Mailbox], error) {
	var rows projections.Set[projections.Mailbox]
	if err := r.in(ctx, org, func(tx pgx.Tx) (err error) {
		rows, err = projections.Mailboxes(ctx, tx, org, ids)
		return err
	}); err != nil {
		return nil, err
	}
	opened := map[uuid.UUID]outcome[Mailbox]{}
	for id, row := range rows {
		m, err := r.opened(ctx, row)
		opened[id] = outcome[Mailbox]{m, err}
	}
	out := make([]outcome[Mailbox], len(ids))
	for i, id := range ids {
		var there bool
		if out[i], there = opened[id]; !there {
			out[i].err = fmt.Errorf("mailbox %s: %w", id, ErrGone)
		}
	}
	return out, nil
}

// opened gives a row's mailbox; ErrGone for one that was removed, was never connected or that nobody can read any more.
func (r *Reads) opened(ctx context.Context, m *projections.Mailbox) (out Mailbox, err error) {
	gone := fmt.Errorf("mailbox %s: %w", m.MailboxID, ErrGone)
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
	out = Mailbox{Org: m.OrgID, ID: m.MailboxID, Address: *m.Address, DisplayName: value(m.DisplayName)}
	for _, s := range []struct {
		to   *Server
		from events.Server
	}{{&out.SMTP, c.SMTP}, {&out.IMAP, c.IMAP}} {
		*s.to = Server{Host: s.from.Host, Port: s.from.Port, Security: s.from.Security, Secret: s.from.Secret}
		if s.from.Username.IsZero() {
			continue
		}
		name, err := key.Open(projections.MailboxUsernameField, pii.Sealed{Key: pii.KeyID(s.from.Username.K), Ciphertext: s.from.Username.C})
		if err != nil {
			return out, fmt.Errorf("open the user of mailbox %s: %w", m.MailboxID, err)
		}
		s.to.Username = string(name)
	}
	marks := map[string]projections.InboxMark{}
	if err := json.Unmarshal(m.Inbox, &marks); err != nil {
		return out, fmt.Errorf("read marks of mailbox %s: %w", m.MailboxID, err)
	}
	if mark, ok := marks[inbox]; ok {
		out.Cursor.Validity, out.Cursor.Next = uint32(mark.UIDValidity), uint32(mark.UID)+1 // both came from 32 bits
	}
	return out, nil
}

// Connected is Correspondence's.
func (r *Reads) Connected(ctx context.Context) (out []Mailbox, err error) {
	rows, err := projections.ConnectedMailboxes(ctx, r.All)
	for _, row := range rows {
		if !r.ours(row.OrgID) {
			continue
		}
		m, err := r.opened(ctx, row)
		if errors.Is(err, ErrGone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, err
}

// Overdue is Scheduled's.
func (r *Reads) Overdue(ctx context.Context, before time.Time) (out []Due, err error) {
	rows, err := projections.ScheduledBefore(ctx, r.All, before, 10*commands.MaxItems)
	return r.due(rows), err
}

// Doubtful is Doubts'.
func (r *Reads) Doubtful(ctx context.Context, since time.Time) (out []Due, err error) {
	rows, err := projections.DoubtfulSince(ctx, r.All, since, 10*commands.MaxItems)
	return r.due(rows), err
}

func (r *Reads) due(rows []*projections.Pending) (out []Due) {
	for _, p := range rows {
		if r.ours(p.OrgID) {
			out = append(out, Due{p.OrgID, p.MailboxID, p.MessageID})
		}
	}
	return out
}

func (r *Reads) ours(org uuid.UUID) bool { return r.Ours == nil || r.Ours(org) }

// Sent is Correspondence's.
func (r *Reads) Sent(ctx context.Context, org, message uuid.UUID) (out SentMessage, err error) {
	err = r.in(ctx, org, func(tx pgx.Tx) error {
		m, err := projections.GetMessage(ctx, tx, org, message)
		if err != nil {
			return err
		}
		lead, err := projections.GetLead(ctx, tx, org, m.LeadID)
		if err != nil {
			return err
		}
		text, err := projections.GetMessageText(ctx, tx, org, message)
		if err != nil {
			return err
		}
		if lead.Email == nil {
			return ErrGone
		}
		out = SentMessage{SentMessageRef: events.SentMessageRef{MessageID: message, LeadID: m.LeadID, CampaignID: m.CampaignID, MailboxID: m.MailboxID}, To: *lead.Email, Subject: value(text.Subject)}
		return nil
	})
	return out, err
}

// Seen is Correspondence's.
func (r *Reads) Seen(ctx context.Context, org, mail uuid.UUID) (seen bool, err error) {
	err = r.in(ctx, org, func(tx pgx.Tx) (err error) {
		seen, err = projections.HasInboxItem(ctx, tx, org, mail)
		return err
	})
	return seen, err
}

func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
