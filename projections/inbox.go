package projections

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/pii"
)

// Classes of what comes in.
const (
	InboxReply     = "reply"     // written by a person
	InboxAutomatic = "automatic" // by a machine (RFC 3834)
	InboxBounce    = "bounce"
	InboxComplaint = "complaint"
)

// InboxThread is a row of read.inbox_threads: everything that came in from a lead in a campaign.
type InboxThread struct {
	OrgID      uuid.UUID  `db:"org_id"`
	ThreadID   uuid.UUID  `db:"thread_id"`
	LeadID     uuid.UUID  `db:"lead_id"`
	CampaignID *uuid.UUID `db:"campaign_id"`
	MailboxID  *uuid.UUID `db:"mailbox_id"` // of the newest
	FirstOseq  int64      `db:"first_oseq"`
	LastOseq   int64      `db:"last_oseq"` // the order of lists
	LastItem   uuid.UUID  `db:"last_item"`
	LastAt     time.Time  `db:"last_at"`
	LastClass  string     `db:"last_class"`
	LastMeans  string     `db:"last_meaning"`    // of a reply
	Confidence int        `db:"last_confidence"` // percent; 0 = it isn't known
	Corrected  bool       `db:"last_corrected"`  // by a person
	Replies    int        `db:"replies"`
	Automatic  int        `db:"automatic"`
	Bounces    int        `db:"bounces"`
	Complaints int        `db:"complaints"`

	Status       string     `db:"status"`        // one of events.Thread...
	SnoozedUntil *time.Time `db:"snoozed_until"` // from then on it needs an answer
	Assignee     *uuid.UUID `db:"assignee"`
	Unread       bool       `db:"unread"`
}

// InboxItem is a row of read.inbox_items.
type InboxItem struct {
	OrgID       uuid.UUID  `db:"org_id"`
	ItemID      uuid.UUID  `db:"item_id"` // the mail's; of a bounce or complaint, the event's
	Oseq        int64      `db:"oseq"`
	ThreadID    uuid.UUID  `db:"thread_id"`
	LeadID      uuid.UUID  `db:"lead_id"`
	CampaignID  *uuid.UUID `db:"campaign_id"`
	MailboxID   *uuid.UUID `db:"mailbox_id"`
	MessageID   uuid.UUID  `db:"message_id"` // what it answers
	Class       string     `db:"class"`
	Sender      string     `db:"sender"`  // of a reply: lead | alias | company
	Meaning     string     `db:"meaning"` // of a reply, as far as rules can tell; empty = it was not classified
	MatchedBy   string     `db:"matched_by"`
	OutOfOffice bool       `db:"out_of_office"`
	ReturnDate  string     `db:"return_date"`
	Kind        string     `db:"kind"` // of a bounce or complaint
	Code        int        `db:"code"`
	Enhanced    string     `db:"enhanced"`
	ReceivedAt  time.Time  `db:"received_at"`
	Subject     *string    `db:"subject"` // nil once the person is erased; so are the next two
	Snippet     *string    `db:"snippet"` // the beginning of the body, one line
	Body        *string    `db:"body"`
	BodyRef     string     `db:"body_ref"` // where a body is stored that is too long for the log, sealed
	Header      *string    `db:"header"`   // a MailHeader as JSON; nil where none was recorded, and once the person is erased

	Evidence     *string    `db:"evidence"`       // the words or the header that decided; nil once the person is erased
	Confidence   int        `db:"confidence"`     // percent; 0 = it isn't known
	Source       string     `db:"source"`         // one of events.JudgedBy...
	AskAgain     string     `db:"ask_again"`      // of not_now
	Referral     *string    `db:"referral"`       // a ReferralContact as JSON; nil where nobody is named, and once the person is erased
	ReferralDone string     `db:"referral_state"` // what became of it: ReferralAccepted or ReferralDismissed; empty = it waits
	ReferralLead *uuid.UUID `db:"referral_lead"`
	Corrected    bool       `db:"corrected"`    // by a person
	CorrectedBy  string     `db:"corrected_by"` // kind:id
}

// What became of a person whom an answer names.
const (
	ReferralAccepted  = "accepted"
	ReferralDismissed = "dismissed"
)

