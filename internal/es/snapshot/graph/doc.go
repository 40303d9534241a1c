// Package graph writes a value with everything that it points to, and restores it: all fields, unexported ones too,
// and shared pointers as shared ones, cycles and pointers to the inside of a struct included. It knows types, and no
// field by name, so that none can be forgotten; what it can't restore exactly is refused when the plan is made. What it
// writes can be read by a plan of the same Shape only: memory without pointers is copied as it lies.
package graph
