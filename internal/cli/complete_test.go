package cli

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/adsops/cloudtop/internal/output"
	"github.com/adsops/cloudtop/internal/provider/all"
)

// completions are what the shell is offered for the last word.
func completions(t *testing.T, words ...string) (offered []string, directive string) {
	t.Helper()
	r := run(t, nil, append([]string{"__complete"}, words...)...)
	lines := strings.Split(strings.TrimSpace(r.out), "\n")
	if r.code != exitOK || len(lines) == 0 {
		t.Fatalf("%q: exit %d, %s%s", words, r.code, r.out, r.err)
	}
	for _, line := range lines[:len(lines)-1] {
		word, _, _ := strings.Cut(line, "\t")
		offered = append(offered, word)
	}
	return offered, lines[len(lines)-1]
}

func TestTheShellIsOfferedWhatFlagsTake(t *testing.T) {
	t.Parallel()
	const noFiles = ":4"
	for _, c := range []struct {
		words []string
		want  []string // all of them
		has   []string // among others
	}{
		{[]string{"--ai", ""}, aiNames(all.Specs()), nil},
		{[]string{"doctor", "--ai", ""}, aiNames(all.Specs()), nil},
		{[]string{"limits", "--ai", ""}, nil, []string{"io", "vast", "runpod", "vastai"}},
		{[]string{"--output", ""}, output.Formats(), nil},
		{[]string{"--color", ""}, []string{"auto", "always", "never"}, nil},
		{[]string{"--service", ""}, nil, []string{"compute", "gpu", "autonomous_db", "workers", "aks"}},
		{[]string{"doctor", ""}, nil, all.Specs().Names()},
	} {
		got, directive := completions(t, c.words...)
		missing := slices.DeleteFunc(slices.Clone(c.has), func(w string) bool { return slices.Contains(got, w) })
		slices.Sort(got)
		want := slices.Sorted(slices.Values(c.want))
		if c.want != nil && !slices.Equal(got, want) || len(missing) > 0 || directive != noFiles {
			t.Errorf("%q: offered %v (%s), want %v, missing %v", c.words, got, directive, want, missing)
		}
	}
}

func TestTheShellIsOfferedColumnsOneAfterTheOther(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		words     []string
		has, none string
	}{
		{[]string{"--columns", ""}, "status", "reliability"}, {[]string{"--columns", "name,st"}, "name,status", "status"},
		{[]string{"--sort=-cp"}, "-cpu", "cpu"}, {[]string{"--sort=name,-"}, "name,-cpu", "cpu"},
		{[]string{"--gpu", "--list", "--sort", ""}, "reliability", "status"},
	} {
		got, directive := completions(t, c.words...)
		if !slices.Contains(got, c.has) || slices.Contains(got, c.none) || directive != ":6" {
			t.Errorf("%q: offered %v (%s), want %s and no %s", c.words, got, directive, c.has, c.none)
		}
	}
	for _, flag := range []string{"--region", "--filter", "--jq", "--refresh"} {
		if got, directive := completions(t, flag, ""); len(got) > 0 || directive != ":4" {
			t.Errorf("%s: offered %v (%s), want nothing, nor files", flag, got, directive)
		}
	}
}

func TestTheShellIsOfferedCommandsAndFlags(t *testing.T) {
	t.Parallel()
	commands, _ := completions(t, "")
	for _, want := range []string{"doctor", "config", "cache", "limits", "schema", "sim", "version", "completion"} {
		if !slices.Contains(commands, want) {
			t.Errorf("%s is not offered: %v", want, commands)
		}
	}
	flags, _ := completions(t, "--")
	a, _, _ := machine(t, nil)
	a.rootCommand().Flags().VisitAll(func(f *pflag.Flag) {
		if !slices.Contains(flags, "--"+f.Name) && !slices.Contains(flags, "--"+f.Name+"=") {
			t.Errorf("--%s is not offered: %v", f.Name, flags)
		}
	})
}

func TestEveryShellHasItsScript(t *testing.T) {
	t.Parallel()
	for shell, want := range map[string]string{
		"bash": "complete -o default -F __start_cloudtop cloudtop", "zsh": "#compdef cloudtop",
		"fish": "complete -c cloudtop", "powershell": "Register-ArgumentCompleter",
	} {
		if r := run(t, nil, "completion", shell); r.code != exitOK || !strings.Contains(r.out, want) || r.err != "" {
			t.Errorf("%s: exit %d, %d bytes without %q: %s", shell, r.code, len(r.out), want, r.err)
		}
	}
	if r := run(t, nil, "completion"); r.code != exitOK || !strings.Contains(r.out, "fish") {
		t.Errorf("completion alone: exit %d, %s", r.code, r.out)
	}
}

func TestTheVersionIsACommandAndAFlag(t *testing.T) {
	t.Parallel()
	command, flag := run(t, nil, "version"), run(t, nil, "--version")
	if command != flag || command.code != exitOK || !strings.HasPrefix(command.out, "cloudtop ") || strings.Count(command.out, "\n") != 1 {
		t.Errorf("got %+v and %+v", command, flag)
	}
}

func TestHelpNamesEveryExitCode(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"exit-codes", "help exit-codes"} {
		r := run(t, nil, strings.Fields(line)...)
		for _, code := range []string{" 0  complete", " 1  failed", " 2  usage", " 3  incomplete", " 4  authentication", "130  interrupted"} {
			if !strings.Contains(r.out, code) {
				t.Errorf("%s lacks %q:\n%s", line, code, r.out)
			}
		}
	}
}