// ReferralContact is a person whom an answer names.
type ReferralContact struct {
	Email string `json:"email"`
	Name  string `json:"name,omitzero"`
}

// What texts of an answer are bound to when they are sealed.
const (
	EvidenceField = "reply_evidence"
	ReferralField = "reply_referral"
)

// MailHeader is what an answer to a mail needs of it.
type MailHeader struct {
	MessageID  string   `json:"message_id,omitzero"`
	References []string `json:"references,omitzero"`
	From       string   `json:"from,omitzero"` // the address
	Name       string   `json:"name,omitzero"`
	HTMLRef    string   `json:"html_ref,omitzero"` // where its HTML is stored, sealed
}

// HeaderField is what a MailHeader is bound to when it is sealed.
const HeaderField = "mail_header"

type inboxFold struct{ keys Keys }

func (f inboxFold) handleBatch(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	if err := forgetTexts(ctx, tx, "inbox_items", []string{"subject", "snippet", "body", "header", "evidence", "referral"}, erasedIn(batch)); err != nil {
		return err
	}
	if err := forgetTexts(ctx, tx, "inbox_responses", []string{"to_address", "subject", "body"}, erasedIn(batch)); err != nil {
		return err
	}
	if err := forgetTexts(ctx, tx, "inbox_notes", []string{"body"}, erasedIn(batch)); err != nil {
		return err
	}
	items := newFold[id, InboxItem]()
	mails := map[id]mailTexts{}
	var refs []pii.Ref
	for _, e := range batch {
		i, m := inboxItem(e)
		if i == nil {
			continue
		}
		key := id{e.Org, i.ItemID}
		if items.rows[key] != nil {
			continue // the same mail again
		}
		items.putRow(key, i)
		mails[key] = m
		refs = append(refs, keyRef(e.Org, i.LeadID, m.subject), keyRef(e.Org, i.LeadID, m.body), keyRef(e.Org, i.LeadID, m.evidence), keyRef(e.Org, i.LeadID, m.referral))
	}
	fresh, err := unseenItems(ctx, tx, items)
	if err != nil {
		return err
	}
	news := threadNewsOf(batch)
	corrections := correctionsIn(batch)
	if len(fresh) == 0 && len(news) == 0 && len(corrections) == 0 {
		return nil
	}
	for _, e := range news {
		switch p := e.Payload.(type) {
		case events.ThreadMailIdentified:
			refs = append(refs, keyRef(e.Org, p.LeadID, p.Header))
		case events.ThreadNoted:
			refs = append(refs, keyRef(e.Org, p.LeadID, p.Note))
		case events.ResponseWritten:
			refs = append(refs, keyRef(e.Org, p.LeadID, p.To), keyRef(e.Org, p.LeadID, p.Subject), keyRef(e.Org, p.LeadID, p.Body))
		}
	}
	for _, e := range corrections {
		p := e.Payload.(events.ReplyReclassified)
		refs = append(refs, keyRef(e.Org, p.LeadID, p.Evidence), keyRef(e.Org, p.LeadID, p.Referral))
	}
	t, err := lookupTexts(ctx, f.keys, refs)
	if err != nil {
		return err
	}
	defer t.closeDecoder()
	erased := lastErasure(batch)
	for _, i := range fresh {
		if i.Oseq < erased[id{i.OrgID, i.LeadID}] {
			continue
		}
		m := mails[id{i.OrgID, i.ItemID}]
		if i.Subject, err = t.openText(i.OrgID, i.LeadID, SubjectField, m.subject); err != nil {
			return err
		}
		if i.Body, err = t.openText(i.OrgID, i.LeadID, BodyField, m.body); err != nil {
			return err
		}
		i.Snippet = snippetOf(i.Body)
		if i.Evidence, err = t.openText(i.OrgID, i.LeadID, EvidenceField, m.evidence); err != nil {
			return err
		}
		if i.Referral, err = t.openText(i.OrgID, i.LeadID, ReferralField, m.referral); err != nil {
			return err
		}
	}
	if err := upsertRows(ctx, tx, "inbox_items", "org_id, item_id", fresh); err != nil {
		return err
	}
	if err := writeHeaders(ctx, tx, t, news, erased); err != nil {
		return err
	}
	if err := foldResponses(ctx, tx, t, news, erased); err != nil {
		return err
	}
	if err := foldNotes(ctx, tx, t, news, erased); err != nil {
		return err
	}
	if err := writeCorrections(ctx, tx, t, batch, erased); err != nil {
		return err
	}
	if err := foldThreads(ctx, tx, fresh, append(slices.Clone(news), corrections...)); err != nil {
		return err
	}
	return recountThreads(ctx, tx, corrections)
}

