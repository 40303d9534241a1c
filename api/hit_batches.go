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

// add puts a hit to those of its organisation that wait.
func (r *recorder) add(h *hit) {
	r.mu.Lock()
	defer r.mu.Unlock()
	batch := append(r.open[h.org], h)
	r.open[h.org] = batch
	switch len(batch) {
	case 1:
		time.AfterFunc(hitsWait, func() { r.take(h.org, h) })
	case hitsTogether:
		delete(r.open, h.org)
		go r.flush(batch)
	}
}

// take flushes the batch that begins with first, unless it was full before.
func (r *recorder) take(org uuid.UUID, first *hit) {
	r.mu.Lock()
	batch := r.open[org]
	if len(batch) == 0 || batch[0] != first {
		r.mu.Unlock()
		return
	}
	delete(r.open, org)
	r.mu.Unlock()
	r.flush(batch)
}

// flush posts the hits of messages that are known, and waits a little for the others.
func (r *recorder) flush(batch []*hit) {
	ctx, cancel := context.WithTimeout(r.s.life, requestTimeout)
	defer cancel()
	for waited := time.Duration(0); ; waited += messageAgain {
		known, err := r.find(ctx, batch[0].org, batch)
		if err != nil {
			finish(batch, err)
			return
		}
		var here, later []*hit
		for _, h := range batch {
			if m := known[h.message]; m != nil && (waited >= messageWait || !early(h, m)) {
				h.about = events.Answered{MessageID: h.message, LeadID: m.LeadID, CampaignID: m.CampaignID, MailboxID: m.MailboxID}
				here = append(here, h)
			} else {
				later = append(later, h)
			}
		}
		r.post(ctx, here, known)
		batch = later
		switch {
		case len(batch) == 0:
			return
		case waited >= messageWait:
			finish(batch, errUnknownMessage)
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(messageAgain):
		}
	}
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
		out := commands.Hit{Answered: h.about, HitID: h.id, Class: h.as, At: h.at}
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
	finish(hits, r.send(ctx, org, cmd))
}

// send posts a command that nobody waits for but Kafka.
func (r *recorder) send(ctx context.Context, org uuid.UUID, cmd commands.Command) error {
	id := es.NewID()
	kind, data, err := commands.Encode(cmd)
	if err != nil {
		return err
	}
	err = r.s.cfg.Commands.Post(ctx, &es.Command{ID: id, Type: kind, Org: org, Time: r.s.cfg.Now().UTC().Truncate(time.Microsecond),
		Actor: es.Actor{Kind: es.ActorProvider, ID: "tracking"}, CorrelationID: id, CausationID: id, Data: data})
	if err != nil {
		return unavailable(codeUnavailable, err)
	}
	return nil
}

// correct tells the log that hits were a scanner's, behind the hits themselves.
func (r *recorder) correct(ctx context.Context, wrong []*hit) error {
	var cmd commands.ReclassifyHits
	for _, h := range wrong {
		select {
		case <-h.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		if h.err == nil && h.about.MessageID != uuid.Nil {
			cmd.Hits = append(cmd.Hits, commands.HitClass{Answered: h.about, HitID: h.id, Class: events.ClassScanner, Reason: scannerReason})
		}
	}
	if len(cmd.Hits) == 0 {
		return nil
	}
	return r.send(ctx, wrong[0].org, cmd)
}
