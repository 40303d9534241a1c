package tracking

import (
	"sync"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"

	"outrider/aggregates"
	"outrider/events"
	"outrider/internal/linktoken"
	"outrider/projections"
)

// Security filters pass themselves off as browsers, but they are in a hurry. A click is a scanner's when
//   - it comes within ScannerHaste of the message's acceptance, or before the message can have arrived;
//   - scannerLinks different links of the message are followed within ScannerHaste, the pages to unsubscribe and to book
//     included: then all of them are;
//   - it comes within ScannerHaste of the link that no person sees (linktoken.Trap), before or after, or within trappedFor of it
//     from the same place by the same program: filters that take their time name themselves all the same.
//
// What was recorded by then is corrected. Each process knows what it has answered itself, of the newest maxMessages messages.
const (
	ScannerHaste  = 10 * time.Second
	scannerLinks  = 3
	trappedFor    = time.Hour
	scannerReason = "links of the message were followed in haste, or one that isn't shown"
)

// Links that are pages of ours; destinations are counted from 0.
const (
	UnsubscribePage = -2
	BookingPage     = -3
)

// maxFollowed bounds what is remembered of one message: whoever follows more within trappedFor is seen through already.
const maxFollowed = 64

// scannerDetector sees who follows links.
type scannerDetector struct {
	mu       sync.Mutex
	messages *lru.Cache[MessageKey, *recentLinks]
}

// recentLinks is what happened to a message's links of late.
type recentLinks struct {
	links   []linkFetch // of trappedFor
	trapped time.Time   // when the hidden link was followed last
	by      requester   // by whom
}

type linkFetch struct {
	at   time.Time
	link int
	by   requester
	hit  *hit // nil of a page, and of a click that isn't recorded
}

func newScannerDetector() *scannerDetector {
	messages, _ := lru.New[MessageKey, *recentLinks](maxMessages) // fails for sizes below 1 only
	return &scannerDetector{messages: messages}
}

// observeFetch takes a fetch; h is nil for what is no hit. It returns the hits that are on the log as a person's, and weren't.
func (w *scannerDetector) observeFetch(m MessageKey, link int, by requester, now time.Time, h *hit) []*hit {
	w.mu.Lock()
	defer w.mu.Unlock()
	f, ok := w.messages.Get(m)
	if !ok {
		f = &recentLinks{}
		w.messages.Add(m, f)
	}
	kept := f.links[:0]
	for _, x := range f.links {
		if now.Sub(x.at) <= trappedFor {
			kept = append(kept, x)
		}
	}
	if len(kept) == maxFollowed {
		kept = append(kept[:0], kept[1:]...)
	}
	f.links = append(kept, linkFetch{now, link, by, h})
	if link == linktoken.Trap {
		f.trapped, f.by = now, by
	}
	different := map[int]bool{}
	for _, x := range f.links {
		if now.Sub(x.at) <= ScannerHaste {
			different[x.link] = true
		}
	}
	hasty := len(different) >= scannerLinks || !f.trapped.IsZero() && now.Sub(f.trapped) <= ScannerHaste
	var wrong []*hit
	for _, x := range f.links {
		inHaste := hasty && now.Sub(x.at) <= ScannerHaste
		trapped := !f.trapped.IsZero() && now.Sub(f.trapped) <= trappedFor && x.by == f.by
		if x.hit == nil || x.hit.class == events.ClassScanner || !inHaste && !trapped {
			continue
		}
		x.hit.class = events.ClassScanner
		if x.hit.posted {
			wrong = append(wrong, x.hit)
		}
	}
	return wrong
}

// classifyHits gives hits the class that they are recorded with.
func (w *scannerDetector) classifyHits(hits []*hit, known map[uuid.UUID]*projections.LinkTarget) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, h := range hits {
		if h.link != Pixel && h.class == events.ClassHuman && tooHasty(known[h.ID], h.at) {
			h.class = events.ClassScanner
		}
		h.posted, h.postedClass = true, h.class
	}
}

// clickedEarly reports that a click came before its message is known as sent. Sending is recorded after the sending, and read models are
// behind that, so the recorder waits a little for it.
func clickedEarly(h *hit, m *projections.LinkTarget) bool {
	return h.link != Pixel && m.SentAt == nil && tooHasty(m, h.at)
}

// tooHasty reports whether a message can't have been read yet. Of one that isn't known as sent, the claim says when it can have left
// at the latest: after a crash that may be all that is known.
func tooHasty(m *projections.LinkTarget, at time.Time) bool {
	switch {
	case m.SentAt != nil:
		return at.Before(m.SentAt.Add(ScannerHaste))
	case m.ClaimedAt != nil:
		return at.Before(m.ClaimedAt.Add(aggregates.Lease + ScannerHaste))
	}
	return true
}
