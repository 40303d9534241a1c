package chaos

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// signalTree sends a signal to a process and all below it, those above first: Postgres' backends are in groups of their
// own. Where there is no /proc only the process itself gets it.
func signalTree(pid int, sig syscall.Signal) error {
	if err := syscall.Kill(pid, sig); err != nil {
		return fmt.Errorf("send %s to process %d: %w", sig, pid, err)
	}
	children := childrenOfAll()
	for below := children[pid]; len(below) > 0; below = below[1:] {
		if err := syscall.Kill(below[0], sig); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("send %s to process %d: %w", sig, below[0], err)
		}
		below = append(below, children[below[0]]...)
	}
	return nil
}

// childrenOfAll gives every process' children.
func childrenOfAll() map[int][]int {
	out := map[int][]int{}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return out
	}
	for _, e := range entries {
		id, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		b, err := os.ReadFile("/proc/" + e.Name() + "/stat")
		if err != nil {
			continue // it has ended meanwhile
		}
		_, rest, _ := strings.Cut(string(b), ") ") // a name may hold anything
		if f := strings.Fields(rest); len(f) > 1 {
			parent, _ := strconv.Atoi(f[1])
			out[parent] = append(out[parent], id)
		}
	}
	return out
}
