//go:build mutants

package commands

import "fmt"

// leftOutFor says what children of a control run leave out.
func leftOutFor(what string) (string, error) {
	switch what {
	case "", "dedupe", "arbiter", "checkpoint":
		return what, nil
	case "claim":
		return "own claim", nil
	case "person-gap":
		return "person gap", nil
	}
	return "", fmt.Errorf("--without %s: there are only dedupe, arbiter, checkpoint, claim and person-gap", what)
}
