package api

import (
	"time"

	"github.com/google/uuid"

	"outrider/commands"
)

// What most handlers begin with and end in: reading what the path and the body hold, submitting a command, showing what it
// was about.

type (
	handler   = func(*Server, *call) error
	idHandler = func(*Server, *call, uuid.UUID) error
	// commandOf makes the command of a request about the {id} of the path.
	commandOf = func(c *call, id uuid.UUID) (commands.Command, error)
)

// withID gives a handler the {id} of the path. S is the server, or the part of it that the handler belongs to.
func withID[S any](handle func(S, *call, uuid.UUID) error) func(S, *call) error {
	return func(s S, c *call) error {
		id, err := c.pathID()
		if err != nil {
			return err
		}
		return handle(s, c, id)
	}
}

// withBody gives a handler the body of the request.
func withBody[S, B any](handle func(S, *call, B) error) func(S, *call) error {
	return func(s S, c *call) error {
		var body B
		if err := c.decodeBody(&body); err != nil {
			return err
		}
		return handle(s, c, body)
	}
}

// withIDAndBody gives a handler both.
func withIDAndBody[S, B any](handle func(S, *call, uuid.UUID, B) error) func(S, *call) error {
	return withID(func(s S, c *call, id uuid.UUID) error {
		return withBody(func(s S, c *call, body B) error { return handle(s, c, id, body) })(s, c)
	})
}

// nowOrPast answers with the present, or with the past when the caller names an instant.
func nowOrPast(now idHandler, then func(*Server, *call, uuid.UUID, time.Time) error) handler {
	return withID(showNowOrPast(now, then))
}

func showNowOrPast(now idHandler, then func(*Server, *call, uuid.UUID, time.Time) error) idHandler {
	return func(s *Server, c *call, id uuid.UUID) error {
		at, past, err := instantAsked(c, s.now())
		switch {
		case err != nil:
			return err
		case past:
			return then(s, c, id, at)
		}
		return now(s, c, id)
	}
}

// fromBody makes a command of the {id} of the path and the body.
func fromBody[B any](newCommand func(c *call, id uuid.UUID, body B) (commands.Command, error)) commandOf {
	return func(c *call, id uuid.UUID) (commands.Command, error) {
		var body B
		if err := c.decodeBody(&body); err != nil {
			return nil, err
		}
		return newCommand(c, id, body)
	}
}

// submitAndFinish submits a command of the caller's organisation that has nothing to show.
func submitAndFinish(cmd commandOf) handler {
	return withID(func(s *Server, c *call, id uuid.UUID) error {
		command, err := cmd(c, id)
		if err != nil {
			return err
		}
		return s.submitSilently(c, command)
	})
}

// submitAndShow submits a command of the caller's organisation, waits for a projection and shows what the command is about.
func submitAndShow(projection string, show idHandler, cmd commandOf) handler {
	return withID(func(s *Server, c *call, id uuid.UUID) error {
		command, err := cmd(c, id)
		if err != nil {
			return err
		}
		a, err := s.submitOwn(c, command)
		if err != nil {
			return err
		}
		return s.showAfterChange(c, projection, a, func() error { return show(s, c, id) })
	})
}
