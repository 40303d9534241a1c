package consumers

import (
	"outrider/consumers/imports"
	"outrider/consumers/mailboxes"
	"outrider/consumers/meetings"
	"outrider/consumers/privacy"
	"outrider/consumers/sending"
	"outrider/consumers/writing"
	"outrider/internal/es/react"
)

// Reactors are all that act on events.
type Reactors struct {
	Imports  *imports.Imports
	Eraser   *privacy.Eraser
	Slugs    *privacy.SlugConfirmer
	Verifier *mailboxes.Verifier
	Drafter  *writing.Drafter
	Dispatch *sending.Dispatcher
	Send     *sending.SendReactor
	Confirm  *meetings.MeetingConfirmer
}

// List returns them in the order in which they are started and shown.
func (r Reactors) List() []react.Reactor {
	return []react.Reactor{
		r.Imports.Reactor(),
		r.Eraser.Reactor(),
		r.Slugs.Reactor(),
		r.Verifier.Reactor(),
		r.Drafter.Reactor(),
		r.Dispatch.Reactor(),
		r.Send.Reactor(),
		r.Confirm.Reactor(),
	}
}
