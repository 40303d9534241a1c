package mailboxes

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/mailboxes"
	"outrider/internal/es"
	"outrider/internal/mail/compose"
	"outrider/internal/mail/imap"
	"outrider/internal/mail/inbound"
	"outrider/internal/mail/mailoauth"
	"outrider/internal/mail/senderdns"
	"outrider/internal/mail/smtp"
	"outrider/internal/mail/worker"
)

// verification is the check of one mailbox.
type verification struct {
	*Verifier
	box mailboxes.Mailbox

	found  []commands.MailboxCheck
	reader worker.Reader
	from   imap.Cursor // after which the messages to itself come
	isSent bool        // a message to itself, which can be read
}

const skipped = "not tried"

func (r *verification) close() {
	if r.reader != nil {
		r.reader.Close()
	}
}

func (r *verification) say(check, outcome, detail string) {
	r.found = append(r.found, commands.MailboxCheck{Check: check, Outcome: outcome, Detail: detail})
}

// record records what was found since the last time.
func (r *verification) record(ctx context.Context, e *es.Event, what string) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	c := commands.RecordMailboxChecks{MailboxID: r.box.ID, Checks: r.found, CheckedAt: r.Now().UTC().Truncate(time.Microsecond)}
	r.found = nil
	_, err := reaction.Submit(ctx, r.Commands, reaction.CausedBy(e, what), es.DeriveID(e.ID, "react", what), r.Now(), c)
	return err
}

// recordBeginning lets a mailbox that was never read be read from here on, so that messages that come late are found.
func (r *verification) recordBeginning(ctx context.Context, e *es.Event) error {
	if r.from == (imap.Cursor{}) || r.box.Cursor != (imap.Cursor{}) {
		return nil
	}
	c := commands.RecordMailboxRead{MailboxRef: events.MailboxRef{MailboxID: r.box.ID}, Folder: imap.Inbox, UIDValidity: int64(r.from.Validity), UID: int64(r.from.Next) - 1, ReadAt: r.Now().UTC().Truncate(time.Microsecond)}
	_, err := reaction.Submit(ctx, r.Commands, reaction.CausedBy(e, "verify from"), es.DeriveID(e.ID, "react", "verify from"), r.Now(), c)
	return err
}

var errTooLong = errors.New("the mail server takes too long")

// tryTagWithin is tryTag, for as long as a check may take.
func (r *verification) tryTagWithin(ctx context.Context) bool {
	ctx, cancel := context.WithTimeoutCause(ctx, longestCheck, errTooLong)
	defer cancel()
	return r.tryTag(ctx)
}

// runChecks returns all results except that of the tag; a check that could not be made because another failed is unknown.
func (r *verification) runChecks(ctx context.Context, e *es.Event) error {
	var sample []byte
	all := ctx
	ctx, cancel := context.WithTimeoutCause(ctx, longestCheck, errTooLong)
	defer cancel()
	if !r.box.IsRead() {
		r.checkSendingOnly(ctx)
		return nil
	}
	readErr := r.openReader(ctx)
	if err := r.recordBeginning(all, e); err != nil {
		return err
	}
	if readErr != nil {
		r.say(events.CheckIMAPAuth, events.CheckFailed, r.explain(r.box.IMAP, 0, "", reaction.ErrorText(readErr)))
	} else {
		r.say(events.CheckIMAPAuth, events.CheckPassed, "")
	}
	id := mailboxes.NewSelfMessageID(r.Signer, r.box)
	sent := r.writeToSelf(ctx, id, r.box.Address)
	r.saySent(sent)
	if readErr != nil || sent.Outcome != smtp.Accepted {
		r.say(events.CheckReadBack, events.CheckUnknown, skipped)
	} else if sample = r.awaitMail(ctx, func(raw []byte) bool { return strings.Contains(string(raw), id) }); sample == nil {
		r.isSent = true
		r.say(events.CheckReadBack, events.CheckFailed, fmt.Sprintf("the message to itself did not come to INBOX within %s; look for it in other folders (spam) and let it through, or wait: it counts when it comes", r.patience()))
	} else {
		r.isSent = true
		r.say(events.CheckReadBack, events.CheckPassed, "")
	}
	return r.lookAtDomain(all, e, sample)
}

// lookAtDomain looks at what the mailbox's domain publishes, with a message as it arrived. What is known of other mailboxes of the domain is known
// of this one too.
func (r *verification) lookAtDomain(ctx context.Context, e *es.Event, sample []byte) error {
	if r.Domains == nil {
		_, domain, _ := strings.Cut(r.box.Address, "@")
		f := senderdns.Check(ctx, r.Lookup, domain, sample)
		r.say(events.CheckDNS, string(f.Outcome), f.Detail)
		return nil
	}
	found, err := r.Domains.look(ctx, e, events.SenderDomainOf(r.box.Org, r.box.DomainHash), sample)
	if err != nil {
		return err
	}
	if len(found) == 0 { // it was removed meanwhile
		r.say(events.CheckDNS, events.CheckUnknown, skipped)
		return nil
	}
	f := senderdns.Sum(found)
	r.say(events.CheckDNS, string(f.Outcome), f.Detail)
	return nil
}

