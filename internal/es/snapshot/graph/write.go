package graph

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"reflect"
	"time"
	"unsafe"
)

// writer writes one value.
type writer struct {
	to      *bufio.Writer
	found   []foundObjects // by pool
	tables  map[unsafe.Pointer]struct{}
	zones   map[*time.Location]zone
	scratch []byte
	err     error // the first
}

// foundObjects are the objects of a pool that this value has.
type foundObjects struct {
	numbers map[unsafe.Pointer]int
	order   []unsafe.Pointer
	walked  int
	inside  map[unsafe.Pointer]embedding
}

// embedding is a place inside another object: which hole, of which object.
type embedding struct{ hole, number int }

// Write writes what v, of the sample's type, points to. It must not change during the call. After an error the output is
// worthless.
func (p *Plan) Write(to *bufio.Writer, v any) error {
	r := reflect.ValueOf(v)
	if r.Type().Elem() != p.root.node.typ {
		return fmt.Errorf("write %T by a plan for %s", v, p.root.node.typ)
	}
	w := &writer{to: to, found: make([]foundObjects, len(p.pools)), tables: map[unsafe.Pointer]struct{}{}, zones: map[*time.Location]zone{}}
	for i := range w.found {
		w.found[i].numbers = map[unsafe.Pointer]int{}
	}
	w.addObject(p.root, r.UnsafePointer())
	w.findObjects(p)
	for _, q := range p.pools {
		w.dropEmbedded(q)
		w.writeNumber(len(w.found[q.index].order))
	}
	for _, q := range p.pools {
		for _, at := range w.found[q.index].order {
			w.writeNode(q.node, at)
		}
	}
	if w.err != nil {
		return fmt.Errorf("write %T: %w", v, w.err)
	}
	return nil
}

func (w *writer) addObject(q *pool, at unsafe.Pointer) {
	f := &w.found[q.index]
	if _, known := f.numbers[at]; !known {
		f.numbers[at] = len(f.order)
		f.order = append(f.order, at)
	}
}

// findObjects finds all objects.
func (w *writer) findObjects(p *Plan) {
	for more := true; more; {
		more = false
		for _, q := range p.pools {
			f := &w.found[q.index]
			for ; f.walked < len(f.order); f.walked++ {
				more = true
				if q.node.refers {
					w.findPointers(q.node, f.order[f.walked])
				}
			}
		}
	}
	for _, q := range p.pools { // those that lie inside others
		for _, l := range q.lends {
			to := &w.found[l.to.index]
			if to.inside == nil {
				to.inside = map[unsafe.Pointer]embedding{}
			}
			for number, at := range w.found[q.index].order {
				to.inside[unsafe.Add(at, l.offset)] = embedding{l.number, number}
			}
		}
	}
}

// dropEmbedded removes what is written as a part of another object. A hole's owner may lie inside a third: nobody needs
// that yet, so it is refused.
func (w *writer) dropEmbedded(q *pool) {
	f := &w.found[q.index]
	if len(f.inside) == 0 {
		return
	}
	kept := f.order[:0:0]
	for _, at := range f.order {
		if _, inside := f.inside[at]; inside {
			if len(q.lends) > 0 {
				w.noteError(fmt.Errorf("%w: a %s lies inside another object, and others lie inside it", ErrShape, q.node.typ))
			}
			continue
		}
		f.numbers[at] = len(kept)
		kept = append(kept, at)
	}
	f.order = kept
}

func (w *writer) findPointers(n *node, at unsafe.Pointer) {
	switch n.kind {
	case pointer:
		if to := *(*unsafe.Pointer)(at); to != nil {
			w.addObject(n.pool, to)
		}
	case structure:
		for i := range n.fields {
			if f := &n.fields[i]; f.node.refers {
				w.findPointers(f.node, unsafe.Add(at, f.offset))
			}
		}
	case list, array:
		from, count := elementsOf(n, at)
		for i := range count {
			w.findPointers(n.elem, unsafe.Add(from, uintptr(i)*n.elem.size))
		}
	case table:
		eachEntry(n, at, func(k, v unsafe.Pointer) {
			if n.key.refers {
				w.findPointers(n.key, k)
			}
			if n.elem.refers {
				w.findPointers(n.elem, v)
			}
		})
	case dynamic:
		if in, _ := heldValue(n, at); in != nil {
			w.findPointers(n.elem, in)
		}
	default: // nothing to write
	}
}

// elementsOf returns where the elements of a slice or an array lie.
func elementsOf(n *node, at unsafe.Pointer) (unsafe.Pointer, int) {
	if n.kind == list {
		v := reflect.NewAt(n.typ, at).Elem()
		return v.UnsafePointer(), v.Len()
	}
	return at, n.typ.Len()
}

