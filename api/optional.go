package api

// valueOrZero is what p points to, or the zero value.
func valueOrZero[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// nonNil makes an empty list of none, as JSON tells them apart.
func nonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
