package inbox

import (
	"context"
	"slices"
	"time"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/mailboxes"
	"outrider/internal/es"
	"outrider/internal/mail/inbound"
)

// recordSelf records what a mail shows about the mailbox itself: its messages to itself may come long after it was verified.
func (m *Monitor) recordSelf(ctx context.Context, b mailboxes.Mailbox, in receivedMail, x inbound.Mail) error {
	var found []commands.MailboxCheck
	if in.inInbox && mailboxes.IsSelfMessageID(m.Signer, b, x.MessageID) {
		found = append(found, commands.MailboxCheck{Check: events.CheckReadBack, Outcome: events.CheckPassed})
	}
	if outcome := mailboxes.CheckTag(m.Signer, b, x); outcome == events.CheckFailed || outcome == events.CheckPassed && b.NoTags {
		found = append(found, commands.MailboxCheck{Check: events.CheckTaggedAddress, Outcome: outcome, Detail: mailboxes.TagDetail(outcome, "")})
	}
	if found == nil {
		return nil
	}
	id := es.DeriveID(b.ID, slices.Concat([]string{"to itself"}, in.place)...)
	_, err := reaction.Submit(ctx, m.Commands, m.causeOf(b, id), id, m.Now(), commands.RecordMailboxChecks{MailboxID: b.ID, CheckedAt: m.Now().UTC().Truncate(time.Microsecond), Checks: found})
	return err
}

// tryTags asks for the checks of a mailbox that was verified before tags were checked. Until then it has no tags.
func (m *Monitor) tryTags(ctx context.Context, b mailboxes.Mailbox) {
	if b.TagsUntried.IsZero() {
		return
	}
	id := es.DeriveID(b.ID, "try tags", b.TagsUntried.UTC().Format(time.RFC3339Nano))
	if _, err := reaction.Submit(ctx, m.Commands, m.causeOf(b, id), id, m.Now(), commands.RequestMailboxChecks{MailboxRef: events.MailboxRef{MailboxID: b.ID}}); err != nil && ctx.Err() == nil {
		m.Log.Warn("the checks of a mailbox could not be asked for", "mailbox", b.ID, "org", b.Org, "error", err)
	}
}
