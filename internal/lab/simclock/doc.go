// Package simclock holds simulated time for several processes: it stands still while any of them is at work, and jumps to
// the next thing that is due when none is.
//
// A Coordinator listens on loopback; every process that takes part has a Client. A client is busy from Busy until the
// function that it gave is called. The rule that makes time safe: who hands work to another process stays busy until the
// other has answered, and the other is busy before it answers. Then at no moment is work under way and nobody busy.
//
// Before time moves, every participant is asked whether it has been idle without a break since it last said so; then the new
// time is shown to all; only then do the participants that have something due begin. So nobody reads an old time after
// anybody has acted at the new one. A participant that is expected and not connected (killed, starting) holds time.
package simclock
