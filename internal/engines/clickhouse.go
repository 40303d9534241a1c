package engines

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
)

const clickhouseUser = "outrider"

// clickhouseConfig bounds memory and makes an acknowledged insert durable: by default ClickHouse leaves parts to the
// page cache.
const clickhouseConfig = `<clickhouse>
  <max_server_memory_usage>1500000000</max_server_memory_usage>
  <mark_cache_size>134217728</mark_cache_size>
  <background_pool_size>2</background_pool_size>
  <background_schedule_pool_size>4</background_schedule_pool_size>
  <merge_tree>
    <fsync_after_insert>1</fsync_after_insert>
    <fsync_part_directory>1</fsync_part_directory>
    <number_of_free_entries_in_pool_to_lower_max_size_of_merge>1</number_of_free_entries_in_pool_to_lower_max_size_of_merge>
    <number_of_free_entries_in_pool_to_execute_mutation>1</number_of_free_entries_in_pool_to_execute_mutation>
    <number_of_free_entries_in_pool_to_execute_optimize_entire_partition>1</number_of_free_entries_in_pool_to_execute_optimize_entire_partition>
  </merge_tree>
  <logger><level>warning</level><console>0</console></logger>
</clickhouse>
`

func (e *Engines) startClickHouse(ctx context.Context) (string, error) {
	if err := checkPlatform(ClickHouse, e.install.clickhouse, e.install.unlocked); err != nil {
		return "", err
	}
	config := filepath.Join(e.Data, "clickhouse.xml")
	if err := os.WriteFile(config, []byte(clickhouseConfig), 0o600); err != nil {
		return "", unwritableProblem(e.Data, err)
	}
	o := childOrders{Library: e.install.clickhouse, Config: config, User: clickhouseUser, Password: e.memory.Secret, Concurrent: 32}
	// asyncpreemptoff: Go's preemption signals would interrupt the engine's system calls.
	addr, err := e.startChild(ctx, ClickHouse, o, e.options.ClickHousePort, "GODEBUG=asyncpreemptoff=1", "GOMEMLIMIT=64MiB")
	if err != nil {
		return "", err
	}
	u := url.URL{Scheme: "http", User: url.UserPassword(clickhouseUser, e.memory.Secret), Host: addr, Path: "/default"}
	return u.String(), nil
}
