package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/all"
	"github.com/adsops/cloudtop/pkg/ratelimit"
	"github.com/adsops/cloudtop/pkg/ratelimit/filestore"
)

// vastKey is the key of this machine's account for one of Vast.ai's buckets.
func vastKey(bucket string) string {
	c := provider.Credential{Values: map[string]string{"api_key": "hunter2-key"}}
	return "vastai/" + c.Fingerprint() + "/" + bucket
}

// shared is an environment with a credential for Vast.ai, and the store that its processes share.
func shared(t *testing.T) (map[string]string, *filestore.Store) {
	t.Helper()
	dir := t.TempDir()
	store, err := filestore.Open(filepath.Join(dir, "cloudtop", "limits"))
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{"XDG_CACHE_HOME": dir, "VAST_API_KEY": "hunter2-key"}, store
}

func tell(t *testing.T, s *filestore.Store, key string, ask ratelimit.Ask) {
	t.Helper()
	if _, err := s.Exchange(t.Context(), key, ask); err != nil {
		t.Fatal(err)
	}
}

func (r result) limits(t *testing.T) []limitLine {
	t.Helper()
	var lines []limitLine
	if err := json.Unmarshal([]byte(r.out), &lines); err != nil {
		t.Fatalf("%v in:\n%s\nstderr:\n%s", err, r.out, r.err)
	}
	return lines
}

// only returns the lines of a bucket.
func only(lines []limitLine, bucket string) []limitLine {
	return slices.DeleteFunc(slices.Clone(lines), func(l limitLine) bool { return l.Bucket != bucket })
}

func TestLimitsShowWhatProcessesShare(t *testing.T) {
	t.Parallel()
	env, store := shared(t)
	searches := ratelimit.Rule{Interval: 6015 * time.Millisecond, Burst: 10, Events: 10, Per: 60150 * time.Millisecond}
	for range 7 {
		tell(t, store, vastKey("offers"), ratelimit.Ask{Rules: []ratelimit.Rule{searches}, Want: 1})
	}
	tell(t, store, vastKey("offers"), ratelimit.Ask{
		Rules: []ratelimit.Rule{searches}, Pause: time.Hour, Heard: &ratelimit.Heard{Remaining: 7, Reset: time.Hour},
	})
	tell(t, store, vastKey("/console.vast.ai"), ratelimit.Ask{Pause: time.Hour})
	r := run(t, env, "limits", "--vastai", "--json")
	lines := r.limits(t)
	offers := only(lines, "offers")
	if r.code != exitOK || len(offers) != 1 {
		t.Fatalf("exit code %d, %d lines of the bucket, want 0 and 1:\n%s%s", r.code, len(offers), r.out, r.err)
	}
	got := offers[0]
	if p := got.Published; p == nil || p.Events != 10 || p.Per != 60.15 || p.Burst != 10 || p.Source == "" {
		t.Errorf("published: %+v, want 10 in 60.15s", p)
	}
	if got.Override != nil || !got.InForce || got.Shared != sharedFile || got.Host != "" || got.Credential == "" {
		t.Errorf("got %+v", got)
	}
	if got.Tokens == nil || *got.Tokens != 3 || got.Paused == nil || time.Until(*got.Paused) < 50*time.Minute {
		t.Errorf("%v tokens, paused until %v, want 3 and nearly an hour", got.Tokens, got.Paused)
	}
	if got.Told == nil || got.Told.Remaining != 7 || got.Told.ResetsAt.Sub(got.Told.At) != time.Hour {
		t.Errorf("told: %+v, want 7 for an hour", got.Told)
	}
	if other := only(lines, "other calls"); len(other) != 1 || other[0].Host != "console.vast.ai" || other[0].Paused == nil || other[0].Tokens != nil {
		t.Errorf("what nothing limits: %+v, want the pause of its host", other)
	}
	if idle := only(lines, "volumes"); len(idle) != 1 || idle[0].Tokens == nil || *idle[0].Tokens != 1 || idle[0].Paused != nil || idle[0].Told != nil {
		t.Errorf("a bucket that nobody used: %+v, want it full", idle)
	}
	if strings.Contains(r.out+r.err, "hunter2") {
		t.Error("the key is shown")
	}
}

func TestLimitsAreATable(t *testing.T) {
	t.Parallel()
	env, store := shared(t)
	tell(t, store, vastKey("offers"), ratelimit.Ask{
		Rules: []ratelimit.Rule{{Interval: 6015 * time.Millisecond, Burst: 10, Events: 10, Per: 60150 * time.Millisecond}},
		Want:  10, Pause: time.Hour, Heard: &ratelimit.Heard{Remaining: 7, Reset: 2 * time.Hour, Ago: time.Hour},
	})
	r := run(t, env, "limits", "--vastai", "--neon")
	for _, want := range []string{
		"PROVIDER", "offers", "10 in 60.15s", "for 59m", "7 left, 1h", "file", "x-rate-limit of search_offers.yaml", "neon",
	} {
		if !strings.Contains(r.out, want) {
			t.Errorf("%q is not in:\n%s", want, r.out)
		}
	}
	if r.code != exitOK || strings.Contains(r.out, "oracle") {
		t.Errorf("exit code %d, want 0 and the providers that were asked for alone:\n%s", r.code, r.out)
	}
}

