package aggregates

import (
	"time"

	"outrider/internal/zone"
)

// Zones are the time zones that an organisation's leads, campaigns and mailboxes name, once each.
type Zones struct {
	locations []*time.Location // by ref - 1
	byName    map[string]uint16
	home      uint16 // the organisation's own
}

// refOf returns a zone's number, 0 for none and for one that isn't in the zone database.
func (z *Zones) refOf(name string) uint16 {
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

// firstLocation returns the location of the first ref that has one, or else UTC.
func (z *Zones) firstLocation(refs ...uint16) *time.Location {
	for _, r := range refs {
		if r > 0 {
			return z.locations[r-1]
		}
	}
	return time.UTC
}
