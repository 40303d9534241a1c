package aggregates

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"outrider/events"
)

// Fields are the own fields that any lead has ever had, by their marks, and the sets of them that leads have. Most leads have the
// same few, so a lead keeps just the number of its set.
type Fields struct {
	names map[string]uint16
	sets  []string          // the numbers of its fields in order, two bytes each; the first set is empty
	refs  map[string]uint16 // of sets
}

const (
	maxFields = 1000   // any more are unknown to templates
	maxSets   = 50_000 // for any more a lead's set is anyFields
	noFields  = 0      // the empty set
	anyFields = 0xffff // a set that is not known
)

// addNames returns the numbers of the own fields among those that are filled, in order.
func (f *Fields) addNames(filled []string) (numbers []uint16) {
	for _, name := range filled {
		mark, ok := ownMark(name)
		if !ok {
			continue
		}
		n, known := f.names[mark]
		if !known {
			if len(f.names) >= maxFields {
				continue
			}
			if f.names == nil {
				f.names = map[string]uint16{}
			}
			n = uint16(len(f.names))
			f.names[strings.Clone(mark)] = n
		}
		numbers = append(numbers, n)
	}
	return numbers
}

// ownMark returns the mark of an own field; false for any other.
func ownMark(field string) (mark string, own bool) {
	return strings.CutPrefix(events.MarkField(field), events.OwnFieldMark)
}

// Known reports whether any lead has had an own field of this name.
func (f *Fields) Known(name string) bool {
	mark, _ := ownMark(events.OwnFieldName + name)
	_, ok := f.names[mark]
	return ok
}

// changeSet returns the set that a set becomes by a change.
func (f *Fields) changeSet(set uint16, filled, cleared []string) uint16 {
	added := f.addNames(filled)
	if set == anyFields {
		return anyFields
	}
	var removed []uint16
	for _, name := range cleared {
		if mark, own := ownMark(name); own {
			if n, ok := f.names[mark]; ok {
				removed = append(removed, n)
			}
		}
	}
	if len(added)+len(removed) == 0 {
		return set
	}
	numbers := f.numbersOf(set)
	numbers = slices.DeleteFunc(append(numbers, added...), func(n uint16) bool { return slices.Contains(removed, n) })
	slices.Sort(numbers)
	return f.refOf(slices.Compact(numbers))
}

func (f *Fields) numbersOf(set uint16) (numbers []uint16) {
	if int(set) >= len(f.sets) {
		return nil
	}
	for packed := f.sets[set]; packed != ""; packed = packed[2:] {
		numbers = append(numbers, uint16(packed[0])<<8|uint16(packed[1]))
	}
	return numbers
}

func (f *Fields) refOf(numbers []uint16) uint16 {
	packed := make([]byte, 0, 2*len(numbers))
	for _, n := range numbers {
		packed = append(packed, byte(n>>8), byte(n))
	}
	if ref, ok := f.refs[string(packed)]; ok {
		return ref
	}
	if f.refs == nil {
		f.refs, f.sets = map[string]uint16{"": noFields}, []string{""}
	}
	if len(packed) == 0 {
		return noFields
	}
	if len(f.sets) >= maxSets {
		return anyFields
	}
	ref := uint16(len(f.sets))
	f.sets = append(f.sets, string(packed))
	f.refs[f.sets[ref]] = ref
	return ref
}

func (l *Leads) changeOwn(id uuid.UUID, filled, cleared []string) {
	if lead := l.byID[id]; lead != nil {
		lead.own = l.Fields.changeSet(lead.own, filled, cleared)
		return
	}
	l.Fields.addNames(filled)
}

// OwnAfter returns how many own fields a lead would have after a change, at least.
func (l *Leads) OwnAfter(lead *Lead, filled, cleared []string) int {
	after := map[string]bool{}
	kept := l.Fields.numbersOf(lead.own)
	for _, name := range filled {
		if mark, own := ownMark(name); own {
			after[mark] = true
			if n, known := l.Fields.names[mark]; known {
				kept = slices.DeleteFunc(kept, func(k uint16) bool { return k == n })
			}
		}
	}
	for _, name := range cleared {
		if mark, own := ownMark(name); own {
			if n, known := l.Fields.names[mark]; known {
				kept = slices.DeleteFunc(kept, func(k uint16) bool { return k == n })
			}
		}
	}
	return len(after) + len(kept)
}
