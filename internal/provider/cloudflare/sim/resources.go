package cloudflaresim

import (
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// script is a Worker as the published description lists it.
type script struct {
	ID                 string    `json:"id"`
	Tag                string    `json:"tag"`
	CreatedOn          time.Time `json:"created_on"`
	ModifiedOn         time.Time `json:"modified_on"`
	Etag               string    `json:"etag"`
	UsageModel         string    `json:"usage_model"`
	Handlers           []string  `json:"handlers"`
	HasAssets          bool      `json:"has_assets"`
	HasModules         bool      `json:"has_modules"`
	CompatibilityDate  string    `json:"compatibility_date"`
	CompatibilityFlags []string  `json:"compatibility_flags"`
	LastDeployedFrom   string    `json:"last_deployed_from"`
	Logpush            bool      `json:"logpush"`
	Tags               []string  `json:"tags"`
	TailConsumers      []object  `json:"tail_consumers"`
	Routes             []object  `json:"routes"`
	Placement          object    `json:"placement,omitempty"`
	Observability      object    `json:"observability,omitempty"`

	use profile
}

type object = map[string]any

func newScript(r *rand.Rand, a *account) *script {
	born := ago(r, 900)
	s := &script{
		ID: named(len(a.scripts), "api-gateway", "image-resizer", "auth", "edge-router", "webhooks", "cron-reports", "checkout",
			"søgning", "staging-api", "feature-flags"),
		Tag: tag(r), CreatedOn: born, ModifiedOn: born.Add(sim.Epoch.Sub(born) / 2).Truncate(time.Millisecond), Etag: tag(r) + tag(r),
		UsageModel: "standard", Handlers: pick(r, []string{"fetch"}, []string{"fetch", "scheduled"}, []string{"queue"}, []string{}),
		HasAssets: r.IntN(4) == 0, HasModules: true, CompatibilityDate: "2026-0" + strconv.Itoa(1+r.IntN(9)) + "-01",
		CompatibilityFlags: []string{"nodejs_compat"}, LastDeployedFrom: pick(r, "wrangler", "dash", "api", "terraform"),
		Logpush: r.IntN(5) == 0, Tags: pick(r, nil, []string{"env:prod", "team-edge"}, []string{}),
		Observability: object{"enabled": true, "head_sampling_rate": pick[any](r, 1, 0.1, nil)},
	}
	if r.IntN(3) == 0 {
		s.Placement = object{"mode": "smart", "status": "SUCCESS", "last_analyzed_at": sim.Epoch.Add(-time.Hour)}
		s.Routes = []object{{"id": tag(r), "pattern": s.ID + ".example.com/*", "script": s.ID}}
	}
	if r.IntN(8) == 0 {
		s.TailConsumers = []object{{"service": "log-drain", "environment": "production"}}
	}
	cpu := skewed(r, 300, 40_000)
	s.use = profile{
		key: s.ID, second: s.Tag, born: born, events: newMeter(r, busy(r, 0.05, 400)), bad: pick(r, 0, 0.0004, 0.01, 0.2),
		p50: cpu, p99: cpu * (3 + 5*r.Float64()), wait: cpu * (2 + 40*r.Float64()), bytes: skewed(r, 200, 200_000),
		read: float64(r.IntN(4)), weight: cpu / 1e6 * 0.128 * 8, sample: pick(r, 1.0, 1, 1, 10),
	}
	return s
}

// busy draws a rate; one resource in six is not used at all.
func busy(r *rand.Rand, low, high float64) float64 {
	rate := skewed(r, low, high)
	if r.IntN(6) == 0 {
		return 0
	}
	return rate
}

// bucket is an R2 bucket. A list holds those of one jurisdiction.
type bucket struct {
	Name         string    `json:"name"`
	CreationDate time.Time `json:"creation_date"`
	Location     string    `json:"location"`
	Jurisdiction string    `json:"jurisdiction"`
	StorageClass string    `json:"storage_class"`

	use profile
}

func newBucket(r *rand.Rand, a *account) *bucket {
	n := len(a.buckets)
	b := &bucket{
		Name:         named(n, "assets", "backups", "logs", "customer-uploads", "ml-models", "video-segments", "static-site", "exports"),
		CreationDate: ago(r, 1200), Location: pick(r, "apac", "eeur", "enam", "weur", "wnam", "oc"), Jurisdiction: "default",
		StorageClass: pick(r, "Standard", "Standard", "InfrequentAccess"),
	}
	if n%5 == 2 {
		b.Jurisdiction, b.Location = "eu", pick(r, "eeur", "weur")
	}
	b.use = profile{
		key: b.inAnalytics(), second: b.StorageClass, born: b.CreationDate, events: newMeter(r, busy(r, 0.02, 80)),
		bad: pick(r, 0, 0, 0.003, 0.05), bytes: skewed(r, 1000, 4_000_000), size: newGauge(r, skewed(r, 1e6, 4e13)),
	}
	b.use.items = newGauge(r, 1+b.use.size.size/skewed(r, 1e4, 1e8))
	if a.free {
		b.use.size.size = skewed(r, 1e6, 3e9)
	}
	if r.IntN(9) == 0 { // nothing was ever stored
		b.use.size, b.use.items = gauge{}, gauge{}
	}
	return b
}

// inAnalytics is the bucket's name in the GraphQL API.
func (b *bucket) inAnalytics() string {
	if b.Jurisdiction == "default" {
		return b.Name
	}
	return b.Jurisdiction + "_" + b.Name
}

// database is a D1 database.
type database struct {
	UUID         string    `json:"uuid"`
	Name         string    `json:"name"`
	Version      string    `json:"version"`
	CreatedAt    time.Time `json:"created_at"`
	Jurisdiction *string   `json:"jurisdiction"`

	tables      int
	replication string
	use         profile
}

func newDatabase(r *rand.Rand, a *account) *database {
	d := &database{
		UUID: uuid(r), Version: "production", CreatedAt: ago(r, 700),
		Name:   named(len(a.databases), "users", "orders", "analytics", "sessions", "catalog-ål", "audit"),
		tables: 1 + r.IntN(40), replication: pick(r, "auto", "disabled"),
	}
	if r.IntN(4) == 0 {
		d.Jurisdiction = new("eu")
	}
	d.use = profile{
		key: d.UUID, second: pick(r, "WNAM", "ENAM", "WEUR", "EEUR", "APAC", "OC"), born: d.CreatedAt,
		events: newMeter(r, busy(r, 0.02, 60)), p50: skewed(r, 300, 40_000), bytes: skewed(r, 100, 40_000),
		read: skewed(r, 1, 3000), written: skewed(r, 0.01, 3), size: newGauge(r, skewed(r, 20_000, 9e9)), sample: pick(r, 1.0, 1, 4),
	}
	if a.free {
		d.use.size.size = skewed(r, 20_000, 4e8)
	}
	return d
}

// namespace is a Workers KV namespace.
type namespace struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	URLEncoding bool   `json:"supports_url_encoding"`

	use profile
}

