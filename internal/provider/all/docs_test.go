package all_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/all"
)

var update = flag.Bool("update", false, "rewrite docs/providers")

const docs = "../../../docs/providers"

// TestDocsAreWhatTheSpecsSay keeps docs/providers/<name>.md the image of each Spec.
func TestDocsAreWhatTheSpecsSay(t *testing.T) {
	t.Parallel()
	for _, s := range all.Specs() {
		path := filepath.Join(docs, s.Name+".md")
		want := page(s)
		if *update {
			if err := os.MkdirAll(docs, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Errorf("%v: run go test ./internal/provider/all -update", err)
		} else if !bytes.Equal(got, want) {
			t.Errorf("%s is not what the Spec says: run go test ./internal/provider/all -update", path)
		}
	}
}

func page(s *provider.Spec) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n\n<!-- Generated from the Spec by go test ./internal/provider/all -update. -->\n\n", s.Title)
	flags := "`--" + s.Name + "`"
	if s.Short != "" {
		flags += ", `-" + s.Short + "`"
	}
	if s.AI {
		for _, alias := range append([]string{s.Name}, s.Aliases...) {
			flags += ", `--ai " + alias + "`"
		}
	}
	fmt.Fprintf(&b, "Flags: %s. Key in the configuration: `%s`.\n\n", flags, s.Name)
	services(&b, s)
	auth(&b, s)
	if s.Permissions != "" {
		fmt.Fprintf(&b, "## Least privilege\n\n```text\n%s\n```\n\n", strings.TrimSpace(s.Permissions))
	}
	options(&b, s)
	limits(&b, s)
	asks(&b, s)
	if s.CostNote != "" {
		fmt.Fprintf(&b, "## What asking costs\n\n%s\n\n", s.CostNote)
	}
	fmt.Fprint(&b, "## Sources\n\n")
	for _, d := range s.Docs {
		fmt.Fprintf(&b, "- %s\n", d)
	}
	return b.Bytes()
}

func services(b *bytes.Buffer, s *provider.Spec) {
	fmt.Fprint(b, "## Services\n\n| service | also | classes | what | permission | metrics |\n|---|---|---|---|---|---|\n")
	for _, svc := range s.Services {
		var classes []string
		for _, c := range svc.Classes {
			classes = append(classes, string(c))
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s | %s |\n", svc.Name, strings.Join(svc.Aliases, ", "),
			strings.Join(classes, ", "), svc.Title, svc.Permission, strings.Join(svc.Metrics, ", "))
	}
	fmt.Fprintln(b)
}

func auth(b *bytes.Buffer, s *provider.Spec) {
	fmt.Fprint(b, "## Credentials, in the order in which they are looked for\n\n| method | values (environment) | files | where to get it |\n|---|---|---|---|\n")
	for _, m := range s.Auth {
		var fields []string
		for _, f := range m.Fields {
			text := "`" + f.Name + "`"
			if len(f.Env) > 0 {
				text += " (" + strings.Join(f.Env, ", ") + ")"
			}
			if f.Optional {
				text += ", optional"
			}
			fields = append(fields, text)
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", m.Name, strings.Join(fields, "; "), strings.Join(m.Files, ", "), m.Help)
	}
	fmt.Fprintln(b)
}

func options(b *bytes.Buffer, s *provider.Spec) {
	if len(s.Options) == 0 {
		return
	}
	fmt.Fprint(b, "## Options\n\n| key | type | what |\n|---|---|---|\n")
	for _, o := range s.Options {
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", o.Name, o.Type, o.Help)
	}
	fmt.Fprintln(b)
}

func limits(b *bytes.Buffer, s *provider.Spec) {
	if len(s.Limits) == 0 {
		return
	}
	fmt.Fprint(b, "## Limits that are kept\n\n| what | calls | per | at once | source |\n|---|---|---|---|---|\n")
	for _, l := range s.Limits {
		burst := l.Burst
		if burst == 0 {
			burst = l.Events
		}
		fmt.Fprintf(b, "| %s | %d | %s | %d | %s |\n", l.Name, l.Events, l.Per, burst, l.Source)
	}
	fmt.Fprintln(b)
}

func asks(b *bytes.Buffer, s *provider.Spec) {
	fmt.Fprint(b, "## Calls of a run\n\n`cloudtop --explain` reckons with these.\n\n| part | for | services | once per | calls | rows a call |\n|---|---|---|---|---|---|\n")
	per := map[provider.Per]string{provider.PerUnit: "service and place", provider.PerAccount: "account", provider.PerRun: "run"}
	for _, a := range s.Asks {
		who, rows := strings.Join(a.Services, ", "), "any"
		if who == "" {
			who = "all"
		}
		if a.Page > 0 {
			rows = fmt.Sprint(a.Page)
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %d to %d | %s |\n", a.Part, a.For, who, per[a.Per], a.Least, a.Most, rows)
	}
	fmt.Fprintln(b)
}
