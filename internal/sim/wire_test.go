package sim_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

func TestCallsReachTheCloudOfTheirHost(t *testing.T) {
	t.Parallel()
	for _, way := range ways() {
		for _, c := range []struct {
			method, url, body string
			status            int
			want              string
		}{
			{"GET", "https://api.echo.example/v1/a%2Fb?x=1&y=%20", "", 200, "echo GET api.echo.example /v1/a%2Fb?x=1&y=%20 "},
			{"POST", "https://x.eu.echo.example/q", "body", 200, "echo POST x.eu.echo.example /q body"},
			{"GET", "https://API.Other.Example/", "", 200, "other GET"},
			{"GET", "https://api.echo.example/empty", "", 200, ""},
		} {
			t.Run(way.name+" "+c.url, func(t *testing.T) {
				t.Parallel()
				u, _ := world()
				resp, body, err := ask(t.Context(), way.open(t, u), c.method, c.url, c.body)
				if err != nil || resp.StatusCode != c.status || !strings.HasPrefix(body, c.want) {
					t.Fatalf("got %v %q %v, want %d %q", resp, body, err, c.status, c.want)
				}
				if at, err := http.ParseTime(resp.Header.Get("Date")); err != nil || at.Before(sim.Epoch) || at.After(sim.Epoch.Add(time.Minute)) {
					t.Errorf("dated %q, want the world's time", resp.Header.Get("Date"))
				}
			})
		}
	}
}

func TestNoOtherHostExists(t *testing.T) {
	t.Parallel()
	for _, way := range ways() {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			u, _ := world()
			resp, body, err := ask(t.Context(), way.open(t, u), "GET", "https://api.echo.example.evil.org/", "")
			if err == nil && (resp.StatusCode != http.StatusBadGateway || !strings.Contains(body, "evil.org")) {
				t.Errorf("got %v %q, want 502 or no connection", resp, body)
			}
			if err != nil && !strings.Contains(err.Error(), "Bad Gateway") {
				t.Errorf("got %v, want 502", err)
			}
			if n := len(u.Stats()); n != 0 {
				t.Errorf("%d calls counted, want none", n)
			}
		})
	}
}

func TestAnAnswerStreamsAndEndsWithItsReader(t *testing.T) {
	t.Parallel()
	for _, way := range ways() {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			u, e := world()
			req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+echoHost+"/stream", nil)
			resp, err := way.open(t, u).RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			line, err := bufio.NewReader(resp.Body).ReadString('\n')
			if err != nil || line != "first line\n" {
				t.Errorf("got %q, %v, want the first line while the call goes on", line, err)
			}
			if err := resp.Body.Close(); err != nil {
				t.Error(err)
			}
			select {
			case <-e.ended:
			case <-time.After(5 * time.Second):
				t.Error("the handler goes on after its reader has gone")
			}
		})
	}
}

func TestACallEndsWithItsContext(t *testing.T) {
	t.Parallel()
	for _, way := range ways() {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			u, _ := world(sim.Fault{Action: "hang"})
			rt := way.open(t, u)
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(50*time.Millisecond, cancel)
			started := time.Now()
			_, _, err := ask(ctx, rt, "GET", "https://"+echoHost+"/", "")
			if !errors.Is(err, context.Canceled) || time.Since(started) > 2*time.Second {
				t.Errorf("got %v after %s, want the context's error at once", err, time.Since(started))
			}
			if _, _, err := ask(ctx, rt, "GET", "https://"+echoHost+"/", ""); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v for a call whose context has ended before", err)
			}
		})
	}
}

func TestAReaderInTheMiddleEndsWithItsContext(t *testing.T) {
	t.Parallel()
	u, _ := world()
	why := errors.New("the window was closed")
	ctx, cancel := context.WithCancelCause(t.Context())
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+echoHost+"/stream", nil)
	resp, err := u.Transport().RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	time.AfterFunc(20*time.Millisecond, func() { cancel(why) })
	if _, err := io.ReadAll(resp.Body); !errors.Is(err, why) {
		t.Errorf("got %v, want the cause of the context's end", err)
	}
}

func TestAPanicIsNotTakenForAReset(t *testing.T) {
	t.Parallel()
	u, _ := world()
	_, _, err := ask(t.Context(), u.Transport(), "GET", "https://"+echoHost+"/panic", "")
	if err == nil || !strings.Contains(err.Error(), "a bug in the simulator") {
		t.Errorf("got %v, want what the simulator panicked with", err)
	}
}

