package output

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/invopop/jsonschema"
	validator "github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/hub"
)

// The types below are the document as Go would read it. The published schema is made of them, and what the program
// writes must be what encoding/json makes of them.
type (
	document struct {
		Version     string         `json:"version" jsonschema:"description=Version of this contract: members may be added within a version"`
		GeneratedAt *time.Time     `json:"generated_at" jsonschema:"nullable,description=When the picture was taken"`
		Simulated   bool           `json:"simulated,omitempty" jsonschema:"description=Present and true where no cloud was asked and nothing of this exists"`
		Providers   []providerNode `json:"providers" jsonschema:"description=By name"`
		Ledger      []unitNode     `json:"ledger" jsonschema:"description=Every unit of work and how it ended: what is missing above is explained here"`
	}
	providerNode struct {
		Name    string        `json:"name"`
		Status  providerState `json:"status" jsonschema:"description=ok: all that was asked for is here; partial: some of it; failed: nothing; skipped: nothing was asked for"`
		Results []resultNode  `json:"results" jsonschema:"description=One entry per account; one with an empty account where the provider failed before it told its accounts"`
		Offers  []offerNode   `json:"offerings" jsonschema:"description=GPUs for rent"`
		Markets []marketNode  `json:"markets" jsonschema:"description=The state of the GPU market by card"`
		Errors  []errorNode   `json:"errors" jsonschema:"description=What went wrong; each thing once"`
	}
	resultNode struct {
		Account   string         `json:"account"`
		Name      string         `json:"account_name" jsonschema:"description=What people call the account; empty where the provider has no name for it"`
		Resources []resourceNode `json:"resources"`
		Costs     []costNode     `json:"costs" jsonschema:"description=Money of the account or of a part of it"`
	}
	resourceNode struct {
		Provider     string             `json:"provider"`
		Account      string             `json:"account"`
		Region       string             `json:"region" jsonschema:"description=Empty where the service is global"`
		Compartment  string             `json:"compartment" jsonschema:"description=A part of the account with permissions of its own; empty elsewhere"`
		Service      string             `json:"service" jsonschema:"description=The provider's own name of the service"`
		Type         string             `json:"type" jsonschema:"description=What it is within the service: instance bucket branch ..."`
		ID           string             `json:"id" jsonschema:"description=Unique within provider and account"`
		Name         string             `json:"name"`
		Status       statusWord         `json:"status" jsonschema:"description=unknown for what has no run state"`
		NativeStatus string             `json:"native_status" jsonschema:"description=The provider's own word; may be empty"`
		CreatedAt    *time.Time         `json:"created_at" jsonschema:"nullable"`
		Tags         map[string]string  `json:"tags"`
		GPU          *gpuNode           `json:"gpu" jsonschema:"nullable,description=null for what has no GPU"`
		Metrics      map[string]float64 `json:"metrics" jsonschema:"description=Only what was measured: a missing name is no zero. Every name ends in its unit; percentages are 0 to 100"`
		MetricsAt    *time.Time         `json:"metrics_at" jsonschema:"nullable,description=When the newest of the metrics was measured"`
		Attributes   map[string]any     `json:"attributes" jsonschema:"description=What only this provider says: texts numbers booleans or lists of texts"`
		Cost         *priceNode         `json:"cost" jsonschema:"nullable,description=null where the price is unknown"`
	}
	gpuNode struct {
		Type     string   `json:"type"`
		Count    *float64 `json:"count" jsonschema:"nullable,description=May be a fraction of a card"`
		MemoryGB *float64 `json:"memory_gb" jsonschema:"nullable,description=Per card"`
	}
	priceNode struct {
		Hourly   *float64   `json:"hourly" jsonschema:"nullable,description=null where the price is a range: then hourly_min and hourly_max are its ends"`
		Min      *float64   `json:"hourly_min,omitempty"`
		Max      *float64   `json:"hourly_max,omitempty"`
		Currency string     `json:"currency" jsonschema:"description=ISO 4217"`
		Source   string     `json:"source" jsonschema:"description=Where the figure comes from"`
		QuotedAt *time.Time `json:"quoted_at" jsonschema:"nullable"`
	}
	costNode struct {
		Kind     string     `json:"kind" jsonschema:"description=balance: prepaid money left; spend: billed or metered in the period; estimate: usage times published prices; limit: the most that may be spent"`
		Amount   float64    `json:"amount"`
		Currency string     `json:"currency"`
		Region   string     `json:"region"`
		Service  string     `json:"service" jsonschema:"description=Empty for the whole account"`
		ID       string     `json:"id" jsonschema:"description=Of a resource; empty for the whole service"`
		From     *time.Time `json:"from" jsonschema:"nullable"`
		To       *time.Time `json:"to" jsonschema:"nullable"`
		Source   string     `json:"source"`
		At       *time.Time `json:"at" jsonschema:"nullable"`
	}
	offerNode struct {
		Provider        string         `json:"provider"`
		Account         string         `json:"account"`
		ID              string         `json:"id"`
		GPUType         string         `json:"gpu_type"`
		GPUCount        *float64       `json:"gpu_count" jsonschema:"nullable"`
		GPUMemoryGB     *float64       `json:"gpu_memory_gb" jsonschema:"nullable,description=Per card"`
		VCPUs           *float64       `json:"vcpus" jsonschema:"nullable"`
		MemoryGB        *float64       `json:"memory_gb" jsonschema:"nullable,description=Of the machine"`
		DiskGB          *float64       `json:"disk_gb" jsonschema:"nullable"`
		Region          string         `json:"region"`
		PricePerHour    *float64       `json:"price_per_hour" jsonschema:"nullable,description=For the whole offer"`
		PricePerGPUHour *float64       `json:"price_per_gpu_hour" jsonschema:"nullable"`
		Currency        string         `json:"currency"`
		Available       bool           `json:"available"`
		Stock           string         `json:"stock" jsonschema:"description=The provider's word or number for how many are left; may be empty"`
		Tier            string         `json:"tier"`
		Interruptible   bool           `json:"interruptible"`
		Reliability     *float64       `json:"reliability" jsonschema:"nullable,description=0 to 1"`
		QuotedAt        *time.Time     `json:"quoted_at" jsonschema:"nullable"`
		Attributes      map[string]any `json:"attributes"`
	}
	marketNode struct {
		Provider  string     `json:"provider"`
		Account   string     `json:"account"`
		GPUType   string     `json:"gpu_type"`
		Total     int        `json:"total"`
		Available int        `json:"available"`
		Usage     *float64   `json:"usage_percent" jsonschema:"nullable"`
		P10       *float64   `json:"price_per_gpu_hour_p10" jsonschema:"nullable"`
		P25       *float64   `json:"price_per_gpu_hour_p25" jsonschema:"nullable"`
		Median    *float64   `json:"price_per_gpu_hour_median" jsonschema:"nullable"`
		P75       *float64   `json:"price_per_gpu_hour_p75" jsonschema:"nullable"`
		P90       *float64   `json:"price_per_gpu_hour_p90" jsonschema:"nullable"`
		Currency  string     `json:"currency"`
		QuotedAt  *time.Time `json:"quoted_at" jsonschema:"nullable"`
	}
	errorNode struct {
		Account string `json:"account"`
		Region  string `json:"region"`
		Service string `json:"service"`
		Kind    string `json:"kind" jsonschema:"description=auth denied throttled unavailable network timeout cancelled not_found unsupported request response partial or config"`
		Message string `json:"message"`
		Hint    string `json:"hint" jsonschema:"description=What to do about it; may be empty"`
	}
	unitNode struct {
		Provider    string     `json:"provider"`
		Account     string     `json:"account"`
		Region      string     `json:"region"`
		Compartment string     `json:"compartment"`
		Service     string     `json:"service"`
		Capability  string     `json:"capability" jsonschema:"description=What was asked for: connect resources metrics prices offers markets or costs"`
		State       unitState  `json:"state"`
		Kind        string     `json:"kind" jsonschema:"description=Of what went wrong; empty where nothing did"`
		Reason      string     `json:"reason"`
		Hint        string     `json:"hint"`
		Calls       int        `json:"calls"`
		Rows        int        `json:"rows"`
		At          *time.Time `json:"at" jsonschema:"nullable,description=When what is shown was read"`
		TookMS      int        `json:"took_ms"`
		QueuedMS    int        `json:"queued_ms" jsonschema:"description=How long calls waited for rate limits; all calls together"`
		Cached      bool       `json:"cached" jsonschema:"description=It was read in an earlier run or round"`
		RetryAfter  *float64   `json:"retry_after_seconds" jsonschema:"nullable,description=How long the provider asks to wait"`
	}

	statusWord    string
	providerState string
	unitState     string
)

