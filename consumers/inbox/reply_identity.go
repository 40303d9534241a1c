package inbox

import (
	"context"
	"encoding/json"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/mailboxes"
	"outrider/internal/app/sealedtext"
	"outrider/internal/mail/inbound"
	"outrider/internal/pii"
	"outrider/projections"
)

// maxReferences bounds how much of a conversation an answer names.
const maxReferences = 20

// withIdentity returns the command that records an answer, and one that says what its mail is called and who wrote it, so that it can be answered in turn. Nothing
// names a mail whose sender is no address.
func (m *Monitor) withIdentity(ctx context.Context, b mailboxes.Mailbox, key pii.Key, sent events.SentMessageRef, x inbound.Mail, told events.Mail, answer commands.Command) ([]commands.Command, error) {
	from, err := pii.NormalizeAddress(x.From.Address)
	if err != nil {
		return []commands.Command{answer}, nil //nolint:nilerr // who isn't known isn't answered
	}
	hashes, err := m.Hashes.Hasher(ctx, b.Org)
	if err != nil {
		return nil, err
	}
	refs := x.Keys.References
	named := projections.MailHeader{MessageID: x.MessageID, References: refs[:min(len(refs), maxReferences)], From: from, Name: x.From.Name}
	if x.HTML != "" && m.Objects != nil {
		if named.HTMLRef, err = sealedtext.StoreBody(ctx, m.Objects, key, x.HTML); err != nil {
			return nil, err
		}
	}
	header, err := json.Marshal(named)
	if err != nil {
		return nil, err
	}
	c := commands.IdentifyMail{SentMessageRef: sent, MailID: told.MailID, AddressHash: hashes.AddressHash(from).String()}
	if c.Header, err = sealedtext.Seal(key, projections.HeaderField, string(header)); err != nil {
		return nil, err
	}
	return []commands.Command{answer, c}, nil
}
