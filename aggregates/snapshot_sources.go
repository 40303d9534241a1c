package aggregates

import "embed"

// Sources are the files of this package, so that a snapshot can tell whether other code has made it.
//
//go:embed *.go
var Sources embed.FS
