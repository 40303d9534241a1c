package node

import "outrider/internal/kafka"

// Topics says what the log is made with; it is fixed when it is made.
type Topics struct {
	Generation  int32 `default:"1" help:"Generation of the topics."`
	Partitions  int32 `help:"Partitions of a new log; 0 = 8 embedded, else 16."`
	Replication int16 `default:"1" help:"Replicas of each partition; 3 in production."`
	Replies     int32 `default:"8" help:"Partitions of replies; at least one for each api process."`
}

func (t Topics) Log(a Addresses) kafka.Log {
	return kafka.Log{Seeds: a.Seeds(), Generation: t.Generation, Partitions: PartitionsFor(a, t.Partitions), Replication: t.Replication, Replies: t.Replies, Access: a.Access}
}

// PartitionsFor returns how many partitions a new log has: what the flag says, else 8 on the embedded broker and 16 elsewhere.
func PartitionsFor(a Addresses, flag int32) int32 {
	switch {
	case flag > 0:
		return flag
	case a.OwnKafka():
		return 8
	default:
		return 16
	}
}
