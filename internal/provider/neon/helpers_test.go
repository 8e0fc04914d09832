package neon_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/neon"
	neonsim "github.com/adsops/cloudtop/internal/provider/neon/sim"
	"github.com/adsops/cloudtop/internal/sim"
	"github.com/adsops/cloudtop/pkg/retry"
)

// noon is the time of every test.
func noon() time.Time { return time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC) }

// connect returns a connection whose every call handler answers.
func connect(t testing.TB, handler http.Handler, options map[string]any) *provider.Conn {
	t.Helper()
	conn := provider.NewConn(neon.Spec())
	err := conn.Initialize(t.Context(), &provider.ProviderConfig{
		Credential: provider.Credential{Method: "api_key", Source: "test", Values: map[string]string{"api_key": neonsim.APIKey}},
		Options:    options, Transport: answering{handler}, Now: noon,
		Retry: retry.Policy{First: time.Nanosecond, Cap: time.Nanosecond, Factor: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// answering lets a handler answer every host.
type answering struct{ http.Handler }

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w.Result(), nil
}

// script answers paths below /api/v2 (with their cursor, where there is one) with texts, or with a status where the
// text is a number; all else is 404. It notes every call.
type script struct {
	answers map[string]string

	mu    sync.Mutex
	calls []*http.Request
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.calls = append(s.calls, r)
	s.mu.Unlock()
	path := strings.TrimPrefix(r.URL.Path, "/api/v2")
	body, ok := s.answers[path+"?cursor="+r.URL.Query().Get("cursor")]
	if !ok {
		body, ok = s.answers[path]
	}
	var status int
	switch {
	case !ok:
		w.WriteHeader(http.StatusNotFound)
		body = `{"code":"","message":"not found"}`
	case json.Unmarshal([]byte(body), &status) == nil && status >= 400 && status < 600:
		w.WriteHeader(status)
		body = `{"code":"","message":"refused"}`
	}
	_, _ = w.Write([]byte(body))
}

// count is how many calls went to a path.
func (s *script) count(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, r := range s.calls {
		if r.URL.Path == "/api/v2"+path {
			n++
		}
	}
	return n
}

const (
	oneOrg     = `{"organizations":[{"id":"org-a","name":"A","plan":"launch_v3"}]}`
	oneProject = `{"projects":[{"id":"p1","name":"one","region_id":"aws-us-east-2"}]}`
)

// scripted is a script in which one organisation has one project.
func scripted(more map[string]string) *script {
	s := &script{answers: map[string]string{"/users/me/organizations": oneOrg, "/projects": oneProject}}
	maps.Copy(s.answers, more)
	return s
}

// sample reads a file of answers by path.
func sample(t testing.TB, file string) *script {
	t.Helper()
	var all map[string]json.RawMessage
	data, err := os.ReadFile(filepath.Join("testdata", file))
	if err == nil {
		err = json.Unmarshal(data, &all)
	}
	if err != nil {
		t.Fatal(err)
	}
	s := &script{answers: map[string]string{}}
	for path, body := range all {
		s.answers[path] = string(body)
	}
	return s
}

func list(t testing.TB, conn *provider.Conn, service string) ([]cloud.Resource, error) {
	t.Helper()
	return conn.ListResources(t.Context(), &provider.ResourceFilter{Services: []string{service}})
}

func costs(t testing.TB, conn *provider.Conn, p cloud.Period) ([]cloud.Cost, error) {
	t.Helper()
	return provider.Gather(conn.Driver().(provider.CostReader).Costs(t.Context(), p))
}

// simulated returns a connection to a simulated Neon of n resources, with a key.
func simulated(t testing.TB, n int, key string) (*provider.Conn, *sim.Universe) {
	t.Helper()
	w := sim.NewWorld(sim.Options{Seed: 1, Counts: map[string]int{"neon": n}})
	u := sim.NewUniverse(w, neonsim.New(w))
	conn := provider.NewConn(neon.Spec())
	err := conn.Initialize(t.Context(), &provider.ProviderConfig{
		Credential: provider.Credential{Method: "api_key", Values: map[string]string{"api_key": key}},
		Transport:  u.Transport(), Now: w.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return conn, u
}

func asJSON(t testing.TB, v any) string {
	t.Helper()
	data, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
