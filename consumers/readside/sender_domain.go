package readside

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	checks "outrider/consumers/mailboxes"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/projections"
)

// SenderDomain implements the SenderDomains of the checks.
func (r *ReadSide) SenderDomain(ctx context.Context, org uuid.UUID, of events.SenderDomainRef) (out checks.SenderDomain, err error) {
	var d *projections.SenderDomain
	var boxes []*projections.Mailbox
	if err := r.readInOrg(ctx, org, func(tx pgx.Tx) (err error) {
		if d, err = projections.GetSenderDomain(ctx, tx, org, of); err != nil {
			return err
		}
		boxes, err = projections.MailboxesOfDomain(ctx, tx, org, of.DomainHash)
		return err
	}); err != nil {
		return out, err
	}
	for _, m := range boxes {
		if m.Address == nil || len(m.Connection) == 0 {
			continue
		}
		var c events.MailboxConnected
		if err := json.Unmarshal(m.Connection, &c); err != nil {
			return out, fmt.Errorf("read how mailbox %s is connected: %w", m.MailboxID, err)
		}
		_, out.Name, _ = strings.Cut(*m.Address, "@")
		out.SMTPHost = c.SMTP.Host
		break
	}
	if out.Name == "" {
		return out, fmt.Errorf("domain %s: %w", of.DomainID, reaction.ErrGone)
	}
	out.Host = d.Host
	if err := json.Unmarshal(d.Evidence, &out.Evidence); err != nil {
		return out, fmt.Errorf("read evidence of domain %s: %w", of.DomainID, err)
	}
	if len(d.Signing) > 0 {
		if err := json.Unmarshal(d.Signing, &out.Signing); err != nil {
			return out, fmt.Errorf("read key of domain %s: %w", of.DomainID, err)
		}
	}
	return out, nil
}
