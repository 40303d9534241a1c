package exports

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/app/exportfile"
	"outrider/internal/csvfile"
	"outrider/internal/postgres"
	"outrider/projections"
)

const (
	pageRows  = 1000
	ownFields = 500 // at most so many columns for own fields
)

// writeRows writes the file as in RFC 4180 and returns how many rows it has.
func (x *Exports) writeRows(ctx context.Context, org uuid.UUID, ask exportfile.Request, to io.Writer) (n int, err error) {
	w := csv.NewWriter(to)
	w.UseCRLF = true
	switch ask.Kind {
	case events.ExportMessages:
		n, err = x.writeMessages(ctx, org, ask, w)
	case events.ExportSuppressions:
		n, err = x.writeSuppressions(ctx, org, ask, w)
	default:
		n, err = x.writeLeads(ctx, org, ask, w)
	}
	w.Flush()
	if err == nil {
		err = w.Error()
	}
	return n, err
}

// eachPage reads a list page by page, from the oldest to the newest.
func eachPage[R any](ctx context.Context, x *Exports, org uuid.UUID, list func(pgx.Tx, projections.Listing) (*projections.Page[R], error), write func(pgx.Tx, []*R) error) error {
	for l := (projections.Listing{Sort: "created_at", Limit: pageRows}); ; {
		var page *projections.Page[R]
		if err := postgres.InOrg(ctx, x.Reads, org, func(tx pgx.Tx) (err error) {
			if page, err = list(tx, l); err != nil {
				return err
			}
			return write(tx, page.Rows)
		}); err != nil {
			return err
		}
		if page.Next == nil {
			return nil
		}
		l.After = *page.Next
	}
}

func (x *Exports) writeLeads(ctx context.Context, org uuid.UUID, ask exportfile.Request, w *csv.Writer) (n int, err error) {
	var own []string
	if err := postgres.InOrg(ctx, x.Reads, org, func(tx pgx.Tx) (err error) {
		own, err = projections.OwnFields(ctx, tx, org, ownFields)
		return err
	}); err != nil {
		return 0, err
	}
	header := []string{"id", "email", "first_name", "last_name", "phone", "company_name", "job_title", "linkedin_url", "website", "city", "country", "time_zone", "tags", "source", "crm_id", "lawful_basis",
		"outreach_status", "suppressed_by", "suppressed_reason", "contacted_at", "replied_at", "created_at", "updated_at"}
	writeLine(w, append(slices.Clone(header), own...))
	return n, eachPage(ctx, x, org, func(tx pgx.Tx, l projections.Listing) (*projections.Page[projections.Lead], error) {
		return projections.ListLeads(ctx, tx, org, ask.Leads, l)
	}, func(_ pgx.Tx, leads []*projections.Lead) error {
		for _, l := range leads {
			if l.ErasedAt != nil { // nothing is known of them any more
				continue
			}
			var custom map[string]string
			if err := json.Unmarshal(l.Custom, &custom); err != nil {
				return err
			}
			line := []string{l.LeadID.String(), text(l.Email), text(l.FirstName), text(l.LastName), text(l.Phone), text(l.CompanyName), text(l.JobTitle), text(l.LinkedInURL), text(l.Website), text(l.City), text(l.Country),
				l.TimeZone, strings.Join(l.Tags, ","), l.Source, l.CRMID, l.LawfulBasis, l.OutreachStatus, l.SuppressedBy, l.SuppressedReason, instant(l.ContactedAt), instant(l.RepliedAt), instant(&l.CreatedAt), instant(&l.UpdatedAt)}
			for _, name := range own {
				line = append(line, custom[name])
			}
			writeLine(w, line)
			n++
		}
		return w.Error()
	})
}

func (x *Exports) writeMessages(ctx context.Context, org uuid.UUID, ask exportfile.Request, w *csv.Writer) (n int, err error) {
	writeLine(w, []string{"id", "campaign_id", "lead_id", "lead_email", "mailbox_id", "step", "attempt", "state", "reason", "created_at", "scheduled_at", "sent_at", "failed_at", "opens", "clicks", "replied_at", "auto_replied_at",
		"bounced_at", "bounce_kind", "complained_at", "unsubscribed_at", "meeting_at"})
	return n, eachPage(ctx, x, org, func(tx pgx.Tx, l projections.Listing) (*projections.Page[projections.Message], error) {
		return projections.ListMessages(ctx, tx, org, ask.Messages, l)
	}, func(tx pgx.Tx, messages []*projections.Message) error {
		ids := make([]uuid.UUID, len(messages))
		for i, m := range messages {
			ids[i] = m.LeadID
		}
		leads, err := projections.Leads(ctx, tx, org, ids)
		if err != nil {
			return err
		}
		for _, m := range messages {
			var email *string
			if l := leads[m.LeadID]; l != nil {
				email = l.Email
			}
			writeLine(w, []string{m.MessageID.String(), m.CampaignID.String(), m.LeadID.String(), text(email), m.MailboxID.String(), strconv.Itoa(m.Step), strconv.Itoa(m.Attempt), m.State, m.Reason, instant(&m.CreatedAt),
				instant(m.ScheduledAt), instant(m.SentAt), instant(m.FailedAt), strconv.Itoa(m.Opens), strconv.Itoa(m.Clicks), instant(m.RepliedAt), instant(m.AutoRepliedAt), instant(m.BouncedAt), m.BounceKind,
				instant(m.ComplainedAt), instant(m.UnsubscribedAt), instant(m.MeetingAt)})
			n++
		}
		return w.Error()
	})
}

func (x *Exports) writeSuppressions(ctx context.Context, org uuid.UUID, ask exportfile.Request, w *csv.Writer) (n int, err error) {
	writeLine(w, []string{"value", "kind", "reason", "created_at", "source"})
	return n, eachPage(ctx, x, org, func(tx pgx.Tx, l projections.Listing) (*projections.Page[projections.Suppression], error) {
		return projections.ListSuppressions(ctx, tx, org, ask.Suppressions, l)
	}, func(_ pgx.Tx, suppressions []*projections.Suppression) error {
		for _, s := range suppressions {
			writeLine(w, []string{text(s.Value), s.Kind, s.Reason, instant(&s.CreatedAt), sourceOf(s.Reason)})
			n++
		}
		return w.Error()
	})
}

// sourceOf returns who suppressed: a person, or a mail or event that came in.
func sourceOf(reason string) string {
	switch reason {
	case events.SuppressedManual, events.SuppressedErasure:
		return "manual"
	case events.SuppressedImport:
		return "import"
	}
	return "mail"
}

// writeLine writes cells that a spreadsheet shows as text. The writer keeps the error.
func writeLine(w *csv.Writer, cells []string) {
	for i, c := range cells {
		cells[i] = csvfile.ProtectCell(c)
	}
	_ = w.Write(cells)
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func instant(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
