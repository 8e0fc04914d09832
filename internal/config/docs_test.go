package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	invopop "github.com/invopop/jsonschema"

	"github.com/adsops/cloudtop/internal/config"
)

const docs = "../../docs/configuration.md"

// TestDocsAreWhatTheTypesSay keeps the tables and the example of docs/configuration.md current.
func TestDocsAreWhatTheTypesSay(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(docs)
	if err != nil {
		t.Fatal(err)
	}
	s := typesSchema(t)
	part := s.Properties.Value("providers").AdditionalProperties
	text = between(t, text, "keys", table(s, ""))
	text = between(t, text, "provider keys", table(part, ""))
	text = between(t, text, "example", "```json\n"+string(product(t))+"```\n")
	generated(t, docs, text)
}

func TestExampleOfTheDocsIsRead(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(docs)
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := bytes.Cut(text, []byte("```json\n"))
	example, _, ok := bytes.Cut(after, []byte("```"))
	if _, err := config.Read(docs, example, clouds()); !ok || err != nil {
		t.Errorf("the example of %s: found %v, error %v", docs, ok, err)
	}
}

// between replaces what stands between two comments of that name.
func between(t *testing.T, text []byte, name, want string) []byte {
	t.Helper()
	from, to := "<!-- "+name+": made by go test ./internal/config -update -->\n", "<!-- end of "+name+" -->"
	before, rest, ok := strings.Cut(string(text), from)
	_, after, ends := strings.Cut(rest, to)
	if !ok || !ends {
		t.Fatalf("%s has no %q and %q", docs, from, to)
	}
	return []byte(before + from + want + to + after)
}

// table returns the keys of an object, one a line.
func table(s *invopop.Schema, path string) string {
	var b strings.Builder
	if path == "" {
		b.WriteString("| key | value | default | what |\n|---|---|---|---|\n")
	}
	for p := s.Properties.Oldest(); p != nil; p = p.Next() {
		if p.Value.Properties != nil {
			b.WriteString(table(p.Value, path+p.Key+"."))
			continue
		}
		byDefault := ""
		if p.Value.Default != nil {
			data, _ := json.Marshal(p.Value.Default)
			byDefault = "`" + string(data) + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", path+p.Key, valuesOf(p.Value), byDefault, p.Value.Description)
	}
	return b.String()
}

// valuesOf says what a key can hold.
func valuesOf(s *invopop.Schema) string {
	switch {
	case len(s.Enum) > 1:
		var all []string
		for _, v := range s.Enum {
			all = append(all, fmt.Sprint(v))
		}
		return strings.Join(all, ", ")
	case s.Pattern == config.DurationForm:
		return "duration"
	case s.Type == "array":
		return "list of texts"
	case s.Type == "boolean":
		return "true or false"
	case s.Type == "integer":
		return "whole number, at least " + s.Minimum.String()
	case s.Type == "number":
		return "number, at least " + s.Minimum.String()
	case s.Type == "string":
		return "text"
	}
	return s.Type
}
