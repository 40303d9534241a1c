package inbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/google/uuid"

	"outrider/consumers/reaction"
	"outrider/internal/app/mailboxes"
	"outrider/internal/linktoken"
)

// Receiver records mail that providers hand over, as a monitor records what it reads. It opens no server.
type Receiver struct {
	monitor *Monitor
	boxes   func(ctx context.Context, org uuid.UUID) ([]mailboxes.Mailbox, error)
}

// NewReceiver returns a receiver, or an error that names what is missing; boxes lists the mailboxes of an organisation.
func NewReceiver(c MonitorConfig, boxes func(ctx context.Context, org uuid.UUID) ([]mailboxes.Mailbox, error)) (*Receiver, error) {
	if err := (reaction.Required{"mail": c.Mail != nil, "keys": c.Keys != nil, "hashes": c.Hashes != nil, "commands": c.Commands != nil, "signer": c.Signer != nil, "now": c.Now != nil, "log": c.Log != nil, "boxes": boxes != nil}).Check("receiver of mail"); err != nil {
		return nil, err
	}
	return &Receiver{&Monitor{MonitorConfig: c, addresses: map[uuid.UUID][]string{}}, boxes}, nil
}

// Receive records a mail that was handed over for a mailbox, or for another of its organisation that the envelope names: one address of ours serves all of a
// domain. The same mail handed over again changes nothing.
func (r *Receiver) Receive(ctx context.Context, org, mailbox uuid.UUID, to []string, raw []byte, received time.Time) error {
	boxes, err := r.boxes(ctx, org)
	if err != nil {
		return err
	}
	box, ok := addressee(boxes, mailbox, to)
	if !ok {
		return nil // it was removed
	}
	r.monitor.mu.Lock()
	r.monitor.addresses[org] = addressesOf(boxes)[org]
	r.monitor.mu.Unlock()
	sum := sha256.Sum256(raw)
	return r.monitor.recordReceived(ctx, box, receivedMail{raw: raw, received: received, place: []string{"handed over", hex.EncodeToString(sum[:])}, inInbox: true, again: true})
}

// addressee returns the mailbox that an envelope names, with a tag or without; else the one that the mail was handed over for.
func addressee(boxes []mailboxes.Mailbox, mailbox uuid.UUID, to []string) (found mailboxes.Mailbox, ok bool) {
	for _, b := range boxes {
		for _, address := range to {
			if address == b.Address || withoutTag(address) == b.Address {
				return b, true
			}
		}
		if b.ID == mailbox {
			found, ok = b, true
		}
	}
	return found, ok
}

// withoutTag takes the last tag out of an address.
func withoutTag(address string) string {
	tag := linktoken.TagOf(address)
	if tag == "" {
		return address
	}
	at := len(address) - len(address[lastAt(address):])
	return address[:at-len(tag)-1] + address[at:]
}

func lastAt(address string) int {
	for i := len(address) - 1; i >= 0; i-- {
		if address[i] == '@' {
			return i
		}
	}
	return len(address)
}
