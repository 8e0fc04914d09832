package cloudflaresim

import (
	"math"
	"time"
)

// The time dimensions that the schema gives to datasets.
func coarse(finest ...string) []string {
	return append(finest, "date", "datetimeHour", "datetimeMinute")
}

func fine(finest ...string) []string {
	return append(coarse(finest...), "datetimeFiveMinutes", "datetimeFifteenMinutes", "datetimeSixHours")
}

func key(u *profile) string    { return u.key }
func second(u *profile) string { return u.second }

func constant(s string) func(*profile) string { return func(*profile) string { return s } }

// per multiplies the events by an amount per event.
func per(of func(*profile) float64) measure {
	return func(c *cell) float64 { return c.n * of(c.use) }
}

func events(c *cell) float64   { return c.n }
func failures(c *cell) float64 { return c.bad }
func zero(*cell) float64       { return 0 }

func sampling(c *cell) float64 { return max(1, c.use.sample) }

func stored(of func(*profile) *gauge) measure {
	return func(c *cell) float64 { return of(c.use).at(c.a) }
}

// quantiles adds a quantity's quantiles between its median and its 99th percentile.
func quantiles(m map[column]measure, name string, ranks []string, p50, p99 func(*profile) float64) {
	place := map[string]float64{
		"P25": -0.3, "P50": 0, "P75": 0.3, "P90": 0.6, "P95": 0.8, "P99": 1, "P999": 1.4,
	}
	for _, rank := range ranks {
		m[column{"quantiles", name + rank}] = func(c *cell) float64 {
			return p50(c.use) * math.Pow(p99(c.use)/p50(c.use), place[rank])
		}
	}
}

func ranks() []string { return []string{"P25", "P50", "P75", "P90", "P95", "P99", "P999"} }

// allDatasets are those of the schema that clients of these services use, by name.
func allDatasets() map[string]*dataset {
	all := []*dataset{
		invocations("workersInvocationsAdaptive", "scripts"), pagesInvocations(),
		r2Operations(), r2Storage(), d1Analytics(), d1Storage(), kvOperations(), kvStorage(), inference(),
		backlog(), queueOperations(), objectInvocations(), objectPeriods(),
	}
	out := map[string]*dataset{}
	for _, d := range all {
		out[d.name] = d
	}
	return out
}

func invocations(name, uses string) *dataset {
	d := &dataset{
		name: name, uses: uses, times: fine("datetime"),
		labels: map[string]func(*profile) string{
			"scriptName": key, "scriptTag": second, "scriptVersion": constant(""), "usageModel": constant("standard"),
			"environmentName": constant("production"), "dispatchNamespaceName": constant(""), "coloCode": constant("CPH"),
			"isDispatcher": constant("0"),
		},
		variants: []variant{
			{labels: map[string]string{"status": "success"}, good: 1},
			{labels: map[string]string{"status": "scriptThrewException"}, bad: 0.7},
			{labels: map[string]string{"status": "exceededResources"}, bad: 0.3},
		},
		measures: map[column]measure{
			{"sum", "requests"}: events, {"sum", "errors"}: failures, {"sum", "clientDisconnects"}: zero,
			{"sum", "subrequests"}:      per(func(u *profile) float64 { return u.read }),
			{"sum", "cpuTimeUs"}:        per(func(u *profile) float64 { return u.p50 * 1.2 }),
			{"sum", "wallTime"}:         per(func(u *profile) float64 { return u.wait * 1.3 }),
			{"sum", "requestDuration"}:  per(func(u *profile) float64 { return u.wait * 1.4 }),
			{"sum", "duration"}:         per(func(u *profile) float64 { return u.weight }),
			{"sum", "responseBodySize"}: per(func(u *profile) float64 { return u.bytes }),
			{"avg", "sampleInterval"}:   sampling,
		},
	}
	cpu := func(u *profile) float64 { return u.p50 }
	cpu99 := func(u *profile) float64 { return u.p99 }
	quantiles(d.measures, "cpuTime", ranks(), cpu, cpu99)
	scaled := func(f func(*profile) float64, by float64) func(*profile) float64 {
		return func(u *profile) float64 { return f(u) * by }
	}
	wait := func(u *profile) float64 { return u.wait }
	bytes := func(u *profile) float64 { return u.bytes }
	weight := func(u *profile) float64 { return u.weight }
	quantiles(d.measures, "wallTime", ranks(), wait, scaled(wait, 6))
	quantiles(d.measures, "requestDuration", ranks(), scaled(wait, 1.1), scaled(wait, 7))
	quantiles(d.measures, "duration", ranks(), weight, scaled(weight, 5))
	quantiles(d.measures, "responseBodySize", ranks(), bytes, scaled(bytes, 9))
	return d
}

