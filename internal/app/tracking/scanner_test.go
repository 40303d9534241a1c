package tracking

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/linktoken"
)

// A filter that takes its time is known by the link that no person sees, and by how it names itself.
func TestASlowScannerIsKnownByTheHiddenLink(t *testing.T) {
	t.Parallel()
	filter, person := requester{"192.0.2.1", "Mozilla/5.0 Chrome/119"}, requester{"192.0.2.9", "Mozilla/5.0 Firefox/133"}
	w, m, began := newScannerDetector(), MessageKey{uuid.New(), uuid.New()}, time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	follow := func(link int, by requester, after time.Duration) (*hit, []*hit) {
		h := &hit{class: events.ClassHuman}
		wrong := w.observeFetch(m, link, by, began.Add(after), h)
		h.posted = true
		return h, wrong
	}
	before, _ := follow(0, filter, 0)
	theirs, _ := follow(0, person, 30*time.Second)
	if wrong := w.observeFetch(m, linktoken.Trap, filter, began.Add(time.Minute), nil); len(wrong) != 1 || wrong[0] != before {
		t.Errorf("what it followed before is corrected: %v", wrong)
	}
	behind, _ := follow(1, filter, 2*time.Minute)
	later, _ := follow(1, person, 3*time.Minute)
	much, _ := follow(1, filter, 2*time.Hour)
	for what, h := range map[string]*hit{"before": before, "behind": behind} {
		if h.class != events.ClassScanner {
			t.Errorf("%s is %s", what, h.class)
		}
	}
	for what, h := range map[string]*hit{"a person's": theirs, "another of theirs": later, "long after": much} {
		if h.class != events.ClassHuman {
			t.Errorf("%s is %s", what, h.class)
		}
	}
}
