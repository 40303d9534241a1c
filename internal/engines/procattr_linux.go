package engines

import "syscall"

// dieWithParent makes the kernel send a signal when the thread that forked ends.
func dieWithParent(a *syscall.SysProcAttr, s syscall.Signal) { a.Pdeathsig = s }

// readAnywhere keeps CAP_DAC_READ_SEARCH across the change of user: paths below a closed folder stay reachable.
func readAnywhere(a *syscall.SysProcAttr) { a.AmbientCaps = []uintptr{capDACReadSearch} }
