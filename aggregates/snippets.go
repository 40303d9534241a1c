package aggregates

import "outrider/events"

func (o *Organization) applySnippet(event events.SnippetEvent) {
	switch e := event.(type) {
	case events.SnippetSaved:
		o.Snippets.save(e.SnippetID, e.Version, e.Name, e.Text)
	case events.SnippetRemoved:
		o.Snippets.remove(e.SnippetID)
	}
}
