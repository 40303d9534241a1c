package aggregates

import (
	"crypto/sha256"
	"strings"

	"github.com/google/uuid"

	"outrider/events"
)

// Snippets are the texts that members put into answers.
type Snippets struct {
	byID  map[uuid.UUID]Snippet
	named map[string]uuid.UUID // by their names in lower case
}

// Snippet is what decisions need to know of one.
type Snippet struct {
	Version int
	name    string // in lower case
	says    [sha256.Size]byte
}

// Says reports whether a snippet has this name and text.
func (s Snippet) Says(name, text string) bool { return s.says == digestOf([]string{name, text}) }

// Get returns a snippet, and whether there is one.
func (s *Snippets) Get(id uuid.UUID) (Snippet, bool) {
	is, ok := s.byID[id]
	return is, ok
}

// All counts them.
func (s *Snippets) All() int { return len(s.byID) }

// Named returns which snippet has a name, case ignored; uuid.Nil = none.
func (s *Snippets) Named(name string) uuid.UUID { return s.named[strings.ToLower(name)] }

func (s *Snippets) applyEvent(event events.SnippetEvent) {
	is := s.byID[event.Snippet()]
	delete(s.named, is.name)
	switch e := event.(type) {
	case events.SnippetSaved:
		is = Snippet{Version: e.Version, name: strings.ToLower(e.Name), says: digestOf([]string{e.Name, e.Text})}
		putInMap(&s.byID, e.SnippetID, is)
		putInMap(&s.named, is.name, e.SnippetID)
	case events.SnippetRemoved:
		delete(s.byID, e.SnippetID)
	}
}
