package projections

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
)

// threadNewsOf returns the events of a batch that change what is to be done about threads.
func threadNewsOf(batch []*es.Event) (news []*es.Event) {
	for _, e := range batch {
		if _, ok := e.Payload.(events.ThreadEvent); ok {
			news = append(news, e)
		}
	}
	return news
}

// foldThreads brings threads up to date with what came in and with what was done about it, in the order of the log.
func foldThreads(ctx context.Context, tx pgx.Tx, items []*InboxItem, news []*es.Event) error {
	threads := newFold[id, InboxThread]()
	var touched []id
	for _, i := range items {
		touched = append(touched, id{i.OrgID, i.ThreadID})
	}
	for _, e := range news {
		switch p := e.Payload.(type) {
		case events.ThreadEvent:
			touched = append(touched, id{e.Org, p.Thread()})
		case events.ReplyReclassified:
			touched = append(touched, id{e.Org, events.ThreadID(e.Org, p.LeadID, p.CampaignID)})
		}
	}
	if err := loadRows(ctx, tx, threads, "inbox_threads", "thread_id", touched, func(t *InboxThread) id { return id{t.OrgID, t.ThreadID} }); err != nil {
		return err
	}
	type step struct {
		oseq int64
		do   func()
	}
	var steps []step
	for _, i := range items {
		steps = append(steps, step{i.Oseq, func() { addToThread(threads, i) }})
	}
	for _, e := range news {
		steps = append(steps, step{e.Oseq, func() { changeThread(threads, e) }})
	}
	slices.SortStableFunc(steps, func(a, b step) int { return int(min(max(a.oseq-b.oseq, -1), 1)) })
	for _, s := range steps {
		s.do()
	}
	return upsertRows(ctx, tx, "inbox_threads", "org_id, thread_id", threads.liveRows())
}

func addToThread(threads *fold[id, InboxThread], i *InboxItem) {
	key := id{i.OrgID, i.ThreadID}
	t := threads.rows[key]
	if t == nil {
		t = &InboxThread{OrgID: i.OrgID, ThreadID: i.ThreadID, LeadID: i.LeadID, CampaignID: i.CampaignID, FirstOseq: i.Oseq, Status: events.ThreadDone}
		threads.putRow(key, t)
	}
	t.MailboxID, t.LastOseq, t.LastItem, t.LastAt, t.LastClass, t.LastMeans = i.MailboxID, i.Oseq, i.ItemID, i.ReceivedAt, i.Class, i.Meaning
	t.Confidence, t.Corrected = i.Confidence, false
	switch i.Class {
	case InboxReply:
		t.Replies++
		if i.Meaning != events.MeansUnsubscribe { // who wants no more mail gets no answer
			t.Status, t.SnoozedUntil, t.Unread = events.ThreadNeedsAnswer, nil, true
		}
	case InboxAutomatic:
		t.Automatic++
	case InboxBounce:
		t.Bounces++
	case InboxComplaint:
		t.Complaints++
	}
}

func changeThread(threads *fold[id, InboxThread], e *es.Event) {
	if p, ok := e.Payload.(events.ReplyReclassified); ok {
		correctThread(threads, e, p)
		return
	}
	p := events.As[events.ThreadEvent](e.Payload)
	if p == nil {
		return
	}
	t := threads.rows[id{e.Org, p.Thread()}]
	if t == nil {
		return
	}
	switch p := p.(type) {
	case events.ThreadStatusSet:
		t.Status, t.SnoozedUntil = p.Status, timeOrNil(p.Until)
	case events.ThreadAssigned:
		t.Assignee = nilIfZero(p.Assignee)
	case events.ThreadMarked:
		t.Unread = p.Unread
	case events.ResponseWritten:
		t.Status, t.SnoozedUntil, t.Unread = events.ThreadDone, nil, false
	case events.ResponseCancelled, events.ResponseFailed:
		t.Status, t.SnoozedUntil = events.ThreadNeedsAnswer, nil
	case events.ResponseResolved:
		if !p.Sent {
			t.Status, t.SnoozedUntil = events.ThreadNeedsAnswer, nil
		}
	case events.ThreadNoted, events.ThreadNoteRemoved: // stand beside it
	case events.ThreadMailIdentified, events.ReferralSettled, events.ResponseDue, events.ResponseClaimed, events.ResponseSent, events.ResponseDeferred, events.ResponseInDoubt: // change its items
	}
}

// writeHeaders adds what the mails of answers are called.
func writeHeaders(ctx context.Context, tx pgx.Tx, t *opener, batch []*es.Event, erased map[id]int64) error {
	for _, e := range batch {
		p, ok := e.Payload.(events.ThreadMailIdentified)
		if !ok || e.Oseq < erased[id{e.Org, p.LeadID}] {
			continue
		}
		header, err := t.openText(e.Org, p.LeadID, HeaderField, p.Header)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update inbox_items set header = $3 where org_id = $1 and item_id = $2`, e.Org, p.MailID, header); err != nil {
			return fmt.Errorf("name the mail of an answer: %w", err)
		}
	}
	return nil
}
