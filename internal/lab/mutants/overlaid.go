package mutants

// overlaid is true in the copy of this file that the overlay has.
const overlaid = false
