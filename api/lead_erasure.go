package api

import (
	"github.com/google/uuid"

	"outrider/commands"
)

func eraseLead(_ *call, id uuid.UUID) (commands.Command, error) {
	return commands.EraseLead{LeadID: id}, nil
}
