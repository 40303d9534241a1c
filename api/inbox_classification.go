package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/aggregates"
	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/sealedtext"
	"outrider/internal/es"
	"outrider/internal/linktoken"
	"outrider/internal/pii"
	"outrider/projections"
)

func (x *inboxHandlers) classifyItem(c *call, id uuid.UUID, body gen.InboxClassification) error {
	i, message, err := x.readReplied(c, id)
	if err != nil {
		return err
	}
	cmd := commands.ReclassifyReply{SentMessageRef: events.SentMessageRef{MessageID: i.MessageID, LeadID: i.LeadID, CampaignID: valueOrZero(i.CampaignID), MailboxID: valueOrZero(i.MailboxID)},
		MailID: id, From: i.Sender, ReceivedAt: i.ReceivedAt, Meaning: string(body.Meaning), AskAgain: body.AskAgain, AddressHash: message}
	var named string
	if body.Referral.Email != "" {
		email, err := pii.NormalizeAddress(string(body.Referral.Email))
		if err != nil {
			return invalidField("referral.email", "is no address")
		}
		text, err := json.Marshal(projections.ReferralContact{Email: email, Name: strings.TrimSpace(body.Referral.Name)})
		if err != nil {
			return err
		}
		named = string(text)
	}
	if body.DryRun {
		return x.previewClassification(c, cmd, named != "")
	}
	in, err := x.beginOwn(c)
	if err != nil {
		return err
	}
	if named != "" {
		key, err := x.keyOfLead(in, i.LeadID)
		if err != nil {
			return err
		}
		if cmd.Referral, err = sealedtext.Seal(key, projections.ReferralField, named); err != nil {
			return err
		}
	}
	a, err := x.submitCommand(in, cmd)
	if err != nil {
		return err
	}
	return x.showAfterChange(c, "inbox", a, func() error {
		return c.answerJSON(http.StatusOK, gen.InboxClassified{Meaning: body.Meaning, Consequences: []gen.ReplyConsequence{}})
	})
}

// readReplied reads an item that came in, and the hash of the address that the message went to which it answers.
func (x *inboxHandlers) readReplied(c *call, id uuid.UUID) (i *projections.InboxItem, address string, err error) {
	err = x.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		if i, err = projections.GetInboxItem(c.ctx, tx, c.who.Org, id); err != nil {
			return err
		}
		if i.Class != projections.InboxReply && i.Class != projections.InboxAutomatic {
			return pgx.ErrNoRows
		}
		m, err := projections.GetMessage(c.ctx, tx, c.who.Org, i.MessageID)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err == nil {
			address = m.AddressHash
		}
		return err
	})
	return i, address, err
}

// previewClassification says what would follow: the same decision, on a fold of the log.
func (x *inboxHandlers) previewClassification(c *call, cmd commands.ReclassifyReply, named bool) error {
	if x.past.live == nil {
		return unavailableProblem(codeUnavailable, errNoColumns)
	}
	if err := x.awaitIn(c, "analytics_events"); err != nil {
		return err
	}
	out := gen.InboxClassified{Meaning: gen.ReplyMeaning(cmd.Meaning), DryRun: true}
	var refused error
	if _, err := x.past.live.Show(c.ctx, c.who.Org, func(o *aggregates.Organization, last time.Time) {
		now := laterOf(x.now(), last)
		done, err := cmd.Decide(now, o)
		refused, out.Consequences = err, consequencesOf(o, cmd, done, named)
	}); err != nil {
		return err
	}
	if es.RefusalCode(refused) == commands.CodeNotFound {
		return unavailableProblem(codeBehind, nil) // the inbox has it, so the history that is folded here is behind
	}
	if refused != nil {
		return refused
	}
	return c.answerJSON(http.StatusOK, out)
}

