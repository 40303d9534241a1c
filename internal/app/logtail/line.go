package logtail

import (
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/internal/es"
	"outrider/internal/es/reader"
)

// Line is a record of the log, to be shown.
type Line struct {
	reader.Raw
	Why string // the record is void; "" = it isn't
}

func (l Line) orgID() uuid.UUID {
	if l.Entry.Event == nil {
		return uuid.Nil
	}
	return l.Entry.Event.Org
}

// Time returns when it happened: the time of the event, or else of the record.
func (l Line) Time() time.Time {
	if l.Entry.Event == nil {
		return l.Record.Timestamp
	}
	return l.Entry.Event.Time
}

func (l Line) hasType(prefix string) bool {
	return prefix == "" || l.Entry.Event != nil && strings.HasPrefix(l.Entry.Event.Type, prefix)
}

// voidReason returns why a record doesn't count, by the state of the rule before it.
func voidReason(r *es.Rule, raw reader.Raw) string {
	e := raw.Entry
	switch {
	case raw.Err != nil:
		return raw.Err.Error()
	case e.Fence:
		return fmt.Sprintf("fence for epoch %d while %d is current", e.Epoch, r.Epoch)
	case e.Epoch != r.Epoch:
		return fmt.Sprintf("written in epoch %d while %d is current", e.Epoch, r.Epoch)
	case e.Event.Pseq != r.Pseq+1:
		return fmt.Sprintf("pseq %d while %d is next", e.Event.Pseq, r.Pseq+1)
	default:
		return "begins a command inside another one"
	}
}

// mergeByTime returns the lines of all channels, the earliest first; each channel's own order is kept.
func mergeByTime(from []chan Line) iter.Seq[Line] {
	return func(yield func(Line) bool) {
		heads := make([]*Line, len(from))
		for {
			first := -1
			for i, c := range from {
				if heads[i] == nil && c != nil {
					l, ok := <-c
					if !ok {
						from[i] = nil
						continue
					}
					heads[i] = &l
				}
				if heads[i] != nil && (first < 0 || heads[i].Time().Before(heads[first].Time())) {
					first = i
				}
			}
			if first < 0 || !yield(*heads[first]) {
				return
			}
			heads[first] = nil
		}
	}
}

// newestLines keeps the newest lines, all when keep is 0.
type newestLines struct {
	keep int
	ring []Line
	next int
}

// addLine returns a line to print at once: the line itself, when all are wanted.
func (n *newestLines) addLine(l Line) (Line, bool) {
	switch {
	case n.keep <= 0:
		return l, true
	case len(n.ring) < n.keep:
		n.ring = append(n.ring, l)
	default:
		n.ring[n.next] = l
		n.next = (n.next + 1) % n.keep
	}
	return Line{}, false
}

func (n *newestLines) inOrder() []Line {
	return append(n.ring[n.next:len(n.ring):len(n.ring)], n.ring[:n.next]...)
}
