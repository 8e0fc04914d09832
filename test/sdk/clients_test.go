package sdk

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/provider/all"
	"github.com/adsops/cloudtop/internal/sim"
)

// client returns the path of a vendor's own program, installed by `make sdk` from npm/package-lock.json. Where it is
// missing the test is skipped on a person's machine and fails in CI.
func client(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("npm", "node_modules", ".bin", name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err == nil {
		return path
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is not installed: run make sdk", name)
	}
	t.Skipf("%s is not installed: run make sdk", name)
	return ""
}

// cloudAt serves one provider's simulator as plain HTTP on loopback, as if every host were its own.
func cloudAt(t *testing.T, name, host string, resources int) (c sim.Cloud, url string) {
	t.Helper()
	w := sim.NewWorld(sim.Options{Seed: 5, Counts: map[string]int{name: resources}, Now: time.Now})
	u := sim.NewUniverse(w, all.Clouds(w)...)
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		r.Host = host
		u.ServeHTTP(out, r)
	}))
	t.Cleanup(server.Close)
	return u.Cloud(name), server.URL
}

// run returns the standard output of a vendor's program that must succeed.
func run(t *testing.T, env []string, program string, args ...string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "CI=1", "NO_COLOR=1"}, env...)
	cmd.Dir = t.TempDir()
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s\n%s", program, args, err, out, stderr(err))
	}
	return out
}

func stderr(err error) string {
	if exit, ok := err.(*exec.ExitError); ok { //nolint:errorlint // Output returns it unwrapped
		return string(exit.Stderr)
	}
	return ""
}

func count(truth sim.Truth, keep func(sim.Resource) bool) int {
	n := 0
	for _, r := range truth.Resources {
		if keep(r) {
			n++
		}
	}
	return n
}

func TestNeonsOwnClientReadsTheSimulator(t *testing.T) {
	t.Parallel()
	program := client(t, "neon")
	c, url := cloudAt(t, "neon", "console.neon.tech", 900)
	for _, account := range c.Truth().Accounts {
		var got []struct{ ID string }
		out := run(t, nil, program, "projects", "list", "--api-host", url+"/api/v2", "--api-key",
			c.Credentials().Values["api_key"], "--org-id", account, "-o", "json", "--no-analytics")
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatalf("%v in %s", err, out)
		}
		want := count(c.Truth(), func(r sim.Resource) bool { return r.Account == account && r.Service == "projects" })
		if len(got) != want || want == 0 {
			t.Errorf("%s: the client lists %d projects, the truth is %d", account, len(got), want)
		}
	}
}

// TestRunPodsOwnClientReadsTheSimulator speaks the Model Context Protocol with the vendor's server, which is the
// official client of REST v2.
func TestRunPodsOwnClientReadsTheSimulator(t *testing.T) {
	t.Parallel()
	program := client(t, "runpod-mcp")
	c, url := cloudAt(t, "runpod", "api.runpod.io", 60)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program)
	cmd.Env = append(os.Environ(), "RUNPOD_API_BASE_URL="+url, "RUNPOD_API_KEY="+c.Credentials().Values["api_key"])
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = in.Close(), cmd.Wait() }()
	s := &session{in: in, out: bufio.NewReader(out)}
	s.call(t, "initialize", map[string]any{
		"protocolVersion": "2024-11-05", "capabilities": map[string]any{}, "clientInfo": map[string]any{"name": "test", "version": "1"},
	})
	s.send(t, map[string]any{"jsonrpc": "2.0", "method": "notifications/initialized"})
	truth := map[string][]sim.Resource{}
	for _, r := range c.Truth().Resources {
		truth[r.Service] = append(truth[r.Service], r)
	}
	type row struct{ ID, Name, Status string }
	for _, k := range []struct {
		tool, list string // the tool, and the member that holds its rows
		want       int
	}{
		{"list-pods", "pods", len(truth["pods"]) - 2*len(truth["clusters"])}, // without those of clusters, which have two
		{"list-endpoints", "items", len(truth["serverless"])}, {"list-network-volumes", "networkVolumes", len(truth["network_volumes"])},
		{"list-clusters", "clusters", len(truth["clusters"])}, {"list-gpu-types", "gpus", 6}, {"list-cpu-types", "cpus", 3},
		{"list-data-centers", "dataCenters", 5}, {"list-templates", "templates", 2}, {"list-public-templates", "templates", 1},
		{"list-registries", "registries", 1},
	} {
		var answer map[string]json.RawMessage
		var rows []row
		text := s.tool(t, k.tool, nil)
		if err := json.Unmarshal([]byte(text), &answer); err != nil {
			t.Fatalf("%s: %v in %s", k.tool, err, text)
		}
		if err := json.Unmarshal(answer[k.list], &rows); err != nil || len(rows) != k.want || k.want == 0 {
			t.Errorf("%s: the client lists %d (%v), the truth is %d", k.tool, len(rows), err, k.want)
		}
	}
	for tool, r := range map[string]sim.Resource{
		"get-pod": truth["pods"][0], "get-endpoint": truth["serverless"][0], "get-network-volume": truth["network_volumes"][0],
		"get-cluster": truth["clusters"][0],
	} {
		var got row
		text := s.tool(t, tool, map[string]any{"id": r.ID})
		if err := json.Unmarshal([]byte(text), &got); err != nil || got.ID != r.ID || got.Name != r.Name || got.Status != r.NativeStatus {
			t.Errorf("%s: the client reads %+v (%v), the truth is %+v", tool, got, err, r)
		}
	}
	for _, tool := range []string{"list-cluster-pods", "list-endpoint-workers", "list-endpoint-releases"} {
		service := map[bool]string{true: "clusters", false: "serverless"}[tool == "list-cluster-pods"]
		s.tool(t, tool, map[string]any{"id": truth[service][0].ID})
	}
	for _, tool := range []string{
		"list-billing", "list-pod-billing", "list-serverless-billing", "list-network-volume-billing", "list-cluster-billing", "list-endpoint-billing",
	} {
		s.tool(t, tool, nil)
	}
}

// session is one conversation over a server's standard streams, a JSON document per line.
type session struct {
	in  io.Writer
	out *bufio.Reader
	id  int
}

func (s *session) send(t *testing.T, message map[string]any) {
	t.Helper()
	data, err := json.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintf(s.in, "%s\n", data); err != nil {
		t.Fatal(err)
	}
}

func (s *session) call(t *testing.T, method string, params any) json.RawMessage {
	t.Helper()
	s.id++
	s.send(t, map[string]any{"jsonrpc": "2.0", "id": s.id, "method": method, "params": params})
	for {
		line, err := s.out.ReadBytes('\n')
		if err != nil {
			t.Fatal(err)
		}
		var answer struct {
			ID     int
			Result json.RawMessage
			Error  json.RawMessage
		}
		if json.Unmarshal(line, &answer) != nil || answer.ID != s.id {
			continue
		}
		if answer.Error != nil {
			t.Fatalf("%s: %s", method, answer.Error)
		}
		return answer.Result
	}
}

// tool calls a tool, which must succeed, and returns its text.
func (s *session) tool(t *testing.T, name string, arguments map[string]any) string {
	t.Helper()
	var result struct {
		IsError bool
		Content []struct{ Text string }
	}
	if arguments == nil {
		arguments = map[string]any{}
	}
	raw := s.call(t, "tools/call", map[string]any{"name": name, "arguments": arguments})
	if err := json.Unmarshal(raw, &result); err != nil || result.IsError || len(result.Content) == 0 {
		t.Fatalf("%s: %v %s", name, err, raw)
	}
	return result.Content[0].Text
}
