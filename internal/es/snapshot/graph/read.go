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

// ErrDamaged reports that the input isn't what a plan of this shape wrote.
var ErrDamaged = errors.New("not the graph of such a value")

type reader struct {
	from *bufio.Reader
	win  []byte             // what from has in its buffer
	at   int                // read of win
	made [][]unsafe.Pointer // by pool
	err  error              // the first
}

// Read restores what Write wrote into what v points to, which must be zero. The input must be known to be complete:
// only a hash finds all damage.
func (p *Plan) Read(from *bufio.Reader, v any) error {
	root := reflect.ValueOf(v)
	if root.Type().Elem() != p.root.node.typ {
		return fmt.Errorf("read %T by a plan for %s", v, p.root.node.typ)
	}
	r := &reader{from: from, made: make([][]unsafe.Pointer, len(p.pools))}
	for i, q := range p.pools {
		n := r.readNumber()
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
				r.readNode(q.node, at)
			}
		}
	}
	_, _ = from.Discard(r.at)
	if r.err != nil {
		return fmt.Errorf("read %T: %w", v, r.err)
	}
	return nil
}

func (r *reader) readNode(n *node, at unsafe.Pointer) {
	switch n.kind {
	case plain:
		r.readBytes(unsafe.Slice((*byte)(at), n.size))
	case text:
		*(*string)(at) = r.readString()
	case structure:
		for i := range n.fields {
			r.readNode(n.fields[i].node, unsafe.Add(at, n.fields[i].offset))
		}
	case list:
		r.readList(n, at)
	case array:
		for i := range n.typ.Len() {
			r.readNode(n.elem, unsafe.Add(at, uintptr(i)*n.elem.size))
		}
	case table:
		r.readMap(n, at)
	case pointer:
		*(*unsafe.Pointer)(at) = r.readPointer(n)
	case instant:
		sec, nano := r.readSigned(), r.readNumber()
		*(*time.Time)(at) = time.Unix(sec, int64(nano)).In(r.readZone())
	case location:
		*(**time.Location)(at) = r.readLocation()
	case dynamic:
		if r.readNumber() == 1 {
			in := reflect.New(n.elem.typ)
			r.readNode(n.elem, in.UnsafePointer())
			reflect.NewAt(n.typ, at).Elem().Set(in.Elem())
		}
	}
}

// most bounds what is allocated before it has been read.
const most = 1 << 20

func (r *reader) readList(n *node, at unsafe.Pointer) {
	count := r.readNumber() - 1
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
			r.readBytes(unsafe.Slice((*byte)(unsafe.Add(from, uintptr(done)*n.elem.size)), uintptr(v.Len()-done)*n.elem.size))
			done = v.Len()
			continue
		}
		for ; done < v.Len() && r.err == nil; done++ {
			r.readNode(n.elem, unsafe.Add(from, uintptr(done)*n.elem.size))
		}
	}
}

func (r *reader) readMap(n *node, at unsafe.Pointer) {
	count := r.readNumber() - 1
	if count < 0 || r.err != nil {
		return
	}
	m := reflect.MakeMapWithSize(n.typ, min(count, most))
	k, v := reflect.New(n.key.typ), reflect.New(n.elem.typ)
	key, value := k.Elem(), v.Elem()
	for range count {
		key.SetZero()
		value.SetZero()
		r.readNode(n.key, k.UnsafePointer())
		r.readNode(n.elem, v.UnsafePointer())
		if r.err != nil {
			return
		}
		m.SetMapIndex(key, value)
	}
	reflect.NewAt(n.typ, at).Elem().Set(m)
}

func (r *reader) readPointer(n *node) unsafe.Pointer {
	number := r.readNumber()
	switch number {
	case 0:
		return nil
	case 1:
		h, i := r.readNumber(), r.readNumber()
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
	r.noteError(fmt.Errorf("%w: there is no such %s", ErrDamaged, n.typ))
	return nil
}

func (r *reader) readString() string {
	n := r.readNumber()
	if n > most {
		var b []byte
		for n > 0 && r.err == nil {
			part := make([]byte, min(n, most))
			r.readBytes(part)
			b, n = append(b, part...), n-len(part)
		}
		return string(b)
	}
	b := make([]byte, n)
	r.readBytes(b)
	return unsafe.String(unsafe.SliceData(b), len(b)) // nobody else refers to it
}

func (r *reader) readNumber() int {
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
		r.noteError(err)
		return 0
	}
	return int(n)
}

func (r *reader) readSigned() int64 {
	n, err := binary.ReadVarint(r)
	r.noteError(err)
	return n
}

func (r *reader) readBytes(b []byte) {
	for len(b) > 0 && r.hasMore() {
		n := copy(b, r.win[r.at:])
		r.at, b = r.at+n, b[n:]
	}
}

// ReadByte is for numbers.
func (r *reader) ReadByte() (byte, error) {
	if !r.hasMore() {
		return 0, r.err
	}
	r.at++
	return r.win[r.at-1], nil
}

// hasMore reports whether win has anything left to read, after filling it when it was empty.
func (r *reader) hasMore() bool {
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
	r.noteError(err)
	return err == nil
}

func (r *reader) noteError(err error) {
	if err == io.EOF { //nolint:errorlint // from the standard library, never wrapped
		err = io.ErrUnexpectedEOF
	}
	if r.err == nil {
		r.err = err
	}
}
