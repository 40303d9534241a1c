package api

import (
	"fmt"

	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/internal/app/mailboxes"
	"outrider/internal/mail/compose"
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

// previewText returns a text with what stands below it once it is sent.
func previewText(campaign *projections.Campaign, box *projections.Mailbox, values map[string]any, body string) (string, error) {
	letter := compose.Letter{Body: body, Unsubscribe: fmt.Sprint(values["unsubscribe_link"])}
	if box != nil {
		signature, _, err := mailboxes.LetterOf(box)
		if err != nil {
			return "", err
		}
		letter.Signature = signature.Text
	}
	settings, err := settingsIn(campaign)
	if err != nil {
		return "", err
	}
	if settings.UnsubscribeFooter {
		letter.Footer = compose.FooterOf(fmt.Sprint(values["organization_name"]), fmt.Sprint(values["postal_address"]))
	}
	return letter.Text(), nil
}
