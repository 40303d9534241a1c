package aggregates

import (
	"encoding/binary"
	"time"

	"github.com/google/uuid"
)

// Told are the reports of providers that were recorded in the last days: they come more than once, and each counts once. The first half of an id is enough to
// tell them apart, and keeps this small: nearly every message has one.
type Told struct {
	days [toldDays]toldDay // by day since 1970, modulo their number
}

type toldDay struct {
	day  int64
	seen map[uint64]struct{}
}

// toldDays is how many days reports are remembered; providers repeat them for up to three.
const toldDays = 8

// Has reports whether a report was recorded.
func (t *Told) Has(report uuid.UUID) bool {
	for i := range t.days {
		if _, ok := t.days[i].seen[shortID(report)]; ok {
			return true
		}
	}
	return false
}

func (t *Told) add(report uuid.UUID, at time.Time) {
	day := at.Unix() / int64(24*time.Hour/time.Second)
	is := &t.days[((day%toldDays)+toldDays)%toldDays]
	if is.day > day {
		return // of another week
	}
	if is.day != day {
		*is = toldDay{day: day}
	}
	putInMap(&is.seen, shortID(report), struct{}{})
}

func shortID(id uuid.UUID) uint64 { return binary.BigEndian.Uint64(id[:8]) }
