package readside

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/evidence"
	"outrider/projections"
)

// messageContext is some messages of one organisation with everything that belongs to them, read at one moment with a few queries.
type messageContext struct {
	org       *projections.Organization
	messages  projections.Set[projections.Message] // as MessagesToSend; also the earlier ones of their sequences
	texts     projections.Set[projections.MessageText]
	leads     projections.Set[projections.Lead]
	mailboxes projections.Set[projections.Mailbox]
	campaigns projections.Set[projections.Campaign]
	steps     map[uuid.UUID]map[int][]events.Step
	known     map[uuid.UUID][]evidence.Fact        // of leads, where a language model writes
	claims    map[uuid.UUID][]evidence.Fact        // about ourselves, that messages of a campaign may say; likewise
	writing   map[uuid.UUID]events.CampaignWriting // how a language model writes, by campaign; likewise
	wishes    map[uuid.UUID]string                 // what members want of the next draft, likewise
	untracked bool                                 // the operator has switched tracking off
	domains   map[string]*projections.SenderDomain // by hash
}

// readContext reads a context; steps are read only when asked for.
func (r *ReadSide) readContext(ctx context.Context, org uuid.UUID, ids []uuid.UUID, steps bool) (*messageContext, error) {
	s := &messageContext{}
	err := r.readInOrg(ctx, org, func(tx pgx.Tx) (err error) {
		if s.org, err = projections.GetOrganization(ctx, tx, org); err != nil {
			return err
		}
		if s.domains, err = projections.SenderDomains(ctx, tx, org); err != nil {
			return err
		}
		if s.messages, err = projections.MessagesToSend(ctx, tx, org, ids); err != nil {
			return err
		}
		leads, mailboxes, campaigns := distinctIDs(s.messages, func(m *projections.Message) uuid.UUID { return m.LeadID }),
			distinctIDs(s.messages, func(m *projections.Message) uuid.UUID { return m.MailboxID }), distinctIDs(s.messages, func(m *projections.Message) uuid.UUID { return m.CampaignID })
		if err := s.readPrevious(ctx, tx, org); err != nil {
			return err
		}
		if s.texts, err = projections.MessageTexts(ctx, tx, org, distinctIDs(s.messages, func(m *projections.Message) uuid.UUID { return m.MessageID })); err != nil {
			return err
		}
		readLeads := projections.AddressesOfLeads
		if steps { // to write them
			readLeads = projections.Leads
		}
		if s.leads, err = readLeads(ctx, tx, org, leads); err != nil {
			return err
		}
		if s.mailboxes, err = projections.Mailboxes(ctx, tx, org, mailboxes); err != nil {
			return err
		}
		if s.campaigns, err = projections.Campaigns(ctx, tx, org, campaigns); err != nil {
			return err
		}
		switches, err := projections.ListFlagSwitches(ctx, tx, org)
		for _, f := range switches {
			s.untracked = s.untracked || f.Flag == events.FeatureTracking && !f.On
		}
		if err != nil || !steps {
			return err
		}
		s.steps, err = projections.StepsOf(ctx, tx, org, campaigns)
		return err
	})
	return s, err
}

// maxThread bounds how many messages of a sequence are looked at; a sequence has fewer steps.
const maxThread = 20

// readPrevious reads the earlier messages of the sequences, one step back at a time.
func (s *messageContext) readPrevious(ctx context.Context, tx pgx.Tx, org uuid.UUID) error {
	level := s.messages
	for range maxThread {
		var ids []uuid.UUID
		for _, m := range level {
			if m.PreviousID != nil && s.messages[*m.PreviousID] == nil {
				ids = append(ids, *m.PreviousID)
			}
		}
		if len(ids) == 0 {
			return nil
		}
		var err error
		if level, err = projections.MessagesToSend(ctx, tx, org, ids); err != nil {
			return err
		}
		for id, m := range level {
			s.messages[id] = m
		}
	}
	return nil
}

// threadOf returns the messages before one in its sequence, oldest first.
func (s *messageContext) threadOf(m *projections.Message) (out []*projections.Message) {
	for len(out) < maxThread && m.PreviousID != nil {
		if m = s.messages[*m.PreviousID]; m == nil {
			break
		}
		out = append(out, m)
	}
	slices.Reverse(out)
	return out
}

// variantOf returns the variant of a message, from its version of the campaign's steps.
func (s *messageContext) variantOf(m *projections.Message) (events.Variant, bool) {
	for _, step := range s.steps[m.CampaignID][m.StepsVersion] {
		for _, v := range step.Variants {
			if step.StepID == m.StepID && v.VariantID == m.VariantID {
				return v, true
			}
		}
	}
	return events.Variant{}, false
}

// settingsOf returns a campaign's settings, or the defaults.
func (s *messageContext) settingsOf(campaign uuid.UUID) (events.CampaignSettings, error) {
	settings := commands.DefaultSettings()
	c := s.campaigns[campaign]
	if c == nil {
		return settings, fmt.Errorf("campaign %s: %w", campaign, reaction.ErrGone)
	}
	if len(c.Settings) == 0 {
		return settings, nil
	}
	settings = events.CampaignSettings{}
	if err := json.Unmarshal(c.Settings, &settings); err != nil {
		return settings, fmt.Errorf("read settings: %w", err)
	}
	return settings, nil
}

func distinctIDs[R any](rows projections.Set[R], of func(*R) uuid.UUID) (out []uuid.UUID) {
	seen := map[uuid.UUID]bool{}
	for _, r := range rows {
		if id := of(r); !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}
