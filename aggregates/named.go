package aggregates

import (
	"crypto/sha256"
	"strings"

	"github.com/google/uuid"
)

// Named are things of one kind that members have saved under names of their own: texts for answers, filters of leads.
type Named struct {
	byID  map[uuid.UUID]NamedThing
	named map[string]uuid.UUID // by their names in lower case
}

// NamedThing is what decisions need to know of one.
type NamedThing struct {
	Version int
	name    string // in lower case
	says    [sha256.Size]byte
}

type namedContent struct {
	Name    string
	Content any
}

// Says reports whether a thing has this name and content.
func (t NamedThing) Says(name string, content any) bool {
	return t.says == digestOf(namedContent{name, content})
}

// Get returns a thing, and whether there is one.
func (n *Named) Get(id uuid.UUID) (NamedThing, bool) {
	is, ok := n.byID[id]
	return is, ok
}

// All counts them.
func (n *Named) All() int { return len(n.byID) }

// WithName returns which thing has a name, case ignored; uuid.Nil = none.
func (n *Named) WithName(name string) uuid.UUID { return n.named[strings.ToLower(name)] }

func (n *Named) save(id uuid.UUID, version int, name string, content any) {
	delete(n.named, n.byID[id].name)
	is := NamedThing{Version: version, name: strings.ToLower(name), says: digestOf(namedContent{name, content})}
	putInMap(&n.byID, id, is)
	putInMap(&n.named, is.name, id)
}

func (n *Named) remove(id uuid.UUID) {
	delete(n.named, n.byID[id].name)
	delete(n.byID, id)
}
