package config_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"testing"

	invopop "github.com/invopop/jsonschema"
	santhosh "github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/adsops/cloudtop/internal/config"
	"github.com/adsops/cloudtop/internal/provider"
)

var update = flag.Bool("update", false, "rewrite the generated files")

// generated compares a file with what it must be, after writing it if asked to.
func generated(t *testing.T, path string, want []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s (%v) is out of date: run go test ./internal/config -update\ngot:\n%s\nwant:\n%s", path, err, got, want)
	}
}

func TestEmbeddedSchemaIsWhatTheTypesSay(t *testing.T) {
	t.Parallel()
	data, err := json.MarshalIndent(typesSchema(t), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	generated(t, "schema.json", append(data, '\n'))
}

// typesSchema returns the schema of Config as its types, tags and comments tell it.
func typesSchema(t *testing.T) *invopop.Schema {
	t.Helper()
	r := &invopop.Reflector{
		Anonymous: true, DoNotReference: true, RequiredFromJSONSchemaTags: true, Mapper: mapped,
	}
	if err := r.AddGoComments("github.com/adsops/cloudtop/internal/config", "."); err != nil {
		t.Fatal(err)
	}
	return r.Reflect(&config.Config{})
}

// mapped returns the schema of types that read themselves.
func mapped(t reflect.Type) *invopop.Schema {
	one := uint64(1)
	names := &invopop.Schema{Type: "array", Items: &invopop.Schema{Type: "string", MinLength: &one}}
	switch t {
	case reflect.TypeFor[config.Duration]():
		return &invopop.Schema{Type: "string", Pattern: config.DurationForm}
	case reflect.TypeFor[config.Secret]():
		return &invopop.Schema{Type: "string", WriteOnly: true}
	case reflect.TypeFor[config.Columns]():
		views := make([]any, 0, 9)
		for _, v := range config.ColumnViews() {
			views = append(views, v)
		}
		return &invopop.Schema{
			Type: "object", AdditionalProperties: names, PropertyNames: &invopop.Schema{Enum: views},
		}
	case reflect.TypeFor[config.Regions](), reflect.TypeFor[config.Services]():
		return names
	case reflect.TypeFor[config.Auth](), reflect.TypeFor[config.Options]():
		return &invopop.Schema{Type: "object"}
	}
	return nil
}

// validator returns what checks a configuration against the published schema.
func validator(t testing.TB, reg provider.Registry) *santhosh.Schema {
	t.Helper()
	data, err := config.Schema(reg)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := santhosh.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := santhosh.NewCompiler()
	c.DefaultDraft(santhosh.Draft2020)
	if err := c.AddResource("config.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	return c.MustCompile("config.schema.json")
}

func valid(t testing.TB, s *santhosh.Schema, data []byte) error {
	t.Helper()
	doc, err := santhosh.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(doc)
}

func TestSchemaAcceptsWhatIsPromised(t *testing.T) {
	t.Parallel()
	s := validator(t, clouds())
	for name, data := range map[string][]byte{
		"product": product(t), "example": config.Example(machine(nil, nil), clouds()), "empty": []byte("{}"),
	} {
		if err := valid(t, s, data); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSchemaForNobodyTakesNoProvider(t *testing.T) {
	t.Parallel()
	data, err := config.Schema(nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := `"additionalProperties": false`; !bytes.Contains(data, []byte(want)) {
		t.Errorf("got %s, want it with %s", data, want)
	}
	if _, err := config.Read("c", []byte(`{"providers": {"vastai": {}}}`), nil); err == nil {
		t.Error("a provider that is not registered is read without error")
	}
}

func TestSchemaDescribesEverySecretAsOne(t *testing.T) {
	t.Parallel()
	data, err := config.Schema(clouds())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := bytes.Count(data, []byte(`"writeOnly": true`)), 10; got != want {
		t.Errorf("%d values are writeOnly, want %d: the address of Redis and each secret of the providers", got, want)
	}
}

// TestDefaultsAreThoseOfTheSchema reads a file that says every default of the schema.
func TestDefaultsAreThoseOfTheSchema(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(defaults(typesSchema(t)))
	if err != nil {
		t.Fatal(err)
	}
	c := read(t, string(data))
	if got, want := c, config.Default(); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v\nfrom %s", got, want, data)
	}
	limit := defaults(typesSchema(t).Properties.Value("providers").AdditionalProperties)
	if data, err = json.Marshal(map[string]any{"providers": map[string]any{"neon": limit}}); err != nil {
		t.Fatal(err)
	}
	got, want := read(t, string(data)), read(t, `{"providers": {"neon": {"rate_limit": {}}}}`)
	if !reflect.DeepEqual(got.Providers["neon"], want.Providers["neon"]) {
		t.Errorf("got  %+v\nwant %+v\nfrom %s", got.Providers["neon"], want.Providers["neon"], data)
	}
}

// defaults returns an object of all defaults.
func defaults(s *invopop.Schema) map[string]any {
	out := map[string]any{}
	for p := s.Properties.Oldest(); p != nil; p = p.Next() {
		if p.Value.Default != nil {
			out[p.Key] = p.Value.Default
		} else if p.Value.Properties != nil {
			out[p.Key] = defaults(p.Value)
		}
	}
	return out
}
