package embedded

import "syscall"

// capDACReadSearch lets a process pass folders that it may not enter, and nothing more (capabilities(7)).
const capDACReadSearch = 2

func deathSignal() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGINT} }

func withoutDeathSignal(a syscall.SysProcAttr) *syscall.SysProcAttr {
	a.Pdeathsig = 0
	return &a
}

func mayPass(a *syscall.SysProcAttr) { a.AmbientCaps = []uintptr{capDACReadSearch} }
