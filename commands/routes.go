package commands

import (
	"outrider/aggregates"
	"outrider/events"
	"outrider/internal/es"
)

// Command is an intention that knows when it must be refused. Commands are values, never pointers; CommandType works on
// the zero value. Decide is pure: no events and no error mean that there was nothing to do.
type Command interface {
	CommandType() string
	Decide(o *aggregates.Organization) ([]events.Event, error)
}

// MaxItems bounds a bulk command.
const MaxItems = 500

// Encode gives a command's type and data, as es.Command carries them.
func Encode(c interface{ CommandType() string }) (commandType string, data []byte, err error) {
	data, err = es.Marshal(c)
	return c.CommandType(), data, err
}
