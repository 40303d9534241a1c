package notices

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/consumers/reaction"
	"outrider/internal/es"
	"outrider/internal/identity"
	"outrider/internal/linktoken"
	"outrider/internal/mail/systemmail"
	"outrider/internal/retry"
)

// MailStore keeps what members are to be told of; *identity.PersonSettings is one.
type MailStore interface {
	ClaimMails(ctx context.Context, now time.Time) ([]identity.NotificationMail, error)
	EndMails(ctx context.Context, claimed []identity.NotificationMail, at time.Time) error
	ReleaseMails(ctx context.Context, claimed []identity.NotificationMail, due time.Time) error
	ForgetMails(ctx context.Context, before time.Time) error
	MembersToNotify(ctx context.Context, org, one uuid.UUID) ([]identity.NotifiedMember, error)
}

// MailsConfig is what mails of notifications need.
type MailsConfig struct {
	Store  MailStore
	Mailer Mailer
	// Organization returns what an organisation is called and its slug; "" = it is gone.
	Organization func(ctx context.Context, org uuid.UUID) (name, slug string, err error)
	Links        linktoken.Links
	Now          func() time.Time
	Log          *slog.Logger
}

// MemberMails sends what MemberNotices noted: all that somebody is to be told of by now in one mail. What is claimed is never sent again, also when the process dies before it
// knows whether the mail left: the dashboard shows everything anyway, and a mail that comes twice is worse than one that doesn't.
type MemberMails struct{ MailsConfig }

// NewMemberMails makes the sender.
func NewMemberMails(c MailsConfig) (*MemberMails, error) {
	return &MemberMails{c}, reaction.Required{"store": c.Store != nil, "mailer": c.Mailer != nil, "organization": c.Organization != nil, "signer": c.Links.Signer != nil, "now": c.Now != nil, "log": c.Log != nil}.Check("mails of notifications")
}

const (
	lookEvery  = 15 * time.Second
	tryAgainIn = 5 * time.Minute
	mostTries  = 50
	mostLines  = 30
	keptFor    = 30 * 24 * time.Hour
)

// Run sends until ctx ends.
func (m *MemberMails) Run(ctx context.Context) error {
	tick, forget := time.NewTicker(lookEvery), time.NewTicker(time.Hour)
	defer tick.Stop()
	defer forget.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			err = m.SendDue(ctx)
		case <-forget.C:
			err = m.Store.ForgetMails(ctx, m.Now().Add(-keptFor))
		}
		if err != nil && ctx.Err() == nil {
			m.Log.Warn("mails of notifications wait", "error", err)
		}
	}
}

// SendDue sends what is due.
func (m *MemberMails) SendDue(ctx context.Context) error {
	for {
		claimed, err := m.Store.ClaimMails(ctx, m.Now())
		if err != nil || len(claimed) == 0 {
			return err
		}
		if err := m.send(ctx, claimed); err != nil {
			return err
		}
	}
}

func (m *MemberMails) send(ctx context.Context, claimed []identity.NotificationMail) error {
	first := claimed[0]
	mail, wanted, err := m.compose(ctx, claimed)
	if err != nil { // nothing has left
		return errors.Join(err, m.Store.ReleaseMails(ctx, claimed, m.Now().Add(tryAgainIn)))
	}
	if !wanted {
		return m.Store.EndMails(ctx, claimed, m.Now())
	}
	err = m.Mailer.Deliver(ctx, mail, es.DeriveID(first.Person, "notification", first.Notice.String()).String())
	switch {
	case err == nil:
		return m.Store.EndMails(ctx, claimed, m.Now())
	case retry.Stopped(err) || first.Tries >= mostTries: // it was refused for good, or may have left
		m.Log.Warn("a mail of notifications was not sent", "org", first.Org, "notices", len(claimed), "error", err)
		return m.Store.EndMails(context.WithoutCancel(ctx), claimed, m.Now())
	}
	m.Log.Info("a mail of notifications is tried again", "org", first.Org, "error", err)
	return m.Store.ReleaseMails(context.WithoutCancel(ctx), claimed, m.Now().Add(tryAgainIn))
}

// compose reports false where nobody wants it any more.
func (m *MemberMails) compose(ctx context.Context, claimed []identity.NotificationMail) (out systemmail.Message, wanted bool, err error) {
	first := claimed[0]
	members, err := m.Store.MembersToNotify(ctx, first.Org, first.Person)
	if err != nil || len(members) == 0 {
		return out, false, err
	}
	name, slug, err := m.Organization(ctx, first.Org)
	if err != nil || slug == "" {
		return out, false, err
	}
	at := m.Links.Base + "/o/" + slug
	type told struct{ line, path string }
	var order []told
	times := map[told]int{}
	for _, c := range claimed {
		if !members[0].Choices.ByMail(c.Kind) {
			continue
		}
		x := told{c.Line, c.Path}
		if times[x]++; times[x] == 1 {
			order = append(order, x)
		}
	}
	if len(order) == 0 {
		return out, false, nil
	}
	var text strings.Builder
	for _, x := range order[:min(len(order), mostLines)] {
		text.WriteString(x.line)
		if times[x] > 1 {
			fmt.Fprintf(&text, " (%d times)", times[x])
		}
		text.WriteString("\n" + at + x.path + "\n\n")
	}
	if more := len(order) - mostLines; more > 0 {
		fmt.Fprintf(&text, "And %d more: %s\n\n", more, at+"/inbox")
	}
	stop := m.Links.Notifications(linktoken.Token{Org: first.Org, Message: first.Person})
	text.WriteString("You work in " + name + ", and have chosen to be told so, or not chosen otherwise. Choose: " + at + "/settings/notifications\nNo more of these mails: " + stop + "\n")
	out = systemmail.Message{To: members[0].Email, Subject: fmt.Sprintf("%s: %d notifications", name, len(order)), Text: text.String()}
	if len(order) == 1 {
		out.Subject = name + ": " + strings.TrimSuffix(order[0].line, ".")
	}
	if strings.HasPrefix(stop, "https://") {
		out.UnsubscribeURL = stop
	}
	return out, true, nil
}
