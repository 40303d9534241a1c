package tracking

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/projections"
)

// addHit sends a hit at once when none of its organisation is on its way, else together with those that come meanwhile.
func (r *Recorder) addHit(h *hit) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.inFlight[h.Org] == 0 {
		r.flushBatch(h.Org, []*hit{h})
		return
	}
	batch := append(r.waiting[h.Org], h)
	r.waiting[h.Org] = batch
	switch len(batch) {
	case 1:
		time.AfterFunc(batchWait, func() { r.flushIfOldest(h.Org, h) })
	case maxBatch:
		delete(r.waiting, h.Org)
		r.flushBatch(h.Org, batch)
	}
}

// flushIfOldest sends the batch that begins with first, unless it has gone: whatever is on its way before it takes long.
func (r *Recorder) flushIfOldest(org uuid.UUID, first *hit) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if batch := r.waiting[org]; len(batch) > 0 && batch[0] == first {
		delete(r.waiting, org)
		r.flushBatch(org, batch)
	}
}

// flushBatch posts a batch, and after it what has come meanwhile; r.mu is held.
func (r *Recorder) flushBatch(org uuid.UUID, batch []*hit) {
	r.inFlight[org]++
	go func() {
		for batch != nil {
			if rest := r.postKnown(batch, 0); len(rest) > 0 {
				go r.retryUnknown(rest)
			}
			batch = r.nextBatch(org)
		}
	}()
}

// nextBatch returns what waits after a batch, or nil.
func (r *Recorder) nextBatch(org uuid.UUID) []*hit {
	r.mu.Lock()
	defer r.mu.Unlock()
	if batch := r.waiting[org]; batch != nil {
		delete(r.waiting, org)
		return batch
	}
	if r.inFlight[org]--; r.inFlight[org] == 0 {
		delete(r.inFlight, org)
	}
	return nil
}

// retryUnknown tries again with hits of messages that are not known yet.
func (r *Recorder) retryUnknown(batch []*hit) {
	for waited := messageRetry; len(batch) > 0; waited += messageRetry {
		select {
		case <-r.life.Done():
		case <-time.After(messageRetry):
		}
		batch = r.postKnown(batch, waited)
	}
}

// postKnown posts the hits of messages that are known, and returns the others; after messageWait there are none.
func (r *Recorder) postKnown(batch []*hit, waited time.Duration) (later []*hit) {
	ctx, cancel := context.WithTimeout(r.life, postTimeout)
	defer cancel()
	known, err := r.findTargets(ctx, batch[0].Org, batch)
	if err != nil {
		finishHits(batch, err)
		return nil
	}
	here := make([]*hit, 0, len(batch))
	for _, h := range batch {
		if m := known[h.ID]; m != nil && (waited >= messageWait || !clickedEarly(h, m)) {
			h.about = events.SentMessageRef{MessageID: h.ID, LeadID: m.LeadID, CampaignID: m.CampaignID, MailboxID: m.MailboxID}
			here = append(here, h)
		} else {
			later = append(later, h)
		}
	}
	r.postBatch(ctx, here, known)
	if waited >= messageWait {
		finishHits(later, ErrUnknownMessage)
		return nil
	}
	return later
}

func finishHits(hits []*hit, err error) {
	for _, h := range hits {
		h.err = err
		close(h.done)
	}
}

// postBatch sends one command. Nothing is recorded in an organisation that is deleted, and nobody's key is made anew.
func (r *Recorder) postBatch(ctx context.Context, hits []*hit, known map[uuid.UUID]*projections.LinkTarget) {
	if len(hits) == 0 {
		return
	}
	org := hits[0].Org
	if known[hits[0].ID].Deleted {
		finishHits(hits, nil)
		return
	}
	leads := make([]uuid.UUID, len(hits))
	for i, h := range hits {
		leads[i] = h.about.LeadID
	}
	keys, err := r.cfg.Vault.Existing(ctx, org, leads)
	if err != nil {
		finishHits(hits, err)
		return
	}
	cmd := commands.RecordHits{Hits: make([]commands.Hit, len(hits))}
	r.scanners.classifyHits(hits, known)
	for i, h := range hits {
		out := commands.Hit{SentMessageRef: h.about, HitID: h.id, Class: h.postedClass, At: h.at}
		if h.link != Pixel {
			out.Link = &h.link
		}
		if key, ok := keys[h.about.LeadID]; ok && known[h.ID].LeadKnown {
			sealed, err := key.Seal(projections.ClientField, h.client)
			if err != nil {
				finishHits(hits, err)
				return
			}
			out.Client = events.Sealed{K: int64(sealed.Key), C: sealed.Ciphertext}
		}
		cmd.Hits[i] = out
	}
	batch, err := r.postCommand(ctx, hits, cmd)
	for _, h := range hits {
		h.batch = batch
	}
	finishHits(hits, err)
}

// postCommand posts a command about hits that nobody waits for but Kafka. It returns the trace parent of their batch.
func (r *Recorder) postCommand(ctx context.Context, hits []*hit, cmd commands.Command) (batch string, err error) {
	id := es.NewID()
	kind, data, err := commands.Encode(cmd)
	if err != nil {
		return "", err
	}
	if r.cfg.TraceBatch != nil {
		requests := make([]string, len(hits))
		for i, h := range hits {
			requests[i] = h.trace
		}
		var end func(error)
		batch, end = r.cfg.TraceBatch(kind, id, requests)
		defer func() { end(err) }()
	}
	err = r.cfg.Commands.Post(ctx, &es.Command{ID: id, Type: kind, Org: hits[0].Org, TraceParent: batch, Time: r.cfg.Now().UTC().Truncate(time.Microsecond),
		Actor: es.Actor{Kind: es.ActorProvider, ID: "tracking"}, CorrelationID: id, CausationID: id, Data: data})
	if err != nil {
		return batch, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return batch, nil
}

// correctHits tells the log that hits were a scanner's, after the hits themselves.
func (r *Recorder) correctHits(ctx context.Context, wrong []*hit) error {
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
	_, err := r.postCommand(ctx, about, cmd)
	return err
}
