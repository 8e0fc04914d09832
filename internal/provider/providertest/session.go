package providertest

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/sim"
	"github.com/adsops/cloudtop/pkg/retry"
)

// retries is how often the connections of the suite try again.
const retries = 2

// toEpoch moves a bubble's clock to the moment at which worlds are made.
func toEpoch() { <-time.After(time.Until(sim.Epoch)) }

// setup is what a session can have other than usual.
type setup struct {
	count      int // of resources; the suite's own size if Zero is not set
	empty      bool
	seed       uint64
	latency    time.Duration
	skew       time.Duration // how far the provider's clock is ahead of ours
	faults     []sim.Fault
	incidents  bool
	credential *provider.Credential
	transport  func(*sim.Universe) http.RoundTripper // nil = in this process
	most       int                                   // calls; 0 = 20,000
}

// session is a world, its cloud, and an open connection to it.
type session struct {
	testing.TB
	suite      *suite
	world      *sim.World
	universe   *sim.Universe
	cloud      sim.Cloud
	tap        *tap
	logs       *logs
	credential provider.Credential
	conn       *provider.Conn
	openErr    error
}

// open makes a world and connects to it.
func (s *suite) open(t testing.TB, o setup) *session {
	t.Helper()
	x := s.prepare(t, o)
	x.connect()
	if x.openErr != nil {
		t.Fatalf("open: %v", x.openErr)
	}
	return x
}

// prepare makes a world without connecting to it.
func (s *suite) prepare(t testing.TB, o setup) *session {
	t.Helper()
	if o.count == 0 && !o.empty {
		o.count = s.size
	}
	world := sim.NewWorld(sim.Options{
		Seed: o.seed + 1, Counts: map[string]int{s.spec.Name: o.count}, Resources: o.count, Latency: o.latency,
		Faults: o.faults, Incidents: o.incidents, Now: func() time.Time { return time.Now().Add(o.skew) },
	})
	x := &session{TB: t, suite: s, world: world, cloud: s.newCloud(world), logs: &logs{}}
	x.universe = sim.NewUniverse(world, x.cloud)
	base := x.universe.Transport()
	if o.transport != nil {
		base = o.transport(x.universe)
	}
	x.tap = &tap{base: base, most: o.most}
	if x.tap.most == 0 {
		x.tap.most = 20_000
	}
	if o.credential != nil {
		x.credential = *o.credential
	} else {
		x.credential = x.mainCredential()
	}
	return x
}

// connect opens the connection, which must make no call.
func (x *session) connect() {
	x.Helper()
	x.conn = provider.NewConn(x.suite.spec)
	x.openErr = x.conn.Initialize(x.Context(), &provider.ProviderConfig{
		Credential: x.credential, Transport: x.tap, Now: time.Now, Options: x.suite.config,
		Log:       slog.New(slog.NewTextHandler(x.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
		UserAgent: "cloudtop-providertest", RateLimit: &provider.RateLimit{Timeout: 10 * time.Minute},
		Retry: retry.Policy{Max: retries, First: time.Millisecond, Cap: time.Millisecond, Factor: 1},
	})
}

// do runs a task and keeps the invariants of every session.
func (x *session) do(ctx context.Context, k task) *outcome {
	out := k.do(under(ctx, k.name), x.conn)
	x.mustBeClean(k.name, out)
	return out
}

// close checks what must hold of all calls of the session.
func (x *session) close() {
	x.Helper()
	if x.conn != nil {
		_ = x.conn.Close()
	}
	x.mustOnlyRead()
	if leak := x.secretIn(x.logs.String()); leak != "" {
		x.Errorf("the log shows %s", leak)
	}
}

// logs collects log lines.
type logs struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
