package pii_test

import (
	"testing"

	"github.com/google/uuid"

	"outrider/internal/pii"
)

// One operation is a chunk of 500 new leads: keys created, a profile sealed for each.
func BenchmarkKeysAndSeal(b *testing.B) {
	f := setup(b)
	profile := make([]byte, 300)
	b.SetParallelism(1)
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			keys, err := f.Keys(b.Context(), f.org, subjects(500))
			if err != nil {
				b.Error(err)
				return
			}
			for _, k := range keys {
				if _, err := k.Seal("profile", profile); err != nil {
					b.Error(err)
					return
				}
			}
		}
	})
	b.ReportMetric(float64(b.N)*500/b.Elapsed().Seconds(), "leads/s")
}

// One operation is a chunk of 500 leads that are there already.
func BenchmarkKeysAgain(b *testing.B) {
	f := setup(b)
	known := subjects(500)
	for b.Loop() {
		if _, err := f.Keys(b.Context(), f.org, known); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*500/b.Elapsed().Seconds(), "leads/s")
}

// One operation is a projector's batch of 500 ciphertexts whose keys are not in memory.
func BenchmarkLookupAndOpen(b *testing.B) {
	f := setup(b)
	keys, err := f.Keys(b.Context(), f.org, subjects(500))
	if err != nil {
		b.Fatal(err)
	}
	sealed, refs := make([]pii.Sealed, len(keys)), make([]pii.Ref, len(keys))
	for i, k := range keys {
		refs[i] = k.Ref
		if sealed[i], err = k.Seal("profile", make([]byte, 300)); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		found, err := f.process(b).Lookup(b.Context(), refs)
		if err != nil {
			b.Fatal(err)
		}
		for i, r := range refs {
			if _, err := found[r].Open("profile", sealed[i]); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.N)*500/b.Elapsed().Seconds(), "leads/s")
}

func BenchmarkSeal(b *testing.B) {
	f := setup(b)
	k, profile := f.key(b, uuid.New()), make([]byte, 300)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Seal("profile", profile); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHashes(b *testing.B) {
	f := setup(b)
	h, err := f.Hasher(b.Context(), f.org)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		h.LeadID("ann@example.com")
		h.AddressHash("ann@example.com")
		h.DomainHash("example.com")
	}
}
