// Package graph writes a value with everything that it points to, and restores it: all fields, unexported ones too,
// and pointers that meet again where they met, circles and pointers to the inside of a struct included. It knows types, no
// field by name, so that none can be forgotten; what it can't bring back exactly is refused when the plan is made. What it
// writes can be read by a plan of the same Shape only: memory without pointers is copied as it lies.
package graph
