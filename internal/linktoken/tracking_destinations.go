package linktoken

import "strings"

// Trap is the index of a link that no person sees: whoever follows it reads messages as machines do. It is none of the
// destinations, of which there are MaxLinks at most.
const Trap = 0xFFFF

// Ours says which links lead to us already, under base (https://host, no slash at the end), and aren't rewritten.
func Ours(base string) func(url string) bool {
	return func(url string) bool { return strings.HasPrefix(url, base+"/") }
}

// Destinations are where the links of a drafted body lead, by their index. They are kept nowhere else: who rewrites a message
// and who answers a click must find the same.
func Destinations(body, base string) []string {
	return Rewrite(body, "", func(int) string { return "" }, Ours(base)).Destinations
}
