// Package deliveries records what providers of mail say became of messages.
package deliveries

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/linktoken"
	"outrider/internal/mail/sendgrid"
	"outrider/projections"
)

// Config is what a Recorder needs; all of it.
type Config struct {
	Submit    func(ctx context.Context, c *es.Command) (es.Answer, error)
	ReadInOrg func(ctx context.Context, org uuid.UUID, queries func(pgx.Tx) error) error
	CatchUp   func(ctx context.Context, org uuid.UUID, projections ...string) error // returns when read models show all that the log holds now
	Signer    *linktoken.Signer
	Now       func() time.Time
}

// Recorder records reports.
type Recorder struct{ Config }

// Recorded counts what became of the entries of a post.
type Recorded struct {
	Recorded int // as something about a message of ours
	Foreign  int // about no message of ours
	Ignored  int // of a type that nothing follows from, as opens and clicks of a message that our own links count in
}

// atOnce is how many commands of a post are on their way.
const atOnce = 16

// Record records the reports of a post, which are about messages of an organisation. Once more with the same post nothing comes of it: each report has its
// command's id, and the owner knows those of a week. An error means that the post should come again.
func (r Recorder) Record(ctx context.Context, org uuid.UUID, all []sendgrid.Report) (out Recorded, err error) {
	known, early, err := r.messagesOf(ctx, org, all)
	if err != nil {
		return out, err
	}
	told := r.Now().UTC().Truncate(time.Microsecond)
	var light []commands.DeliveryReport
	var hits []commands.Hit
	var heavy []asked
	for _, x := range all {
		about, ok := known[r.messageOf(org, x)]
		switch {
		case !follows(x.Type) || countsHit(x.Type) && !r.isTheirs(org, x):
			out.Ignored++
			continue
		case !ok && early != nil:
			continue // it comes again
		case !ok:
			out.Foreign++
			continue
		}
		out.Recorded++
		report := reportID(org, x)
		if countsHit(x.Type) {
			hits = append(hits, hitOf(x, about, report))
			continue
		}
		if kind := lightKind(x.Type); kind != "" {
			light = append(light, commands.DeliveryReport{SentMessageRef: about.ref, Kind: kind, ReportID: report, ProviderID: x.Provider, Tries: x.Attempt, At: x.At, SMTPReply: replyOf(x, kind == commands.ReportDelayed)})
			continue
		}
		heavy = append(heavy, asked{report, commandOf(x, about, report, told)})
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for some := range slices.Chunk(light, commands.MaxItems) {
		parts := make([]string, 0, len(some))
		for _, x := range some {
			parts = append(parts, x.ReportID.String())
		}
		id := es.DeriveID(org, append([]string{"deliveries"}, parts...)...)
		g.Go(func() error { return r.submit(ctx, org, id, commands.RecordDeliveries{Reports: some, ToldAt: told}) })
	}
	for some := range slices.Chunk(hits, commands.MaxItems) {
		parts := make([]string, 0, len(some))
		for _, x := range some {
			parts = append(parts, x.HitID.String())
		}
		id := es.DeriveID(org, append([]string{"hits"}, parts...)...)
		g.Go(func() error { return r.submit(ctx, org, id, commands.RecordHits{Hits: some}) })
	}
	for _, x := range heavy {
		g.Go(func() error { return r.submit(ctx, org, x.id, x.command) })
	}
	if err = g.Wait(); err == nil {
		err = early
	}
	return out, err
}

type asked struct {
	id      uuid.UUID
	command commands.Command
}

// known is a message of ours.
type known struct {
	ref     events.SentMessageRef
	address string // its hash; "" before it is known to be sent
	sent    *time.Time
}

// messagesOf finds the messages of reports. One that isn't shown may be on its way into the read model, which is behind the log then: early says that it didn't come in time,
// and the post should come again.
func (r Recorder) messagesOf(ctx context.Context, org uuid.UUID, all []sendgrid.Report) (out map[uuid.UUID]known, early, err error) {
	seen, out := map[uuid.UUID]bool{}, map[uuid.UUID]known{}
	var ids []uuid.UUID
	for _, x := range all {
		if id := r.messageOf(org, x); id != uuid.Nil && !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return out, nil, nil
	}
	if err := r.readMessages(ctx, org, ids, out); err != nil || len(out) == len(ids) {
		return out, nil, err
	}
	if early = r.CatchUp(ctx, org, "messages"); early != nil {
		return out, early, nil
	}
	return out, nil, r.readMessages(ctx, org, slices.DeleteFunc(ids, func(id uuid.UUID) bool { _, ok := out[id]; return ok }), out)
}

func (r Recorder) readMessages(ctx context.Context, org uuid.UUID, ids []uuid.UUID, into map[uuid.UUID]known) error {
	return r.ReadInOrg(ctx, org, func(tx pgx.Tx) error {
		rows, err := projections.Messages(ctx, tx, org, ids)
		for id, m := range rows {
			into[id] = known{events.SentMessageRef{MessageID: id, LeadID: m.LeadID, CampaignID: m.CampaignID, MailboxID: m.MailboxID}, m.AddressHash, m.SentAt}
		}
		return err
	})
}

// messageOf returns the message that a report names: by the argument that it was sent with, else by its Message-ID, which is ours where the provider keeps it.
func (r Recorder) messageOf(org uuid.UUID, x sendgrid.Report) uuid.UUID {
	if id, err := uuid.Parse(x.MessageID); err == nil && len(x.MessageID) == 36 {
		return id
	}
	if t, err := r.Signer.VerifyMessageID(x.SMTPID); err == nil && t.Org == org {
		return t.Message
	}
	return uuid.Nil
}

func (r Recorder) submit(ctx context.Context, org, id uuid.UUID, c commands.Command) error {
	kind, data, err := commands.Encode(c)
	if err != nil {
		return err
	}
	_, err = r.Submit(ctx, &es.Command{ID: id, Type: kind, Org: org, Time: r.Now().UTC().Truncate(time.Microsecond), Actor: es.Actor{Kind: es.ActorProvider, ID: sendgrid.Provider},
		CorrelationID: id, CausationID: id, ReplyTo: -1, Data: data})
	if err != nil {
		return fmt.Errorf("record what the provider says: %w", err)
	}
	return nil // a refusal is an answer: once more it would be the same
}

// follows reports whether something follows from a type of report.
func follows(kind string) bool {
	switch kind {
	case sendgrid.Processed, sendgrid.Delivered, sendgrid.Deferred, sendgrid.Bounce, sendgrid.Dropped, sendgrid.SpamReport, sendgrid.Unsubscribe, sendgrid.GroupUnsubscribe, sendgrid.Open, sendgrid.Click:
		return true
	}
	return false // a group that is joined again, which takes back nothing that our own links were told; and what is new
}

// lightKind is the kind of report that many of go into one command; "" = it has one of its own.
func lightKind(kind string) string {
	switch kind {
	case sendgrid.Processed:
		return commands.ReportProcessed
	case sendgrid.Delivered:
		return commands.ReportDelivered
	case sendgrid.Deferred:
		return commands.ReportDelayed
	}
	return ""
}

// reportID is a report's id: the same however often it is posted.
func reportID(org uuid.UUID, x sendgrid.Report) uuid.UUID {
	return es.DeriveID(org, "sendgrid", x.ID)
}

func commandOf(x sendgrid.Report, about known, report uuid.UUID, told time.Time) commands.Command {
	said := events.Report{MailID: report, AddressHash: about.address}
	switch x.Type {
	case sendgrid.Bounce:
		if x.Blocked {
			return commands.RecordBlock{SentMessageRef: about.ref, Report: said, SMTPReply: replyOf(x, true), ReportedAt: x.At}
		}
		return commands.RecordBounce{SentMessageRef: about.ref, Report: said, SMTPReply: replyOf(x, true), ReportedAt: x.At}
	case sendgrid.SpamReport:
		return commands.RecordComplaint{SentMessageRef: about.ref, Report: said, Kind: "abuse", ReportedAt: x.At}
	case sendgrid.Unsubscribe:
		return commands.Unsubscribe{SentMessageRef: about.ref, Report: said, How: events.UnsubscribeProvider, At: x.At}
	case sendgrid.GroupUnsubscribe:
		return commands.Unsubscribe{SentMessageRef: about.ref, Report: said, How: events.UnsubscribeGroup, At: x.At}
	}
	return commands.RecordDrop{SentMessageRef: about.ref, Report: events.Report{AddressHash: about.address}, ReportID: report, Reason: dropReason(x.Reason), Detail: HideAddresses(x.Reason), At: x.At, ToldAt: told}
}

// replyOf is what the receiver's server said. A bounce comes after the message was taken: it has no stage.
func replyOf(x sendgrid.Report, said bool) events.SMTPReply {
	if !said {
		return events.SMTPReply{}
	}
	return events.SMTPReply{Code: x.Code, Enhanced: x.Status, Text: HideAddresses(x.Reason)}
}

// ErrBusy is for a post that should come again, as others are being read.
var ErrBusy = errors.New("other reports are being recorded")
