// Package consumers is what happens next: each reactor turns facts into an effect in the outside world, which ends in a command.
package consumers