func enum[T ~string](words []T) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "string"}
	for _, w := range words {
		s.Enum = append(s.Enum, string(w))
	}
	return s
}

func (statusWord) JSONSchema() *jsonschema.Schema { return enum(cloud.Statuses()) }
func (unitState) JSONSchema() *jsonschema.Schema  { return enum(hub.States()) }
func (providerState) JSONSchema() *jsonschema.Schema {
	return enum([]string{statusOK, statusPartial, statusFailed, statusSkipped})
}

// published is the schema as it has to be.
func published(t *testing.T) []byte {
	t.Helper()
	r := &jsonschema.Reflector{
		AllowAdditionalProperties: true, ExpandedStruct: true,
		Namer: func(t reflect.Type) string { return strings.TrimSuffix(t.Name(), "Node") },
	}
	s := r.Reflect(&document{})
	s.ID = "https://github.com/adsops/cloudtop/docs/schema/snapshot.schema.json"
	s.Title = "cloudtop snapshot"
	s.Description = "What cloudtop --json prints. Arrays are never null. Texts that do not apply are empty; numbers and times that are unknown are null. Times are RFC 3339 in UTC."
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(data, '\n')
}

func TestPublishedSchemaIsCurrent(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "..", "docs", "schema", "snapshot.schema.json")
	want := published(t)
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what the document's types say (-update writes it anew); want:\n%s", path, want)
	}
	if !*update && !bytes.Equal(Schema(), want) {
		t.Error("Schema does not return the published schema")
	}
}

