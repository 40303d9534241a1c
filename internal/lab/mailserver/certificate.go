package mailserver

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
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"outrider/internal/keyfile"
)

// CAFile is the certificate, in the data folder, that clients must trust (PEM). Its key stays beside it, readable by the owner only.
const CAFile = "ca.pem"

const (
	caYears   = 20 // by the real clock; simulated time may run ahead of it
	leafYears = 10
)

// serverCertificate gives a certificate for names (host names and IPs), signed by the folder's own CA. Both are made once and kept.
func serverCertificate(dir string, names []string) (*tls.Config, error) {
	ca, err := keptPair(dir, "ca", func() (string, error) {
		return newPair(&x509.Certificate{Subject: pkix.Name{CommonName: "Local mail CA"}, IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
			KeyUsage: x509.KeyUsageCertSign}, caYears, nil)
	})
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, CAFile)
	if err := os.WriteFile(path+".new", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Certificate[0]}), 0o644); err != nil {
		return nil, fmt.Errorf("write CA: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return nil, fmt.Errorf("write CA: %w", err)
	}
	makeLeaf := func() (string, error) {
		leaf := &x509.Certificate{Subject: pkix.Name{CommonName: names[0]}, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
		for _, n := range names {
			if ip := net.ParseIP(n); ip != nil {
				leaf.IPAddresses = append(leaf.IPAddresses, ip)
			} else {
				leaf.DNSNames = append(leaf.DNSNames, n)
			}
		}
		return newPair(leaf, leafYears, ca)
	}
	leaf, err := keptPair(dir, "leaf", makeLeaf)
	if err != nil {
		return nil, err
	}
	covers := func(n string) bool { return leaf.Leaf.VerifyHostname(n) == nil }
	if time.Until(leaf.Leaf.NotAfter) < 0 || !allOf(names, covers) || leaf.Leaf.CheckSignatureFrom(ca.Leaf) != nil {
		if err := os.Remove(filepath.Join(dir, "leaf.key")); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("replace certificate: %w", err)
		}
		if leaf, err = keptPair(dir, "leaf", makeLeaf); err != nil {
			return nil, err
		}
	}
	return &tls.Config{Certificates: []tls.Certificate{*leaf}, MinVersion: tls.VersionTLS12}, nil
}

// Certificate makes, or reads, a certificate for names in a folder, signed by a CA of the folder's own (CAFile): for other servers than this package's.
func Certificate(dir string, names []string) (*tls.Config, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make a folder for a certificate: %w", err)
	}
	return serverCertificate(dir, names)
}

func allOf(names []string, fits func(string) bool) bool {
	return !slices.ContainsFunc(names, func(n string) bool { return !fits(n) })
}

// keptPair reads a certificate and its key from one file, which create makes when it isn't there.
func keptPair(dir, name string, create func() (string, error)) (*tls.Certificate, error) {
	text, err := keyfile.LoadOrCreate(filepath.Join(dir, name+".key"), create)
	if err != nil {
		return nil, fmt.Errorf("keep %s certificate: %w", name, err)
	}
	pair, err := tls.X509KeyPair([]byte(text), []byte(text))
	if err != nil {
		return nil, fmt.Errorf("read %s certificate: %w", name, err)
	}
	if pair.Leaf == nil {
		if pair.Leaf, err = x509.ParseCertificate(pair.Certificate[0]); err != nil {
			return nil, fmt.Errorf("read %s certificate: %w", name, err)
		}
	}
	return &pair, nil
}

// newPair makes a certificate and key as PEM; by nil signs itself.
func newPair(c *x509.Certificate, years int, by *tls.Certificate) (string, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", fmt.Errorf("make key: %w", err)
	}
	if c.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120)); err != nil {
		return "", fmt.Errorf("make serial number: %w", err)
	}
	c.NotBefore, c.NotAfter = time.Now().Add(-24*time.Hour), time.Now().AddDate(years, 0, 0)
	parent, signer := c, any(key)
	if by != nil {
		parent, signer = by.Leaf, by.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	if err != nil {
		return "", fmt.Errorf("make certificate: %w", err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", fmt.Errorf("encode key: %w", err)
	}
	var out strings.Builder
	for _, b := range []*pem.Block{{Type: "CERTIFICATE", Bytes: der}, {Type: "PRIVATE KEY", Bytes: private}} {
		if err := pem.Encode(&out, b); err != nil {
			return "", fmt.Errorf("encode certificate: %w", err)
		}
	}
	return out.String(), nil
}
