// Package disk tells how much room there is.
package disk

import (
	"fmt"
	"syscall"
)

// Free returns how many bytes an ordinary user may still write on the file system of dir.
func Free(dir string) (uint64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, fmt.Errorf("read free space of %s: %w", dir, err)
	}
	return s.Bavail * uint64(s.Bsize), nil // a block size is positive; its type differs between systems
}
