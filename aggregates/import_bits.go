package aggregates

import "math/bits"

// MaxBit bounds the numbers in a Bits.
const MaxBit = 100_000

// Bits is a set of numbers from 0 to MaxBit, as large as its largest.
type Bits struct{ words []uint64 }

// Has reports whether a number is in the set.
func (b *Bits) Has(n int) bool {
	return n >= 0 && n/64 < len(b.words) && b.words[n/64]&(1<<(n%64)) != 0
}

// Set adds a number.
func (b *Bits) Set(n int) {
	if n < 0 || n > MaxBit {
		return
	}
	for n/64 >= len(b.words) {
		b.words = append(b.words, 0)
	}
	b.words[n/64] |= 1 << (n % 64)
}

// FirstGap returns the smallest number >= 1 that is missing below the largest, or 0 when none is. 0 itself may be missing.
func (b *Bits) FirstGap() int {
	last := len(b.words) - 1
	if last < 0 {
		return 0
	}
	highest := last*64 + 63 - bits.LeadingZeros64(b.words[last])
	for n := 1; n < highest; n++ {
		if !b.Has(n) {
			return n
		}
	}
	return 0
}
