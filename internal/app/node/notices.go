package node

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/consumers/notices"
	"outrider/internal/linktoken"
	"outrider/internal/postgres"
	"outrider/internal/zone"
	"outrider/projections"
)

// prepareNotices makes what owners and members are told by.
func (n *Node) prepareNotices() (err error) {
	settings := n.signIn.parts.Settings
	c := notices.MemberConfig{Members: settings.MembersToNotify, Scopes: n.signIn.parts.Sessions.RoleScopes, Note: settings.NoteMails, Await: n.awaitReads, Assignee: n.assigneeOf, Zone: n.zoneOf, Now: n.clock.Now}
	if n.signIn.mailer == nil { // this installation sends no mail
		c.Silent = true
		if n.consumers.Notices, err = notices.NewAccountNotices(n.signIn.parts.Sessions, nil, n.mailing.base); err != nil {
			return err
		}
		n.consumers.Told, err = notices.NewMemberNotices(c)
		return err
	}
	if n.consumers.Notices, err = notices.NewAccountNotices(n.signIn.parts.Sessions, n.signIn.mailer, n.mailing.base); err != nil {
		return err
	}
	if n.mails, err = notices.NewMemberMails(notices.MailsConfig{Store: settings, Mailer: n.signIn.mailer, Organization: n.nameAndSlug, Links: linktoken.Links{Signer: n.Signer, Base: n.mailing.base}, Now: n.clock.Now, Log: n.log}); err != nil {
		return err
	}
	n.consumers.Told, err = notices.NewMemberNotices(c)
	return err
}

// assigneeOf returns who looks after a conversation; uuid.Nil = nobody.
func (n *Node) assigneeOf(ctx context.Context, org, thread uuid.UUID) (who uuid.UUID, err error) {
	err = postgres.InOrg(ctx, n.Pools.API, org, func(tx pgx.Tx) error {
		t, err := projections.GetInboxThread(ctx, tx, org, thread)
		if err == nil && t.Assignee != nil {
			who = *t.Assignee
		}
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	return who, err
}

func (n *Node) readOrganization(ctx context.Context, org uuid.UUID) (o *projections.Organization, err error) {
	err = postgres.InOrg(ctx, n.Pools.API, org, func(tx pgx.Tx) (err error) {
		o, err = projections.GetOrganization(ctx, tx, org)
		return err
	})
	return o, err
}

func (n *Node) zoneOf(ctx context.Context, org uuid.UUID) (*time.Location, error) {
	o, err := n.readOrganization(ctx, org)
	if errors.Is(err, pgx.ErrNoRows) {
		return time.UTC, nil
	}
	if err != nil {
		return nil, err
	}
	return zone.Load(o.TimeZone)
}

// nameAndSlug returns what an organisation is called; nothing of one that is gone.
func (n *Node) nameAndSlug(ctx context.Context, org uuid.UUID) (name, slug string, err error) {
	o, err := n.readOrganization(ctx, org)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", "", nil
	}
	if err != nil {
		return "", "", err
	}
	return o.Name, o.Slug, nil
}