func newNamespace(r *rand.Rand, a *account) *namespace {
	n := &namespace{
		ID: tag(r), URLEncoding: true,
		Title: named(len(a.namespaces), "__STATIC_CONTENT", "sessions", "feature-flags", "translations-日本語", "cache", "tokens"),
	}
	n.use = profile{
		key: n.ID, born: ago(r, 900), events: newMeter(r, busy(r, 0.05, 300)), bad: pick(r, 0, 0, 0.02),
		p50: skewed(r, 800, 20_000), bytes: skewed(r, 50, 20_000), size: newGauge(r, skewed(r, 1000, 2e9)),
		sample: pick(r, 1.0, 1, 5),
	}
	n.use.p99 = n.use.p50 * (4 + 20*r.Float64())
	n.use.items = newGauge(r, 1+n.use.size.size/skewed(r, 100, 20_000))
	return n
}

// queue is a queue.
type queue struct {
	ID         string    `json:"queue_id"`
	Name       string    `json:"queue_name"`
	CreatedOn  time.Time `json:"created_on"`
	ModifiedOn time.Time `json:"modified_on"`
	Producers  []object  `json:"producers"`
	NProducers int       `json:"producers_total_count"`
	Consumers  []object  `json:"consumers"`
	NConsumers int       `json:"consumers_total_count"`
	Settings   object    `json:"settings"`

	use profile
}

