package demo

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/app/client"
)

// connectGrid tells the stand-in where to post, and the mailboxes by which key.
func (s *Setup) connectGrid(ctx context.Context) error {
	if s.Grid == nil {
		return nil
	}
	all, err := s.listMailboxes(ctx)
	if err != nil {
		return err
	}
	keys := []string{s.Grid.hooks.Signer.PublicKey()}
	for _, m := range all {
		if m.Transport != client.MailboxTransportSendgrid {
			continue
		}
		shown, _, err := client.Read[client.Mailbox](s.API.GetMailbox(ctx, m.ID, nil, client.Showing(s.Made.position)))
		if err != nil {
			return err
		}
		if shown.Sendgrid == nil || shown.Sendgrid.ReportsURL == nil || shown.Sendgrid.MailURL == nil {
			return fmt.Errorf("mailbox %s doesn't say where to post", textOf(m.Address))
		}
		if err := s.write(s.API.SetMailboxWebhook(ctx, m.ID, nil, client.MailboxWebhookKeys{ReportKeys: &keys, MailKeys: &keys}, client.Once(uuid.NewString()))); err != nil {
			return err
		}
		s.Grid.postTo(*shown.Sendgrid.ReportsURL, *shown.Sendgrid.MailURL)
	}
	// A post that comes before the keys are known would be refused.
	return s.write(s.API.ListMailboxes(ctx, &client.ListMailboxesParams{Limit: new(1)}, client.Showing(s.Made.position)))
}

// postTo says where it posts: at the server itself, by the paths of addresses that the world is shown.
func (g *grid) postTo(reports, mail string) {
	path := func(url string) string { return g.server + strings.TrimPrefix(url, PublicURL) }
	g.mu.Lock()
	defer g.mu.Unlock()
	g.reports, g.mail = path(reports), path(mail)
}

// GridFigures are what a provider of mail did, beside what the product says of it.
type GridFigures struct {
	Mailboxes int     `json:"mailboxes"`
	Sent      Classed `json:"sent"`      // messages that it took
	Delivered Classed `json:"delivered"` // messages that it delivered
	Bounced   Classed `json:"bounced"`   // messages that came back
	Dropped   Classed `json:"dropped"`   // messages that it took and didn't try to deliver
	InDoubt   int     `json:"in_doubt"`  // messages that it took without saying so
	Unsettled int     `json:"unsettled"` // messages of which the product doesn't know whether they left
	Posts     int     `json:"posts"`
	Doubled   int     `json:"doubled"` // reports that were told again
	Mails     int     `json:"mails"`   // that it handed over
}

// compareGrid compares what the stand-in did with what the product says of the messages of its mailboxes.
func (d *demonstration) compareGrid(ctx context.Context) (f *GridFigures, mismatches []string, err error) {
	if d.grid == nil {
		return nil, nil, nil
	}
	f = &GridFigures{}
	if err := d.queryAsAPI(ctx, d.server.runningNow(), func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `select count(distinct b.mailbox_id), count(m.sent_at), count(m.delivered_at), count(m.bounced_at), count(m.dropped_at), count(*) filter (where m.state = 'in_doubt')
			from read.mailboxes b left join read.messages m on m.org_id = b.org_id and m.mailbox_id = b.mailbox_id and m.campaign_id = $2 where b.org_id = $1 and b.transport = 'sendgrid'`, d.shown.ID, d.shown.Campaign).
			Scan(&f.Mailboxes, &f.Sent.Ours, &f.Delivered.Ours, &f.Bounced.Ours, &f.Dropped.Ours, &f.Unsettled)
		if err != nil {
			return fmt.Errorf("count messages of a provider: %w", err)
		}
		return nil
	}); err != nil {
		return f, nil, err
	}
	g := d.grid
	lines, err := g.lines()
	if err != nil {
		return f, nil, err
	}
	seen := map[string]map[string]bool{gridTook: {}, gridDelivered: {}, gridCameBack: {}, gridDropped: {}}
	for _, l := range lines {
		if of := seen[l.Kind]; of != nil {
			of[l.MessageID] = true
		}
		if l.Kind == gridTook && l.Detail != "" {
			f.InDoubt++
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	f.Sent.Truth, f.Delivered.Truth, f.Bounced.Truth, f.Dropped.Truth = len(seen[gridTook]), len(seen[gridDelivered]), len(seen[gridCameBack]), len(seen[gridDropped])
	f.Posts, f.Doubled, f.Mails = g.posts, g.doubled, g.mails
	for _, x := range []struct {
		what string
		n    Classed
	}{{"taken", f.Sent}, {"delivered", f.Delivered}, {"returned", f.Bounced}, {"dropped", f.Dropped}} {
		if x.n.Truth != x.n.Ours {
			mismatches = append(mismatches, fmt.Sprintf("sendgrid: %d messages were %s, the product says %d", x.n.Truth, x.what, x.n.Ours))
		}
	}
	if f.Unsettled > 0 && d.killEvery == 0 {
		mismatches = append(mismatches, fmt.Sprintf("sendgrid: %d messages are in doubt, although it has told of every message", f.Unsettled))
	}
	for _, why := range g.failed[:min(len(g.failed), examples)] {
		mismatches = append(mismatches, "sendgrid: "+why)
	}
	return f, mismatches, nil
}
