package es

import (
	"fmt"
	"strconv"
	"strings"
)

// Position is a consistency token: a reader that has come to Pseq in Partition sees the command's effect. Generation
// is that of the topics; outside it is opaque text.
type Position struct {
	Generation int32
	Partition  int32
	Pseq       int64
}

func (p Position) String() string {
	return strconv.FormatInt(int64(p.Generation), 36) + "." + strconv.FormatInt(int64(p.Partition), 36) + "." + strconv.FormatInt(p.Pseq, 36)
}

// ParsePosition reads what String wrote.
func ParsePosition(s string) (Position, error) {
	f := strings.Split(s, ".")
	if len(f) != 3 {
		return Position{}, fmt.Errorf("position %q is not a token of this API", s)
	}
	var n [3]int64
	for i, bits := range [3]int{31, 31, 63} {
		v, err := strconv.ParseUint(f[i], 36, bits)
		if err != nil {
			return Position{}, fmt.Errorf("position %q is not a token of this API", s)
		}
		n[i] = int64(v)
	}
	return Position{int32(n[0]), int32(n[1]), n[2]}, nil
}

// Checkpoint is the position of a reader of a partition, always between commands. All four belong together.
type Checkpoint struct {
	Epoch       int64 `json:"epoch"`
	Pseq        int64 `json:"pseq"`         // newest counted
	Offset      int64 `json:"offset"`       // of the record to read next
	LeaderEpoch int32 `json:"leader_epoch"` // Kafka's, of the last record read; -1 = none
}

// StartCheckpoint is where every reader begins.
func StartCheckpoint() Checkpoint { return Checkpoint{LeaderEpoch: -1} }
