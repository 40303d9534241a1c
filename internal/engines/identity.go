package engines

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

const capDACReadSearch = 2

// identity is the user that Postgres runs as. The zero value is our own.
type identity struct {
	other    bool
	uid, gid uint32
	readAny  bool // keep the capability to pass closed folders
}

// whoRunsPostgres: Postgres refuses to run as root, so root runs it as nobody.
func whoRunsPostgres(native, data string) (identity, error) {
	if os.Geteuid() != 0 {
		return identity{}, nil
	}
	id := identity{other: true, uid: 65534, gid: 65534}
	if u, err := user.Lookup("nobody"); err == nil {
		uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
		if uidErr == nil && gidErr == nil {
			id.uid, id.gid = uint32(uid), uint32(gid)
		}
	}
	for _, name := range []string{"initdb", "postgres"} {
		if err := letAllExecute(filepath.Join(native, "bin", name)); err != nil {
			return id, err
		}
	}
	closed := closedFolder(native, data)
	if closed == "" {
		return id, nil
	}
	if !haveCapability() {
		return id, tooClosed(closed)
	}
	id.readAny = true
	return id, nil
}

func tooClosed(folder string) error {
	return &Problem{What: "Postgres can't run as root, and the user nobody can't enter " + folder,
		Fix: "run outrider as a plain user, or put it and the data folder (--data) where others may enter"}
}

// closedFolder is the first folder on the way to one of the paths (or in the installation) that others can't enter.
func closedFolder(native, data string) string {
	for _, p := range []string{data, filepath.Join(native, "bin"), filepath.Join(native, "lib"), filepath.Join(native, "share")} {
		for dir := p; ; dir = filepath.Dir(dir) {
			if fi, err := os.Stat(dir); err == nil && fi.Mode().Perm()&0o001 == 0 {
				return dir
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	return ""
}

// letAllExecute undoes a strict umask of the npm install: the capability reads everything but executes nothing.
func letAllExecute(file string) error {
	fi, err := os.Stat(file)
	if err != nil {
		return fmt.Errorf("look at %s: %w", file, err)
	}
	if fi.Mode().Perm()&0o005 == 0o005 {
		return nil
	}
	if err := os.Chmod(file, fi.Mode().Perm()|0o055); err != nil {
		return fmt.Errorf("let all execute %s: %w", file, err)
	}
	return nil
}

// haveCapability: can root here hand on CAP_DAC_READ_SEARCH? Containers often can't.
func haveCapability() bool {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(b), "CapPrm:")
	f := strings.Fields(rest)
	if len(f) == 0 {
		return false
	}
	caps, err := strconv.ParseUint(f[0], 16, 64)
	return err == nil && caps&(1<<capDACReadSearch) != 0
}

func (id identity) applyTo(a *syscall.SysProcAttr) {
	if !id.other {
		return
	}
	a.Credential = &syscall.Credential{Uid: id.uid, Gid: id.gid}
	if id.readAny {
		readAnywhere(a)
	}
}

func (id identity) ownFiles(path string) error {
	if !id.other {
		return nil
	}
	if err := os.Chown(path, int(id.uid), int(id.gid)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("give %s to user %d: %w", path, id.uid, err)
	}
	return nil
}