func newQueue(r *rand.Rand, a *account) *queue {
	q := &queue{
		ID: tag(r), CreatedOn: ago(r, 500), Producers: []object{}, Consumers: []object{},
		Name:     named(len(a.queues), "emails", "thumbnails", "webhook-retries", "billing-events", "emails-dlq"),
		Settings: object{"delivery_delay": 0, "delivery_paused": r.IntN(7) == 0, "message_retention_period": 345600},
	}
	q.ModifiedOn = q.CreatedOn
	if len(a.scripts) > 0 {
		q.Producers = []object{{"type": "worker", "script": a.scripts[r.IntN(len(a.scripts))].ID}}
		q.Consumers = []object{{
			"consumer_id": tag(r), "created_on": q.CreatedOn, "queue_name": q.Name, "type": "worker",
			"script_name": a.scripts[r.IntN(len(a.scripts))].ID, "dead_letter_queue": "emails-dlq",
			"settings": object{"batch_size": 10, "max_retries": 3, "max_wait_time_ms": 5000},
		}}
	}
	if r.IntN(3) == 0 {
		q.Consumers = append(q.Consumers, object{
			"consumer_id": tag(r), "created_on": q.CreatedOn, "queue_name": q.Name, "type": "http_pull",
			"settings": object{"batch_size": 50, "max_retries": 5, "visibility_timeout_ms": 30000},
		})
	}
	q.NProducers, q.NConsumers = len(q.Producers), len(q.Consumers)
	q.use = profile{
		key: q.ID, born: q.CreatedOn, events: newMeter(r, busy(r, 0.1, 30)), bytes: skewed(r, 200, 60_000),
		items: newGauge(r, skewed(r, 1, 50_000)), sample: pick(r, 1.0, 1, 2),
	}
	return q
}

// objectNamespace is a namespace of Durable Objects.
type objectNamespace struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Script string `json:"script"`
	Class  string `json:"class"`
	SQLite bool   `json:"use_sqlite"`

	use profile
}

func newObjectNamespace(r *rand.Rand, a *account) *objectNamespace {
	class := named(len(a.objects), "ChatRoom", "Counter", "RateLimiter", "Session", "Document")
	script := "realtime"
	if len(a.scripts) > 0 {
		script = a.scripts[r.IntN(len(a.scripts))].ID
	}
	o := &objectNamespace{ID: tag(r), Name: script + "_" + class, Script: script, Class: class, SQLite: r.IntN(3) > 0}
	wall := skewed(r, 1000, 3_000_000)
	o.use = profile{
		key: o.ID, second: script, born: ago(r, 600), events: newMeter(r, busy(r, 0.05, 90)), bad: pick(r, 0, 0.002, 0.08),
		p50: wall, p99: wall * (2 + 9*r.Float64()), bytes: skewed(r, 100, 9000), read: 3 * r.Float64(), written: r.Float64(),
		weight: wall / 1e6 * 0.128, sample: pick(r, 1.0, 1, 3),
	}
	return o
}

// model is a model of the catalogue that the account uses.
type model struct {
	name string
	use  profile
}

// catalogue are models that Workers AI runs, with their tasks.
func catalogue() [][2]string {
	const text, image, speech, vectors = "Text Generation", "Text-to-Image", "Automatic Speech Recognition", "Text Embeddings"
	return [][2]string{
		{"@cf/meta/llama-3.1-8b-instruct", text}, {"@cf/baai/bge-m3", vectors}, {"@cf/openai/whisper-large-v3-turbo", speech},
		{"@cf/black-forest-labs/flux-1-schnell", image}, {"@cf/meta/llama-3.3-70b-instruct-fp8-fast", text},
		{"@cf/mistral/mistral-7b-instruct-v0.1", text}, {"@cf/qwen/qwen2.5-coder-32b-instruct", text},
		{"@hf/thebloke/deepseek-coder-6.7b-instruct-awq", text}, {"@cf/google/gemma-3-12b-it", text},
		{"@cf/baai/bge-large-en-v1.5", vectors}, {"@cf/meta/llama-4-scout-17b-16e-instruct", text},
		{"@cf/openai/gpt-oss-120b", text}, {"@cf/openai/gpt-oss-20b", text}, {"@cf/deepgram/nova-3", speech},
		{"@cf/leonardo/lucid-origin", image}, {"@cf/ibm-granite/granite-4.0-h-micro", text}, {"@cf/baai/bge-small-en-v1.5", vectors},
		{"@cf/stabilityai/stable-diffusion-xl-base-1.0", image}, {"@cf/meta/llama-3.2-3b-instruct", text},
		{"@cf/meta/llama-3.2-1b-instruct", text}, {"@cf/deepseek-ai/deepseek-r1-distill-qwen-32b", text},
		{"@cf/qwen/qwq-32b", text}, {"@cf/bytedance/stable-diffusion-xl-lightning", image}, {"@cf/openai/whisper", speech},
	}
}

func newModel(r *rand.Rand, a *account) *model {
	m := &model{name: catalogue()[len(a.models)][0]}
	m.use = profile{
		key: m.name, born: ago(r, 60), events: newMeter(r, skewed(r, 0.01, 20)), bad: pick(r, 0, 0.01), p50: skewed(r, 1e5, 8e6),
		bytes: skewed(r, 300, 9000), read: skewed(r, 20, 4000), written: skewed(r, 10, 1000), weight: skewed(r, 0.5, 60),
	}
	if a.free {
		m.use.weight = skewed(r, 0.5, 20)
	}
	return m
}
