package cloudflare

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

// span is which part of the past a node reads.
type span int

const (
	recently span = iota // the window of the metrics
	today                // since 00:00 UTC, when free allowances start anew
	lastDay              // the newest of slow readings: storage
	lastWeek             // what is in use at all
	whole                // the window as it is: for costs
)

// node is one part of the account's query: a dataset, grouped in one way.
type node struct {
	alias   string
	dataset string
	service string
	span    span
	field   string // the time that is filtered by: datetime, or where there is none, what it is cut to
	order   string // newest first, or largest first, so that a limit cuts what matters least
	fields  string
}

// nodes are the parts of the query. Quantiles stand in groups of the resource alone: those of smaller groups cannot be
// merged into one. (Names and units: the GraphQL schema of the API.)
func nodes() []node {
	const minute, hour, plain = "datetimeMinute", "datetimeHour", "datetime"
	return []node{
		{"workers", "workersInvocationsAdaptive", workers, recently, plain, "sum_requests_DESC", `dimensions{scriptName}
sum{requests errors subrequests duration responseBodySize}
quantiles{cpuTimeP50 cpuTimeP99 requestDurationP50 requestDurationP99}avg{sampleInterval}`},
		{"workersToday", "workersInvocationsAdaptive", workers, today, plain, "sum_requests_DESC",
			`dimensions{scriptName}sum{requests}`},
		{"pages", "pagesFunctionsInvocationsAdaptiveGroups", pages, recently, plain, "sum_requests_DESC",
			`dimensions{scriptName}sum{requests errors subrequests duration responseBodySize}
quantiles{cpuTimeP50 cpuTimeP99}avg{sampleInterval}`},
		{"pagesToday", "pagesFunctionsInvocationsAdaptiveGroups", pages, today, plain, "sum_requests_DESC",
			`dimensions{scriptName}sum{requests}`},
		{"r2", "r2OperationsAdaptiveGroups", r2, recently, plain, "sum_requests_DESC",
			`dimensions{bucketName actionStatus}sum{requests responseBytes}`},
		{"r2Storage", "r2StorageAdaptiveGroups", r2, lastDay, plain, "datetime_DESC",
			`dimensions{bucketName storageClass datetime}max{payloadSize metadataSize objectCount uploadCount}`},
		{"d1", "d1AnalyticsAdaptiveGroups", d1, recently, minute, "sum_rowsRead_DESC", `dimensions{databaseId}
sum{readQueries writeQueries rowsRead rowsWritten queryBatchResponseBytes}
quantiles{queryBatchTimeMsP50 queryBatchTimeMsP90}avg{sampleInterval}`},
		{"d1Today", "d1AnalyticsAdaptiveGroups", d1, today, minute, "sum_rowsRead_DESC",
			`dimensions{databaseId}sum{rowsRead rowsWritten}`},
		{"d1Storage", "d1StorageAdaptiveGroups", d1, lastDay, hour, "datetimeHour_DESC",
			`dimensions{databaseId datetimeHour}max{databaseSizeBytes}`},
		{"kv", "kvOperationsAdaptiveGroups", kv, recently, plain, "sum_requests_DESC",
			`dimensions{namespaceId actionType}sum{requests objectBytes}`},
		{"kvLatency", "kvOperationsAdaptiveGroups", kv, recently, plain, "sum_requests_DESC",
			`dimensions{namespaceId}quantiles{latencyMsP50 latencyMsP99}avg{sampleInterval}`},
		{"kvToday", "kvOperationsAdaptiveGroups", kv, today, plain, "sum_requests_DESC",
			`dimensions{namespaceId actionType}sum{requests}`},
		{"kvStorage", "kvStorageAdaptiveGroups", kv, lastDay, plain, "datetime_DESC",
			`dimensions{namespaceId datetime}max{byteCount keyCount}`},
		{"ai", "aiInferenceAdaptiveGroups", ai, recently, plain, "count_DESC",
			`dimensions{modelId}count sum{totalNeurons totalInputTokens totalOutputTokens totalInferenceTimeMs}`},
		{"aiToday", "aiInferenceAdaptiveGroups", ai, today, plain, "count_DESC", `dimensions{modelId}sum{totalNeurons}`},
		{"aiUsed", "aiInferenceAdaptiveGroups", ai, lastWeek, plain, "count_DESC",
			`dimensions{modelId}count sum{totalNeurons}`},
		{"queues", "queueBacklogAdaptiveGroups", queues, recently, plain, "avg_messages_DESC",
			`dimensions{queueId}avg{messages bytes sampleInterval}`},
		{"queueOps", "queueMessageOperationsAdaptiveGroups", queues, recently, plain, "count_DESC",
			`dimensions{queueId actionType}count sum{billableOperations bytes}`},
		{"objects", "durableObjectsInvocationsAdaptiveGroups", durableObjects, recently, plain, "sum_requests_DESC",
			`dimensions{namespaceId}sum{requests errors responseBodySize}quantiles{wallTimeP50 wallTimeP99}avg{sampleInterval}`},
		{"objectsPeriodic", "durableObjectsPeriodicGroups", durableObjects, recently, minute, "sum_duration_DESC",
			`dimensions{namespaceId}sum{cpuTime duration rowsRead rowsWritten subrequests}`},
	}
}

