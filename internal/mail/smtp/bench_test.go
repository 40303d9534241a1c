package smtp_test

import (
	"fmt"
	"net/mail"
	"strings"
	"testing"
	"time"

	"outrider/internal/mail/compose"
	"outrider/internal/mail/smtp"
	"outrider/internal/mail/transport"
)

// BenchmarkComposeAndSend is one message of about 2 KB text and HTML to a sink on loopback, TLS included. The sink runs in
// this process, and so counts too.
func BenchmarkComposeAndSend(b *testing.B) {
	for _, conns := range []int{1, 8} {
		b.Run(fmt.Sprint("conns=", conns), func(b *testing.B) {
			server, client := setup(b, transport.Implicit, smtp.Options{MaxConns: conns})
			server.Discard = true
			m := compose.Parts{
				From: mail.Address{Name: "Zoe", Address: "zoe@sender.test"}, To: mail.Address{Name: "Lee", Address: "lee@example.com"},
				Subject: "A question about Example", MessageID: "token@sender.test", Date: time.Unix(1, 0),
				Text: strings.Repeat("A line of an ordinary message that says something.\n", 12), HTML: "<p>" + strings.Repeat("A line of an ordinary message that says something.<br>\n", 12),
				UnsubscribeURL: "https://outrider.test/u/" + strings.Repeat("t", 64),
			}
			b.SetParallelism(conns)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					raw, err := compose.Bytes(m)
					if err != nil {
						b.Error(err)
					}
					if r := client.Send(b.Context(), m.From.Address, m.To.Address, raw); r.Outcome != smtp.Accepted {
						b.Errorf("%+v", r)
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}
