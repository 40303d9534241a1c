package api

import (
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/projections"
)

func (s *Server) listInbox(c *call) error {
	f := projections.InboxFilter{CampaignID: c.uuidParam("campaign_id"), MailboxID: c.uuidParam("mailbox_id"), LeadID: c.uuidParam("lead_id"), Class: c.textParam("class"), Meaning: c.textParam("meaning")}
	data, next, err := listPage(s.readSide, c, c.who.Org, func(tx pgx.Tx, after int64, limit int) ([]*projections.InboxEntry, error) {
		f.After, f.Limit = after, limit
		return projections.ListInbox(c.ctx, tx, c.who.Org, f)
	}, func(e *projections.InboxEntry) int64 { return e.LastOseq }, func(e *projections.InboxEntry) (gen.InboxEntry, error) {
		return gen.InboxEntry{ID: e.ThreadID, LeadID: e.LeadID, CampaignID: valueOrZero(e.CampaignID), MailboxID: valueOrZero(e.MailboxID), LastAt: e.LastAt, LastClass: gen.InboxClass(e.LastClass), LastMeaning: gen.ReplyMeaning(e.LastMeans),
			Replies: e.Replies, Automatic: e.Automatic, Bounces: e.Bounces, Complaints: e.Complaints, Subject: valueOrZero(e.Subject), Snippet: valueOrZero(e.Snippet)}, nil
	})
	if err != nil {
		return err
	}
	return c.answerJSON(200, gen.InboxPage{Data: data, NextCursor: next})
}

func (s *Server) getInboxThread(c *call, id uuid.UUID) error {
	var t *projections.InboxThread
	items, next, err := listPage(s.readSide, c, c.who.Org, func(tx pgx.Tx, after int64, limit int) (items []*projections.InboxItem, err error) {
		if t, err = projections.GetInboxThread(c.ctx, tx, c.who.Org, id); err != nil {
			return nil, err
		}
		return projections.ListInboxItems(c.ctx, tx, c.who.Org, id, after, limit)
	}, func(i *projections.InboxItem) int64 { return i.Oseq }, func(i *projections.InboxItem) (out gen.InboxItem, err error) {
		out = inboxItemOf(i)
		body, err := s.bodies.open(c.ctx, c.who.Org, i.LeadID, i.Body, i.BodyRef)
		out.Body = valueOrZero(body)
		return out, err
	})
	if err != nil {
		return err
	}
	return c.answerJSON(200, gen.InboxThread{ID: t.ThreadID, LeadID: t.LeadID, CampaignID: valueOrZero(t.CampaignID), MailboxID: valueOrZero(t.MailboxID), LastAt: t.LastAt, LastClass: gen.InboxClass(t.LastClass), LastMeaning: gen.ReplyMeaning(t.LastMeans),
		Replies: t.Replies, Automatic: t.Automatic, Bounces: t.Bounces, Complaints: t.Complaints, Items: items, NextCursor: next})
}

func inboxItemOf(i *projections.InboxItem) gen.InboxItem {
	return gen.InboxItem{ID: i.ItemID, MessageID: i.MessageID, MailboxID: valueOrZero(i.MailboxID), Class: gen.InboxClass(i.Class), Sender: i.Sender, Meaning: gen.ReplyMeaning(i.Meaning), MatchedBy: i.MatchedBy,
		OutOfOffice: i.OutOfOffice, ReturnDate: i.ReturnDate, Kind: i.Kind, Code: i.Code, Enhanced: i.Enhanced, ReceivedAt: i.ReceivedAt, Subject: valueOrZero(i.Subject)}
}
