// Package processor runs es.Owner against Kafka for the partitions that the consumer group assigns to this process.
package processor
