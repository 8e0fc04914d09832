package sim_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// scripted is an echo that answers with a handler of the test's.
type scripted struct {
	*echo
	handler http.HandlerFunc
}

func (s *scripted) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler(w, r) }

// answering returns a universe in which one cloud answers like that.
func answering(h http.HandlerFunc) *sim.Universe {
	return sim.NewUniverse(sim.NewWorld(sim.Options{}), &scripted{newEcho("echo"), h})
}

func TestAnAnswerIsWhatItsHandlerWroteFirst(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		status  int
		header  string
		body    string
	}{
		"nothing":           {func(http.ResponseWriter, *http.Request) {}, 200, "", ""},
		"a body alone":      {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "x") }, 200, "", "x"},
		"a status alone":    {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }, 404, "", ""},
		"an empty write":    {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(nil); w.WriteHeader(500) }, 200, "", ""},
		"the first status":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403); w.WriteHeader(200) }, 403, "", ""},
		"a header before":   {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-A", "1"); w.WriteHeader(200) }, 200, "1", ""},
		"a header too late": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200); w.Header().Set("X-A", "1") }, 200, "", ""},
		"in several pieces": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "a")
			_, _ = io.WriteString(w, "b")
		}, 200, "", "ab"},
		"a status and a body": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500); _, _ = io.WriteString(w, "no") }, 500, "", "no"},
	} {
		u := answering(c.handler)
		resp, body, err := ask(t.Context(), u.Transport(), "GET", "https://"+echoHost+"/", "")
		if err != nil || resp.StatusCode != c.status || resp.Header.Get("X-A") != c.header || body != c.body {
			t.Errorf("%s: got %v %q, %v; want %d, header %q, %q", name, resp, body, err, c.status, c.header, c.body)
			continue
		}
		if resp.Request == nil || resp.Request.URL.Path != "/" || resp.ProtoMajor != 1 || resp.Status != fmt.Sprint(c.status, " ", http.StatusText(c.status)) {
			t.Errorf("%s: the response is incomplete: %+v", name, resp)
		}
		eventually(t, name+" is counted", func() bool {
			return len(u.Stats()) == 1 && u.Stats()[0].Status == c.status || c.status == 200 && c.body == ""
		})
	}
}

