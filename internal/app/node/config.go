package node

import (
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
)

// Roles that a process can have.
const (
	RoleAPI         = "api"
	RoleCommands    = "commands"
	RoleProjections = "projections"
	RoleConsumers   = "consumers"
)

// Roles are all of them.
func Roles() []string { return []string{RoleAPI, RoleCommands, RoleProjections, RoleConsumers} }

// Config says what a process is, part by part.
type Config struct {
	Roles       []string
	Listen      string    // host:port, or fd:N for an inherited listener
	Door        *Door     // answers there already; nil = nobody does
	FirstLink   uuid.UUID // id of the link of the first run, when it was given before it is issued
	Sending     Sending
	Auditing    Auditing
	Restarting  Restarting // of those who decide commands
	PlanFile    PlanFile
	Connections Connections
	Operations  Operations
	Limiting    Limiting
	SigningIn   SigningIn
	Selling     Selling
	Own         bool           // it serves nobody but its user: mail of the system may go to a folder
	Clock       SimulatedClock // nil = this machine's clock
}

// Validate says what can't be so.
func (c Config) Validate() error {
	if len(c.Roles) == 0 {
		return errors.New("a process needs at least one role")
	}
	for _, r := range c.Roles {
		if !slices.Contains(Roles(), r) {
			return fmt.Errorf("there is no role %q", r)
		}
	}
	if c.Listen == "" && c.Door == nil {
		return errors.New("--listen must name an address")
	}
	return errors.Join(c.Sending.Validate(), c.Auditing.Validate(), c.Restarting.Validate(), c.Connections.Validate(), c.Limiting.Validate(), c.Selling.Validate())
}
