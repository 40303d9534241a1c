package readside

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/consumers/reaction"
	"outrider/consumers/sending"
	"outrider/projections"
)

// OutgoingResponse implements sending.ResponseOutbox.
func (r *ReadSide) OutgoingResponse(ctx context.Context, org, response uuid.UUID) (out sending.OutgoingResponse, err error) {
	var row *projections.Response
	var item *projections.InboxItem
	if err := r.readInOrg(ctx, org, func(tx pgx.Tx) (err error) {
		if row, err = projections.GetResponse(ctx, tx, org, response); err != nil {
			return err
		}
		if out.Automatic, err = projections.AnsweredByItself(ctx, tx, org, response); err != nil {
			return err
		}
		if row.MailID != nil {
			item, err = projections.GetInboxItem(ctx, tx, org, *row.MailID)
		}
		return err
	}); err != nil {
		return out, err
	}
	if row.To == nil || row.Subject == nil || row.Body == nil && row.BodyRef == "" {
		return out, fmt.Errorf("text of response %s: %w", response, reaction.ErrGone)
	}
	out = sending.OutgoingResponse{Automatic: out.Automatic, LeadID: row.LeadID, To: *row.To, Subject: *row.Subject, Body: deref(row.Body), BodyRef: row.BodyRef}
	if item == nil {
		return out, nil
	}
	out.Message = item.MessageID
	if item.Header != nil {
		var h projections.MailHeader
		if err := json.Unmarshal([]byte(*item.Header), &h); err != nil {
			return out, fmt.Errorf("read the header of mail %s: %w", item.ItemID, err)
		}
		out.InReplyTo, out.References = h.MessageID, h.References
	}
	return out, nil
}
