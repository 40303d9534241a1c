// Package es is the kernel: the rule by which a partition of the log decides what counts, the envelope of commands and
// events, the state of a partition folded from its log, and the owner that decides commands. It does no I/O.
package es