func TestAHandlerSeesTheCallAsAServerWould(t *testing.T) {
	t.Parallel()
	var seen atomic.Pointer[http.Request]
	u := answering(func(_ http.ResponseWriter, r *http.Request) { seen.Store(r) })
	req, err := http.NewRequestWithContext(t.Context(), "PUT", "https://"+echoHost+":443/a%2Fb?q=1#f", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer x")
	resp, err := u.Transport().RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	r := seen.Load()
	if r.RequestURI != "/a%2Fb?q=1" || r.Host != echoHost+":443" || r.Body == nil || r.RemoteAddr == "" || r.Header.Get("Authorization") != "Bearer x" {
		t.Errorf("the handler saw %+v", r)
	}
	if r == req || r.Method != "PUT" || req.RequestURI != "" {
		t.Errorf("the caller's request was changed: %+v", req)
	}
}

// closing is a body that notes its end.
type closing struct {
	io.Reader
	closed atomic.Bool
}

func (c *closing) Close() error { c.closed.Store(true); return nil }

func TestACallThatIsOverBeforeItBeginsReachesNobody(t *testing.T) {
	t.Parallel()
	u := answering(func(http.ResponseWriter, *http.Request) { t.Error("the handler was called") })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	body := &closing{Reader: strings.NewReader("x")}
	req, _ := http.NewRequestWithContext(ctx, "POST", "https://"+echoHost+"/", body)
	resp, err := u.Transport().RoundTrip(req)
	if resp != nil || !errors.Is(err, context.Canceled) || !body.closed.Load() {
		t.Errorf("got %v, %v, body closed: %v; want the end of the context and a closed body", resp, err, body.closed.Load())
	}
	if len(u.Stats()) != 0 {
		t.Errorf("counted %v, want nothing", u.Stats())
	}
}

func TestTheCauseOfACancelledCallIsTold(t *testing.T) {
	t.Parallel()
	u, _ := world(sim.Fault{Action: "hang"})
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("the user went home")
	time.AfterFunc(20*time.Millisecond, func() { cancel(why) })
	if _, _, err := ask(ctx, u.Transport(), "GET", "https://"+echoHost+"/", ""); !errors.Is(err, why) {
		t.Errorf("got %v, want %v", err, why)
	}
}

func TestHostsAreFoundWithoutPortAndInAnyCase(t *testing.T) {
	t.Parallel()
	u, _ := world()
	for host, want := range map[string]int{
		"api.echo.example": 200, "API.Echo.Example": 200, "api.echo.example:443": 200, "a.b.eu.echo.example:1": 200, "api.other.example": 200,
		"echo.example": 502, "xapi.echo.example": 502, "api.echo.example.": 502, "[::1]:443": 502, "": 502, "127.0.0.1": 502, ".eu.echo.example": 200,
	} {
		rec := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
		r.Host = host
		u.ServeHTTP(rec, r)
		if rec.Code != want {
			t.Errorf("%q: got %d %s, want %d", host, rec.Code, rec.Body, want)
		}
		if at, err := http.ParseTime(rec.Header().Get("Date")); err != nil || at.Before(sim.Epoch) {
			t.Errorf("%q: dated %q, want the world's time", host, rec.Header().Get("Date"))
		}
	}
}

func TestStatsAreInOneOrder(t *testing.T) {
	t.Parallel()
	u, _ := world(sim.Fault{Path: "/a", From: 2, Count: 1, Action: "status", Status: 500})
	rt := u.Transport()
	for _, c := range []struct{ method, url string }{
		{"GET", "https://api.other.example/"}, {"POST", "https://" + echoHost + "/a"}, {"GET", "https://" + echoHost + "/b"}, {"POST", "https://" + echoHost + "/a"},
		{"GET", "https://a.eu.echo.example/z"}, {"GET", "https://" + echoHost + "/a"}, {"GET", "https://" + echoHost + "/b"},
	} {
		if _, _, err := ask(t.Context(), rt, c.method, c.url, ""); err != nil {
			t.Fatal(err)
		}
	}
	want := []sim.Stat{
		{Call: sim.Call{Provider: "echo", Method: "GET", Host: "a.eu.echo.example", Path: "/z", Status: 200}, N: 1},
		{Call: sim.Call{Provider: "echo", Method: "GET", Host: echoHost, Path: "/a", Status: 200}, N: 1},
		{Call: sim.Call{Provider: "echo", Method: "POST", Host: echoHost, Path: "/a", Status: 200}, N: 1},
		{Call: sim.Call{Provider: "echo", Method: "POST", Host: echoHost, Path: "/a", Status: 500}, N: 1},
		{Call: sim.Call{Provider: "echo", Method: "GET", Host: echoHost, Path: "/b", Status: 200}, N: 2},
		{Call: sim.Call{Provider: "other", Method: "GET", Host: "api.other.example", Path: "/", Status: 200}, N: 1},
	}
	eventually(t, "all calls are counted", func() bool { return slices.Equal(u.Stats(), want) || len(u.Stats()) > len(want) })
	if got := u.Stats(); !slices.Equal(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestFaultsStrikeOnlyWhatTheyName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		fault sim.Fault
		want  bool // a GET of https://api.echo.example/v1/things is struck
	}{
		{"everything", sim.Fault{}, true}, {"the provider", sim.Fault{Provider: "echo"}, true}, {"another provider", sim.Fault{Provider: "other"}, false},
		{"the method", sim.Fault{Method: "GET"}, true}, {"another method", sim.Fault{Method: "get"}, false}, {"a part of the path", sim.Fault{Path: "/v1"}, false},
		{"a pattern of the path", sim.Fault{Path: "/*/things"}, true}, {"the host", sim.Fault{Host: "*.example"}, true}, {"another host", sim.Fault{Host: "*.eu.*"}, false},
		{"all at once", sim.Fault{Provider: "echo", Method: "GET", Host: echoHost, Path: "*"}, true}, {"all but one", sim.Fault{Provider: "echo", Method: "PUT", Path: "*"}, false},
		{"a later call", sim.Fault{From: 2}, false}, {"one call", sim.Fault{Count: 1}, true},
	} {
		c.fault.Action, c.fault.Status = "status", 500
		u, _ := world(c.fault)
		resp, _, err := ask(t.Context(), u.Transport(), "GET", "https://"+echoHost+"/v1/things?q=1", "")
		if err != nil || (resp.StatusCode == 500) != c.want {
			t.Errorf("%s: got %v, %v; want it struck: %v", c.name, resp, err, c.want)
		}
	}
}

func TestALimiterCountsExactlyUnderLoad(t *testing.T) {
	t.Parallel()
	l := sim.Limiter{N: 10, Per: time.Hour}
	var allowed atomic.Int64
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			if _, ok := l.Allow("a", sim.Epoch.Add(time.Duration(i))); ok {
				allowed.Add(1)
			}
		})
	}
	wg.Wait()
	if n := allowed.Load(); n != 10 {
		t.Errorf("%d calls of 100 were allowed, want 10", n)
	}
	none := sim.Limiter{Per: time.Minute}
	if wait, ok := none.Allow("a", sim.Epoch); ok || wait != time.Minute {
		t.Errorf("a limit of nothing: %s, %v; want a minute's wait", wait, ok)
	}
}

