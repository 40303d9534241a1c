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

// writeTime writes the wall clock reading; a monotonic reading is dropped.
func (w *writer) writeTime(t time.Time) {
	w.writeSigned(t.Unix())
	w.writeNumber(t.Nanosecond())
	w.writeLocation(t.Location())
}

func (w *writer) writeLocation(l *time.Location) {
	if l == nil {
		w.writeNumber(noZone)
		return
	}
	z, known := w.zones[l]
	if !known {
		var err error
		z, err = zoneOf(l)
		w.noteError(err)
		w.zones[l] = z
	}
	w.writeNumber(z.kind)
	if z.kind == inFixed || z.kind == inNamed {
		w.writeString(l.String())
	}
	if z.kind == inFixed {
		w.writeSigned(int64(z.offset))
	}
}

// zoneOf finds out how a location can be restored.
func zoneOf(l *time.Location) (zone, error) {
	switch l {
	case time.UTC:
		return zone{kind: inUTC}, nil
	case time.Local:
		return zone{kind: inLocal}, nil
	}
	if named, err := zones.Load(l.String()); err == nil && (l == named || sameZone(l, named)) {
		return zone{kind: inNamed}, nil
	}
	_, offset := time.Unix(0, 0).In(l).Zone()
	if sameZone(l, time.FixedZone(l.String(), offset)) {
		return zone{inFixed, offset}, nil
	}
	return zone{}, fmt.Errorf("%w: time zone %q is in no database", ErrShape, l)
}

// sameZone compares offsets and abbreviations in January and July of many years.
func sameZone(a, b *time.Location) bool {
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

// readZone reads the location of an instant.
func (r *reader) readZone() *time.Location {
	if l := r.readLocation(); l != nil {
		return l
	}
	return time.UTC
}

func (r *reader) readLocation() *time.Location {
	switch kind := r.readNumber(); kind {
	case noZone:
		return nil
	case inUTC:
		return time.UTC
	case inLocal:
		return time.Local
	case inFixed:
		name := r.readString()
		return time.FixedZone(name, int(r.readSigned()))
	case inNamed:
		l, err := zones.Load(r.readString())
		r.noteError(err)
		return l
	default:
		r.noteError(fmt.Errorf("%w: no kind of time zone is %d", ErrDamaged, kind))
		return nil
	}
}
