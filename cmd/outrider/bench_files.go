package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"syscall"
)

// profile writes a CPU profile until stop is called; no file, no profile. SIGUSR1 begins it anew, so that a set-up can be left out.
func profile(file string) (stop func(), err error) {
	if file == "" {
		return func() {}, nil
	}
	f, err := os.Create(file) //nolint:gosec // the caller's own file
	if err != nil {
		return nil, fmt.Errorf("create a profile: %w", err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, fmt.Errorf("begin a profile: %w", err)
	}
	anew, over, done := make(chan os.Signal, 1), make(chan struct{}), make(chan struct{})
	signal.Notify(anew, syscall.SIGUSR1)
	go func() {
		defer close(done)
		for {
			select {
			case <-over:
				return
			case <-anew:
				pprof.StopCPUProfile()
				_, _ = f.Seek(0, io.SeekStart)
				_ = f.Truncate(0)
				_ = pprof.StartCPUProfile(f) // nothing else takes one
			}
		}
	}()
	return func() {
		signal.Stop(anew)
		close(over)
		<-done
		pprof.StopCPUProfile()
		_ = f.Close() // a profile that is cut off shows itself
	}, nil
}

// folderSize is the bytes of all files below a folder.
func folderSize(dir string) (n int64) {
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil //nolint:nilerr // it went meanwhile
		}
		if i, err := d.Info(); err == nil && i.Mode().IsRegular() {
			n += i.Size()
		}
		return nil
	})
	return n
}
