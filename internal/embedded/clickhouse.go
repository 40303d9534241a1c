package embedded

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"outrider/internal/embedded/chhttp"
	"outrider/internal/embedded/chlib"
)

// clickhouseConfig makes acknowledged inserts durable and bounds memory.
const clickhouseConfig = `<clickhouse>
  <max_server_memory_usage>1500000000</max_server_memory_usage>
  <mark_cache_size>134217728</mark_cache_size>
  <merge_tree>
    <fsync_after_insert>1</fsync_after_insert>
    <fsync_part_directory>1</fsync_part_directory>
    <non_replicated_deduplication_window>1000</non_replicated_deduplication_window>
  </merge_tree>
  <logger><level>warning</level><console>0</console></logger>
</clickhouse>
`

// clickhousePasswordEnv carries the password, which other processes must not read off the command line.
const clickhousePasswordEnv = "OUTRIDER_CLICKHOUSE_PASSWORD"

func clickhouseMain(args []string) error {
	fs := flag.NewFlagSet(clickhouseChild, flag.ContinueOnError)
	dir, lib := fs.String("dir", "", ""), fs.String("lib", "", "")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if err := os.MkdirAll(*dir, 0o755); err != nil {
		return fmt.Errorf("make %s: %w", *dir, err)
	}
	config := filepath.Join(*dir, "..", "clickhouse.xml")
	if err := os.WriteFile(config, []byte(clickhouseConfig), 0o600); err != nil {
		return fmt.Errorf("write the ClickHouse configuration: %w", err)
	}
	signal.Ignore(syscall.SIGINT)
	engine, err := chlib.Load(*lib)
	if err != nil {
		return err
	}
	s, err := chhttp.New(engine, *dir, clickhouseUser, os.Getenv(clickhousePasswordEnv), 32, "--config-file="+config)
	if err != nil {
		return err
	}
	l, err := inherited()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-ctx.Done():
		case <-lifelineCut():
		}
		finish, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = server.Shutdown(finish)
	}()
	fmt.Println("READY")
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve ClickHouse: %w", err)
	}
	<-ended
	s.Close()
	engine.Shutdown()
	return nil
}