const (
	mostRows    = 10_000              // the largest limit of any dataset
	longestSpan = 31 * 24 * time.Hour // of one query, and the retention of most datasets
)

// plan is what one query asks for.
type plan struct {
	window cloud.Window
	nodes  []node
	now    time.Time
	limits map[string]int       // rows, by alias
	begins map[string]time.Time // of what is asked for, by alias
}

// period is the part of the past that a span means at the end of the window, within what the plan allows.
func (p *plan) period(n *node, s datasetSettings) (from, to time.Time) {
	w := measured(p.window)
	from, to = w.From, w.To
	end := p.window.To.UTC().Truncate(time.Minute)
	switch n.span {
	case recently:
	case today:
		from, to = end.Truncate(24*time.Hour), end
	case lastDay:
		from, to = end.Add(-24*time.Hour), end
	case lastWeek:
		from, to = end.Add(-7*24*time.Hour), end
	case whole:
		from, to = p.window.From.UTC().Truncate(time.Minute), end
	}
	if longest := s.longest(); longest > 0 {
		from = later(from, to.Add(-longest))
	}
	if oldest := s.oldest(); oldest > 0 {
		from = later(from, p.now.UTC().Truncate(time.Minute).Add(time.Minute-oldest))
	}
	return from, to
}

// measured is the part of a window whose counts are complete. A window that is too short for that is read as it is.
func measured(w cloud.Window) cloud.Window {
	w.From, w.To = w.From.UTC().Truncate(time.Minute), w.To.UTC().Truncate(time.Minute)
	if w.To.Sub(w.From) >= 2*lag {
		w.To = w.To.Add(-lag)
	}
	return w
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// text writes the query: the nodes, and with them, where it is not known yet, what the plan may query at all.
func (p *plan) text(known accountSettings, withSettings bool) string {
	var b strings.Builder
	b.WriteString("query cloudtop($accountTag:string!){viewer{accounts(filter:{accountTag:$accountTag}){")
	if withSettings {
		b.WriteString(settingsText())
	}
	p.limits, p.begins = map[string]int{}, map[string]time.Time{}
	for i := range p.nodes {
		n := &p.nodes[i]
		s := known.of[n.dataset].Value
		from, to := p.period(n, s)
		if !from.Before(to) {
			continue
		}
		limit := mostRows
		if most := int(s.MaxPageSize.Value); most > 0 {
			limit = min(limit, most)
		}
		p.limits[n.alias], p.begins[n.alias] = limit, from
		fmt.Fprintf(&b, "\n%s:%s(limit:%d,filter:{%s_geq:%q,%s_lt:%q}", n.alias, n.dataset, limit,
			n.field, from.Format(time.RFC3339), n.field, to.Format(time.RFC3339))
		if n.order != "" {
			fmt.Fprintf(&b, ",orderBy:[%s]", n.order)
		}
		fmt.Fprintf(&b, "){%s}", n.fields)
	}
	b.WriteString("}}}")
	return b.String()
}

func settingsText() string {
	var b strings.Builder
	b.WriteString("settings{")
	for _, dataset := range datasets(nodes()) {
		b.WriteString(dataset + "{enabled maxDuration notOlderThan maxPageSize}")
	}
	b.WriteString("}")
	return b.String()
}

// datasets returns the datasets of nodes, each once, sorted.
func datasets(all []node) []string {
	seen := map[string]bool{}
	for i := range all {
		seen[all[i].dataset] = true
	}
	return slices.Sorted(maps.Keys(seen))
}
