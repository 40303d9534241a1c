package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/app/deliveries"
	"outrider/internal/linktoken"
	"outrider/internal/mail/sendgrid"
	"outrider/internal/postgres"
	"outrider/projections"
)

// ProviderMail records a mail that a provider hands over for a mailbox, as if it had been read there; to are the addresses of its envelope.
type ProviderMail func(ctx context.Context, org, mailbox uuid.UUID, to []string, raw []byte, received time.Time) error

// sendgridHooks take what SendGrid posts: reports of what became of messages, and mail that came in. The address that it posts to names a mailbox and is signed by us;
// reports must be signed by SendGrid besides, and mail where the mailbox has a key for it.
type sendgridHooks struct {
	*readSide
	signer  *linktoken.Signer
	reports deliveries.Recorder
	mail    ProviderMail // nil = none is taken here
	turns   chan struct{}
	now     func() time.Time
	logger  *slog.Logger
}

// Bounds of posts: what one may have, and how many are read at once.
const (
	maxReports  = 10 << 20 // SendGrid posts up to 5 MB
	maxMail     = 32 << 20 // with what surrounds a mail of 30 MB
	hooksAtOnce = 4
)

func newSendgridHooks(s *Server) *sendgridHooks {
	cfg := s.cfg
	return &sendgridHooks{readSide: s.readSide, signer: cfg.Signer, mail: cfg.ProviderMail, turns: make(chan struct{}, hooksAtOnce), now: cfg.Now, logger: cfg.Logger,
		reports: deliveries.Recorder{Config: deliveries.Config{Submit: cfg.Commands.Submit, Signer: cfg.Signer, Now: cfg.Now, CatchUp: s.catchUp, ReadInOrg: func(ctx context.Context, org uuid.UUID, queries func(pgx.Tx) error) error {
			return postgres.InOrg(ctx, cfg.Pool, org, queries)
		}}}}
}

// forSendgrid is the handler of a route that sendgridHooks answer.
func forSendgrid(handle func(*sendgridHooks, *call) error) handler {
	return func(s *Server, c *call) error { return handle(s.hooks, c) }
}

// hookOf returns the mailbox that a post is for, with the keys that check it. Nothing is read of a post before: whoever posts elsewhere costs nothing.
func (h *sendgridHooks) hookOf(c *call, kind linktoken.TokenKind) (row *projections.Mailbox, keys projections.WebhookKeys, err error) {
	if h.signer == nil {
		return nil, keys, notFoundProblem()
	}
	t, err := h.signer.Verify(kind, c.Params("token"))
	if err != nil {
		return nil, keys, notFoundProblem()
	}
	err = h.readCaughtUp(c, t.Org, "mailboxes", func(tx pgx.Tx) (err error) {
		row, err = projections.GetMailbox(c.ctx, tx, t.Org, t.Message)
		return err
	})
	switch {
	case err != nil:
		return nil, keys, err
	case row.RemovedAt != nil || row.Transport != "sendgrid":
		return nil, keys, notFoundProblem()
	case row.WebhookKeys != nil:
		if err := json.Unmarshal(row.WebhookKeys, &keys); err != nil {
			return nil, keys, fmt.Errorf("read keys of mailbox: %w", err)
		}
	}
	return row, keys, nil
}

// readPost reads a body; few are read at once, as they are large. Who gets no turn is told to come again, which SendGrid does.
func (h *sendgridHooks) readPost(c *call, most int) (body []byte, release func(), err error) {
	select {
	case h.turns <- struct{}{}:
		release = func() { <-h.turns }
	default:
		return nil, nil, laterProblem(codeUnavailable, "", deliveries.ErrBusy)
	}
	if c.Request().Header.ContentLength() > most {
		release()
		return nil, nil, newProblem(codeTooLarge, "")
	}
	if c.body.stream == nil {
		return c.Body(), release, nil
	}
	c.body.allowUpload(c.Ctx)
	body, err = io.ReadAll(io.LimitReader(c.body, int64(most)+1))
	if err != nil {
		err = bodyProblem(err, "the body ended early")
	} else if len(body) > most {
		err = newProblem(codeTooLarge, "")
	}
	if err != nil {
		release()
		return nil, nil, err
	}
	return body, release, nil
}

// verify checks who has signed a post.
func (h *sendgridHooks) verify(c *call, keys []string, body []byte) error {
	if err := sendgrid.Verify(keys, c.Get(sendgrid.HeaderSignature), c.Get(sendgrid.HeaderTimestamp), body, time.Now()); err != nil {
		return newProblem(codeUnauthenticated, err.Error())
	}
	return nil
}

// takeReports takes a post of the event webhook.
func (h *sendgridHooks) takeReports(c *call) error {
	row, keys, err := h.hookOf(c, linktoken.ProviderReports)
	if err != nil {
		return err
	}
	body, release, err := h.readPost(c, maxReports)
	if err != nil {
		return err
	}
	defer release()
	if err := h.verify(c, keys.Reports, body); err != nil {
		return err
	}
	all, broken, err := sendgrid.ReadReports(body)
	if err != nil {
		return malformedProblem(err.Error())
	}
	done, err := h.reports.Record(c.ctx, row.OrgID, all)
	if err != nil {
		return unavailableProblem(codeUnavailable, err)
	}
	if broken > 0 {
		h.logger.Warn("entries of a post of SendGrid can't be read", "mailbox", row.MailboxID, "org", row.OrgID, "broken", broken, "recorded", done.Recorded)
	}
	return c.answerNothing()
}

// takeMail takes a post of inbound parse.
func (h *sendgridHooks) takeMail(c *call) error {
	row, keys, err := h.hookOf(c, linktoken.ProviderMail)
	if err != nil {
		return err
	}
	if h.mail == nil {
		return unavailableProblem(codeUnavailable, errors.New("no mail is taken here"))
	}
	body, release, err := h.readPost(c, maxMail)
	if err != nil {
		return err
	}
	defer release()
	if len(keys.Mail) > 0 {
		if err := h.verify(c, keys.Mail, body); err != nil {
			return err
		}
	}
	in, err := sendgrid.ReadInbound(c.Get("Content-Type"), body)
	if err != nil {
		h.logger.Warn("a post of inbound parse can't be read", "mailbox", row.MailboxID, "org", row.OrgID, "error", err)
		return malformedProblem(err.Error())
	}
	if err := h.mail(c.ctx, row.OrgID, row.MailboxID, in.To, in.Raw, h.now()); err != nil {
		return unavailableProblem(codeUnavailable, err)
	}
	return c.answerNothing()
}
