package events

import "github.com/google/uuid"

// SnippetRef names a snippet: a text that members put into answers.
type SnippetRef struct {
	SnippetID uuid.UUID `json:"snippet_id"`
}

func (r SnippetRef) AggregateID() string { return r.SnippetID.String() }

// Snippet returns its id.
func (r SnippetRef) Snippet() uuid.UUID { return r.SnippetID }

// SnippetSaved is a snippet as it is from now on.
type SnippetSaved struct {
	SnippetRef
	Version int    `json:"version"` // from 1
	Name    string `json:"name"`    // by which it is found; of one snippet only, case ignored
	Text    string `json:"text"`    // with variables, as in a template
}

func (SnippetSaved) EventType() string { return "snippet.saved.v1" }

// SnippetRemoved takes a snippet away; answers that were written with it stay as they are.
type SnippetRemoved struct {
	SnippetRef
}

func (SnippetRemoved) EventType() string { return "snippet.removed.v1" }
