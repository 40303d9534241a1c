package api

import (
	"context"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/projections"
)

// add sends a hit at once when none of its organisation is on its way, else together with those that come meanwhile.
func (r *recorder) add(h *hit) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.flying[h.org] == 0 {
		r.fly(h.org, []*hit{h})
		return
	}
	batch := append(r.open[h.org], h)
	r.open[h.org] = batch
	switch len(batch) {
	case 1:
		time.AfterFunc(hitsWait, func() { r.late(h.org, h) })
	case hitsTogether:
		delete(r.open, h.org)
		r.fly(h.org, batch)
	}
}

// late sends the batch that begins with first, unless it has gone: whatever is on its way before it takes long.
func (r *recorder) late(org uuid.UUID, first *hit) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if batch := r.open[org]; len(batch) > 0 && batch[0] == first {
		delete(r.open, org)
		r.fly(org, batch)
	}
}

// fly posts a batch, and behind it what has come meanwhile; r.mu is held.
func (r *recorder) fly(org uuid.UUID, batch []*hit) {
	r.flying[org]++
	go func() {
		for batch != nil {
			if rest := r.round(batch, 0); len(rest) > 0 {
				go r.patient(rest)
			}
			batch = r.landed(org)
		}
	}()
}

// landed gives what waits behind a batch, or nil.
func (r *recorder) landed(org uuid.UUID) []*hit {
	r.mu.Lock()
	defer r.mu.Unlock()
	if batch := r.open[org]; batch != nil {
		delete(r.open, org)
		return batch
	}
	if r.flying[org]--; r.flying[org] == 0 {
		delete(r.flying, org)
	}
	return nil
}

// patient goes on with hits of messages that are not known yet.
func (r *recorder) patient(batch []*hit) {
	for waited := messageAgain; len(batch) > 0; waited += messageAgain {
		select {
		case <-r.s.life.Done():
		case <-time.After(messageAgain):
		}
		batch = r.round(batch, waited)
	}
}

// round posts the hits of messages that are known, and gives the others; behind messageWait there are none.
func (r *recorder) round(batch []*hit, waited time.Duration) (later []*hit) {
	ctx, cancel := context.WithTimeout(r.s.life, requestTimeout)
	defer cancel()
	known, err := r.find(ctx, batch[0].org, batch)
	if err != nil {
		finish(batch, err)
		return nil
	}
	here := make([]*hit, 0, len(batch))
	for _, h := range batch {
		if m := known[h.message]; m != nil && (waited >= messageWait || !early(h, m)) {
			h.about = events.SentMessageRef{MessageID: h.message, LeadID: m.LeadID, CampaignID: m.CampaignID, MailboxID: m.MailboxID}
			here = append(here, h)
		} else {
			later = append(later, h)
		}
	}
	r.post(ctx, here, known)
	if waited >= messageWait {
		finish(later, errUnknownMessage)
		return nil
	}
	return later
}

func finish(hits []*hit, err error) {
	for _, h := range hits {
		h.err = err
		close(h.done)
	}
}

// post sends one command. Nothing is recorded in an organisation that is deleted, and nobody's key is made anew.
func (r *recorder) post(ctx context.Context, hits []*hit, known map[uuid.UUID]*projections.ReachedMessage) {
	if len(hits) == 0 {
		return
	}
	org := hits[0].org
	if known[hits[0].message].Deleted {
		finish(hits, nil)
		return
	}
	leads := make([]uuid.UUID, len(hits))
	for i, h := range hits {
		leads[i] = h.about.LeadID
	}
	keys, err := r.s.cfg.Vault.Existing(ctx, org, leads)
	if err != nil {
		finish(hits, err)
		return
	}
	cmd := commands.RecordHits{Hits: make([]commands.Hit, len(hits))}
	r.watch.settle(hits, known)
	for i, h := range hits {
		out := commands.Hit{SentMessageRef: h.about, HitID: h.id, Class: h.as, At: h.at}
		if h.link != pixel {
			out.Link = &h.link
		}
		if key, ok := keys[h.about.LeadID]; ok && known[h.message].LeadKnown {
			if out.Client, err = sealed(key.Seal(projections.ClientField, h.client)); err != nil {
				finish(hits, err)
				return
			}
		}
		cmd.Hits[i] = out
	}
	batch, err := r.send(ctx, hits, cmd)
	for _, h := range hits {
		h.batch = batch
	}
	finish(hits, err)
}

// send posts a command about hits that nobody waits for but Kafka. It gives the trace parent of their batch.
func (r *recorder) send(ctx context.Context, hits []*hit, cmd commands.Command) (batch string, err error) {
	id := es.NewID()
	kind, data, err := commands.Encode(cmd)
	if err != nil {
		return "", err
	}
	if r.s.cfg.TraceBatch != nil {
		requests := make([]string, len(hits))
		for i, h := range hits {
			requests[i] = h.trace
		}
		var end func(error)
		batch, end = r.s.cfg.TraceBatch(kind, id, requests)
		defer func() { end(err) }()
	}
	err = r.s.cfg.Commands.Post(ctx, &es.Command{ID: id, Type: kind, Org: hits[0].org, TraceParent: batch, Time: r.s.cfg.Now().UTC().Truncate(time.Microsecond),
		Actor: es.Actor{Kind: es.ActorProvider, ID: "tracking"}, CorrelationID: id, CausationID: id, Data: data})
	if err != nil {
		return batch, unavailable(codeUnavailable, err)
	}
	return batch, nil
}

// correct tells the log that hits were a scanner's, behind the hits themselves.
func (r *recorder) correct(ctx context.Context, wrong []*hit) error {
	var cmd commands.ReclassifyHits
	var about []*hit
	for _, h := range wrong {
		select {
		case <-h.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		if h.err == nil && h.about.MessageID != uuid.Nil {
			cmd.Hits = append(cmd.Hits, commands.HitClass{SentMessageRef: h.about, HitID: h.id, Class: events.ClassScanner, Reason: scannerReason})
			about = append(about, h)
		}
	}
	if len(cmd.Hits) == 0 {
		return nil
	}
	_, err := r.send(ctx, about, cmd)
	return err
}
