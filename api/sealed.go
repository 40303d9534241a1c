package api

import (
	"outrider/events"
	"outrider/internal/pii"
)

// hashAddress returns a normalised address as the domain knows it.
func hashAddress(h *pii.Hasher, address string) (addressHash, domainHash string, free bool) {
	domain := pii.Domain(address)
	return h.AddressHash(address).String(), h.DomainHash(domain).String(), pii.IsFreeMail(domain)
}

// asSealedEvent is a sealed text as events carry it.
func asSealedEvent(s pii.Sealed, err error) (events.Sealed, error) {
	return events.Sealed{K: int64(s.Key), C: s.Ciphertext}, err
}