// pagesInvocations is the smaller dataset of Pages Functions.
func pagesInvocations() *dataset {
	d := invocations("pagesFunctionsInvocationsAdaptiveGroups", "projects")
	d.times = coarse("datetime", "datetimeSixHours")
	for _, l := range []string{"scriptTag", "scriptVersion", "environmentName", "dispatchNamespaceName", "coloCode", "isDispatcher"} {
		delete(d.labels, l)
	}
	for c := range d.measures {
		keep := c.group == "sum" && c.name != "cpuTimeUs" && c.name != "requestDuration" || c.group == "avg"
		if !keep {
			delete(d.measures, c)
		}
	}
	few := []string{"P50", "P75", "P99", "P999"}
	quantiles(d.measures, "cpuTime", few, func(u *profile) float64 { return u.p50 }, func(u *profile) float64 { return u.p99 })
	quantiles(d.measures, "duration", few, func(u *profile) float64 { return u.weight },
		func(u *profile) float64 { return u.weight * 5 })
	return d
}

func r2Operations() *dataset {
	d := &dataset{
		name: "r2OperationsAdaptiveGroups", uses: "buckets", times: coarse("datetime"),
		labels: map[string]func(*profile) string{
			"bucketName": key, "storageClass": second, "objectName": constant(""), "eyeballRegion": constant("WEUR"),
		},
		measures: map[column]measure{
			{"sum", "requests"}:           events,
			{"sum", "responseBytes"}:      per(func(u *profile) float64 { return u.bytes }),
			{"sum", "responseObjectSize"}: per(func(u *profile) float64 { return u.bytes }),
		},
	}
	for action, share := range []float64{0.6, 0.2, 0.1, 0.1} {
		name := []string{"GetObject", "PutObject", "HeadObject", "DeleteObject"}[action]
		d.variants = append(d.variants,
			variant{labels: map[string]string{"actionType": name, "actionStatus": "success", "responseStatusCode": "200"}, good: share},
			variant{labels: map[string]string{"actionType": name, "actionStatus": "userError", "responseStatusCode": "404"}, bad: share},
		)
	}
	return d
}

func r2Storage() *dataset {
	return &dataset{
		name: "r2StorageAdaptiveGroups", uses: "buckets", times: coarse("datetime"), step: time.Hour, stored: true,
		labels: map[string]func(*profile) string{"bucketName": key, "storageClass": second},
		measures: map[column]measure{
			{"max", "payloadSize"}:  stored(func(u *profile) *gauge { return &u.size }),
			{"max", "metadataSize"}: func(c *cell) float64 { return 100 * c.use.items.at(c.a) },
			{"max", "objectCount"}:  stored(func(u *profile) *gauge { return &u.items }), {"max", "uploadCount"}: zero,
		},
	}
}

func d1Analytics() *dataset {
	ms := func(by float64) measure { return func(c *cell) float64 { return c.use.p50 / 1000 * by } }
	return &dataset{
		name: "d1AnalyticsAdaptiveGroups", uses: "databases", times: fine(),
		labels: map[string]func(*profile) string{
			"databaseId": key, "servedByRegion": second, "databaseRole": constant("primary"), "servedByInstance": key,
		},
		measures: map[column]measure{
			{"", "count"}:                               events,
			{"sum", "readQueries"}:                      func(c *cell) float64 { return math.Ceil(c.n * 0.8) },
			{"sum", "writeQueries"}:                     func(c *cell) float64 { return c.n - math.Ceil(c.n*0.8) },
			{"sum", "rowsRead"}:                         func(c *cell) float64 { return math.Floor(c.n * c.use.read) },
			{"sum", "rowsWritten"}:                      func(c *cell) float64 { return math.Floor(c.n * c.use.written) },
			{"sum", "queryBatchResponseBytes"}:          per(func(u *profile) float64 { return math.Floor(u.bytes) }),
			{"avg", "sampleInterval"}:                   sampling,
			{"avg", "queryBatchTimeMs"}:                 ms(1.2),
			{"avg", "queryBatchResponseBytes"}:          func(c *cell) float64 { return c.use.bytes },
			{"quantiles", "queryBatchTimeMsP50"}:        ms(1),
			{"quantiles", "queryBatchTimeMsP90"}:        ms(4),
			{"quantiles", "queryBatchResponseBytesP50"}: func(c *cell) float64 { return c.use.bytes },
			{"quantiles", "queryBatchResponseBytesP90"}: func(c *cell) float64 { return c.use.bytes * 3 },
		},
	}
}

