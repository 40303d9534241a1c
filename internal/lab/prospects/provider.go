package prospects

import (
	"slices"
	"strings"
	"time"

	"outrider/internal/lab/mailserver"
)

// The kinds of lines of a provider of mail.
const (
	HandedOver = "handed_over" // it took a message; Detail: why who sent it doesn't know, "" = they do
	PutOff     = "put_off"     // it took none for now
	Returned   = "returned"    // it reported that a message came back; Detail: the status
)

// HandOver is the line of a provider that takes a message for a person.
func HandOver(raw []byte, mailbox, person string, at time.Time) (Line, error) {
	m, err := readMail(raw)
	if err != nil {
		return Line{}, err
	}
	return Line{At: at.UTC(), Real: time.Now().UTC(), Kind: HandedOver, Person: strings.ToLower(person), Mailbox: strings.ToLower(mailbox), MessageID: m.messageID, Digest: m.digestLinks(), Size: len(raw),
		Calendar: mailserver.BringsAppointment(raw)}, nil
}

// tallyProvider counts what a provider's journal says.
func (v *Judgement) tallyProvider(p Params, t tally) {
	for _, l := range p.Provider {
		switch {
		case p.notOurs(l):
		case l.Kind == HandedOver:
			t.addMessage("sent", l.MessageID)
			if l.Detail != "" {
				v.InDoubt[l.Person]++
			}
		case l.Kind == PutOff:
			v.Deferred++
		case l.Kind == Returned:
			t.addMessage(Bounced, l.MessageID)
		}
	}
}

// withProvider puts what a provider took and reported in the place of what its messages met later: who gets a message from it late, or twice, got it from the provider.
func withProvider(people []Line, p Params) []Line {
	if len(p.Provider) == 0 {
		return people
	}
	boxes, ids := map[string]bool{}, map[string]bool{}
	var out []Line
	for _, l := range p.Provider {
		boxes[plainAddress(l.Mailbox)], ids[l.MessageID] = true, true
		switch l.Kind {
		case HandedOver:
			l.Kind = Arrived
		case Returned:
			if l.Kind = Bounced; strings.HasPrefix(l.Detail, "5.7.") {
				continue // the receiver refused the sender, not the address: it ends nothing
			}
		default:
			continue
		}
		out = append(out, l)
	}
	return append(slices.DeleteFunc(slices.Clone(people), func(l Line) bool {
		return l.Kind == Arrived && ids[l.MessageID] || l.Kind == Refused && boxes[plainAddress(l.Mailbox)]
	}), out...)
}
