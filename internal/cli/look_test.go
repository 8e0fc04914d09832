package cli

import (
	"maps"
	"strings"
	"testing"
	"unicode/utf8"
)

// onTerminal runs a command line on a terminal of a width, which stdout and stderr share as asked.
func onTerminal(t *testing.T, width int, outTTY, errTTY bool, env map[string]string, args ...string) result {
	t.Helper()
	a, out, errOut := machine(t, env)
	a.outTTY, a.errTTY = outTTY, errTTY
	a.size = func() (int, int) { return width, 40 }
	return result{a.run(t.Context(), args), out.String(), errOut.String()}
}

func TestColoursAreForTerminalsThatWantThem(t *testing.T) {
	t.Parallel()
	plain := written(t, `{"version":"1.0","output":{"color_enabled":false}}`)
	for name, c := range map[string]struct {
		tty  bool
		env  []string
		args []string
		want bool
	}{
		"a terminal":                          {true, nil, nil, true},
		"a pipe":                              {false, nil, nil, false},
		"NO_COLOR":                            {true, []string{"NO_COLOR", "1"}, nil, false},
		"an empty NO_COLOR is none":           {true, []string{"NO_COLOR", ""}, nil, true},
		"a dumb terminal":                     {true, []string{"TERM", "dumb"}, nil, false},
		"the configuration":                   {true, []string{"CLOUDTOP_CONFIG", plain}, nil, false},
		"never":                               {true, nil, []string{"--color", "never"}, false},
		"always in a pipe":                    {false, nil, []string{"--color=always"}, true},
		"always is stronger than NO_COLOR":    {true, []string{"NO_COLOR", "1"}, []string{"--color=always"}, true},
		"always is stronger than its absence": {true, []string{"CLOUDTOP_CONFIG", plain}, []string{"--color=always"}, true},
	} {
		for _, format := range []string{"--table", "--wide"} {
			r := onTerminal(t, 120, c.tty, c.tty, demo(c.env...), append(c.args, "--neon", "--quiet", format)...)
			if got := strings.Contains(r.out, "\x1b["); got != c.want || r.code != exitOK {
				t.Errorf("%s, %s: exit %d, colours: %v, want %v", name, format, r.code, got, c.want)
			}
		}
	}
	for _, format := range []string{"json", "csv", "yaml", "ndjson", "markdown"} {
		if r := onTerminal(t, 120, true, true, demo(), "--neon", "--color=always", "-O", format, "-q"); strings.Contains(r.out, "\x1b") {
			t.Errorf("%s has colours", format)
		}
	}
}

func TestSignsFollowTheLocale(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		env     map[string]string
		unicode bool
	}{
		"C.UTF-8":             {map[string]string{"LANG": "C.UTF-8"}, true},
		"utf8 in small":       {map[string]string{"LANG": "de_DE.utf8"}, true},
		"none":                {map[string]string{"LANG": ""}, false},
		"C":                   {map[string]string{"LANG": "C"}, false},
		"Latin 1":             {map[string]string{"LANG": "de_DE.ISO-8859-1"}, false},
		"LC_ALL wins":         {map[string]string{"LANG": "C.UTF-8", "LC_ALL": "C"}, false},
		"LC_CTYPE over LANG":  {map[string]string{"LANG": "C", "LC_CTYPE": "en_US.UTF-8"}, true},
		"an empty one is not": {map[string]string{"LANG": "en_US.UTF-8", "LC_ALL": ""}, true},
	} {
		env := demo()
		maps.Copy(env, c.env)
		r := run(t, env, "--neon", "--columns", "status", "--running")
		if got := strings.Contains(r.out, "● running"); got != c.unicode || !got && !strings.Contains(r.out, "+ running") {
			t.Errorf("%s: signs beyond ASCII: %v, want %v:\n%s", name, got, c.unicode, r.out)
		}
	}
}

