package commands

import (
	"strconv"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// namedThing is what members save under a name: a snippet, a segment.
type namedThing struct {
	of      *aggregates.Named
	kind    string // "snippet"
	most    int    // of the kind
	id      uuid.UUID
	name    string
	content any
	check   func() error
	saved   func(version int) events.Event
}

// create identifies a thing by its id.
func (n namedThing) create() ([]events.Event, error) {
	if is, ok := n.of.Get(n.id); ok {
		if is.Says(n.name, n.content) {
			return nil, nil
		}
		return nil, errAlreadyExists(n.id)
	}
	switch {
	case n.id == uuid.Nil:
		return nil, errInvalid(n.kind+"_id", "is missing")
	case n.of.All() >= n.most:
		return nil, errInvalid("name", "there are "+strconv.Itoa(n.most)+" "+n.kind+"s; remove one first")
	}
	return n.save(1)
}

// change has nothing to do where nothing changes.
func (n namedThing) change(ifVersion *int) ([]events.Event, error) {
	is, ok := n.of.Get(n.id)
	switch {
	case !ok:
		return nil, errNotFound(n.id)
	case is.Says(n.name, n.content):
		return nil, nil
	}
	if err := checkVersion(n.id, ifVersion, is.Version); err != nil {
		return nil, err
	}
	return n.save(is.Version + 1)
}

func (n namedThing) save(version int) ([]events.Event, error) {
	if err := n.check(); err != nil {
		return nil, err
	}
	if is := n.of.WithName(n.name); is != uuid.Nil && is != n.id {
		return nil, errAlreadyExists(is)
	}
	return oneEvent(n.saved(version))
}

// removeNamed doesn't find a thing that was removed.
func removeNamed(of *aggregates.Named, id uuid.UUID, removed events.Event) ([]events.Event, error) {
	if _, ok := of.Get(id); !ok {
		return nil, errNotFound(id)
	}
	return oneEvent(removed)
}
