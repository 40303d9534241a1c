package graph

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"reflect"
	"time"
	"unsafe"
)

// ErrDamaged says that what is read isn't what a plan of this shape wrote.
var ErrDamaged = errors.New("not the graph of such a value")

type reader struct {
	from *bufio.Reader
	win  []byte             // what from has buffered
	at   int                // read of win
	made [][]unsafe.Pointer // by pool
	err  error              // the first
}

// Read makes the value again that Write wrote, in what v points to, which is zero. What is read must be known to be whole:
// damage is found for certain only by a hash.
func (p *Plan) Read(from *bufio.Reader, v any) error {
	root := reflect.ValueOf(v)
	if root.Type().Elem() != p.root.node.typ {
		return fmt.Errorf("read %T by a plan for %s", v, p.root.node.typ)
	}
	r := &reader{from: from, made: make([][]unsafe.Pointer, len(p.pools))}
	for i, q := range p.pools {
		n := r.number()
		for range n {
			if r.err != nil {
				break
			}
			at := reflect.New(q.node.typ).UnsafePointer()
			if q == p.root && len(r.made[i]) == 0 {
				at = root.UnsafePointer()
			}
			r.made[i] = append(r.made[i], at)
		}
	}
	for i, q := range p.pools {
		for _, at := range r.made[i] {
			if r.err == nil {
				r.take(q.node, at)
			}
		}
	}
	_, _ = from.Discard(r.at)
	if r.err != nil {
		return fmt.Errorf("read %T: %w", v, r.err)
	}
	return nil
}

func (r *reader) take(n *node, at unsafe.Pointer) {
	switch n.kind {
	case plain:
		r.bytes(unsafe.Slice((*byte)(at), n.size))
	case text:
		*(*string)(at) = r.string()
	case structure:
		for i := range n.fields {
			r.take(n.fields[i].node, unsafe.Add(at, n.fields[i].offset))
		}
	case list:
		r.list(n, at)
	case array:
		for i := range n.typ.Len() {
			r.take(n.elem, unsafe.Add(at, uintptr(i)*n.elem.size))
		}
	case table:
		r.table(n, at)
	case pointer:
		*(*unsafe.Pointer)(at) = r.pointer(n)
	case instant:
		sec, nano := r.signed(), r.number()
		*(*time.Time)(at) = time.Unix(sec, int64(nano)).In(r.zone())
	case location:
		*(**time.Location)(at) = r.location()
	case dynamic:
		if r.number() == 1 {
			in := reflect.New(n.elem.typ)
			r.take(n.elem, in.UnsafePointer())
			reflect.NewAt(n.typ, at).Elem().Set(in.Elem())
		}
	}
}

// most bounds what is made ahead of having read it.
const most = 1 << 20

func (r *reader) list(n *node, at unsafe.Pointer) {
	count := r.number() - 1
	if count < 0 || r.err != nil {
		return
	}
	v := reflect.NewAt(n.typ, at).Elem()
	v.Set(reflect.MakeSlice(n.typ, min(count, most), min(count, most)))
	for done := 0; done < count && r.err == nil; {
		if done == v.Len() {
			v.Grow(min(count-done, done))
			v.SetLen(min(v.Cap(), count))
		}
		from := v.UnsafePointer()
		if n.elem.kind == plain && n.elem.size > 0 {
			r.bytes(unsafe.Slice((*byte)(unsafe.Add(from, uintptr(done)*n.elem.size)), uintptr(v.Len()-done)*n.elem.size))
			done = v.Len()
			continue
		}
		for ; done < v.Len() && r.err == nil; done++ {
			r.take(n.elem, unsafe.Add(from, uintptr(done)*n.elem.size))
		}
	}
}

func (r *reader) table(n *node, at unsafe.Pointer) {
	count := r.number() - 1
	if count < 0 || r.err != nil {
		return
	}
	m := reflect.MakeMapWithSize(n.typ, min(count, most))
	k, v := reflect.New(n.key.typ), reflect.New(n.elem.typ)
	key, value := k.Elem(), v.Elem()
	for range count {
		key.SetZero()
		value.SetZero()
		r.take(n.key, k.UnsafePointer())
		r.take(n.elem, v.UnsafePointer())
		if r.err != nil {
			return
		}
		m.SetMapIndex(key, value)
	}
	reflect.NewAt(n.typ, at).Elem().Set(m)
}

func (r *reader) pointer(n *node) unsafe.Pointer {
	number := r.number()
	switch number {
	case 0:
		return nil
	case 1:
		h, i := r.number(), r.number()
		if h < len(n.pool.holes) {
			if hole := n.pool.holes[h]; i < len(r.made[hole.in.index]) {
				return unsafe.Add(r.made[hole.in.index][i], hole.offset)
			}
		}
	default:
		if number-2 < len(r.made[n.pool.index]) {
			return r.made[n.pool.index][number-2]
		}
	}
	r.fail(fmt.Errorf("%w: there is no such %s", ErrDamaged, n.typ))
	return nil
}

func (r *reader) string() string {
	n := r.number()
	if n > most {
		var b []byte
		for n > 0 && r.err == nil {
			part := make([]byte, min(n, most))
			r.bytes(part)
			b, n = append(b, part...), n-len(part)
		}
		return string(b)
	}
	b := make([]byte, n)
	r.bytes(b)
	return unsafe.String(unsafe.SliceData(b), len(b)) // nobody else has it
}

func (r *reader) number() int {
	if r.at < len(r.win) { // nearly always
		if n, used := binary.Uvarint(r.win[r.at:]); used > 0 && n <= 1<<40 && r.err == nil {
			r.at += used
			return int(n)
		}
	}
	n, err := binary.ReadUvarint(r)
	if err == nil && n > 1<<40 {
		err = fmt.Errorf("%w: a number of %d", ErrDamaged, n)
	}
	if err != nil {
		r.fail(err)
		return 0
	}
	return int(n)
}

func (r *reader) signed() int64 {
	n, err := binary.ReadVarint(r)
	r.fail(err)
	return n
}

func (r *reader) bytes(b []byte) {
	for len(b) > 0 && r.more() {
		n := copy(b, r.win[r.at:])
		r.at, b = r.at+n, b[n:]
	}
}

// ReadByte is for numbers.
func (r *reader) ReadByte() (byte, error) {
	if !r.more() {
		return 0, r.err
	}
	r.at++
	return r.win[r.at-1], nil
}

// more reports whether there is anything to read in win, and fills it when there is not.
func (r *reader) more() bool {
	if r.at < len(r.win) {
		return r.err == nil
	}
	if r.err != nil {
		return false
	}
	_, _ = r.from.Discard(r.at)
	r.at = 0
	_, err := r.from.Peek(1)
	r.win, _ = r.from.Peek(r.from.Buffered())
	r.fail(err)
	return err == nil
}

func (r *reader) fail(err error) {
	if err == io.EOF { //nolint:errorlint // from the standard library, never wrapped
		err = io.ErrUnexpectedEOF
	}
	if r.err == nil {
		r.err = err
	}
}
