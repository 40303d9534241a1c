package api

import (
	"outrider/events"
	"outrider/internal/pii"
)

// asSealedEvent is a sealed text as events carry it.
func asSealedEvent(s pii.Sealed, err error) (events.Sealed, error) {
	return events.Sealed{K: int64(s.Key), C: s.Ciphertext}, err
}
