package graph

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// ErrShape reports that a type can't be restored exactly.
var ErrShape = errors.New("a value of this type can't be written and restored")

type kind uint8

const (
	plain     kind = iota // no pointer in it: copied as it lies
	text                  // string
	list                  // slice
	array                 //
	table                 // map
	structure             //
	pointer               // to an object
	instant               // time.Time
	location              // *time.Location
	dynamic               // an interface that holds what the sample held
)

// node says how a type is written.
type node struct {
	kind   kind
	typ    reflect.Type
	size   uintptr
	elem   *node // of list, array, table, dynamic
	key    *node // of table
	fields []field
	pool   *pool // of pointer
	refers bool  // a pointer to an object may be in it
}

type field struct {
	name   string
	offset uintptr
	node   *node
}

// pool are all objects of a type that pointers of the graph point to.
type pool struct {
	index int
	node  *node
	holes []embeddedSlot // where objects of this type lie inside others
	lends []innerObject  // the same, seen from those others
}

type embeddedSlot struct {
	in     *pool
	offset uintptr
}

type innerObject struct {
	to     *pool
	number int // of the hole
	offset uintptr
}

// Plan says how values of one type are written. It is safe for concurrent use.
type Plan struct {
	root  *pool
	pools []*pool
	nodes map[reflect.Type]*node
	shape strings.Builder
}

// New makes the plan for what sample, a pointer to a struct, points to. Fields of the struct that are interfaces must hold
// a value: later ones hold the same type.
func New(sample any) (*Plan, error) {
	v := reflect.ValueOf(sample)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return nil, fmt.Errorf("plan to write %T: %w: it must be a pointer to a struct", sample, ErrShape)
	}
	p := &Plan{nodes: map[reflect.Type]*node{}}
	held := map[reflect.Type]reflect.Type{}
	for i := range v.Elem().NumField() {
		if f := v.Elem().Field(i); f.Kind() == reflect.Interface && !f.IsNil() {
			held[f.Type()] = f.Elem().Type()
		}
	}
	n, err := p.nodeOf(v.Type(), held)
	if err != nil {
		return nil, fmt.Errorf("plan to write %T: %w", sample, err)
	}
	p.root = n.pool
	for changed := true; changed; { // types refer to each other in cycles
		changed = false
		for _, n := range p.nodes {
			if !n.refers && n.mayRefer() {
				n.refers, changed = true, true
			}
		}
	}
	for _, in := range p.pools {
		if err := p.findHoles(in, in.node, 0, false); err != nil {
			return nil, fmt.Errorf("plan to write %T: %w", sample, err)
		}
	}
	return p, nil
}

// Shape describes the types, with all fields and where they lie. Equal shapes read each other's writing.
func (p *Plan) Shape() string { return p.shape.String() }

func (p *Plan) nodeOf(t reflect.Type, held map[reflect.Type]reflect.Type) (*node, error) {
	if n := p.nodes[t]; n != nil {
		return n, nil
	}
	n := &node{typ: t, size: t.Size()}
	p.nodes[t] = n
	var err error
	switch {
	case t == reflect.TypeFor[time.Time]():
		n.kind = instant
	case t == reflect.TypeFor[*time.Location]():
		n.kind = location
	default:
		err = p.composeNode(n, held)
	}
	fmt.Fprintf(&p.shape, "%s %s %d %d", t.PkgPath(), t, n.kind, n.size)
	for _, f := range n.fields {
		fmt.Fprintf(&p.shape, " %s:%s@%d", f.name, f.node.typ, f.offset)
	}
	p.shape.WriteByte('\n')
	return n, err
}

func (p *Plan) composeNode(n *node, held map[reflect.Type]reflect.Type) (err error) {
	t := n.typ
	switch t.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16,
		reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		n.kind = plain
	case reflect.String:
		n.kind = text
	case reflect.Slice:
		n.kind = list
		n.elem, err = p.nodeOf(t.Elem(), held)
	case reflect.Array:
		n.kind = array
		if n.elem, err = p.nodeOf(t.Elem(), held); err == nil && n.elem.kind == plain {
			n.kind = plain
		}
	case reflect.Map:
		n.kind = table
		if n.key, err = p.nodeOf(t.Key(), held); err == nil {
			n.elem, err = p.nodeOf(t.Elem(), held)
		}
	case reflect.Pointer:
		n.kind = pointer
		n.pool = &pool{index: len(p.pools)}
		p.pools = append(p.pools, n.pool)
		n.pool.node, err = p.nodeOf(t.Elem(), held)
	case reflect.Struct:
		err = p.composeStruct(n, held)
	case reflect.Interface:
		concrete := held[t]
		if concrete == nil {
			return fmt.Errorf("%w: %s may hold anything", ErrShape, t)
		}
		n.kind = dynamic
		n.elem, err = p.nodeOf(concrete, held)
	default:
		err = fmt.Errorf("%w: %s is a %s", ErrShape, t, t.Kind())
	}
	return err
}

func (p *Plan) composeStruct(n *node, held map[reflect.Type]reflect.Type) error {
	n.kind = plain
	for i := range n.typ.NumField() {
		f := n.typ.Field(i)
		x, err := p.nodeOf(f.Type, held)
		if err != nil {
			return fmt.Errorf("%s.%s: %w", n.typ, f.Name, err)
		}
		if x.kind != plain {
			n.kind = structure
		}
		n.fields = append(n.fields, field{f.Name, f.Offset, x})
	}
	return nil
}

// mayRefer reports whether it refers to objects, by what is known of its parts so far.
func (n *node) mayRefer() bool {
	if n.kind == pointer || n.elem != nil && n.elem.refers || n.key != nil && n.key.refers {
		return true
	}
	for _, f := range n.fields {
		if f.node.refers {
			return true
		}
	}
	return false
}

// findHoles finds objects that lie inside others, where a pointer may point to them too. Inside what has no address of its
// own (an element of a slice, a value of a map) that can't be known.
func (p *Plan) findHoles(in *pool, n *node, offset uintptr, floating bool) error {
	if n != in.node || floating {
		for _, to := range p.pools {
			if to.node != n || n.size == 0 {
				continue
			}
			if floating {
				return fmt.Errorf("%w: there are pointers to %s, and it is an element too", ErrShape, n.typ)
			}
			in.lends = append(in.lends, innerObject{to, len(to.holes), offset})
			to.holes = append(to.holes, embeddedSlot{in, offset})
		}
	}
	switch n.kind {
	case plain, structure:
		for _, f := range n.fields {
			if err := p.findHoles(in, f.node, offset+f.offset, floating); err != nil {
				return err
			}
		}
		if n.elem != nil { // an array
			return p.findHoles(in, n.elem, offset, true)
		}
	case array:
		return p.findHoles(in, n.elem, offset, true)
	case list, table, dynamic:
		return p.findHoles(in, n.elem, 0, true)
	}
	return nil
}
