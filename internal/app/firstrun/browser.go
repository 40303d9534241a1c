package firstrun

import (
	"os"
	"os/exec"
	"runtime"

	"github.com/mattn/go-isatty"
)

// ShowInBrowser opens a link in the browser of whoever sits before this process: at a terminal, with a desktop, not from afar. Elsewhere the link that is
// printed has to do, as it has when opening fails.
func ShowInBrowser(link string) {
	program := opener(runtime.GOOS, os.Getenv, isatty.IsTerminal(os.Stdout.Fd()))
	if program == "" || link == "" {
		return
	}
	path, err := exec.LookPath(program)
	if err != nil {
		return
	}
	cmd := exec.Command(path, link) //nolint:noctx // it outlives this process
	if cmd.Start() == nil {
		go func() { _ = cmd.Wait() }()
	}
}

// opener names the program that opens links, or "" where nobody would see what it opens.
func opener(system string, env func(string) string, terminal bool) string {
	if !terminal || env("CI") != "" || env("SSH_CONNECTION") != "" {
		return ""
	}
	switch {
	case system == "darwin":
		return "open"
	case system == "linux" && (env("DISPLAY") != "" || env("WAYLAND_DISPLAY") != ""):
		return "xdg-open"
	}
	return ""
}
