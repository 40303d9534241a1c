// Command generate writes the overlay of the build that is wrong on purpose into a folder:
//
//	go run ./internal/lab/mutants/generate bin/mutants
//	go build -tags mutants -overlay bin/mutants/overlay.json ./cmd/outrider
package main

import (
	"errors"
	"fmt"
	"os"

	"outrider/internal/lab/mutants/overlay"
)

func main() {
	err := errors.New("usage, in the module's folder: generate FOLDER")
	if len(os.Args) == 2 {
		_, err = overlay.Write(".", os.Args[1])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
