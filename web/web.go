// Package web holds the dashboard as it was built (make web): pages, scripts, fonts. Without Node it is empty, and the API works all the same.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var built embed.FS

// Dashboard returns the files of the dashboard, index.html and what it loads; ok = they were built.
func Dashboard() (files fs.FS, ok bool) {
	files, err := fs.Sub(built, "dist")
	if err != nil {
		return nil, false
	}
	_, err = fs.Stat(files, "index.html")
	return files, err == nil
}
