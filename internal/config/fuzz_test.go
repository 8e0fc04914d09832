package config_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	santhosh "github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/adsops/cloudtop/internal/config"
)

// oneWay are errors of what a schema cannot see: keys that are there twice, columns that are made of names, and texts
// whose form is right.
var oneWay = regexp.MustCompile(`is here twice|are both|is no column|is too (short|long)|cannot be used`)

// huge are numbers that no machine can hold as a fraction.
var huge = regexp.MustCompile(`[eE][+-]?\d{4}`)

// agrees checks that errors lie inside of the file, and that Read takes exactly what both encoding/json and the
// published schema take.
func agrees(t *testing.T, schema *santhosh.Schema, data []byte) {
	t.Helper()
	_, err := config.Read("c", data, clouds())
	lines := strings.Split(string(data), "\n")
	for _, e := range split(err) {
		if e.Line < 1 || e.Line > len(lines) || e.Column < 1 || e.Column > utf8.RuneCountInString(lines[e.Line-1])+1 {
			t.Errorf("%v: its place is outside of the file %q", e, data)
		}
	}
	if err != nil && len(split(err)) == 0 {
		t.Errorf("got %v, want a *config.Error", err)
	}
	if !json.Valid(data) || huge.Match(data) {
		return
	}
	var typed config.Config
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	refused := decoder.Decode(&typed)
	if refused == nil {
		refused = valid(t, schema, data)
	}
	if refused == nil && err != nil && !oneWay.MatchString(err.Error()) {
		t.Errorf("%s is good by encoding/json and the schema, and refused: %v", data, err)
	}
	if refused != nil && err == nil {
		t.Errorf("%s is read though it is refused: %v", data, refused)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(product(f))
	for _, part := range []string{
		`{}`, `{"cache": {"ttl": "1s", "max_size": 1e2}}`, `{"providers": {"vast": {"auth": {"api_key": "x"}}, "vastai": {}}}`,
		`{"output": {"columns": {"gpu": ["name", "attrs.x"], "offers": []}}}`, `{"a": [1, {"b": null}]} `, "{\r\n\t\"é\": 1}",
		`{"providers": {"azure": {"auth": {"client_id": "a", "key_file": "b"}, "services": ["vms"], "regions": []}}}`,
		`{"providers": {"cloudflare": {"options": {"zones": ["a"], "sample": -1.5e3, "free_plan": false}}}}`,
		`{"providers": {"oracle": {"auth": {"method": "environment", "env_region": "R"}, "rate_limit": {"burst": 1}}}}`,
	} {
		f.Add([]byte(part))
	}
	schema := validator(f, clouds())
	f.Fuzz(func(t *testing.T, data []byte) { agrees(t, schema, data) })
}

// FuzzEdits reads the product's configuration after a few random edits: most are JSON, many are nearly right.
func FuzzEdits(f *testing.F) {
	for seed := range uint64(500) {
		f.Add(seed)
	}
	schema, text := validator(f, clouds()), product(f)
	f.Fuzz(func(t *testing.T, seed uint64) {
		var doc any
		if err := json.Unmarshal(text, &doc); err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(seed, 0))
		for range 1 + r.IntN(3) {
			doc = edit(r, doc)
		}
		data, err := json.MarshalIndent(doc, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		agrees(t, schema, data)
	})
}

// edit changes one place of a JSON value.
func edit(r *rand.Rand, doc any) any {
	switch v := doc.(type) {
	case map[string]any:
		keys := slices.Sorted(maps.Keys(v))
		if r.IntN(8) == 0 || len(keys) == 0 {
			v[pick(r, words()).(string)] = pick(r, values())
			return v
		}
		key := keys[r.IntN(len(keys))]
		if r.IntN(12) == 0 {
			delete(v, key)
			return v
		}
		v[key] = edit(r, v[key])
		return v
	case []any:
		if r.IntN(3) == 0 || len(v) == 0 {
			return append(v, pick(r, values()))
		}
		i := r.IntN(len(v))
		v[i] = edit(r, v[i])
		return v
	}
	return pick(r, values())
}

func pick(r *rand.Rand, from []any) any { return from[r.IntN(len(from))] }

func words() []any {
	return []any{
		"version", "cache", "redis", "url", "retry", "auth", "method", "api_key", "env_api_key", "key_file", "client_secret",
		"env_tenant_id", "region", "regions", "services", "options", "account_id", "zones", "burst", "timeout", "gpu", "offers",
		"vast", "io", "google", "aws", "", "é", "$schema", "enabled", "columns", "profile", "project_id",
	}
}

func values() []any {
	return append(words(),
		nil, true, false, 0, -1, 1.5, 1e300, json.Number("1e2"), json.Number("10.0"), json.Number("12345678901234567890"),
		"1.0", "30s", "0s", "9000h", "redis://h:x", "-5s", "1h0.5m", "5", "environment", "oauth", "service_account", "compute", "workers", "instances", "redis://h",
		"file", "csv", "MY_KEY", "1KEY", "~/x", "name", "price", []any{}, []any{"gpu"}, []any{1}, map[string]any{},
		map[string]any{"api_key": "k"}, map[string]any{"env_client_id": "C", "tenant_id": "t"}, map[string]any{"burst": 2},
		map[string]any{"method": "environment"}, map[string]any{"max_retries": 1, "factor": 2.5},
	)
}
