//go:build !linux

package embedded

import "syscall"

// Where the kernel has no death signal an orphan is stopped at the next start.
func deathSignal() *syscall.SysProcAttr { return &syscall.SysProcAttr{} }

func withoutDeathSignal(a syscall.SysProcAttr) *syscall.SysProcAttr { return &a }

func mayPass(*syscall.SysProcAttr) {}
