// Package consumers is what happens next: each reactor turns events into an effect in the outside world, and records its result with a command.
package consumers