func TestCallsAreCounted(t *testing.T) {
	t.Parallel()
	u, _ := world(sim.Fault{Path: "/fails", Action: "status", Status: 503}, sim.Fault{Path: "/reset", Action: "reset"})
	rt := u.Transport()
	for _, path := range []string{"/a", "/b", "/a", "/fails", "/reset"} {
		_, _, _ = ask(t.Context(), rt, "GET", "https://"+echoHost+path, "")
	}
	want := map[sim.Call]int{
		{Provider: "echo", Method: "GET", Host: echoHost, Path: "/a", Status: 200}:     2,
		{Provider: "echo", Method: "GET", Host: echoHost, Path: "/b", Status: 200}:     1,
		{Provider: "echo", Method: "GET", Host: echoHost, Path: "/fails", Status: 503}: 1,
		{Provider: "echo", Method: "GET", Host: echoHost, Path: "/reset", Status: 0}:   1,
	}
	eventually(t, "all calls are counted", func() bool { return len(u.Stats()) == len(want) })
	last := ""
	for _, s := range u.Stats() {
		if want[s.Call] != s.N || s.Path < last {
			t.Errorf("got %+v, want %d of it, in the order of the paths", s, want[s.Call])
		}
		last = s.Path
	}
}

func TestPeakIsTheMostAtOnce(t *testing.T) {
	t.Parallel()
	u, _ := world(sim.Fault{Action: "delay", Delay: sim.Duration(200 * time.Millisecond)})
	rt := u.Transport()
	var wg sync.WaitGroup
	for range 7 {
		wg.Go(func() { _, _, _ = ask(t.Context(), rt, "GET", "https://"+echoHost+"/", "") })
	}
	wg.Wait()
	if n := u.Peak(); n != 7 {
		t.Errorf("got %d, want 7", n)
	}
}

func TestLatencyIsThatOfEveryCall(t *testing.T) {
	t.Parallel()
	u := sim.NewUniverse(sim.NewWorld(sim.Options{Latency: 60 * time.Millisecond}), newEcho("echo"))
	started := time.Now()
	_, _, err := ask(t.Context(), u.Transport(), "GET", "https://"+echoHost+"/", "")
	if took := time.Since(started); err != nil || took < 60*time.Millisecond {
		t.Errorf("took %s, %v, want 60ms", took, err)
	}
}

func TestCloudsAreFoundByNameAndHost(t *testing.T) {
	t.Parallel()
	u, e := world()
	if u.Cloud("echo") != sim.Cloud(e) || u.Cloud("nobody") != nil || u.At("x.eu.echo.example") != sim.Cloud(e) ||
		u.At("eu.echo.example") != nil || len(u.Clouds()) != 2 || u.World() == nil {
		t.Error("a cloud is not found, or one that is not there")
	}
}

func TestProxyListensOnThisMachineOnly(t *testing.T) {
	t.Parallel()
	u, _ := world()
	for _, addr := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "nonsense", "127.0.0.1:99999"} {
		if p, err := sim.NewProxy(t.Context(), u, addr); err == nil {
			t.Errorf("listens on %s for %q", p.Addr(), addr)
		}
	}
	taken, err := sim.NewProxy(t.Context(), u, "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sim.NewProxy(t.Context(), u, taken.Addr()); err == nil {
		t.Error("listens twice on one port")
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := taken.Serve(ctx); err != nil {
		t.Errorf("Serve after the end: %v", err)
	}
}

func TestTheAuthorityOfAProxyIsItsOwn(t *testing.T) {
	t.Parallel()
	u, _ := world()
	a, b := serve(t, u), serve(t, u)
	tr := through(t, a, true)
	tr.Proxy = through(t, b, true).Proxy
	if _, _, err := ask(t.Context(), tr, "GET", "https://"+echoHost+"/", ""); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("got %v, want a certificate of another authority refused", err)
	}
}

func TestPlainCallsThroughTheProxyAreAnswered(t *testing.T) {
	t.Parallel()
	u, _ := world()
	tr := through(t, serve(t, u), false)
	_, body, err := ask(t.Context(), tr, "GET", "http://169.254.0.1/", "")
	if err != nil || !strings.Contains(body, "no provider answers") {
		t.Errorf("got %q, %v", body, err)
	}
	_, body, err = ask(t.Context(), tr, "GET", "http://"+echoHost+"/plain", "")
	if err != nil || !strings.Contains(body, "echo GET") {
		t.Errorf("got %q, %v", body, err)
	}
}

func TestCurlReadsTheUniverse(t *testing.T) {
	t.Parallel()
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("curl is not installed")
	}
	u, _ := world()
	p := serve(t, u)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, p.CA(), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, version := range []string{"--http1.1", "--http2"} {
		cmd := exec.CommandContext(t.Context(), curl, "-sS", version, "--proxy", p.URL(), "--cacert", ca, "https://"+echoHost+"/v1?a=b")
		if out, err := cmd.CombinedOutput(); err != nil || string(out) != "echo GET api.echo.example /v1?a=b " {
			t.Errorf("curl %s: got %q, %v", version, out, err)
		}
	}
}
