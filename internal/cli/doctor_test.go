package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/provider/all"
)

// findings are those of a doctor's JSON.
func (r result) findings(t *testing.T) []finding {
	t.Helper()
	var list []finding
	if err := json.Unmarshal([]byte(r.out), &list); err != nil {
		t.Fatalf("exit %d, %v in:\n%s\n%s", r.code, err, r.out, r.err)
	}
	return list
}

func TestTheDoctorTakesWordsAndFlags(t *testing.T) {
	t.Parallel()
	for line, want := range map[string][]string{
		"doctor azure":                     {"azure"},
		"doctor --azure":                   {"azure"},
		"doctor -z":                        {"azure"},
		"doctor vast io":                   {"runpod", "vastai"},
		"doctor --ai vast --ai io":         {"runpod", "vastai"},
		"doctor --neon vast":               {"neon", "vastai"},
		"doctor neon --neon":               {"neon"},
		"doctor":                           all.Specs().Names(),
		"doctor --all":                     all.Specs().Names(),
		"doctor -a --neon":                 all.Specs().Names(),
		"doctor NEON --ai vastai --vastai": {"neon", "vastai"},
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			r := run(t, demo(), append(strings.Fields(line), "--json")...)
			var got []string
			for _, f := range r.findings(t) {
				got = append(got, f.Provider)
			}
			if got = slices.Compact(got); r.code != exitOK || !slices.Equal(got, want) {
				t.Errorf("exit %d, examined %v, want %v", r.code, got, want)
			}
		})
	}
}

// In each state the doctor says at which step it is, why, and what to do.
func TestTheDoctorInEveryState(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, faults, provider string
		code                   int
		step, state            string // of the last line that is not ok; empty = all are
		says                   string
	}{
		{"well", ``, "neon", exitOK, "", "", ""},
		{"a wrong credential", `{"action":"status","status":401}`, "neon", exitAuth, "identity", stateFailed, "console.neon.tech/app/settings/api-keys"},
		{"a denied service", `{"path":"/v2/pods*","action":"status","status":403}`, "runpod", exitIncomplete, "pods", stateFailed, "the credential needs: read access to pods"},
		{"a denied identity", `{"action":"status","status":403}`, "vastai", exitAuth, "identity", stateFailed, "HTTP 403"},
		{"a broken answer", `{"action":"wrong_type"}`, "neon", exitAuth, "identity", stateFailed, "neon"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			faults := script(t, "["+strings.Replace(c.faults, "{", `{"provider":"`+c.provider+`",`, 1)+"]")
			r := run(t, demo("CLOUDTOP_DEMO_FAULTS", faults), "doctor", c.provider, "--json")
			bad := slices.DeleteFunc(r.findings(t), func(f finding) bool { return f.State == stateOK })
			if r.code != c.code || (len(bad) == 0) != (c.step == "") {
				t.Fatalf("exit %d, want %d: %+v", r.code, c.code, bad)
			}
			if c.step == "" {
				return
			}
			if f := bad[0]; f.Step != c.step || f.State != c.state || !strings.Contains(f.Detail+" "+f.Hint, c.says) {
				t.Errorf("got %+v, want %s of %s and %q", f, c.state, c.step, c.says)
			}
		})
	}
}

// A provider that nobody answers for is told as dead, beside one that is well.
func TestTheDoctorOfADeadProvider(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(file, []byte(`{"version":"1.0","defaults":{"retry":{"max_retries":0}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	env := demo("CLOUDTOP_CONFIG", file, "CLOUDTOP_DEMO_FAULTS", script(t, `[{"provider":"neon","action":"reset"}]`))
	r := run(t, env, "doctor", "neon", "vast")
	_, vast, _ := strings.Cut(r.out, "Vast.ai\n")
	if r.code != exitIncomplete || !strings.Contains(r.out, "Neon\n  ok       credential ") ||
		!strings.Contains(r.out, "FAILED   identity ") || strings.Contains(vast, "FAILED") || !strings.Contains(vast, "ok ") {
		t.Errorf("exit %d:\n%s%s", r.code, r.out, r.err)
	}
}

func TestTheDoctorSaysWhereACredentialWas(t *testing.T) {
	t.Parallel()
	r := run(t, nil, "doctor", "--neon", "--json")
	f := r.findings(t)
	if r.code != exitAuth || len(f) != 1 || f[0].State != stateFailed && f[0].State != stateSkipped ||
		!strings.Contains(f[0].Detail, "NEON_API_KEY") || f[0].Hint == "" {
		t.Errorf("without a credential: exit %d, %+v", r.code, f)
	}
	file := filepath.Join(t.TempDir(), "config.json")
	text := `{"version":"1.0","providers":{"neon":{"auth":{"method":"api_key","key_file":"/nowhere/key"}}}}`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	r = run(t, map[string]string{"NEON_API_KEY": "MARKER-SECRET"}, "doctor", "neon", "--config", file)
	if r.code != exitAuth || !strings.Contains(r.out, "/nowhere/key") || strings.Contains(r.out+r.err, "MARKER-SECRET") {
		t.Errorf("a key file that is missing: exit %d:\n%s%s", r.code, r.out, r.err)
	}
}

func TestTheDoctorIsVerboseWithoutSecrets(t *testing.T) {
	t.Parallel()
	r := run(t, demo(), "doctor", "-v")
	for _, secret := range []string{"napi_", "rpa_", "PRIVATE KEY", "Bearer", "Signature", "MARKER-SECRET"} {
		if strings.Contains(r.out+r.err, secret) {
			t.Errorf("%q is told", secret)
		}
	}
	for _, name := range all.Specs().Names() {
		if !strings.Contains(r.err, "provider="+name+" method=") {
			t.Errorf("no call to %s is logged", name)
		}
	}
}
