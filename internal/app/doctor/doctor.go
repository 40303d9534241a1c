package doctor

import (
	"context"
	"fmt"
	"io"
	"time"
)

// checkTime bounds each check.
const checkTime = 10 * time.Second

// Check is one thing that must be so. try gives what was found; when it fails, fix says what to do.
type Check struct {
	name string
	fix  string
	try  func(context.Context) (found string, err error)
}

// Examine runs checks in their order; later ones may rest on earlier ones.
func Examine(ctx context.Context, w io.Writer, checks []Check) (failed int) {
	for _, c := range checks {
		ctx, cancel := context.WithTimeout(ctx, checkTime)
		found, err := c.try(ctx)
		cancel()
		if err != nil {
			failed++
			fmt.Fprintf(w, "FAIL  %-22s %v\n      %-22s fix: %s\n", c.name, err, "", c.fix)
			continue
		}
		fmt.Fprintf(w, "ok    %-22s %s\n", c.name, found)
	}
	return failed
}