// eachEntry visits a map's entries as copies.
func eachEntry(n *node, at unsafe.Pointer, do func(k, v unsafe.Pointer)) {
	k, v := reflect.New(n.key.typ), reflect.New(n.elem.typ)
	key, value := k.Elem(), v.Elem()
	for it := reflect.NewAt(n.typ, at).Elem().MapRange(); it.Next(); {
		key.SetIterKey(it)
		value.SetIterValue(it)
		do(k.UnsafePointer(), v.UnsafePointer())
	}
}

// heldValue returns a copy of what an interface holds; nil = nothing.
func heldValue(n *node, at unsafe.Pointer) (unsafe.Pointer, error) {
	v := reflect.NewAt(n.typ, at).Elem()
	if v.IsNil() {
		return nil, nil
	}
	if v.Elem().Type() != n.elem.typ {
		return nil, fmt.Errorf("%w: an interface holds a %s where the sample held a %s", ErrShape, v.Elem().Type(), n.elem.typ)
	}
	in := reflect.New(n.elem.typ)
	in.Elem().Set(v.Elem())
	return in.UnsafePointer(), nil
}

func (w *writer) writeNode(n *node, at unsafe.Pointer) {
	switch n.kind {
	case plain:
		w.writeBytes(unsafe.Slice((*byte)(at), n.size))
	case text:
		s := *(*string)(at)
		w.writeNumber(len(s))
		w.writeBytes(unsafe.Slice(unsafe.StringData(s), len(s)))
	case structure:
		for i := range n.fields {
			w.writeNode(n.fields[i].node, unsafe.Add(at, n.fields[i].offset))
		}
	case list:
		w.writeList(n, at)
	case array:
		for i := range n.typ.Len() {
			w.writeNode(n.elem, unsafe.Add(at, uintptr(i)*n.elem.size))
		}
	case table:
		w.writeMap(n, at)
	case pointer:
		w.writePointer(n, at)
	case instant:
		w.writeTime(*(*time.Time)(at))
	case location:
		w.writeLocation(*(**time.Location)(at))
	case dynamic:
		in, err := heldValue(n, at)
		w.noteError(err)
		if w.writeFlag(in != nil) {
			w.writeNode(n.elem, in)
		}
	}
}

// writeList writes 0 for nil, else the length + 1 and the elements.
func (w *writer) writeList(n *node, at unsafe.Pointer) {
	v := reflect.NewAt(n.typ, at).Elem()
	if v.IsNil() {
		w.writeNumber(0)
		return
	}
	from, count := elementsOf(n, at)
	w.writeNumber(count + 1)
	if n.elem.kind == plain {
		w.writeBytes(unsafe.Slice((*byte)(from), uintptr(count)*n.elem.size))
		return
	}
	for i := range count {
		w.writeNode(n.elem, unsafe.Add(from, uintptr(i)*n.elem.size))
	}
}

func (w *writer) writeMap(n *node, at unsafe.Pointer) {
	v := reflect.NewAt(n.typ, at).Elem()
	if v.IsNil() {
		w.writeNumber(0)
		return
	}
	if _, twice := w.tables[v.UnsafePointer()]; twice {
		w.noteError(fmt.Errorf("%w: one %s is in two places", ErrShape, n.typ))
	}
	w.tables[v.UnsafePointer()] = struct{}{}
	w.writeNumber(v.Len() + 1)
	eachEntry(n, at, func(k, v unsafe.Pointer) {
		w.writeNode(n.key, k)
		w.writeNode(n.elem, v)
	})
}

// writePointer writes 0 for nil, else the object's number + 1; when objects may lie inside others, 1 and the place there, or the number + 2.
func (w *writer) writePointer(n *node, at unsafe.Pointer) {
	to := *(*unsafe.Pointer)(at)
	if to == nil {
		w.writeNumber(0)
		return
	}
	f := &w.found[n.pool.index]
	if in, inside := f.inside[to]; inside {
		w.writeNumber(1)
		w.writeNumber(in.hole)
		w.writeNumber(in.number)
		return
	}
	w.writeNumber(f.numbers[to] + 2)
}

func (w *writer) writeString(s string) {
	w.writeNumber(len(s))
	w.writeBytes([]byte(s))
}

func (w *writer) writeNumber(n int) {
	w.scratch = binary.AppendUvarint(w.scratch[:0], uint64(n))
	w.writeBytes(w.scratch)
}

func (w *writer) writeSigned(n int64) {
	w.scratch = binary.AppendVarint(w.scratch[:0], n)
	w.writeBytes(w.scratch)
}

func (w *writer) writeFlag(on bool) bool {
	n := 0
	if on {
		n = 1
	}
	w.writeNumber(n)
	return on
}

func (w *writer) writeBytes(b []byte) {
	if w.err == nil {
		_, w.err = w.to.Write(b)
	}
}

func (w *writer) noteError(err error) {
	if w.err == nil {
		w.err = err
	}
}
