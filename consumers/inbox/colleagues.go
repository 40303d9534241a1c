package inbox

import (
	"strings"

	"github.com/google/uuid"

	"outrider/internal/app/mailboxes"
	"outrider/internal/pii"
)

// isColleague reports whether an address belongs to the organisation of a mailbox: it is one of its mailboxes, or at the domain of one.
// The domain doesn't count if a lead has an address there, or if anybody can have one.
func (m *Monitor) isColleague(b mailboxes.Mailbox, from, lead string) bool {
	if strings.EqualFold(from, lead) {
		return false
	}
	m.mu.Lock()
	addresses := append(m.addresses[b.Org], b.Address)
	m.mu.Unlock()
	domain := domainOf(from)
	shared := domain == "" || domain == domainOf(lead) || pii.IsFreeMail(domain)
	for _, own := range addresses {
		if strings.EqualFold(from, own) || !shared && domain == domainOf(own) {
			return true
		}
	}
	return false
}

func domainOf(address string) string {
	return strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
}

// addressesOf returns the addresses of all mailboxes by organisation.
func addressesOf(boxes []mailboxes.Mailbox) map[uuid.UUID][]string {
	all := map[uuid.UUID][]string{}
	for _, b := range boxes {
		all[b.Org] = append(all[b.Org], b.Address)
	}
	return all
}