func d1Storage() *dataset {
	return &dataset{
		name: "d1StorageAdaptiveGroups", uses: "databases", times: fine(), step: time.Hour, stored: true,
		labels:   map[string]func(*profile) string{"databaseId": key},
		measures: map[column]measure{{"max", "databaseSizeBytes"}: stored(func(u *profile) *gauge { return &u.size })},
	}
}

func kvOperations() *dataset {
	d := &dataset{
		name: "kvOperationsAdaptiveGroups", uses: "namespaces", times: coarse("datetime"),
		labels: map[string]func(*profile) string{"namespaceId": key},
		measures: map[column]measure{
			{"", "count"}: events, {"sum", "requests"}: events,
			{"sum", "objectBytes"}:    per(func(u *profile) float64 { return math.Floor(u.bytes) }),
			{"avg", "sampleInterval"}: sampling,
		},
	}
	for i, name := range []string{"read", "write", "delete", "list"} {
		share := []float64{0.9, 0.06, 0.02, 0.02}[i]
		result := []string{"hot_read", "uploaded", "deleted", "hot_read"}[i]
		d.variants = append(d.variants,
			variant{labels: map[string]string{"actionType": name, "result": result, "responseStatusCode": "200"}, good: share},
			variant{labels: map[string]string{"actionType": name, "result": "error", "responseStatusCode": "500"}, bad: share},
		)
	}
	some := []string{"P25", "P50", "P75", "P90", "P99", "P999"}
	quantiles(d.measures, "latencyMs", some, func(u *profile) float64 { return u.p50 / 1000 },
		func(u *profile) float64 { return u.p99 / 1000 })
	return d
}

func kvStorage() *dataset {
	return &dataset{
		name: "kvStorageAdaptiveGroups", uses: "namespaces", times: coarse("datetime"), step: time.Hour, stored: true,
		labels: map[string]func(*profile) string{"namespaceId": key},
		measures: map[column]measure{
			{"max", "byteCount"}: stored(func(u *profile) *gauge { return &u.size }),
			{"max", "keyCount"}:  stored(func(u *profile) *gauge { return &u.items }),
		},
	}
}

func inference() *dataset {
	return &dataset{
		name: "aiInferenceAdaptiveGroups", uses: "models", times: fine("datetime"),
		labels: map[string]func(*profile) string{
			"modelId": key, "tag": constant(""), "requestSource": constant("worker-binding"),
		},
		variants: []variant{
			{labels: map[string]string{"errorCode": "0"}, good: 1}, {labels: map[string]string{"errorCode": "3040"}, bad: 1},
		},
		measures: map[column]measure{
			{"", "count"}:                   events,
			{"sum", "totalNeurons"}:         per(func(u *profile) float64 { return u.weight }),
			{"sum", "totalInputTokens"}:     per(func(u *profile) float64 { return u.read }),
			{"sum", "totalOutputTokens"}:    per(func(u *profile) float64 { return u.written }),
			{"sum", "totalInferenceTimeMs"}: per(func(u *profile) float64 { return math.Ceil(u.p50 / 1000) }),
			{"sum", "totalRequestBytesIn"}:  per(func(u *profile) float64 { return u.bytes }),
			{"sum", "totalRequestBytesOut"}: per(func(u *profile) float64 { return u.bytes }),
			{"sum", "totalAudioSeconds"}:    zero, {"sum", "totalTiles"}: zero,
		},
	}
}

