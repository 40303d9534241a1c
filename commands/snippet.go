package commands

import (
	"time"

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
	return namedSnippet(o, c.SnippetRef, c.Name, c.Text).create()
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
	return namedSnippet(o, c.SnippetRef, c.Name, c.Text).change(c.IfVersion)
}

func namedSnippet(o *aggregates.Organization, ref events.SnippetRef, name string, text string) namedThing {
	return namedThing{of: &o.Snippets, kind: "snippet", most: MaxSnippets, id: ref.SnippetID, name: name, content: text,
		check: func() error {
			return firstError(checkText("name", name, 1, maxSnippetName), checkText("text", text, 1, maxSnippetText))
		},
		saved: func(version int) events.Event {
			return events.SnippetSaved{SnippetRef: ref, Version: version, Name: name, Text: text}
		}}
}

// RemoveSnippet takes a snippet away.
type RemoveSnippet struct {
	events.SnippetRef
}

func (RemoveSnippet) CommandType() string { return "snippet.remove.v1" }

// Decide doesn't find a snippet that was removed.
func (c RemoveSnippet) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	return removeNamed(&o.Snippets, c.SnippetID, events.SnippetRemoved(c))
}
