package reconcile

import (
	"crypto/md5" // both databases have it; it is against mistakes, not forgery
	"encoding/binary"

	"github.com/google/uuid"
)

// tally is how many things are in which state, and a sum of hashes of all of them: two things that swapped states
// leave the numbers unchanged, but not the sum.
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

// addTally counts n things in a state, whose hashes add up to sum.
func (t tallies) addTally(org uuid.UUID, state string, n int64, sum uint64) {
	if t[org] == nil {
		t[org] = &tally{counts: map[string]int64{}}
	}
	t[org].counts[state] += n
	t[org].hash += sum // overflows, as in ClickHouse
}

// hashOf is the first half of an MD5, as both databases compute it.
func hashOf(key, state string) uint64 {
	sum := md5.Sum([]byte(key + ":" + state))
	return binary.BigEndian.Uint64(sum[:8])
}
