// Package ailive has a small real language model write messages on this machine, and holds them against facts: `make ai-live`.
package ailive
