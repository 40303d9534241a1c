package api

import (
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/linktoken"
	"outrider/internal/mail/remoteimage"
	"outrider/projections"
)

// inboxHandlers answer what is asked of conversations.
type inboxHandlers struct {
	*readSide
	*writeSide
	bodies storedBodies
	past   *pastSide
	links  linktoken.Links
	images *remoteimage.Fetcher // nil = none are shown
}

// forInbox is the handler of a route that inboxHandlers answer.
func forInbox(handle func(*inboxHandlers, *call) error) handler {
	return func(s *Server, c *call) error { return handle(s.inbox, c) }
}

func (x *inboxHandlers) listInbox(c *call) error {
	f := projections.InboxFilter{Search: c.textParam("q"), CampaignID: c.uuidParam("campaign_id"), MailboxID: c.uuidParam("mailbox_id"), LeadID: c.uuidParam("lead_id"), Class: c.textParam("class"),
		Meaning: c.textParam("meaning"), Confidence: c.textParam("confidence"), Status: c.textParam("status"), Unread: c.boolParam("unread"), Now: x.now()}
	switch who := c.textParam("assignee"); who {
	case "":
	case "nobody":
		f.Unassigned = true
	case "me":
		if f.Assignee = c.who.Person; f.Assignee == uuid.Nil {
			return invalidField("assignee", "is me, but this key is nobody's")
		}
	default:
		f.Assignee = uuid.MustParse(who) // checked by its pattern
	}
	data, next, total, err := listSorted(x.readSide, c, func(tx pgx.Tx, l projections.Listing) (*projections.Page[projections.InboxEntry], error) {
		return projections.ListInbox(c.ctx, tx, c.who.Org, f, l)
	}, x.entryOf)
	if err != nil {
		return err
	}
	return c.answerJSON(200, gen.InboxPage{Data: data, NextCursor: next, Total: total})
}

func (x *inboxHandlers) countInbox(c *call) error {
	var n *projections.InboxCounts
	if err := x.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		n, err = projections.CountInbox(c.ctx, tx, c.who.Org, c.uuidParam("campaign_id"), c.uuidParam("mailbox_id"), c.who.Person, x.now())
		return err
	}); err != nil {
		return err
	}
	return c.answerJSON(200, gen.InboxCounts{NeedsAnswer: n.NeedsAnswer, Snoozed: n.Snoozed, Done: n.Done, Unread: n.Unread, Mine: n.Mine, Unassigned: n.Unassigned, Classes: n.Classes, Meanings: n.Meanings})
}

func (x *inboxHandlers) updateInboxThread(c *call, id uuid.UUID, body gen.InboxThreadPatch) error {
	cmd := commands.UpdateThread{ThreadID: id, Status: string(body.Status), Until: body.SnoozedUntil, Unread: body.Unread}
	given, _ := c.json.(map[string]any)
	if _, ok := given["assignee"]; ok {
		cmd.Assignee = &body.Assignee // null is nobody
	}
	a, err := x.submitOwn(c, cmd)
	if err != nil {
		return err
	}
	return x.showAfterChange(c, "inbox", a, func() error { return x.showEntry(c, id) })
}

func (x *inboxHandlers) showEntry(c *call, id uuid.UUID) error {
	var e *projections.InboxEntry
	if err := x.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		e, err = projections.GetInboxEntry(c.ctx, tx, c.who.Org, id)
		return err
	}); err != nil {
		return err
	}
	out, err := x.entryOf(e)
	if err != nil {
		return err
	}
	return c.answerJSON(200, out)
}

// entryOf shows a thread. Who was put off until now needs an answer.
func (x *inboxHandlers) entryOf(e *projections.InboxEntry) (gen.InboxEntry, error) {
	out := gen.InboxEntry{ID: e.ThreadID, LeadID: e.LeadID, LeadName: fullName(e.FirstName, e.LastName), LeadEmail: valueOrZero(e.Email), CompanyName: valueOrZero(e.Company),
		CampaignID: valueOrZero(e.CampaignID), CampaignName: valueOrZero(e.CampaignName), MailboxID: valueOrZero(e.MailboxID), LastAt: e.LastAt, LastClass: gen.InboxClass(e.LastClass), LastMeaning: gen.ReplyMeaning(e.LastMeans),
		Confidence: confidenceOf(e.LastClass, e.LastMeans, e.Confidence, e.Corrected), Replies: e.Replies, Automatic: e.Automatic, Bounces: e.Bounces, Complaints: e.Complaints, Status: gen.ThreadStatus(e.Status),
		Assignee: valueOrZero(e.Assignee), Unread: e.Unread, Subject: valueOrZero(e.Subject), Snippet: valueOrZero(e.Snippet)}
	if e.Status == events.ThreadSnoozed {
		if out.SnoozedUntil = valueOrZero(e.SnoozedUntil); !out.SnoozedUntil.After(x.now()) {
			out.Status, out.SnoozedUntil = gen.ThreadStatusNeedsAnswer, time.Time{}
		}
	}
	return out, nil
}

// confidenceOf reports how sure the class and meaning of a mail are.
func confidenceOf(class, meaning string, percent int, corrected bool) gen.InboxConfidence {
	if projections.Unsure(class, meaning, percent, corrected) {
		return gen.InboxConfidenceLow
	}
	return gen.InboxConfidenceHigh
}

func fullName(first, last *string) string {
	return strings.TrimSpace(valueOrZero(first) + " " + valueOrZero(last))
}
