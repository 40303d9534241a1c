package api

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
//   - it comes within scannerHaste of the message's acceptance, or before the message can have arrived;
//   - scannerLinks different links of the message are followed within scannerHaste, the pages to unsubscribe and to book
//     included: then all of them are;
//   - it comes within scannerHaste of the link that no person sees (linktoken.Trap), before or after.
//
// What was recorded by then is corrected. Each process knows what it has answered itself, of the newest mostMessages messages.
const (
	scannerHaste  = 10 * time.Second
	scannerLinks  = 3
	scannerReason = "links of the message were followed in haste, or one that isn't shown"
)

// Links that are pages of ours; destinations are counted from 0.
const (
	pageUnsubscribe = -2
	pageBooking     = -3
)

// maxFollowed bounds what is remembered of one message: whoever follows more within scannerHaste is seen through already.
const maxFollowed = 64

// watch sees who follows links.
type watch struct {
	mu      sync.Mutex
	letters *lru.Cache[letter, *followed]
}

// followed is what happened to a message's links of late.
type followed struct {
	links   []fetch
	trapped time.Time // when the hidden link was followed
}

type fetch struct {
	at   time.Time
	link int
	hit  *hit // nil of a page, and of a click that isn't recorded
}

func newWatch() *watch {
	letters, _ := lru.New[letter, *followed](mostMessages) // fails for sizes below 1 only
	return &watch{letters: letters}
}

// follow takes a fetch; h is nil for what is no hit. It gives the hits that are on the log as a person's, and weren't.
func (w *watch) follow(l letter, link int, now time.Time, h *hit) []*hit {
	w.mu.Lock()
	defer w.mu.Unlock()
	f, ok := w.letters.Get(l)
	if !ok {
		f = &followed{}
		w.letters.Add(l, f)
	}
	fresh := f.links[:0]
	for _, x := range f.links {
		if now.Sub(x.at) <= scannerHaste {
			fresh = append(fresh, x)
		}
	}
	if len(fresh) == maxFollowed {
		fresh = append(fresh[:0], fresh[1:]...)
	}
	f.links = append(fresh, fetch{now, link, h})
	if link == linktoken.Trap {
		f.trapped = now
	}
	different := map[int]bool{}
	for _, x := range f.links {
		different[x.link] = true
	}
	if len(different) < scannerLinks && (f.trapped.IsZero() || now.Sub(f.trapped) > scannerHaste) {
		return nil
	}
	var wrong []*hit
	for _, x := range f.links {
		if x.hit == nil || x.hit.class == events.ClassScanner {
			continue
		}
		x.hit.class = events.ClassScanner
		if x.hit.posted {
			wrong = append(wrong, x.hit)
		}
	}
	return wrong
}

// settle gives hits the class that they are recorded with.
func (w *watch) settle(hits []*hit, known map[uuid.UUID]*projections.ReachedMessage) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, h := range hits {
		if h.link != pixel && h.class == events.ClassHuman && hasty(known[h.message], h.at) {
			h.class = events.ClassScanner
		}
		h.posted, h.as = true, h.class
	}
}

// early says that a click came before its message is known as sent. Sending is recorded behind the sending, and read models are
// behind that, so the recorder waits a little for it.
func early(h *hit, m *projections.ReachedMessage) bool {
	return h.link != pixel && m.SentAt == nil && hasty(m, h.at)
}

// hasty says whether a message can't have been read yet. Of one that isn't known as sent, the claim says when it can have left
// at the latest: after a crash that may be all that is known.
func hasty(m *projections.ReachedMessage, at time.Time) bool {
	switch {
	case m.SentAt != nil:
		return at.Before(m.SentAt.Add(scannerHaste))
	case m.ClaimedAt != nil:
		return at.Before(m.ClaimedAt.Add(aggregates.Lease + scannerHaste))
	}
	return true
}
