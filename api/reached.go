package api

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/linktoken"
	"outrider/internal/postgres"
	"outrider/projections"
)

// remembered is a message as it was read, for rememberFor: who it is about never changes, what became of it does.
type remembered struct {
	*projections.ReachedMessage
	until time.Time
}

// find gives the messages of hits, by id; one that isn't in the read model is missing.
func (r *recorder) find(ctx context.Context, org uuid.UUID, hits []*hit) (map[uuid.UUID]*projections.ReachedMessage, error) {
	out := make(map[uuid.UUID]*projections.ReachedMessage, len(hits))
	var missing []uuid.UUID
	now := time.Now()
	for _, h := range hits {
		if _, asked := out[h.message]; asked {
			continue
		}
		m, ok := r.known.Get(letter{org, h.message})
		if ok && now.Before(m.until) && (m.SentAt != nil || h.link == pixel) { // of a click it matters when the message was sent
			out[h.message] = m.ReachedMessage
			continue
		}
		out[h.message] = nil
		missing = append(missing, h.message)
	}
	if len(missing) == 0 {
		return out, nil
	}
	var rows []*projections.ReachedMessage
	if err := postgres.InOrg(ctx, r.s.cfg.Pool, org, func(tx pgx.Tx) (err error) {
		rows, err = projections.ReachedMessages(ctx, tx, org, missing)
		return err
	}); err != nil {
		return nil, err
	}
	for _, m := range rows {
		out[m.MessageID] = m
		r.known.Add(letter{org, m.MessageID}, remembered{m, now.Add(rememberFor)})
	}
	return out, nil
}

// token is the message that a path names, or a page that says that it names none.
func (s *Server) token(c *call, kind linktoken.Kind) (linktoken.Token, error) {
	if s.cfg.Signer == nil {
		return linktoken.Token{}, notFound()
	}
	t, err := s.cfg.Signer.Verify(kind, c.Params("token"))
	if err != nil {
		return t, notFound()
	}
	return t, nil
}

// reached is the message of a link, as it is now. A message that isn't in the read model yet is waited for a little; one whose
// lead was erased or whose organisation was deleted is not found.
func (s *Server) reached(c *call, t linktoken.Token) (*projections.ReachedMessage, error) {
	for waited := time.Duration(0); ; waited += messageAgain {
		var rows []*projections.ReachedMessage
		if err := s.read(c, t.Org, func(tx pgx.Tx) (err error) {
			rows, err = projections.ReachedMessages(c.ctx, tx, t.Org, []uuid.UUID{t.Message})
			return err
		}); err != nil {
			return nil, err
		}
		switch {
		case len(rows) == 1 && rows[0].LeadKnown && !rows[0].Deleted:
			return rows[0], nil
		case len(rows) == 1:
			return nil, notFound()
		case waited >= messageWait:
			return nil, errUnknownMessage
		}
		select {
		case <-c.ctx.Done():
			return nil, c.ctx.Err()
		case <-time.After(messageAgain):
		}
	}
}

func answeredBy(m *projections.ReachedMessage) events.SentMessageRef {
	return events.SentMessageRef{MessageID: m.MessageID, LeadID: m.LeadID, CampaignID: m.CampaignID, MailboxID: m.MailboxID}
}

// visited takes a look at one of our pages into account: whoever follows it among many links is a scanner.
func (s *Server) visited(c *call, t linktoken.Token, link int) error {
	if !linktoken.Counts(c.Method()) {
		return nil
	}
	err := s.hits.correct(c.ctx, s.hits.watch.follow(letter{t.Org, t.Message}, link, s.cfg.Now(), nil))
	if errors.Is(err, errUnknownMessage) {
		return nil
	}
	return err
}
