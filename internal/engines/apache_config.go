package engines

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
)

// apacheHeapMB is enough for 64 partitions and a few hundred connections.
const apacheHeapMB = 384

const (
	apacheLogging = "log4j2.properties"
	apacheLog4j   = `rootLogger.level=WARN
rootLogger.appenderRefs=s
rootLogger.appenderRef.s.ref=s
appender.s.type=Console
appender.s.name=s
appender.s.layout.type=PatternLayout
appender.s.layout.pattern=%d %p %c{1} %m%n
`
)

// apacheSettings fit brokers on one small machine, and make a fault cost seconds (docs/adr/0012-apache-kafka.md).
func apacheSettings(brokers int, fsync bool) map[string]string {
	replicas, isr := strconv.Itoa(brokers), "1"
	if brokers >= 3 {
		isr = "2"
	}
	s := map[string]string{
		"process.roles":                  "broker,controller",
		"controller.listener.names":      "CONTROLLER",
		"listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",

		"default.replication.factor":                       replicas,
		"min.insync.replicas":                              isr,
		"unclean.leader.election.enable":                   "false",
		"auto.create.topics.enable":                        "false",
		"offsets.topic.replication.factor":                 replicas,
		"offsets.topic.num.partitions":                     "4", // groups are few; 50 would be files and start-up time
		"transaction.state.log.replication.factor":         replicas,
		"transaction.state.log.min.isr":                    isr,
		"transaction.state.log.num.partitions":             "4",
		"share.coordinator.state.topic.num.partitions":     "4",
		"share.coordinator.state.topic.replication.factor": replicas,
		"share.coordinator.state.topic.min.isr":            isr,

		"group.initial.rebalance.delay.ms":   "0",    // a lone processor need not wait for others
		"group.min.session.timeout.ms":       "1000", // a dead processor is replaced sooner than Kafka's 6 s would allow
		"broker.session.timeout.ms":          "3000", // and a dead broker sooner than 9 s; it may not come back before either
		"broker.heartbeat.interval.ms":       "500",
		"controller.quorum.fetch.timeout.ms": "2000", // a frozen controller
		"replica.lag.time.max.ms":            "5000",

		"log.segment.bytes":                 "67108864",
		"log.index.size.max.bytes":          "1048576",  // enough for such a segment; 10 MB are written out after a kill
		"log.cleaner.dedupe.buffer.size":    "16777216", // of the heap; 128 MB by default
		"log.cleaner.threads":               "1",
		"num.network.threads":               "2",
		"num.io.threads":                    "4",
		"background.threads":                "2",
		"num.recovery.threads.per.data.dir": "2",
	}
	if fsync {
		s["log.flush.interval.messages"] = "1"
	}
	return s
}

// configureNodes writes a broker's properties file.
func (o *ApacheOptions) configureNodes(n *apacheNode, ports [][2]int) error {
	s := apacheSettings(len(ports), o.Fsync)
	maps.Copy(s, o.Settings)
	var voters []string
	for i, p := range ports {
		voters = append(voters, fmt.Sprintf("%d@127.0.0.1:%d", i+1, p[1]))
	}
	s["node.id"] = strconv.Itoa(n.id)
	s["controller.quorum.voters"] = strings.Join(voters, ",") // named here, so that ports may change between starts
	s["listeners"] = fmt.Sprintf("PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d", ports[n.id-1][0], ports[n.id-1][1])
	s["advertised.listeners"] = fmt.Sprintf("PLAINTEXT://127.0.0.1:%d", ports[n.id-1][0])
	s["log.dirs"] = n.dataFolder()
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(s)) {
		fmt.Fprintf(&b, "%s=%s\n", k, strings.ReplaceAll(s[k], `\`, `\\`))
	}
	if err := os.WriteFile(n.writeProperties(), []byte(b.String()), 0o600); err != nil {
		return unwritableProblem(o.Data, err)
	}
	return nil
}

// choosePorts keeps the ports of the last start that are free, and finds others for the rest.
func (o *ApacheOptions) choosePorts(ports [][2]int) error {
	if o.port != 0 {
		if !isFree(o.port) {
			return &Problem{What: fmt.Sprintf("port %d for Kafka is taken", o.port), Fix: "stop what listens there or choose another port"}
		}
		ports[0][0] = o.port
	}
	taken := map[int]bool{}
	for i := range ports {
		for j := range ports[i] {
			for try := 0; ports[i][j] == 0 || taken[ports[i][j]] || !isFree(ports[i][j]); try++ {
				if try == 1000 {
					return fmt.Errorf("find a free port for Apache Kafka: %d to %d are taken", lowPort, highPort)
				}
				ports[i][j] = lowPort + rand.IntN(highPort-lowPort)
			}
			taken[ports[i][j]] = true
		}
	}
	return nil
}

// Ports below those that systems give to outgoing connections: while a broker is down, nobody gets its port by chance.
const (
	lowPort  = 15000
	highPort = 32000
)

func isFree(port int) bool {
	l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port)) //nolint:noctx // loopback: nothing to wait for
	if err != nil {
		return false
	}
	_ = l.Close()
	return true
}
