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

// postHits posts hits of an organisation together. Those of messages that are not known yet are tried again apart: the next
// batch doesn't wait for them. What became of a hit is told by the hit itself.
func (r *Recorder) postHits(_ context.Context, _ uuid.UUID, hits []*hit) ([]struct{}, error) {
	if rest := r.postKnown(hits, 0); len(rest) > 0 {
		go r.retryUnknown(rest)
	}
	return make([]struct{}, len(hits)), nil
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
		if key, ok := keys[h.about.LeadID]; ok && !known[h.ID].Erased {
			sealed, err := key.Seal(projections.ClientField, h.client)
			if err != nil {
				finishHits(hits, err)
				return
			}
			out.Client = events.Sealed(sealed)
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
