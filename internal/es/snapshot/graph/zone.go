package graph

import (
	"fmt"
	"time"

	zones "outrider/internal/zone"
)

// How a location is written.
const (
	noZone = iota
	inUTC
	inLocal
	inFixed // an offset, and a name if it has one
	inNamed // of the embedded zone database
)

type zone struct {
	kind   int
	offset int
}

// instant writes what the wall clock shows; a monotonic reading is left behind.
func (w *writer) instant(t time.Time) {
	w.signed(t.Unix())
	w.number(t.Nanosecond())
	w.location(t.Location())
}

func (w *writer) location(l *time.Location) {
	if l == nil {
		w.number(noZone)
		return
	}
	z, known := w.zones[l]
	if !known {
		var err error
		z, err = zoneOf(l)
		w.fail(err)
		w.zones[l] = z
	}
	w.number(z.kind)
	if z.kind == inFixed || z.kind == inNamed {
		w.string(l.String())
	}
	if z.kind == inFixed {
		w.signed(int64(z.offset))
	}
}

// zoneOf finds out how a location can be made again.
func zoneOf(l *time.Location) (zone, error) {
	switch l {
	case time.UTC:
		return zone{kind: inUTC}, nil
	case time.Local:
		return zone{kind: inLocal}, nil
	}
	if named, err := zones.Load(l.String()); err == nil && (l == named || alike(l, named)) {
		return zone{kind: inNamed}, nil
	}
	_, offset := time.Unix(0, 0).In(l).Zone()
	if alike(l, time.FixedZone(l.String(), offset)) {
		return zone{inFixed, offset}, nil
	}
	return zone{}, fmt.Errorf("%w: time zone %q is in no database", ErrShape, l)
}

// alike compares clocks at midwinter and midsummer of many years.
func alike(a, b *time.Location) bool {
	for year := 1970; year < 2070; year++ {
		for _, month := range []time.Month{time.January, time.July} {
			t := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
			nameA, offsetA := t.In(a).Zone()
			nameB, offsetB := t.In(b).Zone()
			if nameA != nameB || offsetA != offsetB {
				return false
			}
		}
	}
	return true
}

// zone reads the location of an instant.
func (r *reader) zone() *time.Location {
	if l := r.location(); l != nil {
		return l
	}
	return time.UTC
}

func (r *reader) location() *time.Location {
	switch kind := r.number(); kind {
	case noZone:
		return nil
	case inUTC:
		return time.UTC
	case inLocal:
		return time.Local
	case inFixed:
		name := r.string()
		return time.FixedZone(name, int(r.signed()))
	case inNamed:
		l, err := zones.Load(r.string())
		r.fail(err)
		return l
	default:
		r.fail(fmt.Errorf("%w: no kind of time zone is %d", ErrDamaged, kind))
		return nil
	}
}
