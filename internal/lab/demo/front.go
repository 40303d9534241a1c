package demo

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"outrider/internal/lab/mailserver/loopback"
)

// PublicHost is the name under which the world knows the product, and PublicURL its address: links in messages lead there.
const (
	PublicHost = "app.acme.example"
	PublicURL  = "https://" + PublicHost
)

// Front is what stands before a product in the world: it ends TLS, as one-click unsubscribing asks for, and passes requests on.
type Front struct {
	Address string // host:port
	CAFile  string // PEM; who comes must trust it
	server  *http.Server
	done    chan struct{}
}

// openFront stands before the server at target, host:port. While the server is away, it answers 502.
func openFront(dir, target string) (*Front, error) {
	certificate, file, err := frontCertificate(dir)
	if err != nil {
		return nil, err
	}
	l, err := loopback.Listen("127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	to := &url.URL{Scheme: "http", Host: target}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.SetXForwarded()
			r.Out.Host = r.In.Host
		},
		Transport: &http.Transport{DialContext: loopback.Dialer().DialContext, MaxIdleConnsPerHost: 64},
		ErrorLog:  log.New(io.Discard, "", 0), // who asked is told, and asks again
	}
	f := &Front{Address: l.Addr().String(), CAFile: file, done: make(chan struct{})}
	f.server = &http.Server{Handler: proxy, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0),
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}}
	go func() {
		defer close(f.done)
		_ = f.server.ServeTLS(l, "", "") // ends with Close
	}()
	return f, nil
}

// Close ends it.
func (f *Front) Close() error {
	err := f.server.Close()
	<-f.done
	if err != nil {
		return fmt.Errorf("close the front: %w", err)
	}
	return nil
}

// frontCertificate makes a certificate for PublicHost that vouches for itself.
func frontCertificate(dir string) (c tls.Certificate, file string, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return c, "", fmt.Errorf("make a key: %w", err)
	}
	now := time.Now()
	t := &x509.Certificate{SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: PublicHost}, DNSNames: []string{PublicHost}, NotBefore: now.Add(-time.Hour),
		NotAfter: now.AddDate(1, 0, 0), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, t, t, &key.PublicKey, key)
	if err != nil {
		return c, "", fmt.Errorf("make a certificate: %w", err)
	}
	file = filepath.Join(dir, "front.pem")
	err = errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	if err != nil {
		return c, "", fmt.Errorf("write the certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file, nil
}
