package api

import (
	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/projections"
)

// previewSender returns the mailbox that a preview is written from: one that was named and is the campaign's, else its first; zero = it has none.
func previewSender(campaign *projections.Campaign, named uuid.UUID) (uuid.UUID, error) {
	boxes, err := mailboxesIn(campaign)
	if err != nil {
		return uuid.Nil, err
	}
	for _, id := range boxes {
		if named == uuid.Nil || named == id {
			return id, nil
		}
	}
	if named != uuid.Nil {
		return uuid.Nil, invalidProblem(gen.FieldError{Field: "mailbox_id", Reason: "is not a mailbox of this campaign"})
	}
	return uuid.Nil, nil
}