// backlog has rows of queues in use alone: one that is neither written nor read has none.
func backlog() *dataset {
	return &dataset{
		name: "queueBacklogAdaptiveGroups", uses: "queues", times: fine("datetime"),
		labels: map[string]func(*profile) string{"queueId": key},
		measures: map[column]measure{
			{"avg", "messages"}:       stored(func(u *profile) *gauge { return &u.items }),
			{"avg", "bytes"}:          func(c *cell) float64 { return c.use.items.at(c.a) * math.Floor(c.use.bytes) },
			{"avg", "sampleInterval"}: sampling,
		},
	}
}

func queueOperations() *dataset {
	d := &dataset{
		name: "queueMessageOperationsAdaptiveGroups", uses: "queues", times: fine("datetime"),
		labels: map[string]func(*profile) string{"queueId": key, "consumerType": constant("worker")},
		measures: map[column]measure{
			{"", "count"}: events, {"sum", "billableOperations"}: events,
			{"sum", "bytes"}:          per(func(u *profile) float64 { return math.Floor(u.bytes) }),
			{"avg", "sampleInterval"}: sampling,
		},
	}
	for i, name := range []string{"WriteMessage", "ReadMessage", "DeleteMessage"} {
		d.variants = append(d.variants, variant{
			labels: map[string]string{"actionType": name, "outcome": []string{"none", "none", "success"}[i]}, good: 1.0 / 3, bad: 1.0 / 3,
		})
	}
	return d
}

func objectInvocations() *dataset {
	d := &dataset{
		name: "durableObjectsInvocationsAdaptiveGroups", uses: "objects", times: fine("datetime"),
		labels: map[string]func(*profile) string{
			"namespaceId": key, "scriptName": second, "environmentName": constant("production"), "objectId": key,
		},
		variants: []variant{
			{labels: map[string]string{"status": "success"}, good: 1},
			{labels: map[string]string{"status": "scriptThrewException"}, bad: 1},
		},
		measures: map[column]measure{
			{"sum", "requests"}: events, {"sum", "errors"}: failures,
			{"sum", "wallTime"}:         per(func(u *profile) float64 { return u.p50 * 1.3 }),
			{"sum", "responseBodySize"}: per(func(u *profile) float64 { return math.Floor(u.bytes) }),
			{"avg", "sampleInterval"}:   sampling,
		},
	}
	some := []string{"P25", "P50", "P75", "P90", "P99", "P999"}
	quantiles(d.measures, "wallTime", some, func(u *profile) float64 { return u.p50 }, func(u *profile) float64 { return u.p99 })
	quantiles(d.measures, "responseBodySize", some, func(u *profile) float64 { return u.bytes },
		func(u *profile) float64 { return u.bytes * 4 })
	return d
}

func objectPeriods() *dataset {
	rows := func(of func(*profile) float64) measure {
		return func(c *cell) float64 { return math.Floor(c.n * of(c.use)) }
	}
	return &dataset{
		name: "durableObjectsPeriodicGroups", uses: "objects", times: fine(),
		labels: map[string]func(*profile) string{"namespaceId": key, "objectId": key},
		measures: map[column]measure{
			{"sum", "cpuTime"}:     per(func(u *profile) float64 { return math.Floor(u.p50 / 10) }),
			{"sum", "activeTime"}:  per(func(u *profile) float64 { return math.Floor(u.p50) }),
			{"sum", "duration"}:    per(func(u *profile) float64 { return u.weight }),
			{"sum", "rowsRead"}:    rows(func(u *profile) float64 { return u.read }),
			{"sum", "rowsWritten"}: rows(func(u *profile) float64 { return u.written }),
			{"sum", "subrequests"}: zero, {"sum", "exceededCpuErrors"}: zero, {"sum", "exceededMemoryErrors"}: zero,
			{"sum", "fatalInternalErrors"}: zero, {"sum", "inboundWebsocketMsgCount"}: zero,
			{"sum", "outboundWebsocketMsgCount"}: zero, {"sum", "storageDeletes"}: zero, {"sum", "storageReadUnits"}: zero,
			{"sum", "storageWriteUnits"}: zero,
		},
	}
}
