package aggregates

import (
	"slices"

	"github.com/google/uuid"

	"outrider/events"
)

// Connection is a connection to a service of somebody else's.
type Connection struct {
	Provider    string
	AccountHash Hash
	Interrupted bool
	Paused      bool
	Settings    *events.CRMSettings // nil = nothing is mapped
	Imports     []uuid.UUID         // that were asked for last
	Resync      uuid.UUID           // the newest
	Resolved    uuid.UUID           // the newest conflict that somebody has resolved
	Calendars   Hash                // of what was chosen; zero = nothing yet
	Writes      bool                // meetings are written into a calendar of it
}

// keptConnectionImports bounds how many requests for imports are remembered of a connection.
const keptConnectionImports = 20

// Connections of an organisation, by id.
type Connections map[uuid.UUID]*Connection

// Find returns the connection to an account.
func (c Connections) Find(provider string, account Hash) uuid.UUID {
	for id, is := range c {
		if is.Provider == provider && is.AccountHash == account {
			return id
		}
	}
	return uuid.Nil
}

func (c *Connections) applyEvent(event events.ConnectionEvent) {
	is := (*c)[event.Connection()]
	if made, ok := event.(events.ConnectionMade); ok {
		if *c == nil {
			*c = Connections{}
		}
		hash, _ := ParseHash(made.AccountHash)
		(*c)[made.ConnectionID] = &Connection{Provider: made.Provider, AccountHash: hash}
		return
	}
	if is == nil {
		return
	}
	switch e := event.(type) {
	case events.ConnectionInterrupted:
		is.Interrupted = true
	case events.ConnectionRestored:
		is.Interrupted = false
	case events.ConnectionPaused:
		is.Paused = true
	case events.ConnectionResumed:
		is.Paused = false
	case events.ConnectionRemoved:
		delete(*c, e.ConnectionID)
	case events.ConnectionMapped:
		is.Settings = &e.CRMSettings
	case events.ConnectionImportRequested:
		is.Imports = append(is.Imports, e.ImportID)
		is.Imports = slices.Clone(is.Imports[max(0, len(is.Imports)-keptConnectionImports):])
	case events.ConnectionResyncRequested:
		is.Resync = e.ResyncID
	case events.ConnectionConflictResolved:
		is.Resolved = e.ResolutionID
	case events.ConnectionCalendarsChosen:
		is.Calendars, _ = ParseHash(e.Hash)
		is.Writes = e.Writes
	case events.ConnectionMade: // above
	}
}

// SameCRMSettings reports whether settings are equal.
func SameCRMSettings(a, b events.CRMSettings) bool {
	return a.CreateAll == b.CreateAll && a.OnErase == b.OnErase && slices.Equal(a.Fields, b.Fields) && slices.Equal(a.Stages, b.Stages) && slices.Equal(a.Activities, b.Activities)
}
