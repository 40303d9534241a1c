package engines

import (
	"os"
	"os/exec"
	"runtime"
	"strconv"
)

// launchProcess starts a command that is to die with us (dieWithParent). The caller sets what stop does.
func launchProcess(cmd *exec.Cmd) (*process, error) {
	p := &process{exited: make(chan struct{}), noticed: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		defer close(p.exited)
		p.err = pinThread(func() error { // the parent-death signal follows the forking thread
			err := cmd.Start()
			started <- err
			if err != nil {
				return err
			}
			return cmd.Wait()
		})
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	p.pid = cmd.Process.Pid
	p.kill = func() { _ = cmd.Process.Kill() }
	return p, nil
}

// pinThread runs f on a thread of its own, which lives until f returns.
func pinThread(f func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return f()
}

// commandLine is what a process was started with; empty when there is no such process.
func commandLine(pid int) string {
	number := strconv.Itoa(pid)
	if b, err := os.ReadFile("/proc/" + number + "/cmdline"); err == nil {
		return string(b)
	}
	line, err := exec.Command("ps", "-o", "args=", "-p", number).Output() //nolint:noctx // a number, from a file of our own
	if err != nil {
		return ""
	}
	return string(line)
}
