//go:build !linux

package engines

import "syscall"

// dieWithParent: only Linux can. Elsewhere the next start stops what outlived its parent (takeLock).
func dieWithParent(*syscall.SysProcAttr, syscall.Signal) {}

// readAnywhere: only Linux can.
func readAnywhere(*syscall.SysProcAttr) {}