func TestWavesAreTheSameWheneverTheyAreRead(t *testing.T) {
	t.Parallel()
	daily := sim.Wave{Base: 50, Swing: 40, Low: 0, High: 100, Seed: 3}
	for _, at := range []time.Time{sim.Epoch, sim.Epoch.Add(7*time.Hour + 13*time.Minute), time.Unix(0, 0)} {
		if a, b := daily.At(at), daily.At(at.Add(24*time.Hour)); math.Abs(a-b) > 1e-9 {
			t.Errorf("at %s: %v, a day later %v; want the same without noise", at, a, b)
		}
		if a, b := daily.At(at), daily.At(at.In(time.FixedZone("x", 3600))); a != b {
			t.Errorf("at %s: %v, in another zone %v", at, a, b)
		}
	}
	for _, c := range []struct {
		name string
		wave sim.Wave
		want float64
	}{
		{"nothing", sim.Wave{}, 0}, {"a line", sim.Wave{Base: 5, High: 9}, 5}, {"above its bound", sim.Wave{Base: 50, High: 9}, 9},
		{"below its bound", sim.Wave{Base: -5, Low: 2, High: 9}, 2}, {"one value", sim.Wave{Base: 5, Swing: 100, Noise: 100, Low: 7, High: 7}, 7},
	} {
		if got := c.wave.At(sim.Epoch); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
	noisy := sim.Wave{Base: 50, Noise: 10, High: 100, Seed: 1}
	other := noisy
	other.Seed = 2
	if noisy.At(sim.Epoch) != noisy.At(sim.Epoch) || noisy.At(sim.Epoch) == other.At(sim.Epoch) || noisy.At(sim.Epoch) == noisy.At(sim.Epoch.Add(time.Minute)) {
		t.Error("noise depends on the seed and the step, and on nothing else")
	}
}

func TestDrawnWavesAreTrueToLife(t *testing.T) {
	t.Parallel()
	r := sim.NewWorld(sim.Options{Seed: 9}).Rand("waves")
	for range 50 {
		share, amount := sim.Percent(r), sim.Amount(r, 1e6)
		for i := range 48 {
			at := sim.Epoch.Add(time.Duration(i) * 30 * time.Minute)
			if v := share.At(at); v < 0 || v > 100 {
				t.Fatalf("a share of %v", v)
			}
			if v := amount.At(at); v < 0 || v > 3e6 {
				t.Fatalf("an amount of %v, want at most three times a million", v)
			}
		}
	}
}

func TestDurationsOfScriptsAreTexts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{`"1.5s"`: 1500 * time.Millisecond, `"-20m"`: -20 * time.Minute, `"0s"`: 0, `"1h"`: time.Hour} {
		var d sim.Duration
		if err := json.Unmarshal([]byte(text), &d); err != nil || time.Duration(d) != want {
			t.Errorf("%s: %s, %v; want %s", text, time.Duration(d), err, want)
		}
		var again sim.Duration
		data, err := json.Marshal(d)
		if err != nil || json.Unmarshal(data, &again) != nil || again != d {
			t.Errorf("%s is written as %s, %v", text, data, err)
		}
	}
	for _, text := range []string{`"5"`, `""`, `5`, `"1 s"`, `{}`} {
		var d sim.Duration
		if json.Unmarshal([]byte(text), &d) == nil {
			t.Errorf("%s is read as %s", text, time.Duration(d))
		}
	}
}

func TestTheProxyTellsWhereItIsAndWhoItIs(t *testing.T) {
	t.Parallel()
	u, _ := world()
	p := serve(t, u)
	host, port, err := net.SplitHostPort(p.Addr())
	if err != nil || host != "127.0.0.1" || port == "0" || p.URL() != "http://"+p.Addr() {
		t.Errorf("address %q, URL %q, %v", p.Addr(), p.URL(), err)
	}
	block, rest := pem.Decode(p.CA())
	if block == nil || block.Type != "CERTIFICATE" || len(bytes.TrimSpace(rest)) != 0 {
		t.Fatalf("the authority is %q, want one certificate in PEM and no key", p.CA())
	}
	ca, err := x509.ParseCertificate(block.Bytes)
	if err != nil || !ca.IsCA || !ca.BasicConstraintsValid || ca.NotAfter.Sub(ca.NotBefore) > 48*time.Hour || len(ca.DNSNames) != 0 {
		t.Errorf("the authority is %+v, %v", ca, err)
	}
}

func TestEachDomainHasOneCertificate(t *testing.T) {
	t.Parallel()
	u, _ := world()
	p := serve(t, u)
	serials := map[string]string{}
	for range 2 {
		for host, name := range map[string]string{
			echoHost: "*.echo.example", "x.eu.echo.example": "*.eu.echo.example", "y.eu.echo.example": "*.eu.echo.example", "echo-bare.example": "echo-bare.example",
		} {
			resp, _, err := ask(t.Context(), through(t, p, false), "GET", "https://"+host+"/", "")
			if err != nil {
				t.Fatal(err)
			}
			leaf := resp.TLS.PeerCertificates[0]
			if !slices.Equal(leaf.DNSNames, []string{name}) || leaf.IsCA || leaf.VerifyHostname("api.other.example") == nil {
				t.Errorf("%s has a certificate for %q, want %s", host, leaf.DNSNames, name)
			}
			serial := leaf.SerialNumber.String()
			if serials[name] != "" && serials[name] != serial {
				t.Errorf("%s has two certificates", name)
			}
			serials[name] = serial
		}
	}
	if serials["*.echo.example"] == serials["*.eu.echo.example"] {
		t.Error("two domains have certificates of one number")
	}
}
