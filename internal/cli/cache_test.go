package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cache"
	"github.com/adsops/cloudtop/internal/cloud"
)

// configured writes a configuration with the given "cache" part, and returns an environment that names it and has a
// cache folder of its own.
func configured(t *testing.T, part string) (env map[string]string, dir string) {
	t.Helper()
	top := t.TempDir()
	file := filepath.Join(top, "config.json")
	if err := os.WriteFile(file, []byte(`{"version": "1.0", "cache": `+part+`}`), 0o600); err != nil {
		t.Fatal(err)
	}
	return map[string]string{"CLOUDTOP_CONFIG": file, "XDG_CACHE_HOME": top}, filepath.Join(top, "cloudtop")
}

// fill keeps entries of two providers in the files of a folder.
func fill(t *testing.T, dir string) {
	t.Helper()
	s, err := cache.Open(cache.Options{Backend: cache.File, Dir: dir, Warn: func(text string) { t.Error(text) }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i, provider := range []string{"neon", "oracle", "oracle"} {
		s.Put(t.Context(), cache.Key{Provider: provider, Detail: fmt.Sprint(i)}, &cache.Entry{
			At: time.Now().Add(-time.Duration(i+1) * 10 * time.Minute), Resources: []*cloud.Resource{{ID: "i"}},
		})
	}
}

func TestCacheStatusSaysWhatIsKept(t *testing.T) {
	t.Parallel()
	env, dir := configured(t, `{"backend": "file", "max_size": 50}`)
	fill(t, dir)
	if err := os.WriteFile(filepath.Join(dir, "entries", strings.Repeat("0", 32)), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	r := run(t, env, "cache", "status")
	for _, want := range []string{
		"backend     file\n", "place       " + dir + "\n", "entries     3 of at most 50\n", "unreadable  1, ",
		"\nPROVIDER  ENTRIES   SIZE", "\nneon            1 ", "\noracle          2 ", "\nall             3 ", "10m", "30m",
	} {
		if !strings.Contains(r.out, want) {
			t.Errorf("cache status lacks %q:\n%s%s", want, r.out, r.err)
		}
	}
	if r.code != exitOK || r.err != "" {
		t.Errorf("cache status ends with %d: %s", r.code, r.err)
	}
}

func TestCacheStatusAsJSON(t *testing.T) {
	t.Parallel()
	env, dir := configured(t, `{"backend": "file"}`)
	fill(t, dir)
	var got kept
	r := run(t, env, "cache", "status", "--json")
	if err := json.Unmarshal([]byte(r.out), &got); err != nil || r.code != exitOK {
		t.Fatalf("%v, %d in:\n%s%s", err, r.code, r.out, r.err)
	}
	if !got.Enabled || got.Backend != "file" || got.Place != dir || got.MaxEntries != 1000 || got.Total.Entries != 3 || got.Total.Bytes < 100 {
		t.Errorf("cache status = %+v", got)
	}
	if len(got.Providers) != 2 || got.Providers[1].Provider != "oracle" || got.Providers[1].Entries != 2 {
		t.Fatalf("providers = %+v, want neon and oracle", got.Providers)
	}
	if oldest, newest := *got.Providers[1].Oldest, *got.Providers[1].Newest; oldest < 1800 || oldest > 3600 || newest < 1200 || newest >= oldest {
		t.Errorf("oracle's entries are %v to %v seconds old, want 1200 to 1800 and little more", newest, oldest)
	}
}

func TestCacheStatusOfAnEmptyFolderHasNoAges(t *testing.T) {
	t.Parallel()
	env, _ := configured(t, `{"backend": "file"}`)
	r := run(t, env, "cache", "status", "--json")
	if !strings.Contains(r.out, `"oldest_age_seconds": null`) || !strings.Contains(r.out, `"providers": []`) {
		t.Errorf("cache status without entries: %d\n%s%s", r.code, r.out, r.err)
	}
}

func TestCacheClearSaysHowManyItRemoved(t *testing.T) {
	t.Parallel()
	env, dir := configured(t, `{"backend": "file"}`)
	fill(t, dir)
	for _, want := range []string{"removed 3 answers\n", "removed 0 answers\n"} {
		if r := run(t, env, "cache", "clear"); r.out != want || r.code != exitOK {
			t.Errorf("cache clear: %d, %q%s, want %q", r.code, r.out, r.err, want)
		}
	}
}

func TestCacheCommandsSayWhatTheyCannotDo(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, part string
		args       []string
		code       int
		says       string // on either stream
	}{
		{"memory", `{}`, []string{"status"}, exitOK, "within one run"},
		{"memory cleared", `{}`, []string{"clear"}, exitOK, "nothing to remove: the memory backend keeps answers within one run"},
		{"switched off", `{"enabled": false, "backend": "file"}`, []string{"status"}, exitOK, "switched off (cache.enabled)"},
		{"a dead server", `{"backend": "redis", "redis": {"url": "redis://u:s3cr3t@127.0.0.1:1/0"}}`, []string{"status"}, exitFailed, "redis://127.0.0.1:1/0: "},
		{"a dead server cleared", `{"backend": "redis", "redis": {"url": "redis://u:s3cr3t@127.0.0.1:1/0"}}`, []string{"clear"}, exitFailed, "(removed before: 0)"},
		{"a bad address", `{"backend": "redis", "redis": {"url": "redis://u:s3cr3t@127.0.0.1/x"}}`, []string{"status"}, exitUsage, "redis.url"},
		{"an argument", `{}`, []string{"clear", "neon"}, exitUsage, "unknown command"},
		{"a bad configuration", `{"backend": "paper"}`, []string{"status"}, exitUsage, "paper"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			env, _ := configured(t, tt.part)
			r := run(t, env, append([]string{"cache"}, tt.args...)...)
			if r.code != tt.code || !strings.Contains(r.out+r.err, tt.says) {
				t.Errorf("cache %v ends with %d, want %d and %q:\n%s%s", tt.args, r.code, tt.code, tt.says, r.out, r.err)
			}
			if strings.Contains(r.out+r.err, "s3cr3t") {
				t.Errorf("cache %v tells the password:\n%s%s", tt.args, r.out, r.err)
			}
		})
	}
}
