package gcp

import (
	"slices"
	"strings"
	"sync"

	"github.com/adsops/cloudtop/internal/cloud"
)

// The monitored resources (resource.type) that functions have series of: those of the first generation have the one,
// those of the second, which are services of Cloud Run, the other.
const (
	functionSeries = "cloud_function"
	revisionSeries = "cloud_run_revision"
)

// The generations (schema Function, environment).
const (
	firstGeneration  = "GEN_1"
	secondGeneration = "GEN_2"
)

// home is where the series of a function are.
type home struct {
	generation string // what is neither the first nor the second is not known
	service    string // of Cloud Run that runs it: projects/p/locations/l/services/s; may be empty
}

// homes is what listings leave for the readers of metrics: a function's home, by its full name. A function that a cache
// listed is not there, and may have any.
type homes struct {
	mu    sync.Mutex
	known map[string]home
}

func (h *homes) put(function string, at home) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.known == nil {
		h.known = map[string]home{}
	}
	h.known[function] = at
}

func (h *homes) get(function string) home {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.known[function]
}

// owners returns whose series a function's are. One of the first generation has none of Cloud Run: a service that is
// called like it is another thing.
func (h *homes) owners(function string) []owner {
	at := h.get(function)
	found := []owner{{functionSeries, segment(function, "locations") + "/" + last(function)}}
	if at.generation == firstGeneration {
		return found
	}
	service := at.service
	if service == "" {
		service = "/locations/" + segment(function, "locations") + "/services/" + serviceOf(last(function))
	}
	return append(found, owner{revisionSeries, segment(service, "locations") + "/" + last(service)})
}

// serviceOf returns what the service of a function is called where nothing says it: Cloud Run takes lower case, digits
// and hyphens alone, and functions may have more since 2023-04-04 (cloud.google.com/functions/docs/release-notes).
func serviceOf(function string) string {
	return strings.ReplaceAll(strings.ToLower(function), "_", "-")
}

// meters returns what is read for functions: of the generations that are among them, or may be.
func (h *homes) meters(refs []cloud.Ref) []meter {
	var first, second bool
	for i := range refs {
		generation := h.get(refs[i].ID).generation
		first, second = first || generation != secondGeneration, second || generation != firstGeneration
	}
	var out []meter
	if first {
		out = append(out, firstMeters()...)
	}
	if second {
		out = append(out, secondMeters()...)
	}
	return out
}

// firstMeters are read for functions of the first generation. The labels, and that times are in nanoseconds, are as
// monitoring v3's descriptors have them (github.com/dynatrace-oss/dynatrace-gcp-monitor, src/config/cloud_function.yml).
func firstMeters() []meter {
	by := []string{"resource.labels.region", "resource.labels.function_name"}
	const base, kind = "cloudfunctions.googleapis.com/function/", functionSeries
	count := meter{cloud.RequestsPerSec, base + "execution_count", kind, "", rate, sum, append(slices.Clone(by), executionStatus), 1, false}
	return append([]meter{count}, latencies(base+"execution_times", kind, by, 1e-9)...)
}

// secondMeters are read for functions of the second generation.
func secondMeters() []meter {
	all := runMeters()
	count, latency, rest := all[0], all[1], all[2:]
	count.by = append(slices.Clone(count.by), responseClass)
	return slices.Concat([]meter{count}, latencies(latency.kind, latency.resource, latency.by, latency.factor), rest)
}

// latencies are read of distributions, which have series for every outcome: the percentiles are those of all together.
func latencies(kind, resource string, by []string, factor float64) []meter {
	return []meter{
		{cloud.LatencyP50Seconds, kind, resource, "", "ALIGN_DELTA", "REDUCE_PERCENTILE_50", by, factor, false},
		{cloud.LatencyP99Seconds, kind, resource, "", "ALIGN_DELTA", "REDUCE_PERCENTILE_99", by, factor, false},
	}
}
