package embedded

import (
	"fmt"
	"syscall"
)

// minimumSpace is what a first start needs, with room to work, in bytes.
const minimumSpace = 300 << 20

func enoughSpace(dir string) error {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return nil //nolint:nilerr // not knowing is no reason to refuse
	}
	if free := st.Bavail * uint64(st.Bsize); free < minimumSpace {
		return fmt.Errorf("only %d MB are free for %s and the engines need %d; make room, or choose another folder with --data", free>>20, dir, minimumSpace>>20)
	}
	return nil
}
