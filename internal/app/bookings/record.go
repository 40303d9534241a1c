// Package bookings records what Calendly and Cal.com tell of bookings on their pages, and sees to it that they go on telling.
package bookings

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/linktoken"
	"outrider/internal/pii"
	"outrider/internal/scheduling"
	"outrider/internal/zone"
	"outrider/projections"
)

// PersonKeys finds the keys of persons who were not erased; *pii.Vault is one.
type PersonKeys interface {
	Existing(ctx context.Context, org uuid.UUID, subjects []uuid.UUID) (map[uuid.UUID]pii.Key, error)
}

// Recorder records bookings; all of its fields are needed.
type Recorder struct {
	Submit    func(ctx context.Context, c *es.Command) (es.Answer, error)
	ReadInOrg func(ctx context.Context, org uuid.UUID, queries func(pgx.Tx) error) error
	CatchUp   func(ctx context.Context, org uuid.UUID, projections ...string) error // returns when read models show all that the log holds now
	Signer    *linktoken.Signer
	Keys      PersonKeys
	Now       func() time.Time
}

// Guest is who booked; sealed under the lead's key.
type Guest struct {
	Name      string `json:"name"`
	Email     string `json:"email,omitzero"`
	Note      string `json:"note,omitzero"`
	MoveURL   string `json:"move_url,omitzero"`
	CancelURL string `json:"cancel_url,omitzero"`
}

// Record records a change, and reports whether it is about a lead of ours. An error means that the post should come again.
func (r Recorder) Record(ctx context.Context, org, connection uuid.UUID, service string, c scheduling.Change) (ours bool, err error) {
	if c.State == scheduling.None || c.IsOld(r.Now()) {
		return false, nil
	}
	about, sure, err := r.putDown(ctx, org, c)
	if err == nil && !sure { // the message or the lead may be on its way into the read models
		if err = r.CatchUp(ctx, org, "messages", "leads"); err == nil {
			about, _, err = r.putDown(ctx, org, c)
		}
	}
	if err != nil || about.LeadID == uuid.Nil {
		return false, err
	}
	keys, err := r.Keys.Existing(ctx, org, []uuid.UUID{about.LeadID})
	if err != nil {
		return false, err
	}
	key, ok := keys[about.LeadID]
	if !ok { // erased
		return false, nil
	}
	plain, err := json.Marshal(Guest{Name: c.Name, Email: c.Email, Note: c.Note, MoveURL: c.ChangeURL, CancelURL: c.CancellationURL})
	if err != nil {
		return false, fmt.Errorf("encode who booked: %w", err)
	}
	sealed, err := key.Seal(projections.MeetingField, plain)
	if err != nil {
		return false, err
	}
	if _, err := zone.Load(c.TimeZone); err != nil {
		c.TimeZone = ""
	}
	cmd := commands.RecordOutsideMeeting{SentMessageRef: about, BookedElsewhere: events.BookedElsewhere{Service: service, ConnectionID: connection, ExternalID: c.ID}, StartsAt: c.Start.UTC(), EndsAt: c.End.UTC(),
		TimeZone: c.TimeZone, Details: events.Sealed(sealed), Replaces: c.Replaces, Off: c.State == scheduling.Cancelled, Moved: c.Moved, ReplacedBy: c.ReplacedBy, Reason: c.Reason}
	actor := es.Actor{Kind: es.ActorProvider, ID: service}
	if c.ByGuest {
		actor = es.Actor{Kind: es.ActorPerson, ID: about.LeadID.String()}
	}
	return r.submit(ctx, org, actor, cmd)
}

func (r Recorder) submit(ctx context.Context, org uuid.UUID, actor es.Actor, cmd commands.Command) (bool, error) {
	kind, data, err := commands.Encode(cmd)
	if err != nil {
		return false, err
	}
	id := es.NewID() // what comes again leaves nothing: the domain knows each booking
	a, err := r.Submit(ctx, &es.Command{ID: id, Type: kind, Org: org, Time: r.Now().UTC().Truncate(time.Microsecond), Actor: actor, CorrelationID: id, CausationID: id, ReplyTo: -1, Data: data})
	if err != nil {
		return false, fmt.Errorf("record booking: %w", err)
	}
	return a.Outcome != es.Refused, nil
}

// putDown finds what a booking is put down to: the message whose link was used, else the last one that was sent to the lead with the address.
// No lead is somebody who isn't ours. It is sure unless something wasn't found that read models may be behind with.
func (r Recorder) putDown(ctx context.Context, org uuid.UUID, c scheduling.Change) (ref events.SentMessageRef, sure bool, err error) {
	t, wrong := r.Signer.VerifyLink(linktoken.Booking, c.Token)
	signed := wrong == nil && t.Org == org
	sure = !signed
	address, noAddress := pii.NormalizeAddress(c.Email)
	err = r.ReadInOrg(ctx, org, func(tx pgx.Tx) error {
		if signed {
			found, err := projections.Messages(ctx, tx, org, []uuid.UUID{t.Message})
			if m := found[t.Message]; m != nil {
				ref, sure = refOf(m), true
			}
			if err != nil || ref.LeadID != uuid.Nil {
				return err
			}
		}
		if noAddress != nil {
			return nil //nolint:nilerr // who has no address is nobody of ours
		}
		leads, err := projections.LeadsOfAddresses(ctx, tx, org, []string{address})
		if err != nil || len(leads) == 0 {
			sure = false
			return err
		}
		ref.LeadID = leads[0].LeadID
		page, err := projections.ListMessages(ctx, tx, org, projections.MessageFilter{LeadID: ref.LeadID, SentFrom: time.Unix(1, 0)}, projections.Listing{Limit: 1})
		if err == nil && len(page.Rows) > 0 {
			ref = refOf(page.Rows[0])
		}
		return err
	})
	return ref, sure, err
}

func refOf(m *projections.Message) events.SentMessageRef {
	return events.SentMessageRef{MessageID: m.MessageID, LeadID: m.LeadID, CampaignID: m.CampaignID, MailboxID: m.MailboxID}
}