// consequencesOf says what events mean for people, in order.
func consequencesOf(o *aggregates.Organization, cmd commands.ReclassifyReply, done []events.Event, named bool) []gen.ReplyConsequence {
	out := []gen.ReplyConsequence{}
	add := func(x gen.ReplyConsequence) { out = append(out, x) }
	colleagues := 0
	for _, e := range done {
		switch e := e.(type) {
		case events.EnrollmentPaused:
			add(gen.ReplyConsequence{Kind: gen.ReplyConsequenceKindPaused, CampaignID: e.CampaignID, Until: e.Until})
		case events.EnrollmentStopped:
			if e.LeadID != cmd.LeadID {
				colleagues++
				continue
			}
			add(gen.ReplyConsequence{Kind: gen.ReplyConsequenceKindStopped, CampaignID: e.CampaignID})
		case events.MessageCancelled:
			if e.LeadID == cmd.LeadID {
				add(gen.ReplyConsequence{Kind: gen.ReplyConsequenceKindMessageCancelled, CampaignID: e.CampaignID})
			}
		case events.LeadUnsubscribed:
			add(gen.ReplyConsequence{Kind: gen.ReplyConsequenceKindUnsubscribed})
		case events.SuppressionAdded:
			add(gen.ReplyConsequence{Kind: gen.ReplyConsequenceKindSuppressed})
		case events.ReplyReclassified:
			if status, changes := e.ThreadStatus(); changes && status == events.ThreadDone {
				add(gen.ReplyConsequence{Kind: gen.ReplyConsequenceKindThreadDone})
			} else if changes {
				add(gen.ReplyConsequence{Kind: gen.ReplyConsequenceKindThreadReopened})
			}
		}
	}
	if colleagues > 0 {
		add(gen.ReplyConsequence{Kind: gen.ReplyConsequenceKindColleagueStopped, Count: colleagues})
	}
	pauses := cmd.Meaning == events.MeansNotNow && cmd.AskAgain != "" || cmd.Meaning == events.MeansOutOfOffice || cmd.Meaning == events.MeansAutomatic
	if pauses && len(o.EnrollmentsOf(cmd.LeadID)) == 0 {
		add(gen.ReplyConsequence{Kind: gen.ReplyConsequenceKindStaysStopped})
	}
	if l := o.Leads.Get(cmd.LeadID); l != nil && cmd.Meaning != events.MeansUnsubscribe && o.Suppression.Covers(l) {
		add(gen.ReplyConsequence{Kind: gen.ReplyConsequenceKindStaysSuppressed})
	}
	switch {
	case named:
		add(gen.ReplyConsequence{Kind: gen.ReplyConsequenceKindLeadProposed})
	case cmd.Meaning == events.MeansMeetingRequest:
		add(gen.ReplyConsequence{Kind: gen.ReplyConsequenceKindBookingLinkOffered})
	}
	return out
}

func (x *inboxHandlers) settleReferral(c *call, id uuid.UUID, body gen.InboxReferralDecision) error {
	i, _, err := x.readReplied(c, id)
	if err != nil {
		return err
	}
	a, err := x.submitOwn(c, commands.SettleReferral{ThreadID: i.ThreadID, MailID: id, NewLeadID: body.LeadID})
	if err != nil {
		return err
	}
	return x.showAfterChange(c, "inbox", a, func() error { return c.answerNothing() })
}

// referralOf shows whom a reply names.
func referralOf(i *projections.InboxItem) (out gen.InboxReferral) {
	var named projections.ReferralContact
	if i.Referral == nil || json.Unmarshal([]byte(*i.Referral), &named) != nil {
		return out
	}
	out = gen.InboxReferral{Email: named.Email, Name: named.Name, State: gen.InboxReferralState(i.ReferralDone), LeadID: valueOrZero(i.ReferralLead)}
	if out.State == "" {
		out.State = gen.InboxReferralStateProposed
	}
	return out
}

// bookingURL returns where the person of a thread picks a time, by the newest message that went to them.
func (x *inboxHandlers) bookingURL(org uuid.UUID, all []threadItem) string {
	for n := len(all) - 1; n >= 0 && x.links.Signer != nil; n-- {
		if all[n].sent != uuid.Nil {
			return x.links.Booking(linktoken.Token{Org: org, Message: all[n].sent})
		}
	}
	return ""
}
