package main

import (
	"strconv"
)

// demoOptions say where dev's demonstration is played, and with which flags of the server.
type demoOptions struct {
	data, listen string
	serverFlags  []string
	json         bool
	browser      bool // open one
}

// serverFlags are the flags that are handed on to the server of a demonstration.
func (c devCmd) serverFlags() []string {
	out := []string{"--kafka", c.Kafka, "--postgres", c.Postgres, "--clickhouse", c.ClickHouse, "--blobs", c.Blobs,
		"--generation", strconv.Itoa(int(c.Generation)), "--replication", strconv.Itoa(int(c.Replication)), "--replies", strconv.Itoa(int(c.Replies))}
	if c.Partitions > 0 {
		out = append(out, "--partitions", strconv.Itoa(int(c.Partitions)))
	}
	return out
}
