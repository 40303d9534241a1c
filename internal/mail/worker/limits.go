package worker

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// maxBatch is what a poll brings at once, unless one message alone is larger: several mailboxes of an organisation may have their turns at the same time.
const maxBatch = 4 << 20

// What a child may take. An honest mailbox's largest batch is 8 MiB, twice in memory.
const (
	softMemory = 96 << 20  // from which on it collects garbage harder
	maxRSS     = 256 << 20 // at which the parent ends it
	hardMemory = 1 << 30   // of address space beyond what it begins with: where the parent can't see its memory
	maxFiles   = 1024
	cpuWindow  = 20 * time.Second // it may not use nearly all of the processor for so long
	watchEvery = 200 * time.Millisecond
	ticksPerS  = 100 // USER_HZ, on all of Linux
)

// ownAddressSpace is what this process has reserved; 0 where that can't be told.
func ownAddressSpace() uint64 {
	fields := procFields("/proc/self/statm")
	if len(fields) == 0 {
		return 4 << 30
	}
	pages, _ := strconv.ParseUint(fields[0], 10, 64)
	return pages * uint64(os.Getpagesize())
}

// usageOf says what a process has in memory for itself alone (the program's text is shared by all), and how much of the processor's time it has used; zero where that can't be told.
func usageOf(pid int) (rss int64, cpu time.Duration) {
	if f := procFields(fmt.Sprintf("/proc/%d/statm", pid)); len(f) > 2 {
		resident, _ := strconv.ParseInt(f[1], 10, 64)
		shared, _ := strconv.ParseInt(f[2], 10, 64)
		rss = (resident - shared) * int64(os.Getpagesize())
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return rss, 0
	}
	f := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:]) // from the third field on
	if len(f) > 12 {
		user, _ := strconv.ParseInt(string(f[11]), 10, 64)
		system, _ := strconv.ParseInt(string(f[12]), 10, 64)
		cpu = time.Duration(user+system) * time.Second / ticksPerS
	}
	return rss, cpu
}

func procFields(path string) (out []string) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	for _, f := range bytes.Fields(text) {
		out = append(out, string(f))
	}
	return out
}
