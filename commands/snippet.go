package commands

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

const (
	// MaxSnippets bounds those of an organisation.
	MaxSnippets = 500

	maxSnippetName = 100
	maxSnippetText = 10_000
)

// CreateSnippet saves a text that members put into answers. Its variables were checked by the edge.
type CreateSnippet struct {
	events.SnippetRef
	Name string `json:"name"`
	Text string `json:"text"`
}

func (CreateSnippet) CommandType() string { return "snippet.create.v1" }

// Decide identifies a snippet by its id.
func (c CreateSnippet) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if is, ok := o.Snippets.Get(c.SnippetID); ok {
		if is.Says(c.Name, c.Text) {
			return nil, nil
		}
		return nil, errAlreadyExists(c.SnippetID)
	}
	switch {
	case c.SnippetID == uuid.Nil:
		return nil, errInvalid("snippet_id", "is missing")
	case o.Snippets.All() >= MaxSnippets:
		return nil, errInvalid("name", "there are "+strconv.Itoa(MaxSnippets)+" snippets; remove one first")
	}
	return saveSnippet(o, c.SnippetRef, 1, c.Name, c.Text)
}

// ChangeSnippet gives a snippet another name or text.
type ChangeSnippet struct {
	events.SnippetRef
	Name      string `json:"name"`
	Text      string `json:"text"`
	IfVersion *int   `json:"if_version,omitzero"`
}

func (ChangeSnippet) CommandType() string { return "snippet.change.v1" }

// Decide has nothing to do where nothing changes.
func (c ChangeSnippet) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is, ok := o.Snippets.Get(c.SnippetID)
	switch {
	case !ok:
		return nil, errNotFound(c.SnippetID)
	case is.Says(c.Name, c.Text):
		return nil, nil
	}
	if err := checkVersion(c.SnippetID, c.IfVersion, is.Version); err != nil {
		return nil, err
	}
	return saveSnippet(o, c.SnippetRef, is.Version+1, c.Name, c.Text)
}

func saveSnippet(o *aggregates.Organization, ref events.SnippetRef, version int, name, text string) ([]events.Event, error) {
	if err := firstError(checkText("name", name, 1, maxSnippetName), checkText("text", text, 1, maxSnippetText)); err != nil {
		return nil, err
	}
	if is := o.Snippets.Named(name); is != uuid.Nil && is != ref.SnippetID {
		return nil, errAlreadyExists(is)
	}
	return oneEvent(events.SnippetSaved{SnippetRef: ref, Version: version, Name: name, Text: text})
}

// RemoveSnippet takes a snippet away.
type RemoveSnippet struct {
	events.SnippetRef
}

func (RemoveSnippet) CommandType() string { return "snippet.remove.v1" }

// Decide doesn't find a snippet that was removed.
func (c RemoveSnippet) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if _, ok := o.Snippets.Get(c.SnippetID); !ok {
		return nil, errNotFound(c.SnippetID)
	}
	return oneEvent(events.SnippetRemoved(c))
}
