// Package commands is what may be asked, and when it is refused: every command decides on its own.
package commands