// validate returns what the schema has against a document.
func validate(t *testing.T, document any) error {
	t.Helper()
	schema, err := validator.UnmarshalJSON(bytes.NewReader(published(t)))
	if err != nil {
		t.Fatal(err)
	}
	c := validator.NewCompiler()
	c.AssertFormat()
	c.DefaultDraft(validator.Draft2020)
	if err := c.AddResource("snapshot.json", schema); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("snapshot.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled.Validate(document)
}

func TestDocumentsAreValid(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]*hub.Snapshot{
		"world": world(), "complete": complete(), "many": many(100), "empty": {}, "at": {At: at(), Done: true},
	} {
		for _, compact := range []bool{false, true} {
			value, err := validator.UnmarshalJSON(strings.NewReader(write(t, s, Options{Format: "json", Compact: compact})))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if err := validate(t, value); err != nil {
				t.Errorf("%s (compact: %v): %v", name, compact, err)
			}
		}
	}
}

func TestSchemaRefusesWhatBreaksTheContract(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]func(map[string]any){
		"no version":        func(d map[string]any) { delete(d, "version") },
		"null array":        func(d map[string]any) { d["ledger"] = nil },
		"unknown state":     func(d map[string]any) { d["ledger"] = []any{map[string]any{"state": "fine"}} },
		"null availability": func(d map[string]any) { first(d, "offerings")["available"] = nil },
		"text for a price":  func(d map[string]any) { first(d, "offerings")["price_per_hour"] = "0.7" },
		"not a time":        func(d map[string]any) { d["generated_at"] = "yesterday" },
	} {
		var d map[string]any
		if err := json.Unmarshal([]byte(write(t, complete(), Options{Format: "json"})), &d); err != nil {
			t.Fatal(err)
		}
		broken(d)
		if validate(t, d) == nil {
			t.Errorf("%s: the schema lets it pass", name)
		}
	}
}

// first returns the first entry of a list of the first provider.
func first(d map[string]any, list string) map[string]any {
	p, _ := d["providers"].([]any)[0].(map[string]any)
	entry, _ := p[list].([]any)[0].(map[string]any)
	return entry
}

// The writer is made by hand; encoding/json and the types above say whether it is right, to the byte.
func TestJSONIsWhatEncodingJSONWouldWrite(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]*hub.Snapshot{"complete": complete(), "many": many(50), "tame world": tame()} {
		for _, compact := range []bool{true, false} {
			got := write(t, s, Options{Format: "json", Compact: compact})
			var d document
			dec := json.NewDecoder(strings.NewReader(got))
			dec.DisallowUnknownFields()
			if err := dec.Decode(&d); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			var want bytes.Buffer
			enc := json.NewEncoder(&want)
			enc.SetEscapeHTML(false)
			if !compact {
				enc.SetIndent("", "  ")
			}
			if err := enc.Encode(d); err != nil {
				t.Fatal(err)
			}
			if got != want.String() {
				t.Errorf("%s (compact: %v):\ngot\n%s\nwant\n%s", name, compact, got, want.String())
			}
		}
	}
}

// tame is the world without the characters that only we escape and the nulls that Go's types cannot tell apart.
func tame() *hub.Snapshot {
	s := world()
	for i := range s.Providers {
		for j, r := range s.Providers[i].Resources {
			calm := *r
			calm.Name = fmt.Sprintf("<%d> & \"quotes\" \\ \t\n é 🚀", j)
			calm.Metrics = append(calm.Metrics, cloud.Metric{Name: "tiny_seconds", Value: 1.5e-9}, cloud.Metric{Name: "huge_bytes", Value: 1e21})
			s.Providers[i].Resources[j] = &calm
		}
	}
	for i := range s.Units {
		s.Units[i].Reason = strings.ReplaceAll(s.Units[i].Reason, "\x1b", "")
	}
	return s
}
