// Package aggregates is what must be remembered in order to decide.
package aggregates
