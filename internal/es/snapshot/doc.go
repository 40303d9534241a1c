// Package snapshot keeps the state of partitions in a bucket, so that an owner need not read the whole log. A snapshot is a
// cache, never the truth: one that is damaged, or of another log, partition or code version, is skipped.
package snapshot
