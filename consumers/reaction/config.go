package reaction

import (
	"fmt"
	"slices"
	"strings"
)

// Required maps the parts that a reactor can't work without to whether they were given.
type Required map[string]bool

// Check returns an error that names what is missing.
func (r Required) Check(reactor string) error {
	var missing []string
	for name, given := range r {
		if !given {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	slices.Sort(missing)
	return fmt.Errorf("%s: missing %s", reactor, strings.Join(missing, ", "))
}
