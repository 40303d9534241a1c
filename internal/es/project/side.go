package project

import "strings"

// Side distinguishes the live rows of a projection from others of the same projection; each has checkpoints of its own.
type Side string

// Sides of a projection.
const (
	Live   Side = ""
	Next   Side = "next"   // being built, to take the place of the live one
	Former Side = "former" // was live before, kept to go back to
)

// Key names a projection's rows on this side.
func (s Side) Key(name string, version int) ProjectionKey {
	if s != Live {
		name = string(s) + "/" + name
	}
	return ProjectionKey{name, version}
}

// baseName returns the projection's own name, whatever the side.
func (k ProjectionKey) baseName() string { return k.Name[strings.LastIndexByte(k.Name, '/')+1:] }
