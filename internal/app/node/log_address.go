package node

import (
	"strings"

	"outrider/internal/kafka"
)

// LogAddress says where Kafka is, for commands that only read.
type LogAddress struct {
	Kafka      string `help:"Kafka's address (host:port,...); default: that of the 'outrider dev' running on --data." placeholder:"ADDR"`
	Generation int32  `default:"1" help:"Generation of the topics."`
	kafka.Access
}

// Log finds the topics of the log that a reading command was told to read.
func (a LogAddress) Log(f *Folder) (kafka.Log, error) {
	seeds := a.Kafka
	if seeds == "" {
		r, err := FindRunning(f.Data)
		if err != nil {
			return kafka.Log{}, err
		}
		seeds = r.Kafka
	}
	return kafka.Log{Seeds: strings.Split(seeds, ","), Generation: a.Generation, Access: a.Access}, nil
}