type mailTexts struct{ subject, body, evidence, referral events.Sealed }

func inboxItem(e *es.Event) (*InboxItem, mailTexts) {
	a, ok := Answering(e)
	if !ok {
		return nil, mailTexts{}
	}
	i := &InboxItem{OrgID: e.Org, ItemID: e.ID, Oseq: e.Oseq, ThreadID: events.ThreadID(e.Org, a.LeadID, a.CampaignID), LeadID: a.LeadID, CampaignID: nilIfZero(a.CampaignID), MailboxID: nilIfZero(a.MailboxID), MessageID: a.MessageID}
	var m events.Mail
	var j events.Judged
	switch p := events.As[events.EngagementEvent](e.Payload).(type) {
	case events.MessageReplied:
		m, j, i.Class, i.Sender, i.Meaning = p.Mail, p.Judged, InboxReply, p.From, p.Meaning
	case events.MessageAutoReplied:
		m, i.Class, i.OutOfOffice, i.ReturnDate = p.Mail, InboxAutomatic, p.OutOfOffice, p.ReturnDate
	case events.MessageBounced:
		i.Class, i.Kind, i.Code, i.Enhanced, i.ReceivedAt = InboxBounce, p.Kind, p.Code, p.Enhanced, p.ReportedAt
		return i, mailTexts{}
	case events.MessageComplained:
		i.Class, i.Kind, i.ReceivedAt = InboxComplaint, p.Kind, p.ReportedAt
		return i, mailTexts{}
	case nil, events.MessageOpened, events.MessageClicked, events.HitReclassified, events.ReplyReclassified, events.LeadUnsubscribed, events.MeetingBooked,
		events.MessageDelivered, events.MessageDelayed, events.MessageDropped:
		return nil, mailTexts{}
	}
	i.ItemID, i.ReceivedAt, i.BodyRef, i.MatchedBy = m.MailID, m.ReceivedAt, m.BodyRef, m.MatchedBy
	i.Confidence, i.Source, i.AskAgain = j.Confidence, j.Source, j.AskAgain
	return i, mailTexts{m.Subject, m.Body, j.Evidence, j.Referral}
}

// unseenItems returns the items that no earlier batch had: a mail counts once.
func unseenItems(ctx context.Context, tx pgx.Tx, items *fold[id, InboxItem]) (fresh []*InboxItem, err error) {
	if len(items.order) == 0 {
		return nil, nil
	}
	orgs, own := idColumns(items.order)
	rows, err := tx.Query(ctx, `select org_id, item_id from inbox_items join unnest($1::uuid[], $2::uuid[]) k (org_id, item_id) using (org_id, item_id)`, orgs, own)
	if err != nil {
		return nil, fmt.Errorf("look for inbox items: %w", err)
	}
	seen := map[id]bool{}
	var x id
	if _, err := pgx.ForEachRow(rows, []any{&x.org, &x.own}, func() error { seen[x] = true; return nil }); err != nil {
		return nil, fmt.Errorf("look for inbox items: %w", err)
	}
	for _, i := range items.liveRows() {
		if !seen[id{i.OrgID, i.ItemID}] {
			fresh = append(fresh, i)
		}
	}
	return fresh, nil
}

// snippetLength is in characters.
const snippetLength = 160

func snippetOf(body *string) *string {
	if body == nil {
		return nil
	}
	s := strings.Join(strings.Fields(*body), " ")
	if utf8.RuneCountInString(s) > snippetLength {
		s = string([]rune(s)[:snippetLength])
	}
	return &s
}
