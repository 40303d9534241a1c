package events

import "outrider/internal/es"

// Shapes that are no longer written live here, with how they read as the next one. To change an event's shape: copy its
// struct here as FooV1 with its old type string and an Upcast, give the current struct the type string ".v2", and put
// retired[FooV1]() beside current[Foo]() in the catalogue. Its schema stays; a test sees to that. Upcasts chain: FooV1
// may give FooV2, itself retired. They never touch stored bytes, so the hash chain holds.

// Upcaster is a retired event; Upcast gives it as a newer one.
type Upcaster interface {
	Event
	Upcast() Event
}

func retired[Old Upcaster]() Entry {
	var zero Old
	return Entry{Zero: zero, Retired: true, decode: func(data []byte) (Event, error) {
		var old Old
		if err := es.Unmarshal(data, &old); err != nil {
			return nil, err
		}
		e := old.Upcast()
		for u, ok := e.(Upcaster); ok; u, ok = e.(Upcaster) {
			e = u.Upcast()
		}
		return e, nil
	}}
}
