package projections

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/pii"
)

// Mailbox is a row of read.mailboxes. Personal fields are nil when they can't be read any more.
type Mailbox struct {
	OrgID        uuid.UUID       `db:"org_id"`
	MailboxID    uuid.UUID       `db:"mailbox_id"`
	Oseq         int64           `db:"oseq"`
	Transport    string          `db:"transport"`
	Address      *string         `db:"address"`
	AddressHash  string          `db:"address_hash"`
	DomainHash   string          `db:"domain_hash"`
	DisplayName  *string         `db:"display_name"`
	SMTP         json.RawMessage `db:"smtp"` // {host, port, security}, nil before it is connected or when there is none
	IMAP         json.RawMessage `db:"imap"`
	Connection   json.RawMessage `db:"connection"` // the whole events.MailboxConnected: user names, sealed, and the names of secrets; nil before it is connected
	Status       string          `db:"status"`
	StatusBefore string          `db:"status_before"` // the status that it resumes to
	PauseReason  string          `db:"pause_reason"`
	WarmupFrom   *time.Time      `db:"warmup_from"`
	VerifiedAt   *time.Time      `db:"verified_at"`
	Checks       json.RawMessage `db:"checks"`       // map of MailboxCheck by name, since they were last asked for
	Pace         json.RawMessage `db:"pace"`         // events.MailboxPace; nil = the defaults
	WebhookKeys  json.RawMessage `db:"webhook_keys"` // WebhookKeys; nil = none were set
	Letter       json.RawMessage `db:"letter"`       // the whole events.MailboxLetterSet; nil = none was set
	Signature    *string         `db:"signature"`    // a JSON object {text, html}
	Folders      json.RawMessage `db:"folders"`      // []events.MailFolder, as the server lists them; nil = not known yet
	ReadFolders  json.RawMessage `db:"read_folders"` // []string: those that are read besides INBOX and those of unwanted mail; nil = none
	Health       *int            `db:"health"`
	HealthReason string          `db:"health_reason"`
	Inbox        json.RawMessage `db:"inbox"` // map of InboxMark by folder
	InboxReadAt  *time.Time      `db:"inbox_read_at"`
	Unread       string          `db:"reading_failure"` // why its inbox can't be read; "" = it can
	UnreadSince  *time.Time      `db:"reading_failed_since"`
	Unreadable   json.RawMessage `db:"unreadable"` // list of UnreadableMail, the newest last; no more than maxUnreadable
	WaitingRule  string          `db:"waiting_rule"`
	WaitingUntil *time.Time      `db:"waiting_until"`
	Sent         int             `db:"sent"`
	LastSentAt   *time.Time      `db:"last_sent_at"`
	CreatedAt    time.Time       `db:"created_at"`
	UpdatedAt    time.Time       `db:"updated_at"`
	RemovedAt    *time.Time      `db:"removed_at"`
	Version      int             `db:"version"`
}

// WebhookKeys are the public keys by which reports of a mailbox's provider, and mail that it hands over, are checked: base64 of DER, the newest first.
type WebhookKeys struct {
	Reports []string `json:"reports,omitzero"`
	Mail    []string `json:"mail,omitzero"`
}

// MailboxCheck is the newest result of one check.
type MailboxCheck struct {
	Outcome   string    `json:"outcome"`
	Detail    string    `json:"detail,omitzero"`
	CheckedAt time.Time `json:"checked_at"`
}

// InboxMark is how far a folder has been read; a monitor continues after it.
type InboxMark struct {
	UIDValidity int64     `json:"uid_validity"` // RFC 3501
	UID         int64     `json:"uid"`
	ReadAt      time.Time `json:"read_at"`
}