func TestALimitIsWrittenAsPeopleSayIt(t *testing.T) {
	t.Parallel()
	for want, p := range map[string]publishedLimit{
		"acme reads 10 in 1s acme.example/limits":             {10, 1, 10, "https://acme.example/limits"},
		"acme reads 700 in 1m, 40 at once acme.example":       {700, 60, 40, "acme.example"},
		"acme reads 1 in 1.15s a page":                        {1, 1.15, 1, "a page"},
		"acme reads 300 in 5m a page":                         {300, 300, 300, "a page"},
		"acme reads 5 in 90s, 1 at once a page":               {5, 90, 1, "a page"},
		"acme reads 2000 in 60m, 100 at once nobody knows it": {2000, 3600, 100, "nobody knows it"},
	} {
		line := limitLine{Provider: "acme", Bucket: "reads", Published: &p, InForce: true}
		if got := strings.Join(strings.Fields(strings.Join(line.cells(time.Now()), " ")), " "); got != want {
			t.Errorf("%+v is written as %q, want %q", p, got, want)
		}
	}
}

func TestLimitsAreThoseOfEveryProvider(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"limits", "--json"}, {"limits", "--all", "--json"}, {"limits", "--all", "--neon", "--json"}} {
		lines := run(t, map[string]string{}, args...).limits(t)
		for _, s := range all.Specs() {
			for _, limit := range s.Limits {
				if !slices.ContainsFunc(lines, func(l limitLine) bool {
					return l.Provider == s.Name && l.Bucket == limit.Name && l.Published.Source == limit.Source
				}) {
					t.Errorf("%v: %s of %s is missing", args, limit.Name, s.Name)
				}
			}
		}
		for _, l := range lines {
			if l.Tokens != nil || l.Credential != "" {
				t.Errorf("%v: without a credential nothing is known, got %+v", args, l)
			}
		}
	}
	if lines := run(t, demo(), "limits", "--json").limits(t); len(lines) == 0 || lines[0].Shared != sharedNot {
		t.Errorf("the simulator in this process shares with nobody, got %+v", lines)
	}
}

func TestTheUsersOwnLimitReplacesThePublishedOnes(t *testing.T) {
	t.Parallel()
	env, store := shared(t)
	env["CLOUDTOP_CONFIG"] = filepath.Join(t.TempDir(), "config.json")
	text := `{"version":"1.0","providers":{"vastai":{"rate_limit":{"requests_per_second":4,"burst":10,"timeout":"20s"}}}}`
	if err := os.WriteFile(env["CLOUDTOP_CONFIG"], []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		tell(t, store, strings.TrimSuffix(vastKey(""), "/"), ratelimit.Ask{Rules: []ratelimit.Rule{{Interval: time.Hour, Burst: 10}}, Want: 1})
	}
	lines := run(t, env, "limits", "--vastai", "--json").limits(t)
	own := only(lines, "all calls")
	if len(own) != 1 || own[0].Published != nil || !own[0].InForce || *own[0].Tokens != 6 || *own[0].Override != (overrideLimit{4, 10, 20}) {
		t.Errorf("the user's own: %+v, want 4 a second and 6 left", own)
	}
	if l := only(lines, "volumes"); len(l) != 1 || l[0].InForce || l[0].Tokens != nil {
		t.Errorf("a published one: %+v, want it not in force and nothing known", l)
	}
	if r := run(t, env, "limits", "--vastai"); !strings.Contains(r.out, "4 in 1s, 10 at once") || !strings.Contains(r.out, `replaced by "all calls"`) {
		t.Errorf("got:\n%s", r.out)
	}
}

func TestLimitsThatCannotBeReadAreUnknown(t *testing.T) {
	t.Parallel()
	env, _ := shared(t)
	env["CLOUDTOP_CONFIG"] = filepath.Join(t.TempDir(), "config.json")
	text := `{"version":"1.0","cache":{"backend":"redis","redis":{"url":"redis://:hunter2-password@127.0.0.1:1"}}}`
	if err := os.WriteFile(env["CLOUDTOP_CONFIG"], []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	r := run(t, env, "limits", "--vastai", "--json")
	for _, l := range r.limits(t) {
		if l.Tokens != nil || l.Shared != sharedNot {
			t.Errorf("got %+v, want nothing known", l)
		}
	}
	if r.code != exitIncomplete || !strings.Contains(r.err, "refused") || !strings.Contains(r.err, "not known") {
		t.Errorf("exit code %d, %q, want 3 and why", r.code, r.err)
	}
	if strings.Contains(r.out+r.err, "hunter2") {
		t.Error("the password is shown")
	}
}

func TestLimitsTakeNoArguments(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"limits", "vastai"}, {"limits", "--ai", "nobody"}, {"limits", "--config", "/does/not/exist"}} {
		if r := run(t, map[string]string{}, args...); r.code != exitUsage || r.out != "" {
			t.Errorf("%v: exit code %d, want 2 and no output", args, r.code)
		}
	}
}

func TestAFolderThatCannotBeMadeIsOneWarning(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	a, _, errOut := machine(t, map[string]string{"XDG_CACHE_HOME": file})
	o := listOptions{registry: all.Specs()}
	if err := o.readConfig(a); err != nil {
		t.Fatal(err)
	}
	b := a.buckets(&o).Get("k", func() *ratelimit.Bucket { return ratelimit.New(1, 1) })
	if _, err := b.Wait(t.Context()); err != nil {
		t.Errorf("a bucket by itself: %v", err)
	}
	if n := strings.Count(errOut.String(), "warning: shared limits: "); n != 1 || !strings.Contains(errOut.String(), "by itself") {
		t.Errorf("%d warnings, want 1:\n%s", n, errOut)
	}
}
