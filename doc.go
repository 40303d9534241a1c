// Package outrider is the root of the module; the program is in cmd/outrider.
package outrider
