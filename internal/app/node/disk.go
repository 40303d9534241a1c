package node

import (
	"fmt"

	"outrider/internal/disk"
)

// LeastDisk is how many bytes must be free where an installation keeps its data.
const LeastDisk = 1 << 30

// CheckDisk returns how many bytes are free in a folder, and an error when they are fewer than LeastDisk.
func CheckDisk(dir string) (free uint64, err error) {
	free, err = disk.Free(dir)
	if err == nil && free < LeastDisk {
		err = fmt.Errorf("%d MB are free in %s", free>>20, dir)
	}
	return free, err
}
