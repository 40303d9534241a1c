package aggregates

import (
	"time"

	"outrider/internal/zone"
)

// Zones are the time zones that an organisation's leads, campaigns and mailboxes name, once each.
type Zones struct {
	locations []*time.Location // by ref - 1
	byName    map[string]uint16
}

// ref gives a zone's number, 0 for none and for one that the zone database doesn't have.
func (z *Zones) ref(name string) uint16 {
	if name == "" {
		return 0
	}
	if r, ok := z.byName[name]; ok {
		return r
	}
	if z.byName == nil {
		z.byName = map[string]uint16{}
	}
	loc, err := zone.Load(name)
	if err != nil || len(z.locations) == 1<<16-1 {
		z.byName[name] = 0
		return 0
	}
	z.locations = append(z.locations, loc)
	z.byName[name] = uint16(len(z.locations))
	return uint16(len(z.locations))
}

// first gives the location of the first ref that is one; else UTC.
func (z *Zones) first(refs ...uint16) *time.Location {
	for _, r := range refs {
		if r > 0 {
			return z.locations[r-1]
		}
	}
	return time.UTC
}

// µs since 1970 are how times are kept: 8 bytes, and cheap to compare. 0 = none.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func instant(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

const (
	second = int64(1_000_000)
	minute = 60 * second
	hour   = 60 * minute
)
