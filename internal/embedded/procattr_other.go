//go:build !linux

package embedded

import "syscall"

// dieWithParent: only Linux can. Elsewhere the next start stops a Postgres that outlived its parent (takeLock).
func dieWithParent(*syscall.SysProcAttr) {}

// readAnywhere: only Linux can.
func readAnywhere(*syscall.SysProcAttr) {}