func (r *verification) openReader(ctx context.Context) (err error) {
	if r.reader, err = r.signIn(ctx, r.box); err != nil {
		return err
	}
	return unlessTouched(ctx, func() error {
		before, err := r.reader.Poll(ctx, imap.Inbox, imap.Cursor{})
		r.from = before.Next
		return err
	})
}

// saySent records how far a message to itself has come.
func (r *verification) saySent(sent smtp.Result) {
	outcomes := [3]string{events.CheckPassed, events.CheckPassed, events.CheckPassed}
	details := [3]string{}
	if sent.Outcome != smtp.Accepted {
		failed := 2
		switch sent.Stage {
		case smtp.StageConnect, smtp.StageTLS:
			failed = 0
		case smtp.StageAuth:
			failed = 1
		}
		outcomes[failed], details[failed] = events.CheckFailed, r.explain(r.box.SMTP, sent.Code, sent.Enhanced, resultText(sent))
		for i := failed + 1; i < len(outcomes); i++ {
			outcomes[i], details[i] = events.CheckUnknown, skipped
		}
	}
	for i, check := range [3]string{events.CheckSMTPTLS, events.CheckSMTPAuth, events.CheckSendToSelf} {
		r.say(check, outcomes[i], details[i])
	}
}

// explain puts in front of what a server said what that means and what helps, where it is signed in at by a token: three refusals look alike there.
func (r *verification) explain(s mailboxes.MailServer, code int, enhanced, said string) string {
	if !s.SignsInByToken() {
		return said
	}
	if why := mailoauth.Explain(code, enhanced, said); why != "" {
		return why + " (" + said + ")"
	}
	return said
}

func (r *verification) sayTag(outcome, why string) {
	if outcome == events.CheckUnknown && !r.isSent {
		why = skipped
	}
	r.say(events.CheckTaggedAddress, outcome, mailboxes.TagDetail(outcome, why))
}

// tryTag writes to the address with a tag and reads that back; false = not known yet. Mail that is just slow will be found when the inbox is read.
func (r *verification) tryTag(ctx context.Context) bool {
	to, ok := r.box.WithTag(mailboxes.TagToSelf(r.Signer, r.box.Org, r.box.ID))
	if !ok {
		r.sayTag(events.CheckFailed, "the address is too long for one")
		return true
	}
	id := mailboxes.NewSelfMessageID(r.Signer, r.box)
	switch sent := r.writeToSelf(ctx, id, to); {
	case sent.Outcome == smtp.Refused:
		r.sayTag(events.CheckFailed, "the mail server says "+resultText(sent))
		return true
	case sent.Outcome != smtp.Accepted:
		r.sayTag(events.CheckUnknown, "the message to the address with a + and a tag could not be sent ("+resultText(sent)+")")
		return true
	}
	outcome, why := "", ""
	r.awaitMail(ctx, func(raw []byte) bool {
		x := inbound.Read(raw)
		if outcome = mailboxes.CheckTag(r.Signer, r.box, x); outcome == "" && x.MessageID == id {
			outcome, why = events.CheckFailed, "it arrives, but the mail server takes the tag away"
		}
		return outcome != ""
	})
	if outcome == "" {
		return false
	}
	r.sayTag(outcome, why)
	return true
}

// writeToSelf writes a message to an address of the mailbox.
func (r *verification) writeToSelf(ctx context.Context, id, to string) smtp.Result {
	self := mail.Address{Name: r.box.DisplayName, Address: r.box.Address}
	raw, err := compose.Bytes(compose.Parts{From: self, To: mail.Address{Address: to}, Subject: "This mailbox is connected to Outrider", MessageID: id, Date: r.Now(),
		Text: "Outrider sent this message from your mailbox to itself, to see that sending and reading work. You can delete it.\n"})
	if err != nil {
		return smtp.Result{Outcome: smtp.Refused, Stage: smtp.StageSender, Err: err}
	}
	a, err := mailboxes.AccountOf(ctx, r.Secrets, r.box.Org, r.box.SMTP)
	if err != nil {
		return mailboxes.ResultOfAccount(err)
	}
	c := r.Servers.Sender(worker.Mailbox{Org: r.box.Org, ID: r.box.ID}, a)
	defer c.Close()
	var sent smtp.Result
	_ = unlessTouched(ctx, func() error {
		sent = c.Send(ctx, r.box.Address, to, raw)
		return sent.Err
	})
	return sent
}

func (r *verification) patience() time.Duration {
	if r.Patience == 0 {
		return time.Minute
	}
	return r.Patience
}

// awaitMail waits for a mail in INBOX and returns it as it arrived; nil = it didn't come in time.
func (r *verification) awaitMail(ctx context.Context, is func(raw []byte) bool) []byte {
	ctx, cancel := context.WithTimeout(ctx, r.patience())
	defer cancel()
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		batch, err := r.reader.Poll(ctx, imap.Inbox, r.from)
		for _, m := range batch.Messages {
			if is(m.Raw) {
				return m.Raw
			}
		}
		if err == nil {
			r.from = batch.Next
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}
