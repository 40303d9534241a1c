//go:build !mutants

package aggregates

// LeftOut says whether a check of the product is left out: never, and the compiler removes whoever asks. Another build, with
// the tag mutants, leaves out one check at a time to prove that whoever judges the product from outside sees it.
func LeftOut(string) bool { return false }