// UnreadableMail is a mail that the mail server lists but can't deliver.
type UnreadableMail struct {
	Folder string    `json:"folder"`
	UID    int64     `json:"uid"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

const maxUnreadable = 20

// shownServer is a server as it is shown, without user name and password.
type shownServer struct {
	Host     string `json:"host"`
	Port     int    `json:"port"`
	Security string `json:"security"`
}

// mailboxOf returns the mailbox whose row an event changes.
func mailboxOf(e *es.Event) (uuid.UUID, bool) {
	switch p := e.Payload.(type) {
	case events.ClaimRecorded: // answers its caller; claimed messages have events of their own
		return uuid.Nil, false
	case events.MailboxEvent:
		return p.Mailbox(), true
	case events.MessageSent:
		return p.MailboxID, true
	}
	return uuid.Nil, false
}

// sealedMailbox returns the sealed fields of a mailbox in an event; zero = none.
func sealedMailbox(e *es.Event) events.Sealed {
	switch p := events.As[events.MailboxEvent](e.Payload).(type) {
	case events.MailboxAdded:
		return p.Address
	case events.MailboxConnected:
		return p.DisplayName
	case events.MailboxLetterSet:
		return p.Signature
	case events.MailboxRemoved, events.MailboxPaceSet, events.MailboxFoldersListed, events.MailboxFoldersSet, events.MailboxWebhookKeysSet, events.MailboxChecksRequested, events.MailboxChecked, events.MailboxVerified,
		events.MailboxWarmedUp, events.MailboxPaused, events.MailboxResumed, events.MailboxHealthChanged, events.MailboxHoursSet, events.MailboxWarmupSet, events.MailboxWarmupStepped, events.MailboxRead, events.MailboxMailUnreadable,
		events.MailboxReadingFailed, events.MailboxReadingRecovered, events.MailboxWaited, events.ClaimRecorded: // change nothing here
	}
	return events.Sealed{}
}

type mailboxFold struct{ keys Keys }

func (f mailboxFold) handleBatch(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	var touched []id
	var refs []pii.Ref
	for _, e := range batch {
		x, ok := mailboxOf(e)
		if !ok {
			continue
		}
		touched = append(touched, id{e.Org, x})
		if sealed := sealedMailbox(e); !sealed.IsZero() {
			refs = append(refs, keyRef(e.Org, x, sealed))
		}
	}
	if len(touched) == 0 {
		return nil
	}
	t, err := lookupTexts(ctx, f.keys, refs)
	if err != nil {
		return err
	}
	defer t.closeDecoder()
	rows := newFold[id, Mailbox]()
	if err := loadRows(ctx, tx, rows, "mailboxes", "mailbox_id", touched, func(m *Mailbox) id { return id{m.OrgID, m.MailboxID} }); err != nil {
		return err
	}
	for _, e := range batch {
		if x, ok := mailboxOf(e); ok {
			if err := applyMailbox(rows, t, id{e.Org, x}, e); err != nil {
				return fmt.Errorf("mailbox of event %s: %w", e.ID, err)
			}
		}
	}
	return upsertRows(ctx, tx, "mailboxes", "org_id, mailbox_id", rows.liveRows())
}

func applyMailbox(rows *fold[id, Mailbox], t *opener, key id, e *es.Event) (err error) {
	if p, ok := e.Payload.(events.MailboxAdded); ok {
		m := &Mailbox{OrgID: e.Org, MailboxID: p.MailboxID, Oseq: e.Oseq, Transport: p.Transport, AddressHash: p.AddressHash, DomainHash: p.DomainHash, Status: events.MailboxPending,
			StatusBefore: events.MailboxPending, Checks: json.RawMessage(`{}`), Inbox: json.RawMessage(`{}`), Unreadable: json.RawMessage(`[]`), CreatedAt: e.Time, UpdatedAt: e.Time, Version: 1}
		m.Address, err = t.openText(e.Org, p.MailboxID, MailboxAddressField, p.Address)
		rows.putRow(key, m)
		return err
	}
	m := rows.rows[key]
	if m == nil {
		return nil
	}
	switch p := e.Payload.(type) { // frequent events don't change the version
	case events.MessageSent:
		m.Sent, m.LastSentAt = m.Sent+1, laterOf(m.LastSentAt, p.AcceptedAt)
		return nil
	case events.MailboxRead:
		m.InboxReadAt = laterOf(m.InboxReadAt, p.ReadAt)
		m.Inbox, err = setJSONField(m.Inbox, p.Folder, InboxMark{p.UIDValidity, p.UID, p.ReadAt})
		return err
	case events.MailboxFoldersListed:
		m.Folders, err = es.Marshal(p.Folders)
		return err
	case events.MailboxWaited:
		m.WaitingRule, m.WaitingUntil = p.Rule, timeOrNil(p.Until)
		return nil
	}
	m.UpdatedAt, m.Version = e.Time, m.Version+1
	switch p := events.As[events.MailboxEvent](e.Payload).(type) {
	case events.MailboxRemoved:
		m.RemovedAt = &e.Time
	case events.MailboxConnected:
		m.VerifiedAt, m.Checks = nil, json.RawMessage(`{}`)
		m.Unread, m.UnreadSince = "", nil
		m.changeStatus(events.MailboxPending)
		if m.SMTP, err = serverJSON(p.SMTP); err != nil {
			return err
		}
		if m.IMAP, err = serverJSON(p.IMAP); err != nil {
			return err
		}
		if m.Connection, err = es.Marshal(p); err != nil {
			return err
		}
		m.DisplayName, err = t.openText(e.Org, p.MailboxID, MailboxNameField, p.DisplayName)
	case events.MailboxPaceSet:
		m.Pace, err = es.Marshal(p.MailboxPace)
	case events.MailboxLetterSet:
		if m.Letter, err = es.Marshal(p); err != nil {
			return err
		}
		m.Signature, err = t.openText(e.Org, p.MailboxID, MailboxSignatureField, p.Signature)
	case events.MailboxFoldersSet:
		m.ReadFolders, err = es.Marshal(p.Folders)
	case events.MailboxWebhookKeysSet:
		m.WebhookKeys, err = es.Marshal(WebhookKeys{p.Reports, p.Mail})
	case events.MailboxChecksRequested:
		m.Checks = json.RawMessage(`{}`)
	case events.MailboxChecked:
		m.Checks, err = setJSONField(m.Checks, p.Check, MailboxCheck{p.Outcome, p.Detail, p.CheckedAt})
	case events.MailboxMailUnreadable:
		m.Unreadable, err = appendUnreadable(m.Unreadable, UnreadableMail{p.Folder, p.UID, p.Reason, e.Time})
	case events.MailboxReadingFailed:
		m.Unread, m.UnreadSince = p.Reason, &p.Since
	case events.MailboxReadingRecovered:
		m.Unread, m.UnreadSince = "", nil
		m.InboxReadAt = laterOf(m.InboxReadAt, p.ReadAt)
	case events.MailboxVerified:
		m.VerifiedAt, m.WarmupFrom = &e.Time, timeOrNil(p.WarmupFrom)
		m.changeStatus(p.Status)
	case events.MailboxWarmedUp:
		m.changeStatus(events.MailboxActive)
	case events.MailboxPaused:
		if m.Status != events.MailboxSuspended {
			m.StatusBefore = m.Status
		}
		m.Status, m.PauseReason = events.MailboxSuspended, p.Reason
	case events.MailboxResumed:
		m.Status, m.PauseReason = m.StatusBefore, ""
	case events.MailboxHealthChanged:
		m.Health, m.HealthReason = &p.Health, p.Reason
	case events.MailboxWarmupSet:
		if len(p.Stages) > 0 && m.VerifiedAt != nil {
			m.changeStatus(events.MailboxWarming)
		}
	case events.MailboxAdded, events.MailboxFoldersListed, events.MailboxHoursSet, events.MailboxWarmupStepped, events.MailboxRead, events.MailboxWaited, events.ClaimRecorded: // change nothing here
	}
	return err
}

// changeStatus changes the status; a paused mailbox gets it when it is resumed.
func (m *Mailbox) changeStatus(status string) {
	m.StatusBefore = status
	if m.Status != events.MailboxSuspended {
		m.Status = status
	}
}

func serverJSON(s events.MailServer) (json.RawMessage, error) {
	if s.Host == "" {
		return nil, nil
	}
	return es.Marshal(shownServer{s.Host, s.Port, s.Security})
}

// setJSONField sets one name of a JSON object.
func setJSONField(object json.RawMessage, name string, v any) (json.RawMessage, error) {
	all := map[string]json.RawMessage{}
	if err := es.Unmarshal(object, &all); err != nil {
		return nil, fmt.Errorf("read object: %w", err)
	}
	b, err := es.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", name, err)
	}
	all[name] = b
	return es.Marshal(all)
}

func appendUnreadable(list json.RawMessage, mail UnreadableMail) (json.RawMessage, error) {
	var all []UnreadableMail
	if err := es.Unmarshal(list, &all); err != nil {
		return nil, fmt.Errorf("read unreadable mail: %w", err)
	}
	all = append(all, mail)
	return es.Marshal(all[max(len(all)-maxUnreadable, 0):])
}

// timeOrNil returns nil for the zero time.
func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func laterOf(a *time.Time, b time.Time) *time.Time {
	if a != nil && a.After(b) {
		return a
	}
	return &b
}

func earlierOf(a *time.Time, b time.Time) *time.Time {
	if a != nil && a.Before(b) {
		return a
	}
	return &b
}

// GetMailbox returns pgx.ErrNoRows when the organisation has never had such a mailbox.
func GetMailbox(ctx context.Context, tx pgx.Tx, org, mailbox uuid.UUID) (*Mailbox, error) {
	rows, err := tx.Query(ctx, selectFrom[Mailbox]("mailboxes")+`where org_id = $1 and mailbox_id = $2`, org, mailbox)
	return collectOne[Mailbox](rows, err, "get mailbox")
}

// MailboxFilter narrows a list; zero values don't.
type MailboxFilter struct {
	Search string // in its address or name, case ignored
	Status string
	Unread bool // those alone that can't be read
}

func mailboxOrders() map[string]sorting {
	return map[string]sorting{"updated_at": {"t.updated_at", "timestamptz"}, "address": {"coalesce(t.address, '')", "text"}, "status": {"t.status", "text"}}
}

// ListMailboxes returns those that were not removed, the newest first unless another order is asked for.
func ListMailboxes(ctx context.Context, tx pgx.Tx, org uuid.UUID, f MailboxFilter, l Listing) (*Page[Mailbox], error) {
	q := newQuery("mailboxes", "-"+byAge, org, mailboxOrders())
	q.where(`t.removed_at is null`)
	q.whereSet(`t.status = ?`, f.Status)
	if f.Unread {
		q.where(`t.reading_failure <> ''`)
	}
	q.whereText("coalesce(t.address, '') || ' ' || coalesce(t.display_name, '')", f.Search)
	return readPage(ctx, tx, q, l, "mailboxes", func(m *Mailbox) int64 { return m.Oseq })
}
