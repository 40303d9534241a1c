package embedded

import "syscall"

// dieWithParent makes the kernel send SIGINT (Postgres: fast shutdown) when the thread that forked ends.
func dieWithParent(a *syscall.SysProcAttr) { a.Pdeathsig = syscall.SIGINT }

// readAnywhere keeps CAP_DAC_READ_SEARCH across the change of user: paths below a closed folder stay reachable.
func readAnywhere(a *syscall.SysProcAttr) { a.AmbientCaps = []uintptr{capDACReadSearch} }
