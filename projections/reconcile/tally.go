package reconcile

import (
	"crypto/md5" // both databases have it; it finds mistakes, not forgers
	"encoding/binary"

	"github.com/google/uuid"
)

// tally is how many things are in which state, and a sum of hashes of all of them: two that changed states with each
// other leave the numbers as they were, but not the sum.
type tally struct {
	counts map[string]int64
	hash   uint64
}

type tallies map[uuid.UUID]*tally

func (t tallies) tallyOf(org uuid.UUID) *tally {
	if t[org] == nil {
		return &tally{counts: map[string]int64{}}
	}
	return t[org]
}

// addTally counts something that is in a state; n of them whose hashes make sum.
func (t tallies) addTally(org uuid.UUID, state string, n int64, sum uint64) {
	if t[org] == nil {
		t[org] = &tally{counts: map[string]int64{}}
	}
	t[org].counts[state] += n
	t[org].hash += sum // around the end of the number, as ClickHouse does
}

// hashOf is the first half of an MD5, as both databases compute it.
func hashOf(key, state string) uint64 {
	sum := md5.Sum([]byte(key + ":" + state))
	return binary.BigEndian.Uint64(sum[:8])
}
