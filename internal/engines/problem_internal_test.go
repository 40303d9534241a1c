package engines

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestProblemsNameTheFix(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"too little space":               {checkSpace(t.TempDir(), math.MaxUint64), "MB are free for the data folder"},
		"a full disk":                    {unwritableProblem("/data", syscall.ENOSPC), "is full"},
		"a folder without rights":        {unwritableProblem("/data", os.ErrPermission), "can't be written: choose another folder with --data"},
		"a cluster of another version":   {(&postgres{data: cluster(t, "17")}).sameVersion(), "was made by version 17"},
		"a platform's missing engine":    {checkPlatform(ClickHouse, "/nowhere/lib.so", "@chdb/lib-x"), "npm install --prefix engines --no-save @chdb/lib-x@26"},
		"engines that are not installed": {checkPlatform(Postgres, "/nowhere/postgres", ""), "run `make engines`"},
		"a data folder that is in use":   {inUse("/data", 1), "in use by process 1: stop it (kill 1)"},
		"a damaged engines.json":         {second(loadMemory(damaged(t))), "can't read"},
		"a folder that is not ours":      {Reset(foreign(t)), "does not look like an outrider data folder"},
		"root below a closed home":       {tooClosed("/root"), "run outrider as a plain user"},
		"a platform without any engines": {second(nativeFor("plan9", "386")), "--postgres and --clickhouse"},
	} {
		var p *Problem
		if !errors.As(c.err, &p) || !strings.Contains(c.err.Error(), c.want) || p.Fix == "" || strings.Contains(c.err.Error(), "\n") {
			t.Errorf("%s: %v", name, c.err)
		}
	}
	if err := checkSpace(t.TempDir(), 0); err != nil {
		t.Error(err)
	}
}

func second[T any](_ T, err error) error { return err }

func cluster(t *testing.T, version string) string {
	t.Helper()
	return with(t, "PG_VERSION", version+"\n")
}

func damaged(t *testing.T) string {
	t.Helper()
	return with(t, "engines.json", "{")
}

func foreign(t *testing.T) string {
	t.Helper()
	return with(t, "thesis.doc", "years of work")
}

func with(t *testing.T, file, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}
