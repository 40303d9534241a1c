package api

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/internal/mail/inbound"
	"outrider/projections"
)

// maxThreadItems bounds what is read of a thread in each direction.
const maxThreadItems = 500

// threadItem is a row of a thread, before its text is opened.
type threadItem struct {
	at   time.Time
	sent uuid.UUID // the message, of one that a campaign sent
	show func() (gen.InboxItem, error)
}

func (x *inboxHandlers) getInboxThread(c *call, id uuid.UUID) error {
	after, err := x.cursors.openParam(c, c.who.Org)
	if err != nil {
		return err
	}
	skip, _ := strconv.Atoi(after) // "" = 0 = from the beginning; anything else is what we wrote
	var e *projections.InboxEntry
	var all []threadItem
	if err := x.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		if e, err = projections.GetInboxEntry(c.ctx, tx, c.who.Org, id); err != nil {
			return err
		}
		all, err = x.readThread(c, tx, &e.InboxThread)
		return err
	}); err != nil {
		return err
	}
	end := min(skip+c.numberParam("limit", defaultPage), len(all))
	items := make([]gen.InboxItem, 0, end-min(skip, end))
	for _, item := range all[min(skip, end):end] {
		shown, err := item.show()
		if err != nil {
			return err
		}
		items = append(items, shown)
	}
	var next *string
	if end < len(all) {
		if next, err = x.cursors.sealNext(c, c.who.Org, strconv.Itoa(end)); err != nil {
			return err
		}
	}
	entry, err := x.entryOf(e)
	if err != nil {
		return err
	}
	return c.answerJSON(200, gen.InboxThread{ID: entry.ID, LeadID: entry.LeadID, LeadName: entry.LeadName, LeadEmail: entry.LeadEmail, CompanyName: entry.CompanyName, CampaignID: entry.CampaignID,
		CampaignName: entry.CampaignName, MailboxID: entry.MailboxID, LastAt: entry.LastAt, LastClass: entry.LastClass, LastMeaning: entry.LastMeaning, Confidence: entry.Confidence, Replies: entry.Replies,
		Automatic: entry.Automatic, Bounces: entry.Bounces, Complaints: entry.Complaints, Status: entry.Status, SnoozedUntil: entry.SnoozedUntil, Assignee: entry.Assignee, Unread: entry.Unread,
		Subject: entry.Subject, Snippet: entry.Snippet, BookingURL: x.bookingURL(c.who.Org, all), Items: items, NextCursor: next})
}

// readThread reads what came in and what we sent, the oldest first.
func (x *inboxHandlers) readThread(c *call, tx pgx.Tx, t *projections.InboxThread) (all []threadItem, err error) {
	in, err := projections.ListInboxItems(c.ctx, tx, t.OrgID, t.ThreadID, 0, maxThreadItems)
	if err != nil {
		return nil, err
	}
	sent, err := projections.SentInThread(c.ctx, tx, t, maxThreadItems)
	if err != nil {
		return nil, err
	}
	texts, err := projections.MessageTexts(c.ctx, tx, t.OrgID, idsOf(sent, func(m *projections.Message) uuid.UUID { return m.MessageID }))
	if err != nil {
		return nil, err
	}
	var ours []string
	for _, m := range sent {
		text := texts[m.MessageID]
		if text != nil && text.Body != nil {
			ours = append(ours, *text.Body)
		}
		all = append(all, threadItem{sentAt(m), m.MessageID, func() (gen.InboxItem, error) { return x.sentItem(c, m, text) }})
	}
	written, err := projections.ListResponses(c.ctx, tx, t.OrgID, t.ThreadID, maxThreadItems)
	if err != nil {
		return nil, err
	}
	for _, r := range written {
		if r.Body != nil {
			ours = append(ours, *r.Body)
		}
		all = append(all, threadItem{r.CreatedAt, uuid.Nil, func() (gen.InboxItem, error) { return x.responseItem(c, r) }})
	}
	for _, i := range in {
		all = append(all, threadItem{i.ReceivedAt, uuid.Nil, func() (gen.InboxItem, error) { return x.incomingItem(c, i, ours) }})
	}
	slices.SortStableFunc(all, func(a, b threadItem) int { return a.at.Compare(b.at) })
	return all, nil
}

func (x *inboxHandlers) incomingItem(c *call, i *projections.InboxItem, ours []string) (gen.InboxItem, error) {
	out := gen.InboxItem{ID: i.ItemID, Direction: gen.InboxItemDirectionIn, MessageID: i.MessageID, MailboxID: valueOrZero(i.MailboxID), Class: gen.InboxClass(i.Class), Sender: i.Sender, Meaning: gen.ReplyMeaning(i.Meaning),
		Confidence: confidenceOf(i.Class, i.Meaning, i.Confidence, i.Corrected), ConfidencePercent: i.Confidence, Evidence: valueOrZero(i.Evidence), JudgedBy: gen.ReplyJudge(i.Source), AskAgain: i.AskAgain,
		Referral: referralOf(i), Corrected: i.Corrected, CorrectedBy: i.CorrectedBy, MatchedBy: i.MatchedBy, OutOfOffice: i.OutOfOffice, ReturnDate: i.ReturnDate, Kind: i.Kind, Code: i.Code, Enhanced: i.Enhanced, ReceivedAt: i.ReceivedAt,
		Subject: valueOrZero(i.Subject), From: headerOf(i).From}
	if headerOf(i).HTMLRef != "" && !c.masked() {
		out.HTMLURL = "/v1/inbox/items/" + i.ItemID.String() + "/html"
	}
	body, err := x.bodies.open(c.ctx, c.who.Org, i.LeadID, i.Body, i.BodyRef)
	if out.Body = valueOrZero(body); out.Body != "" {
		out.Text, out.Quoted = inbound.SplitQuotes(out.Body, ours)
	}
	return out, err
}

func (x *inboxHandlers) sentItem(c *call, m *projections.Message, text *projections.MessageText) (gen.InboxItem, error) {
	out := gen.InboxItem{ID: m.MessageID, Direction: gen.InboxItemDirectionOut, MessageID: m.MessageID, MailboxID: m.MailboxID, Step: m.Step, State: m.State, ReceivedAt: sentAt(m)}
	if text == nil {
		return out, nil
	}
	body, err := x.bodies.open(c.ctx, c.who.Org, m.LeadID, text.Body, text.BodyRef)
	out.Subject, out.Body = valueOrZero(text.Subject), valueOrZero(body)
	out.Text = strings.TrimSpace(out.Body)
	return out, err
}

// sentAt returns when a message left, or may have.
func sentAt(m *projections.Message) time.Time {
	if m.SentAt != nil {
		return *m.SentAt
	}
	return valueOrZero(m.DoubtedAt)
}

// headerOf returns what was recorded of the header of a mail that came in.
func headerOf(i *projections.InboxItem) (h projections.MailHeader) {
	if i.Header != nil {
		_ = json.Unmarshal([]byte(*i.Header), &h) // our own object; without it there is just no name
	}
	return h
}

func idsOf[R any](rows []*R, of func(*R) uuid.UUID) []uuid.UUID {
	out := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		out[i] = of(r)
	}
	return out
}
