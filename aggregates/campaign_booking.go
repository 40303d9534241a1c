package aggregates

// Has reports whether a service is connected, in whatever state.
func (c Connections) Has(provider string) bool {
	for _, is := range c {
		if is.Provider == provider {
			return true
		}
	}
	return false
}