func TestATableIsCutToItsTerminal(t *testing.T) {
	t.Parallel()
	for _, width := range []int{40, 80, 120} {
		r := onTerminal(t, width, true, false, demo("NO_COLOR", "1"), "--all", "--quiet")
		for line := range strings.Lines(r.out) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > width {
				t.Errorf("width %d: a line of %d: %q", width, n, line)
				break
			}
		}
	}
	for name, r := range map[string]result{
		"a pipe":                      onTerminal(t, 40, false, false, demo(), "--all", "--quiet"),
		"a terminal of unknown width": onTerminal(t, 0, true, false, demo("NO_COLOR", "1"), "--all", "--quiet"),
	} {
		heading, _, _ := strings.Cut(r.out, "\n")
		if strings.Contains(r.out, "…") || len(strings.Fields(heading)) < 8 {
			t.Errorf("%s is cut: %q", name, heading)
		}
	}
}

func TestProgressIsForATerminalAlone(t *testing.T) {
	t.Parallel()
	slow := demo("CLOUDTOP_DEMO_LATENCY", "120ms", "NO_COLOR", "1")
	for name, c := range map[string]struct {
		errTTY bool
		args   []string
		want   bool
	}{
		"a terminal":       {true, nil, true},
		"as JSON too":      {true, []string{"--json"}, true},
		"a file":           {false, nil, false},
		"quiet":            {true, []string{"--quiet"}, false},
		"verbose logs":     {true, []string{"--verbose"}, false},
		"nothing is asked": {true, []string{"--explain"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := onTerminal(t, 80, false, c.errTTY, slow, append(c.args, "--neon")...)
			if got := strings.Contains(r.err, "collecting: "); got != c.want || strings.Contains(r.out, "collecting") {
				t.Errorf("exit %d, progress: %v, want %v, on stderr alone:\n%q", r.code, got, c.want, r.err)
			}
			if after, drawn := strings.CutPrefix(r.err[max(0, strings.LastIndex(r.err, "\r")):], "\r\x1b[K"); c.want && (!drawn || strings.Contains(after, "collecting")) {
				t.Errorf("the line is not wiped: %q", r.err)
			}
		})
	}
}

func TestQuietKeepsFailuresInTheExitCodeAlone(t *testing.T) {
	t.Parallel()
	env := demo("CLOUDTOP_DEMO_FAULTS", script(t, `[{"provider":"neon","from":3,"action":"status","status":400}]`))
	for _, format := range []string{"--table", "--json"} {
		if r := run(t, env, "--neon", "--runpod", "--quiet", format); r.code != exitIncomplete || r.err != "" || r.out == "" {
			t.Errorf("%s: exit %d, stderr %q, %d bytes", format, r.code, r.err, len(r.out))
		}
	}
	if r := run(t, demo(), "--neon", "--json"); r.err != "" {
		t.Errorf("a complete document is talked about: %q", r.err)
	}
}

func TestVerboseShowsNoSecretOfAnyProvider(t *testing.T) {
	t.Parallel()
	r := run(t, demo(), "--all", "--verbose", "--json")
	for _, secret := range []string{"napi_", "rpa_", "PRIVATE KEY", "Bearer ", "Signature", "client_secret", "MARKER-SECRET", "access_token"} {
		if strings.Contains(r.out, secret) || strings.Contains(r.err, secret) {
			t.Errorf("%q is told", secret)
		}
	}
	if n := strings.Count(r.err, "msg=call"); n < 100 {
		t.Errorf("%d calls are logged", n)
	}
}

func TestAReaderThatHasGoneIsNoFailure(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"--neon", "--neon --json", "--neon --jq .", "--neon --output csv", "--neon --output ndjson", "--neon --output yaml",
		"--neon --output markdown", "--neon --explain", "--neon --explain --json", "--neon --explain --jq .", "--neon --refresh 1s",
		"doctor neon", "doctor neon --json", "limits", "limits --json", "cache status", "cache status --json", "schema",
		"config schema", "config view", "version", "--version", "--help", "help screen", "completion bash",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			a, _, errOut := machine(t, demo())
			a.out = gone{}
			if code := a.run(t.Context(), strings.Fields(line)); code != exitOK || strings.Contains(errOut.String(), "pipe") {
				t.Errorf("exit %d: %s", code, errOut)
			}
		})
	}
}
