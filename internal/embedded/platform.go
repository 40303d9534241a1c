package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// libraries says where the engines of this platform lie below engines/node_modules; the only place that knows.
func libraries() (postgres, clickhouse string, err error) {
	arch := map[string]string{"amd64": "x64", "arm64": "arm64"}[runtime.GOARCH]
	switch {
	case runtime.GOOS == "linux" && arch == "x64":
		clickhouse = "@chdb/lib-linux-x64-gnu/libchdb.so"
	case (runtime.GOOS == "linux" || runtime.GOOS == "darwin") && arch != "": // no package holds the ClickHouse engine for these
	default:
		return "", "", fmt.Errorf("there are no embedded engines for %s/%s; give addresses with --kafka, --postgres and --clickhouse", runtime.GOOS, runtime.GOARCH)
	}
	return "@embedded-postgres/" + runtime.GOOS + "-" + arch + "/native", clickhouse, nil
}

// ErrNotInstalled says that make engines has not run.
var ErrNotInstalled = errors.New("the embedded engines are not installed; run `make engines`, or give addresses with --postgres and --clickhouse")

// findEngines looks for node_modules: where it is told, else in $OUTRIDER_ENGINES, else in engines/ of a folder above the
// working folder or the program.
func findEngines(told string) (string, error) {
	if told == "" {
		told = os.Getenv("OUTRIDER_ENGINES")
	}
	if told != "" {
		if _, err := os.Stat(told); err != nil {
			return "", fmt.Errorf("%w (looked in %s)", ErrNotInstalled, told)
		}
		return told, nil
	}
	var starts []string
	if wd, err := os.Getwd(); err == nil {
		starts = append(starts, wd)
	}
	if exe, err := os.Executable(); err == nil {
		starts = append(starts, filepath.Dir(exe))
	}
	for _, dir := range starts {
		for {
			if p := filepath.Join(dir, "engines", "node_modules"); isDir(p) {
				return p, nil
			}
			up := filepath.Dir(dir)
			if up == dir {
				break
			}
			dir = up
		}
	}
	return "", ErrNotInstalled
}

func isDir(p string) bool {
	st, err := os.Stat(p)
	return err == nil && st.IsDir()
}
