package es

import "github.com/google/uuid"

// TracedCommand is a command of a trace, as known from its events.
type TracedCommand struct {
	ID     uuid.UUID
	First  *Event // its first event: when, who, and the command's offset
	Type   string // "" = not known from the events: only refusals and no-ops contain it
	Events []*TracedEvent
}

// TracedEvent is an event of a trace, and the commands that it caused.
type TracedEvent struct {
	*Event
	Commands []*TracedCommand
}

// Trace orders events of one correlation as a tree: commands, their events, the commands that follow from those. Roots are the
// commands that no event among them caused; the rest is in the order of the organisation's history. Decoded events
// tell more about their command.
func Trace(events []*Event) (roots []*TracedCommand) {
	causes := map[uuid.UUID]*TracedEvent{}
	var open *TracedCommand
	for _, e := range events {
		if open == nil || open.ID != e.CommandID {
			open = &TracedCommand{ID: e.CommandID, First: e}
			if cause := causes[e.CausationID]; cause != nil {
				cause.Commands = append(cause.Commands, open)
			} else {
				roots = append(roots, open)
			}
		}
		switch p := e.Payload.(type) {
		case CommandRefused:
			open.Type = p.Command
		case CommandNoop:
			open.Type = p.Command
		}
		t := &TracedEvent{Event: e}
		open.Events = append(open.Events, t)
		causes[e.ID] = t
	}
	return roots
}

// Commands returns all commands of a trace, each after what caused it.
func Commands(roots []*TracedCommand) (all []*TracedCommand) {
	for _, c := range roots {
		all = append(all, c)
		for _, e := range c.Events {
			all = append(all, Commands(e.Commands)...)
		}
	}
	return all
}
