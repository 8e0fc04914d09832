package sim

import (
	"bufio"
	"context"
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
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Proxy is a loopback HTTP proxy that any client can be pointed at with HTTPS_PROXY. It ends TLS for the providers'
// host names with certificates of a throw-away authority, and dials nothing.
type Proxy struct {
	universe *Universe
	ca       tls.Certificate
	caPEM    []byte
	listener net.Listener
	outer    *http.Server // speaks to the proxy's clients
	inner    *http.Server // speaks for the providers
	tunnels  *tunnelListener

	key   *ecdsa.PrivateKey // of all certificates but the authority's
	mu    sync.Mutex
	certs map[string]*tls.Certificate // by the name they are for
}

// NewProxy listens on addr, which must be a loopback address.
func NewProxy(ctx context.Context, u *Universe, addr string) (*Proxy, error) {
	ip, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen address %q: %w", addr, err)
	}
	if !ip.IP.IsLoopback() {
		return nil, fmt.Errorf("listen address %q is not a loopback address: the simulator serves this machine only", addr)
	}
	ca, caPEM, err := newAuthority()
	if err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	p := &Proxy{
		universe: u, ca: ca, caPEM: caPEM, listener: l, key: key, certs: map[string]*tls.Certificate{},
		tunnels: &tunnelListener{conns: make(chan net.Conn), closed: make(chan struct{}), addr: l.Addr()},
	}
	quiet := log.New(io.Discard, "", 0) // a client that goes away is its own affair
	p.outer = &http.Server{Handler: http.HandlerFunc(p.serveProxy), ReadHeaderTimeout: 10 * time.Second, ErrorLog: quiet}
	p.inner = &http.Server{
		Handler: u, ReadHeaderTimeout: 10 * time.Second, ErrorLog: quiet,
		TLSConfig: &tls.Config{
			MinVersion: tls.VersionTLS12, GetCertificate: p.certificate,
			CurvePreferences:            []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384}, // loopback has no use for the dear hybrid ones
			DynamicRecordSizingDisabled: true,                                                    // nor for records as small as a packet
		},
	}
	return p, nil
}

// Addr returns the address that the proxy listens on.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// URL returns the proxy's address as HTTPS_PROXY takes it.
func (p *Proxy) URL() string { return "http://" + p.Addr() }

// CA returns the authority's certificate in PEM.
func (p *Proxy) CA() []byte { return p.caPEM }

// Serve answers until ctx ends.
func (p *Proxy) Serve(ctx context.Context) error {
	stop := context.AfterFunc(ctx, p.close)
	defer stop()
	errs := make(chan error, 2)
	go func() { errs <- p.inner.ServeTLS(p.tunnels, "", "") }()
	go func() { errs <- p.outer.Serve(p.listener) }()
	first := <-errs
	p.close()
	for _, err := range []error{first, <-errs} {
		if err != nil && !errors.Is(err, http.ErrServerClosed) && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

func (p *Proxy) close() {
	_ = p.outer.Close()
	_ = p.inner.Close()
	_ = p.tunnels.Close()
}

// serveProxy answers CONNECT with a tunnel to the universe, and plain proxied HTTP with the universe itself.
func (p *Proxy) serveProxy(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect {
		p.universe.ServeHTTP(w, r)
		return
	}
	host := hostOf(r)
	if p.universe.At(host) == nil {
		http.Error(w, "simulator: no provider answers at "+host, http.StatusBadGateway)
		return
	}
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		http.Error(w, "simulator: CONNECT needs HTTP/1.1", http.StatusHTTPVersionNotSupported)
		return
	}
	conn, rw, err := hijacker.Hijack()
	if err != nil {
		return
	}
	if _, err := rw.WriteString("HTTP/1.1 200 Connection Established\r\n\r\n"); err != nil || rw.Flush() != nil {
		_ = conn.Close()
		return
	}
	p.tunnels.hand(&tunnel{Conn: conn, r: rw.Reader})
}

// tunnel is a hijacked connection whose first bytes may have been read already.
type tunnel struct {
	net.Conn
	r *bufio.Reader
}

func (t *tunnel) Read(p []byte) (int, error) { return t.r.Read(p) }

// tunnelListener hands tunnels to the inner server.
type tunnelListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
	addr   net.Addr
}

func (l *tunnelListener) hand(c net.Conn) {
	select {
	case l.conns <- c:
	case <-l.closed:
		_ = c.Close()
	}
}

// Accept implements net.Listener.
func (l *tunnelListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, http.ErrServerClosed
	}
}

// Close implements net.Listener.
func (l *tunnelListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr implements net.Listener.
func (l *tunnelListener) Addr() net.Addr { return l.addr }

// certificate returns a certificate for the host name that the client asks for, made at its first use.
func (p *Proxy) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	name := certified(hello.ServerName)
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.certs[name]; c != nil {
		return c, nil
	}
	c, err := p.issue(name)
	if err != nil {
		return nil, err
	}
	p.certs[name] = c
	return c, nil
}

// certified returns the name that host's certificate is for: like the providers' own, one covers all hosts of a domain
// (*.googleapis.com). A domain of a single label has none for all.
func certified(host string) string {
	if _, domain, _ := strings.Cut(host, "."); strings.Contains(domain, ".") {
		return "*." + domain
	}
	return host
}

func (p *Proxy) issue(name string) (*tls.Certificate, error) {
	t := template(name)
	t.DNSNames = []string{name}
	t.KeyUsage = x509.KeyUsageDigitalSignature
	t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	der, err := x509.CreateCertificate(rand.Reader, t, p.ca.Leaf, p.key.Public(), p.ca.PrivateKey)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: p.key}, nil
}

func newAuthority() (tls.Certificate, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	t := template("cloudtop simulator (throw-away)")
	t.IsCA, t.BasicConstraintsValid = true, true
	t.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	ca := tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
	return ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
}

// template is good for a day around now.
func template(name string) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	return &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
}
