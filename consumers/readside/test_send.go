package readside

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/consumers/reaction"
	"outrider/consumers/sending"
	"outrider/internal/app/outgoing"
	"outrider/projections"
)

// TestSend implements sending.Tests.
func (r *ReadSide) TestSend(ctx context.Context, org, test uuid.UUID) (out sending.Test, err error) {
	var in outgoing.Ingredients
	if err := r.readInOrg(ctx, org, func(tx pgx.Tx) error {
		row, err := projections.GetTestSend(ctx, tx, org, test)
		if err != nil {
			return err
		}
		if out.To, err = addressOfTest(ctx, tx, org, row); err != nil {
			return err
		}
		campaign, err := projections.GetCampaign(ctx, tx, org, row.CampaignID)
		if err != nil {
			return err
		}
		in, err = outgoing.Read(ctx, tx, campaign, outgoing.Asked{Lead: deref(row.LeadID), Mailbox: row.MailboxID, Subject: row.Subject, Body: row.Body, FollowUp: row.FollowUp, ID: test})
		return err
	}); err != nil {
		return out, err
	}
	if out.To == "" {
		return out, fmt.Errorf("who gets test send %s: %w", test, reaction.ErrGone)
	}
	out.Sample, err = in.Write(ctx, r.Links)
	return out, err
}

// addressOfTest returns where a test goes; "" = nobody is there any more.
func addressOfTest(ctx context.Context, tx pgx.Tx, org uuid.UUID, row *projections.TestSend) (string, error) {
	if row.MemberID == nil {
		box, err := projections.GetMailbox(ctx, tx, org, row.MailboxID)
		if err != nil {
			return "", err
		}
		return deref(box.Address), nil
	}
	member, err := projections.GetMember(ctx, tx, org, *row.MemberID)
	if err != nil {
		return "", err
	}
	if member.EndedAt != nil || member.Profile == nil {
		return "", nil
	}
	var p projections.MemberProfile
	if err := json.Unmarshal([]byte(*member.Profile), &p); err != nil {
		return "", fmt.Errorf("read member %s: %w", member.PersonID, err)
	}
	return p.Email, nil
}
